// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing

@Suite("Worlds of storm and clear sky")
struct WorldTests {
  // The check runs thousands of worlds, and every planted mistake, with what is built for release:
  // `possim search`, which fails where a fault is never met, and `possim planted`.
  @Test("ledger and issuer agree, receipts are printed or owed, and the terminal works again")
  func worldsEndWell() {
    for seed in 1...UInt64(40) {
      var world = World(seed: seed)
      let report = world.run()
      #expect(report.violation == nil, "seed \(seed): \(report.violation?.text ?? "")")
    }
  }

  @Test("one seed is one history")
  func histories() {
    for seed in 1...UInt64(20) {
      var once = World(seed: seed)
      var again = World(seed: seed)
      #expect(once.run() == again.run())
    }
    var one = World(seed: 1)
    var other = World(seed: 2)
    #expect(one.run().digest != other.run().digest)
  }

  @Test("a planted mistake is found, and an honest world of the same seed is well")
  func planted() {
    let found = (1...UInt64(20)).first { seed in
      var world = World(seed: seed, planted: .requestsDoubled)
      return world.run().violation != nil
    }
    #expect(found != nil)
    var honest = World(seed: found ?? 1)
    #expect(honest.run().violation == nil)
  }
}
