// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Clockwork
import LinuxHost
import Simulator

struct PlayScenario: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenario",
    abstract: "Let a shop go through what a file says, line by line, in virtual time.",
    discussion: """
      Prints each line with the shop's time, and what was seen where it is not as the line says. \
      Exit code 1 then, 64 for a file that cannot be used. What a line may say stands at the top \
      of Sources/Simulator/Scenario/Scenario.swift.
      """)

  @Argument(help: "The files.")
  var files: [String]

  @Flag(help: "Say also what the terminal was told and did.")
  var story = false

  @Flag(help: "Of the lines those alone that are not as they say.")
  var quiet = false

  func run() throws {
    var failed = 0
    for file in files where try !play(file) { failed += 1 }
    print("\(files.count - failed) scenarios well, \(failed) not as they say")
    if failed > 0 { throw ExitCode.failure }
  }

  private func play(_ file: String) throws -> Bool {
    guard let text = FileSystem.read(file, limit: 1 << 20) else {
      throw ValidationError("\(file) cannot be read")
    }
    let scenario: Scenario
    do throws(ScenarioFault) {
      scenario = try Scenario(text: text)
    } catch {
      throw ValidationError("\(file): \(error.text)")
    }
    var run = ScenarioRun(scenario, tellsStory: story)
    let told = run.run()
    let isWell = told.allSatisfy { $0.seen == nil }
    print(isWell ? "well    \(file)" : "FAILED  \(file)")
    for line in told where !quiet || line.seen != nil {
      print("\(PlayScenario.time(line.at))  \(line.text)")
      if let seen = line.seen { print("              line \(line.line), seen: \(seen)") }
    }
    for line in run.story { print(line) }
    return isWell
  }

  /// "  12.340 s"
  private static func time(_ moment: Instant) -> String {
    let milliseconds = moment.microseconds / 1_000
    let rest = String(milliseconds % 1_000)
    let text = "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    return String(repeating: " ", count: max(0, 10 - text.count)) + text + " s"
  }
}
