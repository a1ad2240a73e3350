// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("A terminal that speaks UnionPay's dialect")
struct UnionPayTillTests {
  private static func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String = ""
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  @Test("a sale with the right PIN is approved, with a wrong one it is not and costs nothing")
  func sale() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.row("till/1")?.receipt == "printed")
    till.ask(.sale(reference: "till/2", amount: 500, earlier: nil))
    till.swipe(0)
    till.enterPIN(1)
    #expect(till.row("till/2")?.responseCode == "55")
    #expect(till.acquirer.heldTotal == 1_300)
    #expect(till.acquirer.remarks == [])
  }

  @Test("a sale without an answer is reversed, and one is held by a lost reversal only until then")
  func reversal() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.losesAnswers = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.losesAnswers = false
    till.wait(.seconds(120))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.acquirer.heldTotal == 100)
    #expect(till.acquirer.remarks == [])
  }

  @Test("a void takes the whole sale back; a refund gives back a part, never more than the sale")
  func backwards() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.sell("till/1", 1_200)
    till.sell("till/2", 1_000)
    till.transact(UnionPayTillTests.asked(.void, "till/3", of: "till/1"))
    #expect(till.row("till/3")?.state == "approved")
    #expect(till.row("till/1")?.state == "voided")
    till.transact(UnionPayTillTests.asked(.refund, "till/4", 600, of: "till/2"))
    #expect(till.row("till/4")?.state == "approved")
    till.transact(UnionPayTillTests.asked(.refund, "till/5", 600, of: "till/2"))
    #expect(till.refusal == "TXN-005")
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 500)
    #expect(till.acquirer.remarks == [])
  }

  @Test("a settlement has its own cards and the others' apart, agrees, and takes the next number")
  func settlement() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.sell("till/1", 1_200)
    till.transact(UnionPayTillTests.asked(.sale, "till/2", 800), account: 1)
    till.transact(UnionPayTillTests.asked(.void, "till/3", of: "till/1"))
    till.ask(.settle)
    till.wait(.seconds(5))
    guard case .settled(let closed) = till.answers.last else {
      Issue.record("\(String(describing: till.answers.last))")
      return
    }
    #expect(closed.totals.hasAgreed && closed.uploaded == 0 && closed.parked == 0)
    #expect(closed.totals.domestic.debitAmount == 1_300)
    #expect(closed.totals.domestic.creditAmount == 1_200)
    #expect(closed.totals.foreign.debitAmount == 800)
    #expect(till.terminal.batch.batch.value == 2)
    #expect(till.acquirer.openBatch(of: Array("10000001".utf8)) == 2)
    till.transact(UnionPayTillTests.asked(.refund, "till/4", 300, of: "till/2"), account: 1)
    #expect(till.row("till/4")?.state == "approved")
    #expect(till.acquirer.remarks == [])
  }

  @Test("where the acquirer disputes, all is uploaded, and the batch comes to the same")
  func dispute() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.sell("till/1", 1_200)
    till.transact(UnionPayTillTests.asked(.sale, "till/2", 800), account: 1)
    till.transact(UnionPayTillTests.asked(.refund, "till/3", 300, of: "till/1"))
    till.acquirer.rules.disputesTotals = true
    till.ask(.settle)
    till.wait(.seconds(5))
    // The test sale is one of them.
    #expect(till.terminal.batch.last?.uploaded == 4)
    #expect(till.terminal.batch.last?.refused == 0)
    let batch = try #require(till.acquirer.batches.first)
    #expect(batch.isClosed && batch.settled == batch.host)
    #expect(till.acquirer.remarks == [])
  }

  @Test("a parked advice is told again after its batch is closed, under the open one")
  func parked() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.sell("till/1", 1_000)
    till.hostIsSilent = true
    till.transact(UnionPayTillTests.asked(.refund, "till/2", 300, of: "till/1"))
    till.wait(.seconds(42))
    till.park("till/2")
    till.hostIsSilent = false
    till.ask(.settle)
    till.wait(.seconds(5))
    #expect(till.terminal.batch.last?.parked == 1)
    till.unpark("till/2")
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.batch == 2)
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 800)
  }
}
