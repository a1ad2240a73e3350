// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("What a person closes for good")
struct ClosingTests {
  private static func refund(_ reference: String, _ amount: UInt64) -> TransactionRequest {
    TransactionRequest(.refund, reference: reference, amount: amount, original: "till/1")
  }

  /// A sale of 10.00 and a refund of 3.00 that a person has parked; nobody knows what the host has.
  private static func parked() throws -> Till {
    var till = try Till.inService()
    till.sell("till/1", 1_000)
    till.hostIsSilent = true
    till.transact(refund("till/2", 300))
    till.wait(.seconds(42))
    till.park("till/2")
    #expect(till.row("till/2")?.state == "parked")
    till.hostIsSilent = false
    till.forget()
    return till
  }

  @Test("it is closed in one entry with reason, name and time, is no debt any more, never leaves")
  func closed() throws {
    var till = try ClosingTests.parked()
    till.close("till/2", "paid by transfer, call 4711", by: "Li")
    #expect(till.answers.last == .done)
    #expect(till.journal.count == 1)
    let record = try #require(till.ledger.record("till/2").flatMap { TransactionRecord($0.body) })
    #expect(record.state == .closed)
    #expect(record.closing?.reason == "paid by transfer, call 4711")
    #expect(record.closing?.by == "Li" && record.closing?.at != nil)
    #expect(till.ledger.row("till/2")?.holdsCard == false)
    #expect(till.journal[0].updates[0].erasesEarlier)
    var again = try till.restarted()
    again.start()
    for var till in [till, again] {
      till.wait(.minutes(10))
      #expect(till.sent.isEmpty)
      #expect(till.terminal.status.parked == 0)
      #expect(!till.terminal.status.problems.contains { $0.code == "TXN-011" })
      till.unpark("till/2")
      #expect(till.refusal == "TRM-007")
      till.close("till/2", "again")
      #expect(till.refusal == "TRM-007")
      till.forget()
      till.ask(.settle)
      till.wait(.seconds(5))
      guard case .settled(let batch)? = till.answers.last else {
        Issue.record("\(till.answers)")
        continue
      }
      #expect(batch.parked == 0 && batch.totals.domestic.creditCount == 0)
      let slip = till.papers.flatMap { $0.lines.map { $0.text } }.joined(separator: "\n")
      #expect(slip.contains("未计入本批 NOT INCLUDED") && slip.contains("人工了结 CLOSED BY HAND"))
      #expect(!slip.contains("PARKED"))
    }
  }

  @Test("it frees nothing of its original: only what the acquirer has refused holds nothing")
  func holds() throws {
    var till = try ClosingTests.parked()
    till.close("till/2", "the acquirer has it")
    till.transact(ClosingTests.refund("till/3", 701))
    #expect(till.refusal == "TXN-005")
    till.transact(ClosingTests.refund("till/4", 700))
    #expect(till.row("till/4")?.state == "approved")
  }

  @Test("a reversal that was settled by hand is closed as well")
  func reversal() throws {
    var till = try Till.inService()
    till.losesAnswers = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(42))
    till.park("till/1")
    till.losesAnswers = false
    till.close("till/1", "cancelled by the acquirer")
    #expect(till.row("till/1")?.state == "closed")
    // What never had a paper has no copy.
    till.ask(.reprint(reference: "till/1", row: till.row("till/1")))
    #expect(till.refusal == "PRN-020")
    let sent = till.sent.count
    till.wait(.minutes(10))
    #expect(till.sent.count == sent && till.terminal.status.reversals.isEmpty)
  }

  @Test("without a reason or a name, or with a card's number in them, nothing is closed")
  func words() throws {
    var till = try ClosingTests.parked()
    let words = [
      ("", "Li"), ("  ", "Li"), ("paid", ""), ("a\nb", "Li"), ("card 4111 1111-11111111", "Li"),
      ("4111111111111111", "Li"), (String(repeating: "x", count: 201), "Li"),
      ("paid", String(repeating: "x", count: 65)),
      ("refunded 50 4111111111111111", "Li"), ("paid 2026-03-19 4111 1111 1111 1111", "Li"),
      ("4111.1111.1111.1111", "Li"), ("4111/1111/1111/1111", "Li"),
      ("no50411111111111111199", "Li"), ("4111--1111--1111--1111", "Li"),
      ("卡号４１１１１１１１１１１１１１１１", "Li"), ("paid", "Li 4111111111111111"),
    ]
    for (reason, name) in words {
      till.close("till/2", reason, by: name)
      #expect(till.refusal == "TRM-004", "\(reason) \(name)")
    }
    #expect(till.journal.isEmpty)
    till.close("till/2", String(repeating: "x", count: 200), by: "李")
    #expect(till.answers.last == .done)
    var other = try ClosingTests.parked()
    other.close("till/2", "paid 2026-03-19, call 138 0013 8000, 300.00", by: "Li")
    #expect(other.answers.last == .done)
  }

  @Test("a receipt that may be incomplete is settled by its copy, also where its sale is closed")
  func doubtful() throws {
    var settings = SimulatedShop.settings
    let limit = try #require(Amount(minorUnits: 100_000))
    settings.offline = OfflineLimits(floor: limit, count: 10, sum: 1_000_000, days: nil)
    var till = try Till.inService(settings: settings)
    till.hostIsSilent = true
    till.printerIsSilent = true
    till.transact(TransactionRequest(.offlineSale, reference: "till/1", amount: 1_000))
    till = try till.restarted()
    till.start()
    till.park("till/1")
    till.close("till/1", "paid in cash", by: "Li")
    #expect(till.row("till/1")?.state == "closed")
    #expect(till.row("till/1")?.receipt == "doubtful")
    till.ask(.reprint(reference: "till/1", row: till.row("till/1")))
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.terminal.status.receiptsDoubtful.isEmpty)
  }

  @Test("only what is parked is closed, not while a batch is, and not without the disk")
  func refused() throws {
    var till = try ClosingTests.parked()
    for reference in ["till/1", "till/9"] {
      till.close(reference, "paid")
      #expect(till.refusal == "TRM-007")
    }
    var settling = till
    settling.hostIsSilent = true
    settling.ask(.settle)
    settling.wait(.seconds(5))
    settling.close("till/2", "paid")
    #expect(settling.refusal == "TRM-002")
    till.failingEntry = 0
    till.close("till/2", "paid")
    #expect(till.refusal == "LED-002")
    #expect(till.row("till/2") == nil && till.terminal.status.parked == 1)
    till.unpark("till/2")
    till.wait(.minutes(1))
    #expect(till.row("till/2")?.state == "approved")
  }
}
