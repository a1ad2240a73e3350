// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("The date of an original")
struct OriginalDateTests {
  private static func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String = ""
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  /// An acquirer whose books are a day ahead of the terminal's clock.
  private static func ahead() throws -> Till {
    var till = try Till.unionPay()
    till.acquirer.rules.clock = HostClock(month: 9, day: 22, hour: 0, minute: 10, second: 0)
    return till
  }

  @Test("a refund names the day of the acquirer's books")
  func refund() throws {
    var till = try OriginalDateTests.ahead()
    till.transact(OriginalDateTests.asked(.sale, "till/1", 1_200))
    till.transact(OriginalDateTests.asked(.refund, "till/2", 1_200, of: "till/1"))
    #expect(till.lastTold(61) == "0000000000000922")
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("so does what follows a held amount")
  func completion() throws {
    var till = try OriginalDateTests.ahead()
    till.transact(OriginalDateTests.asked(.preAuthorisation, "till/1", 5_000))
    till.transact(OriginalDateTests.asked(.completion, "till/2", 4_000, of: "till/1"))
    #expect(till.lastTold(61) == "0000000000000922")
    #expect(till.row("till/2")?.state == "approved")
    till.transact(OriginalDateTests.asked(.void, "till/3", of: "till/2"))
    #expect(till.lastTold(61)?.hasSuffix("0922") == true)
    #expect(till.row("till/3")?.state == "approved")
  }

  @Test("a reversal of a void says the answer's date when that answer had a wrong MAC, else zeros")
  func wrongMAC() throws {
    for isAnswered in [true, false] {
      var till = try OriginalDateTests.ahead()
      till.transact(OriginalDateTests.asked(.preAuthorisation, "till/3", 5_000))
      #expect(till.row("till/3")?.state == "approved")
      if isAnswered {
        till.changes = [AnswerChange(damagesMAC: true)]
      } else {
        till.hostIsSilent = true
      }
      till.transact(OriginalDateTests.asked(.void, "till/4", of: "till/3"))
      till.wait(.seconds(21))
      till.hostIsSilent = false
      till.wait(.seconds(60))
      #expect(till.row("till/4")?.state == "reversed")
      let reversal = try #require(till.told.last { $0.mti == Array("0400".utf8) })
      let text = reversal[61].map { String(decoding: $0, as: UTF8.self) }
      #expect(text?.suffix(4) == (isAnswered ? "0922" : "0000"))
      #expect(reversal[39] == Array((isAnswered ? "A0" : "98").utf8))
    }
  }
}
