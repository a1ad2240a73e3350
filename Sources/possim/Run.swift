// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell the story of one seed, a line an event.")

  @Argument(help: "The seed.")
  var seed: UInt64

  func run() throws {
    var world = World(seed: seed, tellsStory: true)
    let report = world.run()
    for line in world.story { print(line) }
    print(report.line)
    if report.violation != nil { throw ExitCode.failure }
  }
}
