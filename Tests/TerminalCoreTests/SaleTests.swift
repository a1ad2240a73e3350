// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("Sales")
struct SaleTests {
  @Test("an approved sale: three journal entries, money held once, a receipt")
  func approved() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    guard case .transaction(let row, problem: nil) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(row.state == "approved")
    #expect(row.receipt == "printed")
    #expect(row.maskedPAN == "401234***8909")
    #expect(!row.isTest)
    #expect(row.approvalCode.utf8.count == 6)
    #expect(till.journal.count == 3)
    #expect(till.journal.compactMap { $0.rows.first?.state } == ["sent", "approved", "approved"])
    #expect(till.papers.count == 1)
    #expect(till.acquirer.holds.last?.amount == 1_200)
    #expect(till.progress.first == .swipeCard)
    #expect(till.terminal.state == .ready)
  }

  @Test("a declined sale holds nothing and says the issuer's answer")
  func declined() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_251)
    #expect(till.row("till/1")?.state == "declined")
    #expect(till.row("till/1")?.responseCode == "51")
    #expect(till.acquirer.heldTotal == 100)
    #expect(till.terminal.state == .ready)
  }

  @Test(
    "what the issuer approves under another code than 00 is approved, and keeps its code",
    arguments: [(111, "11", 111), (10_212, "A2", 10_212)] as [(UInt64, String, UInt64)])
  func approvedOtherwise(_ amount: UInt64, _ code: String, _ held: UInt64) throws {
    var till = try Till.inService()
    till.sell("till/1", amount)
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.row("till/1")?.responseCode == code)
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.acquirer.heldTotal == 100 + held)
    #expect(till.sent.count == 1)
  }

  @Test("an approval for part of the amount is no sale: it is reversed, with its approval code")
  func approvedInPart() throws {
    var till = try Till.inService()
    till.sell("till/1", 110)
    guard case .transaction(let row, let problem?) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(row.state == "reversal owed")
    #expect(problem.code == "TXN-012")
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.row("till/1")?.reversalReason == "06")
    #expect(till.row("till/1")?.approvalCode.utf8.count == 6)
    #expect(till.acquirer.heldTotal == 100)
    #expect(till.papers.isEmpty)
  }

  @Test("a wrong PIN is the issuer's answer, not the terminal's")
  func wrongPIN() throws {
    var till = try Till.inService()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.swipe(0)
    till.enterPIN(1)
    #expect(till.row("till/1")?.responseCode == "55")
  }

  @Test(
    "silence, a wrong MAC, another trace number or a hang-up end in a reversal",
    arguments: [10_201, 10_202, 10_203, 10_204, 10_205] as [UInt64])
  func reversed(_ amount: UInt64) throws {
    var till = try Till.inService()
    till.sell("till/1", amount)
    till.wait(.seconds(120))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.acquirer.heldTotal == 100)
    #expect(till.terminal.status.reversals.isEmpty)
    #expect(till.terminal.state == .ready)
  }

  @Test("while a reversal is owed no new money moves; it is sent first")
  func owed() throws {
    var till = try Till.inService()
    till.sell("till/1", 10_202)
    till.hostFailure = .tcp
    till.wait(.seconds(30))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.ask(.sale(reference: "till/2", amount: 1_200, earlier: nil))
    till.wait(.seconds(90))
    #expect(till.row("till/2") == nil || till.row("till/2")?.state == "not sent")
    #expect(till.refusal == "TXN-001" || till.refusal == "NET-004")
    till.hostFailure = nil
    till.wait(.seconds(400))
    #expect(till.row("till/1")?.state == "reversed")
    till.sell("till/3", 1_200)
    #expect(till.row("till/3")?.state == "approved")
    #expect(till.acquirer.heldTotal == 1_300)
  }

  @Test("a late answer after the reversal changes nothing")
  func late() throws {
    var till = try Till.inService()
    // The answer comes after 30 s; the terminal waits for 20.
    till.sell("till/1", 10_130)
    till.wait(.seconds(120))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.acquirer.heldTotal == 100)
  }

  @Test("a request that its own reversal has overtaken holds nothing, and stays reversed")
  func overtaken() throws {
    var till = try Till.inService()
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    let request = try #require(till.sent.last)
    till.wait(.seconds(20))
    till.hostIsSilent = false
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    for _ in 0..<2 {
      _ = till.acquirer.handle(.connected(connection: 99), at: till.now)
      _ = till.acquirer.handle(.received(connection: 99, request), at: till.now)
      _ = till.acquirer.handle(.disconnected(connection: 99), at: till.now)
    }
    #expect(till.acquirer.heldTotal == 100)
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("an answer that comes twice is taken once")
  func twice() throws {
    var till = try Till.inService()
    till.sell("till/1", 10_206)
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.papers.count == 1)
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("the same reference and amount never sell twice, another amount is refused")
  func references() throws {
    var till = try Till.inService()
    till.sell("till/1", 1_200)
    let row = try #require(till.row("till/1"))
    let held = till.acquirer.heldTotal
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: row))
    #expect(till.answers.last == .transaction(row, problem: nil))
    till.ask(.sale(reference: "till/1", amount: 1_300, earlier: row))
    #expect(till.refusal == "TRM-003")
    #expect(till.acquirer.heldTotal == held)
  }

  @Test("nothing leaves before the intent is on disk, and nobody is told before the outcome is")
  func writeAhead() throws {
    var till = try Till.inService()
    till.isHeld = true
    till.sell("till/1", 1_200)
    // Everything up to the first journal entry, and nothing of what depends on it.
    #expect(till.held.contains { if case .journal = $0 { true } else { false } })
    #expect(!till.held.contains { if case .acquirer = $0 { true } else { false } })
    #expect(!till.held.contains { if case .answer = $0 { true } else { false } })
  }

  @Test("a disk that is full refuses the sale and says why; nothing was sent")
  func fullDisk() throws {
    var till = try Till.inService()
    till.journalFault = .diskFull
    till.sell("till/1", 1_200)
    #expect(till.refusal == "LED-001")
    #expect(till.sent.isEmpty)
    till.journalFault = nil
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("cancel before the acquirer is asked ends the sale; nothing is sent")
  func cancelled() throws {
    for step in 0..<2 {
      var till = try Till.inService()
      till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
      if step > 0 { till.swipe() }
      till.ask(.cancel)
      if step > 0 { till.tell(.pinPad(.noPIN(.aborted))) }
      #expect(till.sent.isEmpty)
      #expect(till.terminal.state == .ready)
      #expect(till.answers.contains(.refused(.withdrawn)))
    }
  }

  @Test("cancel is refused as too late from the moment the intent goes to disk, and sells on")
  func tooLate() throws {
    var till = try Till.inService()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.swipe()
    till.isHeld = true
    till.enterPIN()
    // Each effect a step: intent, connection, request, outcome, paper, receipt.
    var steps = 0
    while !till.held.isEmpty {
      till.ask(.cancel)
      guard case .answer(_, let answer) = till.held.removeLast() else {
        Issue.record("cancel was not answered")
        return
      }
      if till.terminal.state == .busy { #expect(answer == .refused(.tooLate)) }
      till.serve(till.held.removeFirst())
      steps += 1
    }
    #expect(steps >= 6)
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.acquirer.heldTotal == 1_300)
  }

  @Test("a card number taken for a reference is refused and written nowhere, other numbers sell")
  func cardNumberAsReference() throws {
    var till = try Till.inService()
    for account in SimulatedShop.accounts {
      let reference = String(decoding: account.pan, as: UTF8.self)
      till.ask(.sale(reference: reference, amount: 1_200, earlier: nil))
      #expect(till.refusal == "TRM-011")
      till.ask(.reprint(reference: reference, row: nil))
      #expect(till.refusal == "TRM-007")
    }
    #expect(till.journal.isEmpty)
    #expect(till.terminal.state == .ready)
    // A wrong check digit, too few digits.
    for reference in ["4012345678908", "401234567899", "20260101000001"] {
      till.sell(reference, 1_200)
      #expect(till.row(reference)?.state == "approved")
    }
  }

  @Test(
    "no PIN, whatever the reason, ends the sale with that reason",
    arguments: [
      (NoPIN.cancelled, "PAD-010"), (.timedOut, "PAD-011"), (.refused(code: 0x31), "PAD-013"),
      (.silent, "PAD-014"),
    ])
  func noPIN(_ reason: NoPIN, _ code: String) throws {
    var till = try Till.inService()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.swipe()
    till.tell(.pinPad(.noPIN(reason)))
    #expect(till.refusal == code)
    #expect(till.sent.isEmpty)
    #expect(till.terminal.state == .ready)
  }

  @Test("nobody swipes: the sale ends by itself and the reader is closed")
  func noCard() throws {
    var till = try Till.inService()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    #expect(till.readerOrders == [.accept])
    till.wait(.seconds(120))
    #expect(till.refusal == "CRD-004")
    #expect(till.readerOrders.last == .ignore)
  }

  @Test("an amount of nothing, above the limit or a reference that is none is refused by field")
  func invalid() throws {
    var till = try Till.inService()
    let cases: [(String, UInt64, String)] = [
      ("till/1", 0, "TRM-004"), ("till/1", 5_000_001, "TRM-005"), ("", 100, "TRM-004"),
      ("a\nb", 100, "TRM-004"), (String(repeating: "x", count: 65), 100, "TRM-004"),
      ("till/1", UInt64.max, "TRM-005"),
    ]
    for (reference, amount, code) in cases {
      till.ask(.sale(reference: reference, amount: amount, earlier: nil))
      #expect(till.refusal == code, "\(reference) \(amount)")
    }
    #expect(till.journal.isEmpty)
  }

  @Test(
    "an outcome that could not be written is reversed, card and all, and the terminal mends itself")
  func outcomeUnwritten() throws {
    var till = try Till.inService()
    // Intent, outcome.
    till.failingEntry = 1
    till.sell("till/1", 1_200)
    #expect(till.terminal.state != .ready || till.row("till/1")?.state == "reversed")
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.state == "reversed")
    #expect(till.acquirer.heldTotal == 100)
    let reversal = try #require(till.sent.last)
    #expect(String(decoding: reversal, as: UTF8.self).contains("4012345678909"))
    till.sell("till/2", 1_200)
    #expect(till.row("till/2")?.state == "approved")
  }
}
