// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("What the acquirer refuses holds nothing")
struct RefusedAdviceTests {
  private static func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String = ""
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  /// A sale of 10.00 and a refund of 3.00 of it that waits for its answer.
  private static func refunding(_ rules: (inout TerminalSettings) -> Void = { _ in }) throws -> Till
  {
    var till = try Till.inService(rules: rules)
    till.sell("till/1", 1_000)
    till.hostIsSilent = true
    till.transact(asked(.refund, "till/2", 300, of: "till/1"))
    till.wait(.seconds(42))
    return till
  }

  /// The acquirer refuses what is told it next.
  private static func refuse(_ till: inout Till, _ reference: String = "till/2") {
    till.hostIsSilent = false
    till.hostFailure = nil
    till.hostForgets = true
    till.changes = [AnswerChange(elements: [(39, Array("05".utf8))])]
    till.wait(.seconds(200))
    till.hostForgets = false
    #expect(till.row(reference)?.state == "parked")
    #expect(till.row(reference)?.deliveryCode == "05")
  }

  /// A sale of 10.00 with a tip of 2.00 that the acquirer has refused.
  private static func tipped() throws -> Till {
    var settings = SimulatedShop.settings
    let limit = try #require(Amount(minorUnits: 100_000))
    settings.offline = OfflineLimits(floor: limit, count: 10, sum: 1_000_000, days: nil)
    var till = try Till.inService(settings: settings)
    till.sell("till/1", 1_000)
    till.hostFailure = .tcp
    till.transact(asked(.tip, "till/2", 200, of: "till/1"))
    refuse(&till)
    return till
  }

  /// The transactions of the last entry that has this one.
  private static func entry(_ till: Till, with reference: String) -> [String] {
    let entry = till.journal.last { $0.rows.contains { $0.reference == reference } }
    return entry?.rows.map { $0.reference }.sorted() ?? []
  }

  @Test("of a sale whose refund was refused the whole can be given back: one entry says both")
  func refund() throws {
    var till = try RefusedAdviceTests.refunding()
    RefusedAdviceTests.refuse(&till)
    #expect(RefusedAdviceTests.entry(till, with: "till/2") == ["till/1", "till/2"])
    var again = try till.restarted()
    again.start()
    for var till in [till, again] {
      till.transact(RefusedAdviceTests.asked(.refund, "till/3", 1_001, of: "till/1"))
      #expect(till.refusal == "TXN-005")
      till.transact(RefusedAdviceTests.asked(.refund, "till/4", 1_000, of: "till/1"))
      #expect(till.row("till/4")?.state == "approved")
    }
  }

  @Test("a sale whose tip was refused is voided without the tip, and may have another")
  func tip() throws {
    let till = try RefusedAdviceTests.tipped()
    #expect(RefusedAdviceTests.entry(till, with: "till/2") == ["till/1", "till/2"])
    var voided = till
    voided.transact(RefusedAdviceTests.asked(.void, "till/3", of: "till/1"))
    #expect(voided.row("till/3")?.state == "approved")
    #expect(voided.row("till/3")?.amount == 1_000)
    var tipped = till
    tipped.transact(RefusedAdviceTests.asked(.tip, "till/3", 150, of: "till/1"))
    tipped.wait(.minutes(3))
    #expect(tipped.row("till/3")?.state == "approved")
  }

  @Test("what was held is taken by another completion when the first was refused")
  func completion() throws {
    var till = try Till.inService()
    till.transact(RefusedAdviceTests.asked(.preAuthorisation, "till/1", 5_000))
    till.hostIsSilent = true
    till.transact(RefusedAdviceTests.asked(.completionAdvice, "till/2", 4_000, of: "till/1"))
    till.wait(.seconds(42))
    RefusedAdviceTests.refuse(&till)
    till.transact(RefusedAdviceTests.asked(.completionAdvice, "till/3", 3_000, of: "till/1"))
    #expect(till.row("till/3")?.state == "approved")
    #expect(till.acquirer.heldTotal == 3_100)
    till.unpark("till/2")
    #expect(till.answers.last == .refused(.originalUnfit(.completed)))
  }

  @Test("what is parked for want of an answer, or by a person, holds what it held: it may be there")
  func unknown() throws {
    for isByHand in [false, true] {
      var till = try RefusedAdviceTests.refunding { $0.adviceTries = isByHand ? 0 : 2 }
      if isByHand { till.park("till/2") }
      till.wait(.seconds(60))
      #expect(till.row("till/2")?.state == "parked")
      till.hostIsSilent = false
      till.transact(RefusedAdviceTests.asked(.refund, "till/3", 701, of: "till/1"))
      #expect(till.refusal == "TXN-005")
      till.unpark("till/2")
      till.wait(.seconds(60))
      #expect(till.row("till/2")?.state == "approved")
      till.transact(RefusedAdviceTests.asked(.refund, "till/4", 700, of: "till/1"))
      #expect(till.row("till/4")?.state == "approved")
    }
  }

  @Test("what is put back holds its part again, in the same entry")
  func putBack() throws {
    var till = try RefusedAdviceTests.refunding()
    RefusedAdviceTests.refuse(&till)
    till.hostFailure = .tcp
    till.unpark("till/2")
    #expect(till.answers.last == .done)
    #expect(till.row("till/2")?.state == "queued")
    #expect(RefusedAdviceTests.entry(till, with: "till/2") == ["till/1", "till/2"])
    till.wait(.seconds(1))
    till.transact(RefusedAdviceTests.asked(.refund, "till/3", 701, of: "till/1"))
    #expect(till.refusal == "TXN-005")
    till.hostFailure = nil
    till.wait(.minutes(3))
    #expect(till.row("till/2")?.state == "approved")
    till.transact(RefusedAdviceTests.asked(.refund, "till/4", 700, of: "till/1"))
    #expect(till.row("till/4")?.state == "approved")
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 100)
  }

  @Test("what the original does not bear any more stays parked, and is not told")
  func unfit() throws {
    var till = try RefusedAdviceTests.refunding()
    RefusedAdviceTests.refuse(&till)
    till.transact(RefusedAdviceTests.asked(.refund, "till/3", 800, of: "till/1"))
    till.unpark("till/2")
    #expect(till.answers.last == .refused(.overOriginal(left: 200)))
    var tipped = try RefusedAdviceTests.tipped()
    tipped.transact(RefusedAdviceTests.asked(.void, "till/3", of: "till/1"))
    tipped.unpark("till/2")
    #expect(tipped.answers.last == .refused(.originalUnfit(.voided)))
    for var till in [till, tipped] {
      let sent = till.sent.count
      till.wait(.minutes(3))
      #expect(till.sent.count == sent)
      #expect(till.row("till/2")?.state == "parked")
      #expect(till.terminal.status.parked == 1)
    }
  }

  @Test("a refusal that cannot be written at first gives the part free once")
  func unwritten() throws {
    for isPrintedMeanwhile in [false, true] {
      var till = try Till.inService()
      if isPrintedMeanwhile { till.tell(.printer(.status(.halted(.paperOut)))) }
      till.sell("till/1", 1_000)
      till.wait(.seconds(31))
      till.transact(RefusedAdviceTests.asked(.refund, "till/2", 300, of: "till/1"))
      till.wait(.seconds(31))
      #expect(till.row("till/2")?.state == "approved")
      till.hostIsSilent = true
      till.transact(RefusedAdviceTests.asked(.refund, "till/3", 500, of: "till/1"))
      till.wait(.seconds(42))
      till.hostIsSilent = false
      till.hostForgets = true
      till.failingEntry = 0
      let refusal = AnswerChange(elements: [(39, Array("05".utf8))])
      till.changes = [refusal, refusal]
      for _ in 0..<200 where till.failingEntry != nil { till.wait(.seconds(1)) }
      till.tell(.printer(.status(.ready(paperLow: false))))
      #expect(till.ledger.row("till/3")?.state == "queued")
      #expect(till.ledger.row("till/1")?.receipt == "printed")
      till.wait(.minutes(5))
      till.hostForgets = false
      #expect(till.failingEntry == nil && till.changes.isEmpty)
      #expect(till.row("till/3")?.state == "parked")
      till.transact(RefusedAdviceTests.asked(.refund, "till/4", 701, of: "till/1"))
      #expect(till.refusal == "TXN-005")
      till.transact(RefusedAdviceTests.asked(.refund, "till/5", 700, of: "till/1"))
      #expect(till.row("till/5")?.state == "approved")
    }
  }

  @Test("nothing more is done with an original while the acquirer hears of what follows it")
  func meanwhile() throws {
    var till = try RefusedAdviceTests.refunding()
    // The pauses between two tries are longer than a try.
    for _ in 0..<120 where till.terminal.isQuiet { till.wait(.seconds(1)) }
    #expect(!till.terminal.isQuiet)
    till.transact(RefusedAdviceTests.asked(.refund, "till/3", 100, of: "till/1"))
    #expect(till.refusal == "TRM-002")
    #expect(till.row("till/3") == nil)
    RefusedAdviceTests.refuse(&till)
    till.transact(RefusedAdviceTests.asked(.refund, "till/3", 1_000, of: "till/1"))
    #expect(till.row("till/3")?.state == "approved")
  }

  @Test("an advice is not told while its original is in the hands of a transaction")
  func inHand() throws {
    var till = try Till.inService {
      $0.reversalsBlock = false
      $0.terms.cardKinds.append(.refund)
    }
    till.sell("till/1", 1_000)
    till.losesAnswers = true
    till.transact(RefusedAdviceTests.asked(.refund, "till/2", 300, of: "till/1"))
    till.wait(.seconds(42))
    till.sell("till/3", 1_200)
    till.wait(.seconds(42))
    #expect(till.row("till/3")?.state == "reversal owed")
    till.losesAnswers = false
    // Somebody has all of it sent; while the reversal is on its way a refund begins.
    till.isHeld = true
    till.ask(.sendQueue)
    let isSending = { (till: Till) in
      if case .acquirer(.send) = till.held.first { true } else { false }
    }
    while !till.held.isEmpty, !isSending(till) { till.serve(till.held.removeFirst()) }
    let request = till.held.removeFirst()
    till.isHeld = false
    till.ask(
      .transact(
        RefusedAdviceTests.asked(.refund, "till/4", 100, of: "till/1"), earlier: nil,
        original: till.ledger.record("till/1")))
    #expect(till.progress.last == .swipeCard)
    let sent = till.sent.count
    till.serve(request)
    #expect(till.row("till/3")?.state == "reversed")
    #expect(till.sent.count == sent + 1 && till.row("till/2")?.state == "queued")
    till.swipe()
    #expect(till.row("till/4")?.state == "approved")
    till.wait(.minutes(5))
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("a receipt that is printed while the original is looked for stays printed")
  func receipts() throws {
    for isUnparked in [false, true] {
      var till = try RefusedAdviceTests.refunding()
      till.tell(.printer(.status(.halted(.paperOut))))
      till.transact(RefusedAdviceTests.asked(.refund, "till/3", 100, of: "till/1"))
      till.hostIsSilent = false
      let refusal = AnswerChange(elements: [(39, Array("05".utf8))])
      till.changes = [AnswerChange(), refusal]
      let isAskedFor = { (till: Till) in
        till.held.contains { if case .ledger(.transaction) = $0 { true } else { false } }
      }
      if isUnparked { till.wait(.minutes(3)) }
      till.isHeld = true
      if isUnparked { till.unpark("till/3") }
      for _ in 0..<400 where !isAskedFor(till) {
        if till.held.isEmpty { till.wait(.seconds(1)) } else { till.serve(till.held.removeFirst()) }
      }
      #expect(isAskedFor(till))
      let index = try #require(
        till.held.firstIndex { if case .ledger(.transaction) = $0 { true } else { false } })
      let question = till.held.remove(at: index)
      guard case .ledger(let asked) = question else { return }
      let answer = till.ledger.answer(asked)
      till.tell(.printer(.status(.ready(paperLow: false))))
      while !till.held.isEmpty { till.serve(till.held.removeFirst()) }
      #expect(till.row("till/3")?.receipt == "printed")
      till.isHeld = false
      till.tell(.ledgerRead(answer))
      #expect(till.row("till/3")?.state == (isUnparked ? "queued" : "parked"))
      #expect(till.row("till/3")?.receipt == "printed")
    }
  }
}
