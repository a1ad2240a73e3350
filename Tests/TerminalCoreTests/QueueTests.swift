// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("What waits for the acquirer")
struct QueueTests {
  private static func refund(_ reference: String, _ amount: UInt64) -> TransactionRequest {
    TransactionRequest(.refund, reference: reference, amount: amount, original: "till/1")
  }

  /// A sale of 10.00 and a refund of it whose answer did not come; the host has it, or not.
  private static func refunding(
    hostHasIt: Bool = false, tries: UInt32 = 0
  ) throws -> Till {
    var till = try Till.inService { $0.adviceTries = tries }
    till.sell("till/1", 1_000)
    till.hostIsSilent = !hostHasIt
    till.losesAnswers = hostHasIt
    till.transact(refund("till/2", 300))
    till.wait(.seconds(42))
    return till
  }

  private static func hear(_ till: inout Till) {
    till.hostIsSilent = false
    till.losesAnswers = false
  }

  /// What the cardholder has paid in the end.
  private static func paid(_ till: Till) -> UInt64 {
    let account = SimulatedShop.accounts[0]
    return account.balance - till.acquirer.balance(of: account)
  }

  private static func hasAlert(_ till: Till) -> Bool {
    till.terminal.status.problems.contains { $0.code == "TXN-011" }
  }

  @Test("a reversal that is parked waits for a person over a restart, and then takes the sale back")
  func reversal() throws {
    var till = try Till.inService()
    till.losesAnswers = true
    till.sell("till/1", 1_200)
    till.hostIsSilent = true
    till.wait(.seconds(42))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.park("till/1")
    #expect(till.answers.last == .done)
    #expect(till.row("till/1")?.state == "parked")
    #expect(till.terminal.status.reversals.isEmpty && till.terminal.status.parked == 1)
    var again = try till.restarted()
    again.start()
    again.wait(.seconds(120))
    #expect(again.sent.isEmpty && QueueTests.hasAlert(again))
    #expect(again.acquirer.heldTotal == 1_300)
    again.unpark("till/1")
    again.wait(.seconds(5))
    #expect(again.row("till/1")?.state == "reversed")
    #expect(again.acquirer.heldTotal == 100)
    #expect(again.terminal.status.parked == 0 && !QueueTests.hasAlert(again))
  }

  @Test(
    "an advice that is parked is not sent until it is put back, and then once",
    arguments: [false, true])
  func advice(_ hostHasIt: Bool) throws {
    var till = try QueueTests.refunding(hostHasIt: hostHasIt)
    #expect(till.row("till/2")?.state == "queued")
    till.park("till/2")
    #expect(till.row("till/2")?.state == "parked")
    QueueTests.hear(&till)
    let sent = till.sent.count
    till.wait(.seconds(600))
    #expect(till.sent.count == sent && QueueTests.hasAlert(till))
    till.unpark("till/2")
    till.wait(.seconds(5))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.deliveryCode == (hostHasIt ? "94" : "00"))
    #expect(QueueTests.paid(till) == 800)
  }

  @Test(
    "a parked advice outlives its batch with its card, is named by the settlement, leaves later")
  func overSettlement() throws {
    var till = try QueueTests.refunding()
    till.park("till/2")
    QueueTests.hear(&till)
    till.ask(.settle)
    till.wait(.seconds(5))
    guard case .settled(let closed) = till.answers.last else {
      Issue.record("the batch is not closed: \(String(describing: till.answers.last))")
      return
    }
    #expect(closed.parked == 1 && closed.totals.domestic.creditCount == 0)
    #expect(closed.totals.hasAgreed)
    #expect(till.ledger.row("till/1")?.holdsCard == false)
    #expect(till.ledger.row("till/2")?.holdsCard == true)
    var again = try till.restarted()
    again.start()
    #expect(again.terminal.batch.last?.parked == 1)
    again.unpark("till/2")
    again.wait(.seconds(30))
    // Its own batch is over: the acquirer says so, and hears of it under the open one.
    #expect(again.row("till/2")?.state == "approved")
    #expect(again.row("till/2")?.batch == 2)
    #expect(QueueTests.paid(again) == 800)
    again.ask(.settle)
    again.wait(.seconds(5))
    #expect(again.terminal.batch.last?.totals.domestic.creditAmount == 300)
    #expect(again.terminal.batch.last?.totals.hasAgreed == true)
    #expect(again.ledger.row("till/2")?.holdsCard == false)
  }

  @Test("what the acquirer had already is not given twice, though its batch was closed meanwhile")
  func knownOverSettlement() throws {
    var till = try QueueTests.refunding(hostHasIt: true)
    till.park("till/2")
    QueueTests.hear(&till)
    till.ask(.settle)
    till.wait(.seconds(5))
    #expect(till.terminal.batch.last?.parked == 1)
    till.unpark("till/2")
    till.wait(.seconds(5))
    #expect(till.row("till/2")?.deliveryCode == "94")
    #expect(till.row("till/2")?.batch == 1)
    #expect(till.ledger.row("till/2")?.holdsCard == false)
    #expect(QueueTests.paid(till) == 800)
  }

  @Test("a parked reversal keeps its card over the end of its batch, and takes the sale back")
  func reversalOverSettlement() throws {
    var till = try Till.inService()
    till.losesAnswers = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(42))
    till.park("till/1")
    QueueTests.hear(&till)
    till.ask(.settle)
    till.wait(.seconds(5))
    #expect(till.terminal.batch.last?.parked == 1)
    #expect(till.ledger.row("till/1")?.holdsCard == true)
    till.unpark("till/1")
    till.wait(.seconds(5))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.ledger.row("till/1")?.holdsCard == false)
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("what is not in the queue cannot be parked, what is not parked cannot be put back")
  func unknown() throws {
    var till = try QueueTests.refunding()
    for reference in ["till/1", "till/9"] {
      till.park(reference)
      #expect(till.refusal == "TRM-007")
      till.unpark(reference)
      #expect(till.refusal == "TRM-007")
    }
    till.unpark("till/2")
    #expect(till.refusal == "TRM-007")
  }

  @Test("a parking that the storage refuses leaves what waits where it was")
  func notWritten() throws {
    var till = try QueueTests.refunding()
    till.failingEntry = 0
    till.park("till/2")
    #expect(till.refusal == "LED-002")
    QueueTests.hear(&till)
    till.wait(.seconds(120))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.terminal.status.parked == 0)
  }

  @Test("what the storage refuses to put back stays parked, says so, and can be put back later")
  func unparkingNotWritten() throws {
    for isReversal in [false, true] {
      var till = try Till.inService()
      till.sell("till/1", 1_000)
      // A receipt that waits for paper must not be written as queued afterwards.
      till.tell(.printer(.status(.halted(.paperOut))))
      till.losesAnswers = true
      let reference = "till/2"
      if isReversal {
        till.sell(reference, 1_200)
      } else {
        till.transact(QueueTests.refund(reference, 300))
      }
      till.wait(.seconds(42))
      till.park(reference)
      #expect(till.row(reference)?.state == "parked")
      let before = till.ledger.record(reference)
      QueueTests.hear(&till)
      let sent = till.sent.count
      till.failingEntry = 0
      till.unpark(reference)
      #expect(till.refusal == "LED-002")
      #expect(till.ledger.record(reference) == before)
      till.wait(.minutes(10))
      #expect(till.sent.count == sent)
      #expect(till.terminal.status.parked == 1 && till.terminal.status.reversals.isEmpty)
      till.tell(.printer(.status(.ready(paperLow: false))))
      #expect(till.row(reference)?.state == "parked")
      till.unpark(reference)
      #expect(till.answers.last == .done)
      till.wait(.minutes(1))
      #expect(till.row(reference)?.state == (isReversal ? "reversed" : "approved"))
      #expect(till.terminal.status.parked == 0)
    }
  }

  @Test("a sale that is asked for while the last reversal is being parked goes on")
  func saleMeanwhile() throws {
    var till = try Till.inService()
    till.losesAnswers = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(42))
    till.isHeld = true
    till.park("till/1")
    till.ask(.sale(reference: "till/3", amount: 500, earlier: nil))
    till.isHeld = false
    for effect in till.held { till.serve(effect) }
    #expect(till.progress.contains(.swipeCard))
  }

  @Test("nothing is put back while a batch is being closed")
  func whileSettling() throws {
    var till = try QueueTests.refunding()
    till.park("till/2")
    till.ask(.settle)
    till.wait(.seconds(42))
    #expect(till.terminal.state == .settling)
    till.unpark("till/2")
    #expect(till.refusal == "TRM-002")
  }
}
