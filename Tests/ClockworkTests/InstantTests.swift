// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Testing

@Suite("Time and chance")
struct InstantTests {
  @Test("the earlier of two moments is the one that comes first, and a missing one never does")
  func earliest() {
    let early = Instant(microseconds: 5)
    let late = Instant(microseconds: 9)
    #expect(earlier(early, late) == early)
    #expect(earlier(nil, late) == late)
    #expect(earlier(early, nil) == early)
    #expect(earlier(nil, nil) == nil)
    #expect(late - early == .microseconds(4))
    #expect(early + .milliseconds(1) == Instant(microseconds: 1_005))
  }

  @Test("SplitMix64 gives its published sequence, and one seed one sequence")
  func dice() {
    var dice = Dice(seed: 1_234_567)
    #expect(dice.next() == 6_457_827_717_110_365_317)
    #expect(dice.next() == 3_203_168_211_198_807_973)
    var again = Dice(seed: 1_234_567)
    #expect(again.next() == 6_457_827_717_110_365_317)
  }

  @Test("the digest agrees with the published FNV-1a values")
  func digest() {
    var digest = Digest()
    digest.add(Array("foobar".utf8))
    #expect(digest.value == 0x8594_4171_F739_67E8)
  }
}
