// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Simulator

struct Planted: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plant each known mistake in the world and see that a checker finds it.")

  @Option(help: "Seeds that each mistake has to be found in.")
  var within: UInt64 = 200

  func run() throws {
    var missed = 0
    for fault in PlantedFault.allCases {
      if let (seed, text) = find(fault) {
        print("found  \(fault) at seed \(seed): \(text)")
      } else {
        missed += 1
        print("MISSED \(fault)")
      }
    }
    if missed > 0 { throw ExitCode.failure }
  }

  private func find(_ fault: PlantedFault) -> (UInt64, String)? {
    for seed in 1...within {
      var world = World(seed: seed, planted: fault)
      let report = world.run()
      if let violation = report.violation { return (seed, violation.text) }
      if fault == .historyWavers {
        var again = World(seed: seed, planted: fault, wavering: 1)
        if again.run().digest != report.digest { return (seed, "one seed, two histories") }
      }
    }
    return nil
  }
}
