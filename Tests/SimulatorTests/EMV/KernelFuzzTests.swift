// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import Testing

@Suite("Attacks on the kernel")
struct KernelFuzzTests {
  @Test("a few thousand hostile inputs of each kind break no rule, and some get through")
  func each() {
    let counts: [(KernelFuzz.Target, Int)] = [(.tlv, 3_000), (.certificate, 600), (.card, 200)]
    for (target, count) in counts {
      var fuzz = KernelFuzz(target, seed: 5)
      for _ in 0..<count { #expect(fuzz.execute() == nil) }
      #expect(fuzz.executions == UInt64(count))
      // An attack that never gets past the first check attacks nothing behind it.
      #expect(fuzz.accepted > 0 && fuzz.accepted < fuzz.executions, "\(target)")
    }
  }

  @Test("the same seed is the same attack, another seed another one")
  func seeds() {
    func taken(_ seed: UInt64) -> [Bool] {
      var fuzz = KernelFuzz(.tlv, seed: seed)
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
