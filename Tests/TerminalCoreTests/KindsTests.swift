// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore
import Testing

@Suite("What follows a sale")
struct KindsTests {
  private static func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String = ""
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  @Test("a void gives the whole sale back, once, and marks it")
  func void() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    #expect(till.acquirer.heldTotal == 1_300)
    till.transact(KindsTests.asked(.void, "till/2", of: "till/1"))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.kind == "void")
    #expect(till.row("till/2")?.amount == 1_200)
    #expect(till.row("till/1")?.state == "voided")
    #expect(till.acquirer.heldTotal == 100)
    till.transact(KindsTests.asked(.void, "till/3", of: "till/1"))
    #expect(till.refusal == "TXN-004")
    #expect(till.row("till/3") == nil)
  }

  @Test("a void of another amount, of nothing or of another's card is refused before it leaves")
  func voidRefused() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    let sent = till.sent.count
    till.transact(KindsTests.asked(.void, "till/2", 1_100, of: "till/1"))
    #expect(till.refusal == "TRM-004")
    till.transact(KindsTests.asked(.void, "till/3", of: "till/9"))
    #expect(till.refusal == "TRM-007")
    #expect(till.sent.count == sent)
  }

  @Test("a void of which nobody knows is reversed, and then the sale stands")
  func voidReversed() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    till.hostIsSilent = true
    till.transact(KindsTests.asked(.void, "till/2", of: "till/1"))
    till.wait(.seconds(25))
    #expect(till.row("till/2")?.state == "reversal owed")
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "reversed")
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.acquirer.heldTotal == 1_300)
  }

  @Test("refunds never give back more than the sale in sum")
  func refunds() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_000)
    till.transact(KindsTests.asked(.refund, "till/2", 600, of: "till/1"))
    #expect(till.row("till/2")?.state == "approved")
    till.transact(KindsTests.asked(.refund, "till/3", 600, of: "till/1"))
    #expect(till.refusal == "TXN-005")
    till.transact(KindsTests.asked(.refund, "till/4", 400, of: "till/1"))
    #expect(till.row("till/4")?.state == "approved")
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 100)
    till.transact(KindsTests.asked(.void, "till/5", of: "till/1"))
    #expect(till.refusal == "TXN-004")
  }

  @Test("a refund whose answer is lost is told again under its number, and given once")
  func refundQueued() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_000)
    till.hostIsSilent = true
    till.transact(KindsTests.asked(.refund, "till/2", 300, of: "till/1"))
    till.wait(.seconds(25))
    #expect(till.row("till/2")?.state == "queued")
    till.hostIsSilent = false
    till.wait(.seconds(90))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.deliveryCode == "00")
    #expect((till.row("till/2")?.deliveredAt ?? "") != "")
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 800)
  }

  @Test("a refund whose intent the storage refused is off, and its trace number stays its own")
  func refundRefused() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_000)
    till.failingEntry = 0
    till.transact(KindsTests.asked(.refund, "till/2", 300, of: "till/1"))
    till.wait(.seconds(10))
    let refused = try #require(till.row("till/2"))
    #expect(refused.state == "not sent")
    var again = try till.restarted()
    again.start()
    again.sell("till/3", 500)
    let next = try #require(again.row("till/3"))
    #expect(next.state == "approved")
    #expect(next.stan != refused.stan)
    again.transact(KindsTests.asked(.refund, "till/4", 1_000, of: "till/1"))
    #expect(again.row("till/4")?.state == "approved")
  }

  @Test("what was swiped and is told again has no track, and says so")
  func repeated() throws {
    var till = try Till.inService()
    till.transact(KindsTests.asked(.preAuthorisation, "till/1", 5_000))
    till.hostIsSilent = true
    till.transact(KindsTests.asked(.completionAdvice, "till/2", 4_000, of: "till/1"))
    till.wait(.seconds(25))
    till.hostIsSilent = false
    till.wait(.seconds(90))
    #expect(till.row("till/2")?.state == "approved")
    let codec = Codec(table: .standard1987ASCII)
    let told = till.sent.compactMap { try? codec.decode(Array($0.dropFirst(2))) }
      .filter { $0.mti == Array("0220".utf8) }
    let first = try #require(told.first)
    let last = try #require(told.last)
    #expect(first[22] == Array("022".utf8) && first[35] != nil)
    #expect(last[22] == Array("012".utf8) && last[35] == nil)
    #expect(first[11] == last[11] && first[2] == last[2])
  }

  @Test("a held amount is completed once, and a completion taken back leaves it held")
  func completion() throws {
    var till = try Till.inService()
    till.transact(KindsTests.asked(.preAuthorisation, "till/1", 5_000))
    #expect(till.row("till/1")?.state == "approved")
    till.transact(KindsTests.asked(.completion, "till/2", 9_000, of: "till/1"))
    #expect(till.refusal == "TXN-005")
    till.transact(KindsTests.asked(.completion, "till/3", 4_200, of: "till/1"))
    #expect(till.row("till/3")?.state == "approved")
    till.transact(KindsTests.asked(.completion, "till/4", 100, of: "till/1"))
    #expect(till.refusal == "TXN-004")
    till.transact(KindsTests.asked(.void, "till/5", of: "till/3"))
    #expect(till.row("till/5")?.kind == "completion-void")
    #expect(till.row("till/5")?.state == "approved")
    #expect(till.row("till/3")?.state == "voided")
    // What is held again can be taken again, or let go.
    till.transact(KindsTests.asked(.completion, "till/6", 4_300, of: "till/1"))
    #expect(till.row("till/6")?.state == "approved")
    till.transact(KindsTests.asked(.void, "till/7", of: "till/6"))
    till.transact(KindsTests.asked(.void, "till/8", of: "till/1"))
    #expect(till.row("till/8")?.kind == "pre-authorisation-void")
    #expect(till.row("till/8")?.state == "approved")
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("a void of a completion that is reversed leaves the completion, and nothing to complete")
  func completionVoidReversed() throws {
    var till = try Till.inService()
    till.transact(KindsTests.asked(.preAuthorisation, "till/1", 5_000))
    till.transact(KindsTests.asked(.completion, "till/2", 4_200, of: "till/1"))
    till.hostIsSilent = true
    till.transact(KindsTests.asked(.void, "till/3", of: "till/2"))
    till.wait(.seconds(25))
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("till/3")?.state == "reversed")
    #expect(till.ledger.row("till/2")?.state == "approved")
    till.transact(KindsTests.asked(.completion, "till/4", 100, of: "till/1"))
    #expect(till.refusal == "TXN-004")
    #expect(till.acquirer.heldTotal == 4_300)
  }

  @Test("an approved void of a completion that the storage refuses is reversed, and frees nothing")
  func completionVoidUnwritten() throws {
    var till = try Till.inService()
    till.transact(KindsTests.asked(.preAuthorisation, "till/1", 5_000))
    till.transact(KindsTests.asked(.completion, "till/2", 4_200, of: "till/1"))
    till.failingEntry = 1
    till.transact(KindsTests.asked(.void, "till/3", of: "till/2"))
    till.wait(.seconds(90))
    #expect(till.row("till/3")?.state == "reversed")
    till.transact(KindsTests.asked(.completion, "till/4", 100, of: "till/1"))
    #expect(till.refusal == "TXN-004")
    till.transact(KindsTests.asked(.void, "till/5", of: "till/2"))
    #expect(till.row("till/5")?.state == "approved")
    till.transact(KindsTests.asked(.completion, "till/6", 100, of: "till/1"))
    #expect(till.row("till/6")?.state == "approved")
  }

  @Test("a completion that is reversed leaves the held amount to be completed again")
  func completionReversed() throws {
    var till = try Till.inService()
    till.transact(KindsTests.asked(.preAuthorisation, "till/1", 5_000))
    till.hostIsSilent = true
    till.transact(KindsTests.asked(.completion, "till/2", 4_200, of: "till/1"))
    till.wait(.seconds(25))
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("till/2")?.state == "reversed")
    till.transact(KindsTests.asked(.completion, "till/3", 4_200, of: "till/1"))
    #expect(till.row("till/3")?.state == "approved")
  }

  @Test("a balance moves nothing, whether its answer comes or not")
  func balance() throws {
    var till = try Till.inService()
    let held = till.acquirer.heldTotal
    till.transact(KindsTests.asked(.balance, "till/1"))
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.row("till/1")?.amount ?? 0 > 0)
    till.hostIsSilent = true
    till.transact(KindsTests.asked(.balance, "till/2"))
    till.wait(.seconds(25))
    #expect(till.row("till/2")?.state == "not sent")
    #expect(till.terminal.status.reversals.isEmpty)
    #expect(till.acquirer.heldTotal == held)
  }

  @Test("a settlement agrees, closes the batch and erases its cards")
  func settlement() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    till.sell("till/2", 800)
    till.transact(KindsTests.asked(.void, "till/3", of: "till/1"))
    #expect(till.ledger.row("till/2")?.holdsCard == true)
    till.ask(.settle)
    till.wait(.seconds(5))
    let last = try #require(till.terminal.batch.last)
    #expect(last.batch.value == 1)
    #expect(last.totals.domestic.debitAmount == 2_100)
    #expect(last.totals.domestic.creditAmount == 1_200)
    #expect(last.totals.hasAgreed)
    #expect(till.terminal.batch.batch.value == 2)
    #expect(till.terminal.state == .ready)
    for reference in ["till/1", "till/2", "till/3"] {
      #expect(till.ledger.row(reference)?.holdsCard == false)
    }
    till.transact(KindsTests.asked(.void, "till/4", of: "till/2"))
    #expect(till.refusal == "TXN-004")
    till.transact(KindsTests.asked(.refund, "till/5", 800, of: "till/2"))
    #expect(till.row("till/5")?.state == "approved")
    #expect(till.row("till/5")?.batch == 2)
  }

  @Test("a settlement that is cut off anywhere goes on after a start, and closes once")
  func settlementCut() throws {
    for cut in 1..<12 {
      var till = try Till.inService()
      till.sell("till/1", 1_200)
      till.sell("till/2", 800)
      till.isHeld = true
      till.ask(.settle)
      var count = 0
      while !till.held.isEmpty, count < cut {
        till.serve(till.held.removeFirst())
        count += 1
      }
      var again = try till.restarted()
      again.start()
      again.wait(.seconds(300))
      if again.terminal.batch.batch.value == 1 {
        again.ask(.settle)
        again.wait(.seconds(60))
      }
      #expect(again.terminal.batch.batch.value == 2, "cut after \(cut)")
      #expect(again.terminal.batch.last?.totals.domestic.debitAmount == 2_100)
      #expect(again.terminal.state == .ready)
    }
  }
}
