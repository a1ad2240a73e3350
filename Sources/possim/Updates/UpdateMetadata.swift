// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

/// What a developer asks about update metadata.
struct UpdateMetadata: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "updates", abstract: "Attack the client of update repositories.",
    subcommands: [Fuzz.self])

  struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Attack the client with hostile metadata for a time.",
      discussion: "Prints executions; what breaks a rule is told, or traps. Exit code 1 then.")

    @Option(help: "How long, for each target.")
    var seconds: Int = 60

    @Option(help: "json, document or signed; all of them without.", transform: Fuzz.target)
    var target: MetadataFuzz.Target?

    @Option(help: "What the attack is drawn from.")
    var seed: UInt64 = 1

    private static func target(_ name: String) throws -> MetadataFuzz.Target {
      guard let target = MetadataFuzz.Target(rawValue: name) else {
        throw ValidationError("a target is json, document or signed")
      }
      return target
    }

    func validate() throws {
      if seconds < 1 { throw ValidationError("--seconds takes 1 or more.") }
    }

    func run() throws {
      for target in target.map({ [$0] }) ?? MetadataFuzz.Target.allCases {
        var fuzz = MetadataFuzz(target, seed: seed)
        let clock = ContinuousClock()
        let start = clock.now
        while clock.now - start < .seconds(seconds) {
          guard let problem = fuzz.execute() else { continue }
          print("\(target.rawValue) seed \(seed) execution \(fuzz.executions): \(problem)")
          throw ExitCode.failure
        }
        let passed = (clock.now - start) / .seconds(1)
        let rate = Int(Double(fuzz.executions) / passed)
        print(
          "\(target.rawValue): \(fuzz.executions) executions, \(rate) executions/s, "
            + "\(fuzz.accepted) taken")
      }
    }
  }
}
