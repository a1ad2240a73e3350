// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@testable import TerminalCore

@Suite("The printer's test page, and what it has printed")
struct PrinterPageTests {
  @Test("no line of the page is wider than the paper, whatever the paper's width")
  func width() {
    for width in 32...64 {
      let page = TestPage.lines(columns: width, serial: "SIM00001", time: "2026-01-02 03:04:05")
      for line in page where !line.isCode {
        let most = line.style == .large ? width / 2 : width
        #expect(columns(of: line.text) <= most, "\(width): \(line.text)")
      }
      // The ruler ends at the right edge.
      #expect(page.contains { $0.text.utf8.count == width && $0.text.hasPrefix("1234567890") })
      #expect(page.contains { if case .qrCode = $0.style { true } else { false } })
      #expect(page.contains { if case .barCode = $0.style { true } else { false } })
    }
  }

  @Test("a technician has the page printed before the terminal is registered")
  func unregistered() throws {
    var till = try Till()
    till.start()
    till.tell(.printer(.status(.ready(paperLow: false))))
    till.ask(.testPrinter)
    #expect(till.answers.last == .done)
    #expect(till.papers.count == 1)
  }

  @Test("while a sale runs, or a receipt waits, no page comes between them")
  func refused() throws {
    var till = try Till.inService()
    till.printerIsSilent = true
    till.sell("till/1", 1_200)
    #expect(till.row("till/1")?.receipt == "printing")
    till.ask(.testPrinter)
    #expect(till.refusal == "TRM-002")
    #expect(till.papers.count == 1)
    var owing = try Till.inService()
    owing.outcome = .notPrinted(.halted(.paperOut), isFragment: false)
    owing.sell("till/1", 1_200)
    #expect(owing.row("till/1")?.receipt == "owed")
    owing.ask(.testPrinter)
    #expect(owing.refusal == "TRM-002")
  }

  @Test("a page that a stopped printer holds gives way to the first receipt that is owed")
  func givesWay() {
    var desk = PrintDesk()
    _ = desk.handle(.printer(.status(.ready(paperLow: false))), at: .start)
    let page = PrintLines(lines: [PrintLine("a")], isTest: true)
    #expect(
      desk.handle(.ordered(page), at: .start)
        == [.printer(.print(PrintJob(number: 1, lines: page.lines)))])
    #expect(
      desk.handle(.owed(.slip(PrinterPageTests.slip)), at: .start) == [.printer(.abandon)])
    let ended = desk.handle(
      .printer(.finished(job: 1, .notPrinted(.halted(.paperOut), isFragment: true))), at: .start)
    #expect(ended.first == .orderEnded(.printerHalted(.paperOut)))
    #expect(desk.owed.count == 1)
    // A copy that a person waits for is not given up.
    var other = PrintDesk()
    _ = other.handle(.printer(.status(.ready(paperLow: false))), at: .start)
    _ = other.handle(.ordered(PrintLines(lines: page.lines)), at: .start)
    #expect(other.handle(.owed(.slip(PrinterPageTests.slip)), at: .start).isEmpty)
  }

  private static var slip: SettlementSlip {
    guard let batch = BatchNumber(1) else { preconditionFailure("one is a batch") }
    return SettlementSlip(
      closed: ClosedBatch(
        batch: batch, totals: BatchTotals(), uploaded: 0, refused: 0, parked: 0),
      lines: [], localTime: "", state: .owed)
  }

  @Test("lines and documents are counted over restarts; what did not come out is not")
  func wear() throws {
    var till = try Till.inService()
    let before = till.terminal.wear
    #expect(before.documents > 0)
    till.sell("till/1", 1_200)
    let after = till.terminal.wear
    #expect(after.documents == before.documents + 1)
    #expect(after.lines > before.lines + 10)
    #expect(after.dots >= (after.lines - before.lines) * 30)
    till.ask(.testPrinter)
    #expect(till.terminal.wear.documents == after.documents + 1)
    till.outcome = .notPrinted(.halted(.paperOut), isFragment: false)
    till.sell("till/2", 1_200)
    let kept = till.terminal.wear
    #expect(kept.documents == after.documents + 1)
    let next = try till.restarted()
    #expect(next.terminal.wear == kept)
  }
}
