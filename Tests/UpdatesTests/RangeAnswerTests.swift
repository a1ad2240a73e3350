// SPDX-License-Identifier: Apache-2.0

import Testing
import Updates

@Suite("A download that goes on where it stopped")
struct RangeAnswerTests {
  private static func judge(
    _ status: UInt16, _ range: ByteString? = nil, retryAfter: Int64? = nil, at offset: Int64 = 100
  ) -> RangeAnswer {
    RangeAnswer.judge(
      status: status, range: range, retryAfter: retryAfter, offset: offset, length: 500)
  }

  @Test("only the very range that was asked for is put behind what is there")
  func append() {
    #expect(RangeAnswerTests.judge(206, "bytes 100-499/500") == .append)
    for range in [
      nil, "bytes 0-499/500", "bytes 101-499/500", "bytes 100-498/500", "bytes 100-499/501",
      "bytes 100-499/*", "bytes */500", "items 100-499/500", "bytes 100-499", "bytes -100-499/500",
      "bytes 100-499/500/1", "bytes 0x64-499/500", "bytes 99999999999999999999-499/500", "",
    ] as [ByteString?] {
      #expect(RangeAnswerTests.judge(206, range) == .discard, "\(String(describing: range))")
    }
    // Nobody asked for a part.
    #expect(RangeAnswerTests.judge(206, "bytes 0-499/500", at: 0) == .discard)
  }

  @Test("a changed file comes from its beginning, a complete one is verified")
  func others() {
    #expect(RangeAnswerTests.judge(200) == .restart)
    #expect(RangeAnswerTests.judge(416) == .discard)
    #expect(RangeAnswerTests.judge(416, at: 500) == .complete)
  }

  @Test("no is no, and later is later")
  func refusals() {
    for status in [400, 401, 403, 404, 410, 418, 301, 302, 204, 0] as [UInt16] {
      #expect(RangeAnswerTests.judge(status) == .final, "\(status)")
    }
    #expect(RangeAnswerTests.judge(503, retryAfter: 30) == .later(seconds: 30))
    #expect(RangeAnswerTests.judge(429, retryAfter: 1 << 40) == .later(seconds: 3_600))
    #expect(RangeAnswerTests.judge(503, retryAfter: -5) == .later(seconds: 1))
    #expect(RangeAnswerTests.judge(500) == .later(seconds: nil))
  }
}
