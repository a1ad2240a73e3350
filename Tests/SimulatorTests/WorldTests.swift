// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing

@Suite("Worlds of storm and clear sky")
struct WorldTests {
  @Test("ledger and issuer agree, receipts are printed or owed, and the terminal works again")
  func worldsEndWell() {
    var sightings = Sightings()
    for seed in 1...UInt64(World.seedsForAll) {
      var world = World(seed: seed)
      let report = world.run()
      sightings.add(report.sightings)
      #expect(report.violation == nil, "seed \(seed): \(report.violation?.text ?? "")")
    }
    #expect(sightings.missing == [], "a fault that is never met proves nothing")
    #expect(sightings.unseen == [], "the weather is too mild")
    #expect(sightings.unpulled == [], "a command at which nobody ever pulls the card")
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

  @Test("every planted mistake is found within 200 seeds", arguments: PlantedFault.allCases)
  func plantedMistakes(_ fault: PlantedFault) {
    #expect((1...UInt64(200)).contains { WorldTests.isFound(fault, seed: $0) })
  }

  private static func isFound(_ fault: PlantedFault, seed: UInt64) -> Bool {
    var world = World(seed: seed, planted: fault)
    let report = world.run()
    if report.violation != nil { return true }
    if fault != .historyWavers { return false }
    var again = World(seed: seed, planted: fault, wavering: 1)
    return again.run().digest != report.digest
  }
}
