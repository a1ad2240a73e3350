// SPDX-License-Identifier: Apache-2.0

import Simulator
import Testing

@Suite("Attacks on receipt templates")
struct TemplateFuzzTests {
  @Test("a thousand hostile templates break no rule, and some of them are well formed")
  func each() {
    var fuzz = TemplateFuzz(seed: 5)
    for _ in 0..<1_000 { #expect(fuzz.execute() == nil) }
    #expect(fuzz.executions == 1_000)
    // An attack that never gets past the parser attacks nothing behind it.
    #expect(fuzz.accepted > 0 && fuzz.accepted < fuzz.executions)
    #expect(fuzz.taken > 0 && fuzz.taken < fuzz.accepted)
  }
}
