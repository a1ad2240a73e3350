// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("Approvals for a part")
struct PartTests {
  @Test("a sale says that it takes no part; one that comes is taken back under its approval code")
  func sale() throws {
    var till = try Till.unionPay()
    till.transact(TransactionRequest(.sale, reference: "till/1", amount: 110))
    let sale = try #require(till.told.last { $0.mti == Array("0200".utf8) })
    #expect(sale[60]?.suffix(6) == Array("000200".utf8)[...])
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    let reversal = try #require(till.told.last { $0.mti == Array("0400".utf8) })
    #expect(reversal[11] == sale[11] && reversal[60] == sale[60] && reversal[4] == sale[4])
    #expect(reversal[38]?.isEmpty == false)
    #expect(reversal[39] == Array("06".utf8))
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("a refund that is answered so is taken, and its sale has no more to give than before")
  func refund() throws {
    var till = try Till.inService()
    till.sell("till/1", 500)
    till.transact(TransactionRequest(.refund, reference: "till/2", amount: 110, original: "till/1"))
    #expect(till.row("till/2")?.responseCode == "10")
    #expect(till.row("till/2")?.state == "approved")
    till.transact(TransactionRequest(.refund, reference: "till/3", amount: 400, original: "till/1"))
    #expect(till.refusal == "TXN-005")
  }
}
