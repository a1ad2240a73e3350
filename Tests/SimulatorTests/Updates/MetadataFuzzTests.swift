// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import Testing

@Suite("Attacks on update metadata")
struct MetadataFuzzTests {
  @Test("thousands of hostile documents widen no trust, and some of them get through")
  func each() {
    let counts: [(MetadataFuzz.Target, Int)] = [(.json, 3_000), (.document, 400), (.signed, 600)]
    for (target, count) in counts {
      var fuzz = MetadataFuzz(target, seed: 7)
      for _ in 0..<count { #expect(fuzz.execute() == nil) }
      #expect(fuzz.executions == UInt64(count))
      // An attack that never gets past the first check attacks nothing behind it.
      #expect(fuzz.accepted > 0 && fuzz.accepted < fuzz.executions, "\(target)")
    }
  }

  @Test("the same seed is the same attack, another seed another one")
  func seeds() {
    func taken(_ seed: UInt64) -> [Bool] {
      var fuzz = MetadataFuzz(.signed, seed: seed)
      return (0..<200).map { _ in
        let before = fuzz.accepted
        _ = fuzz.execute()
        return fuzz.accepted > before
      }
    }
    #expect(taken(1) == taken(1))
    #expect(taken(1) != taken(2))
  }
}
