// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("Receipts of sales")
struct ReceiptTests {
  @Test(
    "no paper: the sale stands, the receipt is owed and visible, and printed when there is some")
  func noPaper() throws {
    var till = try Till.inService()
    till.outcome = .notPrinted(.halted(.paperOut), isFragment: false)
    till.tell(.printer(.status(.halted(.paperOut))))
    till.sell("till/1", 1_200)
    till.wait(.seconds(5))
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.terminal.status.receiptsOwed.map { $0.reference } == ["till/1"])
    till.outcome = .printed(.fence)
    till.tell(.printer(.status(.ready(paperLow: false))))
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.terminal.status.receiptsOwed.isEmpty)
  }

  @Test("a receipt of which nobody knows is never printed twice by itself")
  func doubtful() throws {
    var till = try Till.inService()
    till.outcome = .unknown(.unavailable(.silent))
    till.sell("till/1", 1_200)
    till.tell(.printer(.status(.unavailable(.silent))))
    till.tell(.printer(.status(.ready(paperLow: false))))
    till.wait(.seconds(60))
    #expect(till.papers.count == 1)
    #expect(till.terminal.status.receiptsDoubtful.map { $0.reference } == ["till/1"])
    till.outcome = .printed(.processID)
    till.ask(.reprint(reference: "till/1", row: till.row("till/1")))
    #expect(till.papers.count == 2)
    #expect(till.terminal.status.receiptsDoubtful.isEmpty)
  }

  @Test("a receipt's state that could not be written locks the terminal until it is written")
  func receiptUnwritten() throws {
    var till = try Till.inService()
    // Intent, outcome, receipt.
    till.failingEntry = 2
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.receipt == "printing")
    #expect(till.terminal.state == .locked)
    #expect(till.terminal.status.problems.contains { $0.code == "LED-002" })
    till.ask(.sale(reference: "till/2", amount: 1_200, earlier: nil))
    #expect(till.refusal == "LED-002")
    till.wait(.seconds(60))
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.papers.count == 1)
    #expect(till.terminal.state == .ready)
  }

  @Test("a receipt that was never begun is printed by itself after a power cut")
  func owedOverRestart() throws {
    var till = try Till.inService()
    till.tell(.printer(.status(.halted(.paperOut))))
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.receipt == "owed")
    var again = try till.restarted()
    again.start()
    #expect(again.papers.count == 1)
    #expect(again.row("till/1")?.receipt == "printed")
    #expect(again.terminal.status.receiptsDoubtful.isEmpty)
    #expect(!again.terminal.status.problems.contains { $0.code == "PRN-021" })
  }

  @Test("a receipt that was begun is doubtful after a power cut: ledger, status and remedy say so")
  func begunOverRestart() throws {
    for printsLater in [false, true] {
      var till = try Till.inService()
      if printsLater { till.tell(.printer(.status(.halted(.paperOut)))) }
      till.printerIsSilent = true
      till.sell("till/1", 1_200)
      if printsLater { till.tell(.printer(.status(.ready(paperLow: false)))) }
      #expect(till.papers.count == 1)
      #expect(till.row("till/1")?.receipt == "printing")
      var again = try till.restarted()
      again.start()
      #expect(again.papers.isEmpty)
      #expect(again.row("till/1")?.receipt == "doubtful")
      #expect(again.terminal.status.receiptsDoubtful.map { $0.reference } == ["till/1"])
      let problem = Problem.receiptDoubtful(reference: "till/1", others: 0)
      #expect(again.terminal.status.problems == [problem])
      again.ask(.reprint(reference: "till/1", row: again.row("till/1")))
      #expect(again.row("till/1")?.receipt == "printed")
      #expect(again.terminal.status.problems.isEmpty)
    }
  }

  @Test("a printer that fails after the sale was approved leaves the receipt owed, not doubtful")
  func notBegun() throws {
    var till = try Till.inService()
    till.isHeld = true
    till.sell("till/1", 1_200)
    // Up to the entry of the outcome, which says that the receipt is begun.
    while till.row("till/1")?.receipt != "printing", !till.held.isEmpty {
      let effect = till.held.removeFirst()
      if case .journal(let entry) = effect, entry.rows.first?.receipt == "printing" {
        till.tell(.printer(.status(.halted(.coverOpen))))
      }
      till.serve(effect)
    }
    till.isHeld = false
    for effect in till.held { till.serve(effect) }
    #expect(till.row("till/1")?.state == "approved")
    #expect(till.row("till/1")?.receipt == "owed")
    #expect(till.papers.isEmpty)
    till.tell(.printer(.status(.ready(paperLow: false))))
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.papers.count == 1)
  }

  @Test("a receipt whose begin cannot be written is not printed before it can")
  func beginUnwritten() throws {
    var till = try Till.inService()
    till.tell(.printer(.status(.halted(.paperOut))))
    till.sell("till/1", 1_200)
    till.journalFault = .failed
    till.tell(.printer(.status(.ready(paperLow: false))))
    till.wait(.seconds(60))
    #expect(till.papers.isEmpty)
    #expect(till.terminal.status.receiptsOwed.map { $0.reference } == ["till/1"])
    till.journalFault = nil
    till.wait(.seconds(60))
    #expect(till.papers.count == 1)
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.terminal.state == .ready)
  }
}
