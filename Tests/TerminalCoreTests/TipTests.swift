// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("Tips")
struct TipTests {
  private static func till() throws -> Till {
    var settings = SimulatedShop.settings
    let limit = try #require(Amount(minorUnits: 100_000))
    settings.offline = OfflineLimits(floor: limit, count: 10, sum: 1_000_000, days: nil)
    var till = try Till.inService(settings: settings)
    till.sell("till/1", 1_000)
    till.transact(asked(.tip, "till/2", 200, of: "till/1"))
    till.wait(.minutes(3))
    #expect(till.row("till/2")?.state == "approved")
    #expect(till.acquirer.heldTotal == 1_300)
    return till
  }

  private static func asked(
    _ kind: TransactionKind, _ reference: String, _ amount: UInt64 = 0, of original: String
  ) -> TransactionRequest {
    TransactionRequest(kind, reference: reference, amount: amount, original: original)
  }

  /// Closes the batch, and says whether terminal and acquirer had the same sums.
  private static func settle(_ till: inout Till) throws -> BatchTotals {
    till.ask(.settle)
    till.wait(.seconds(30))
    let totals = try #require(till.terminal.batch.last?.totals)
    #expect(totals.hasAgreed)
    return totals
  }

  @Test("a second tip is refused, and the totals agree")
  func second() throws {
    var till = try TipTests.till()
    till.transact(TipTests.asked(.tip, "till/3", 300, of: "till/1"))
    #expect(till.refusal == "TXN-004")
    #expect(till.row("till/3") == nil)
    let totals = try TipTests.settle(&till)
    #expect(totals.domestic.debitAmount == 1_300)
    #expect(totals.domestic.debitCount == 2)
  }

  @Test("a second tip is refused while the first is still to be told, and after a restart")
  func secondQueued() throws {
    var till = try TipTests.till()
    till.sell("till/3", 1_000)
    till.hostFailure = .tcp
    till.transact(TipTests.asked(.tip, "till/4", 200, of: "till/3"))
    till.transact(TipTests.asked(.tip, "till/5", 200, of: "till/3"))
    #expect(till.refusal == "TXN-004")
    var again = try till.restarted()
    again.start()
    again.transact(TipTests.asked(.tip, "till/6", 200, of: "till/3"))
    #expect(again.refusal == "TXN-004")
  }

  @Test("a void gives sale and tip back, and the totals agree")
  func void() throws {
    var till = try TipTests.till()
    till.transact(TipTests.asked(.void, "till/3", 1_000, of: "till/1"))
    #expect(till.refusal == "TRM-004")
    till.transact(TipTests.asked(.void, "till/3", of: "till/1"))
    #expect(till.row("till/3")?.state == "approved")
    #expect(till.row("till/3")?.amount == 1_200)
    #expect(till.acquirer.heldTotal == 100)
    let totals = try TipTests.settle(&till)
    #expect(totals.domestic.debitAmount == 1_300)
    #expect(totals.domestic.creditAmount == 1_200)
  }

  @Test("a void waits for the tip to be told")
  func voidBeforeTip() throws {
    var till = try TipTests.till()
    till.sell("till/3", 1_000)
    till.hostFailure = .tcp
    till.transact(TipTests.asked(.tip, "till/4", 200, of: "till/3"))
    till.transact(TipTests.asked(.void, "till/5", of: "till/3"))
    #expect(till.refusal == "TXN-010")
    till.hostFailure = nil
    till.wait(.minutes(3))
    till.transact(TipTests.asked(.void, "till/6", of: "till/3"))
    #expect(till.row("till/6")?.state == "approved")
    #expect(till.acquirer.heldTotal == 1_300)
  }

  @Test("refunds give back at most the sale with its tip, and nothing is tipped after them")
  func refund() throws {
    var till = try TipTests.till()
    till.transact(TipTests.asked(.refund, "till/3", 1_201, of: "till/1"))
    #expect(till.refusal == "TXN-005")
    till.transact(TipTests.asked(.refund, "till/4", 1_200, of: "till/1"))
    #expect(till.row("till/4")?.state == "approved")
    till.sell("till/5", 1_000)
    till.transact(TipTests.asked(.refund, "till/6", 500, of: "till/5"))
    till.transact(TipTests.asked(.tip, "till/7", 100, of: "till/5"))
    #expect(till.refusal == "TXN-004")
    _ = try TipTests.settle(&till)
  }

  @Test("a tip that the storage failed on is off, and another one may be given")
  func unwritten() throws {
    var till = try TipTests.till()
    till.sell("till/3", 1_000)
    till.failingEntry = 0
    till.transact(TipTests.asked(.tip, "till/4", 200, of: "till/3"))
    till.wait(.seconds(30))
    #expect(till.row("till/4")?.state == "not sent")
    till.transact(TipTests.asked(.tip, "till/5", 300, of: "till/3"))
    #expect(till.row("till/5")?.state == "queued")
  }
}
