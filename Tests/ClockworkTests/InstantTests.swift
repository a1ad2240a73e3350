// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Testing

@Suite("Time")
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
}
