// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("What the terminal approves by itself")
struct OfflineTests {
  private func till() throws -> Till {
    var settings = SimulatedShop.settings
    let limit = try #require(Amount(minorUnits: 100_000))
    settings.offline = OfflineLimits(floor: limit, count: 10, sum: 1_000_000, days: nil)
    return try Till.inService(settings: settings)
  }

  private func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String = ""
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  @Test("a sale that is told later is approved here, printed, and told")
  func offlineSale() throws {
    var till = try till()
    till.hostFailure = .tcp
    till.transact(asked(.offlineSale, "till/1", 1_000))
    #expect(till.row("till/1")?.state == "queued")
    #expect(till.row("till/1")?.receipt == "printed")
    till.hostFailure = nil
    till.wait(.minutes(3))
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.acquirer.heldTotal == 1_100)
  }

  @Test("one whose intent the storage failed on is off: no paper and no upload are owed for it")
  func failed() throws {
    var till = try till()
    till.failingEntry = 0
    till.transact(asked(.offlineSale, "till/1", 1_000))
    till.wait(.seconds(30))
    let row = try #require(till.row("till/1"))
    #expect(row.state == "not sent")
    #expect(row.receipt == "none")
    #expect(row.upload == "")
    #expect(till.refusedOrNotSent("till/1"))
    #expect(till.papers.isEmpty)
    var again = try till.restarted()
    again.start()
    again.wait(.minutes(3))
    #expect(again.terminal.status.receiptsOwed.isEmpty)
    #expect(again.acquirer.heldTotal == 100)
  }

  @Test("one for which the disk has no room is refused, and nobody is told that it is queued")
  func diskFull() throws {
    var till = try till()
    till.journalFault = .diskFull
    till.transact(asked(.offlineSale, "till/1", 1_000))
    #expect(till.refusal == Problem.journal(.diskFull).code)
    #expect(till.row("till/1") == nil)
    till.journalFault = nil
    till.transact(asked(.offlineSale, "till/2", 1_000))
    #expect(till.row("till/2")?.state == "queued")
  }

  @Test("a receipt whose entry was refused stays printed when the acquirer is told meanwhile")
  func receiptMeanwhile() throws {
    var till = try till()
    till.failingEntry = 1
    till.transact(asked(.offlineSale, "till/1", 1_000))
    #expect(till.row("till/1")?.receipt == "printing")
    till.journal = []
    till.ask(.sendQueue)
    #expect(till.row("till/1")?.state == "approved")
    // A start behind any of these entries doubts nothing.
    let rows = till.journal.flatMap { $0.rows }.filter { $0.reference == "till/1" }
    #expect(rows.count > 1 && rows.allSatisfy { $0.receipt == "printed" })
  }
}

@Suite("What is voided or refunded of what was told and not asked")
struct OfflineVoidTests {
  private static func till() throws -> Till {
    var settings = SimulatedShop.settings
    let limit = try #require(Amount(minorUnits: 100_000))
    settings.offline = OfflineLimits(floor: limit, count: 1, sum: 1_000_000, days: nil)
    return try Till.inService(settings: settings)
  }

  private static func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String = ""
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  @Test("an offline sale that never left is voided here in one entry, counts nowhere, never leaves")
  func unsent() throws {
    var till = try OfflineVoidTests.till()
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/1", 1_000))
    #expect(till.row("till/1")?.state == "queued")
    let entries = till.journal.count
    let sent = till.sent.count
    till.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
    #expect(till.row("till/2")?.kind == "offline-void")
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.row("till/2")?.receipt == "printed")
    #expect(till.ledger.row("till/1")?.state == "not sent")
    #expect(till.ledger.row("till/1")?.holdsCard == false)
    #expect(till.journal[entries].rows.map { $0.reference }.sorted() == ["till/1", "till/2"])
    till.wait(.minutes(5))
    #expect(till.sent.count == sent)
    #expect(till.acquirer.heldTotal == 100)
    till.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
    guard case .transaction(let row, nil) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(row.state == "approved")
    till.ask(.settle)
    till.wait(.seconds(30))
    #expect(till.terminal.batch.last?.totals.hasAgreed == true)
    #expect(till.terminal.batch.last?.totals.domestic.debitAmount == 100)
    // The limit of what waits to be told is free again.
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/3", 1_000))
    #expect(till.row("till/3")?.state == "queued")
  }

  @Test("one that may have left is not voided before the acquirer has answered, not after a start")
  func sent() throws {
    var till = try OfflineVoidTests.till()
    till.hostIsSilent = true
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/1", 1_000))
    till.wait(.seconds(25))
    #expect(till.sent.count > 0)
    till.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
    #expect(till.refusal == "TXN-004")
    var again = try till.restarted()
    again.hostIsSilent = true
    again.start()
    again.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
    #expect(again.refusal == "TXN-004")
    again.hostIsSilent = false
    again.wait(.minutes(3))
    #expect(again.row("till/1")?.state == "approved")
    again.transact(OfflineVoidTests.asked(.void, "till/3", of: "till/1"))
    #expect(again.row("till/3")?.kind == "void")
    #expect(again.row("till/3")?.state == "approved")
    #expect(again.acquirer.heldTotal == 100)
  }

  @Test("an offline sale whose connection was never made is voided here, also after a restart")
  func unreached() throws {
    var till = try OfflineVoidTests.till()
    till.hostFailure = .tcp
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/1", 1_000))
    till.wait(.minutes(10))
    #expect(till.connected.count > 2 && till.sent.isEmpty)
    var again = try till.restarted()
    again.hostFailure = .tcp
    again.start()
    for var till in [till, again] {
      till.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
      #expect(till.row("till/2")?.kind == "offline-void")
      #expect(till.row("till/2")?.state == "approved")
      #expect(till.ledger.row("till/1")?.state == "not sent")
      till.hostFailure = nil
      till.wait(.minutes(10))
      #expect(till.acquirer.heldTotal == 100)
    }
  }

  @Test("one that may have left before is not voided because the next connection is not made")
  func leftBefore() throws {
    var till = try OfflineVoidTests.till()
    till.hostIsSilent = true
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/1", 1_000))
    till.wait(.seconds(25))
    #expect(!till.sent.isEmpty)
    till.hostFailure = .tcp
    // The silent connection is given up.
    till.wait(.minutes(10))
    var again = try till.restarted()
    again.hostFailure = .tcp
    again.start()
    again.wait(.minutes(10))
    for var till in [till, again] {
      till.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
      #expect(till.refusal == "TXN-004")
    }
  }

  @Test("where the disk could not take back that it leaves, the next try says it again first")
  func unwrittenStay() throws {
    var till = try OfflineVoidTests.till()
    till.hostFailure = .tcp
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/1", 1_000))
    // That it leaves is written, that it has not is refused.
    till.failingEntry = 1
    till.wait(.seconds(3))
    #expect(till.failingEntry == nil)
    till.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
    #expect(till.refusal != nil && till.row("till/2") == nil)
    till.hostFailure = nil
    till.hostIsSilent = true
    till.wait(.minutes(5))
    #expect(!till.sent.isEmpty)
    var again = try till.restarted()
    again.start()
    again.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
    #expect(again.refusal == "TXN-004")
  }

  @Test("a void here that the storage failed on leaves the sale queued, and it is told")
  func unwritten() throws {
    var till = try OfflineVoidTests.till()
    till.hostFailure = .tcp
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/1", 1_000))
    var again = till
    again.failingEntry = 0
    again.transact(OfflineVoidTests.asked(.void, "till/2", of: "till/1"))
    again.wait(.seconds(30))
    #expect(again.row("till/2")?.state != "approved")
    again.hostFailure = nil
    again.wait(.minutes(3))
    #expect(again.ledger.row("till/1")?.state == "approved")
    #expect(again.acquirer.heldTotal == 1_100)
  }

  @Test("an offline sale and a completion advice are refunded up to their amount")
  func refund() throws {
    var till = try OfflineVoidTests.till()
    till.transact(OfflineVoidTests.asked(.offlineSale, "till/1", 1_000))
    till.transact(OfflineVoidTests.asked(.preAuthorisation, "till/2", 5_000))
    till.transact(OfflineVoidTests.asked(.completionAdvice, "till/3", 4_000, of: "till/2"))
    till.wait(.minutes(3))
    for (number, sale, amount) in [(4, "till/1", UInt64(1_000)), (5, "till/3", 4_000)] {
      till.transact(OfflineVoidTests.asked(.refund, "till/\(number)/a", amount + 1, of: sale))
      #expect(till.refusal == "TXN-005")
      till.transact(OfflineVoidTests.asked(.refund, "till/\(number)/b", amount, of: sale))
      #expect(till.row("till/\(number)/b")?.state == "approved")
    }
    let account = SimulatedShop.accounts[0]
    #expect(till.acquirer.balance(of: account) == account.balance - 100)
  }

  @Test("a completion that was told is voided as one that was asked, and frees what was held")
  func completionAdviceVoid() throws {
    var till = try OfflineVoidTests.till()
    till.transact(OfflineVoidTests.asked(.preAuthorisation, "till/1", 5_000))
    till.transact(OfflineVoidTests.asked(.completionAdvice, "till/2", 4_000, of: "till/1"))
    till.transact(OfflineVoidTests.asked(.void, "till/3", of: "till/2"))
    #expect(till.row("till/3")?.kind == "completion-void")
    #expect(till.row("till/3")?.state == "approved")
    till.transact(OfflineVoidTests.asked(.completionAdvice, "till/4", 3_000, of: "till/1"))
    #expect(till.row("till/4")?.state == "approved")
    #expect(till.acquirer.heldTotal == 3_100)
  }
}

extension Till {
  /// Whether the last answer says of this transaction that it never left.
  fileprivate func refusedOrNotSent(_ reference: String) -> Bool {
    guard case .transaction(let row, .some) = answers.last else { return false }
    return row.reference == reference && row.state == "not sent"
  }
}
