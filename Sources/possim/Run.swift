// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator
import Wire

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell the story of one seed, a line an event.")

  @Argument(help: "The seed.")
  var seed: UInt64

  func run() throws {
    var world = World(seed: seed, tellsStory: true)
    let report = world.run()
    for line in world.story { print(line) }
    print(describe(report))
    if report.violation != nil { throw ExitCode.failure }
  }
}

/// One line about a world.
func describe(_ report: World.Report) -> String {
  let digest = Hex.text((0..<8).map { UInt8(truncatingIfNeeded: report.digest >> (56 - 8 * $0)) })
  let end = report.violation.map { "VIOLATED \($0.invariant): \($0.text)" } ?? "well"
  return "seed \(report.seed)  digest \(digest)  events \(report.events)"
    + "  sales \(report.sales)  starts \(report.starts)  \(end)"
}
