// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing

@Suite("Updates while the power is cut")
struct UpdateWorldTests {
  @Test("some slot always starts, verified and above the floor, and every story ends as it must")
  func worlds() {
    for seed in 1...60 as ClosedRange<UInt64> {
      var world = UpdateWorld(seed: seed)
      #expect(world.run().violation == nil, "seed \(seed)")
    }
  }

  @Test("a mistake that is planted is found")
  func planted() {
    for fault in [PlantedUpdateFault.startsNotCounted, .mirrorBlamesVersion, .keptUntested] {
      let isFound = (1...60 as ClosedRange<UInt64>).contains { seed in
        var world = UpdateWorld(seed: seed, planted: fault)
        return world.run().violation != nil
      }
      #expect(isFound, "\(fault)")
    }
  }

  @Test("hostile bundles, states and words of a publisher break no rule")
  func fuzz() {
    for target in BundleFuzz.Target.allCases {
      var fuzz = BundleFuzz(target, seed: 1)
      for _ in 0..<2_000 {
        let problem = fuzz.execute()
        #expect(problem == nil, "\(target) execution \(fuzz.executions)")
        if problem != nil { break }
      }
      #expect(fuzz.executions > 0)
    }
  }
}
