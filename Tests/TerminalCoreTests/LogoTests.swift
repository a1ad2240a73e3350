// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@testable import TerminalCore

@Suite("The logo that the printer keeps")
struct LogoTests {
  private func till(
    _ outcome: PrintOutcome = .printed(.processID), logos: [Raster] = [SimulatedShop.logo]
  ) throws -> Till {
    var till = try Till(flavour: .generic) { $0.logos = logos }
    till.outcome = outcome
    till.start()
    return till
  }

  private func writings(_ till: Till) -> Int { till.papers.filter { !$0.keeps.isEmpty }.count }

  private let fragment = PrintOutcome.unknown(.unavailable(.silent))

  @Test("the printer is given it once, with the attempt on disk before, and papers stand under it")
  func once() throws {
    var till = try till()
    till.wait(.minutes(1))
    #expect(writings(till) == 1)
    #expect(till.papers.first?.keeps == [SimulatedShop.logo])
    #expect(till.terminal.storedLogo?.isKept == true)
    let logos = till.journal.flatMap { $0.updates }.filter { $0.key == "aside/printer-logo" }
      .compactMap { StoredLogo($0.body) }
    #expect(logos.map { $0.isKept } == [false, true])
    #expect(logos.first?.attempts == 1)
    till.ask(.testPrinter)
    #expect(till.papers.last?.logoDots == SimulatedShop.logo.height)
    // It moves no paper by itself.
    #expect(till.terminal.wear.documents == 1)
    var next = try till.restarted()
    next.start()
    next.wait(.minutes(30))
    #expect(writings(next) == 0)
    next.ask(.testPrinter)
    #expect(next.papers.last?.logoDots == SimulatedShop.logo.height)
  }

  @Test("a printer that proves nothing is given it three times, over any number of starts")
  func bounded() throws {
    var till = try till(fragment)
    till.wait(.minutes(5))
    #expect(writings(till) == 1)
    var count = 0
    for _ in 0..<4 {
      till.wait(.minutes(60))
      count += writings(till)
      till = try till.restarted()
      till.outcome = fragment
      till.start()
    }
    count += writings(till)
    #expect(count == 3)
    #expect(till.terminal.status.problems.map { $0.code }.contains("PRN-028"))
    till.outcome = .printed(.processID)
    till.ask(.testPrinter)
    #expect(till.papers.last?.logoDots == 0)
    // A person may try once more, and once is once; what never leaves is no attempt at all.
    till.outcome = fragment
    till.ask(.storeLogo)
    #expect(till.refusal == "PRN-002" && writings(till) == 1)
    till.outcome = .notPrinted(.halted(.coverOpen), isFragment: false)
    till.ask(.storeLogo)
    till.wait(.minutes(60))
    #expect(writings(till) == 2 && till.terminal.storedLogo?.isGivenUp == true)
    till.outcome = .printed(.processID)
    till.ask(.storeLogo)
    #expect(till.answers.last == .done)
    #expect(till.terminal.storedLogo?.isKept == true)
    #expect(!till.terminal.status.problems.map { $0.code }.contains("PRN-028"))
  }

  @Test("an order that never leaves changes nothing of what is known")
  func orderedInVain() throws {
    var till = try till()
    let known = till.terminal.storedLogo
    #expect(known?.isKept == true)
    till.outcome = .notPrinted(.unavailable(.silent), isFragment: false)
    till.ask(.storeLogo)
    #expect(till.refusal == "PRN-002" && till.terminal.storedLogo == known)
    till.failingEntry = 0
    till.ask(.storeLogo)
    #expect(till.refusal == "LED-002" && till.terminal.storedLogo == known)
    till.wait(.minutes(60))
    #expect(writings(till) == 2)
  }

  @Test("the end of a logo is not taken for the end of a copy that somebody else wants")
  func ownerLeft() throws {
    var till = try Till.inService()
    till.outcome = fragment
    till.sell("till/1", 1_200)
    #expect(till.terminal.status.receiptsDoubtful.count == 1)
    till = try till.restarted { $0.logos = [SimulatedShop.logo] }
    till.start()
    till.printerIsSilent = true
    let papers = till.papers.count
    let order = till.ask(.storeLogo)
    #expect(till.papers.count == papers + 1 && till.terminal.isStoringLogo)
    till.tell(.requesterLeft(order))
    till.ask(.reprint(reference: "till/1", row: till.row("till/1")))
    #expect(till.refusal == "TRM-002")
    let job = try #require(till.papers.last)
    till.tell(.printer(.finished(job: job.number, .printed(.processID))))
    #expect(till.terminal.status.receiptsDoubtful.count == 1)
    till.printerIsSilent = false
    till.ask(.reprint(reference: "till/1", row: till.row("till/1")))
    #expect(till.terminal.status.receiptsDoubtful.isEmpty)
  }

  @Test("a sale does not wait long behind a logo, says so, and its receipt follows")
  func saleBehind() throws {
    var till = try Till.inService().restarted { $0.logos = [SimulatedShop.logo] }
    till.printerIsSilent = true
    till.start()
    #expect(till.terminal.isStoringLogo && till.terminal.owesPaper)
    till.sell("till/1", 1_200)
    till.wait(.seconds(6))
    #expect(till.row("till/1")?.state == "approved")
    guard case .transaction(_, let problem?) = till.answers.last else {
      Issue.record("\(till.answers)")
      return
    }
    #expect(problem.code == "PRN-029")
    let logo = try #require(till.papers.last)
    till.printerIsSilent = false
    till.tell(.printer(.finished(job: logo.number, .printed(.processID))))
    #expect(till.row("till/1")?.receipt == "printed")
    #expect(till.papers.last?.logoDots == SimulatedShop.logo.height)
    #expect(!till.terminal.owesPaper)
  }

  @Test("a receipt behind a logo that is soon done has the time that every receipt has")
  func soonDone() throws {
    var till = try Till.inService().restarted { $0.logos = [SimulatedShop.logo] }
    till.printerIsSilent = true
    till.start()
    till.sell("till/1", 1_200)
    let answers = till.answers.count
    till.wait(.seconds(3))
    till.tell(.printer(.finished(job: try #require(till.papers.last).number, .printed(.fence))))
    till.wait(.seconds(6))
    #expect(till.answers.count == answers && till.row("till/1")?.receipt == "printing")
    var late = till
    till.tell(.printer(.finished(job: try #require(till.papers.last).number, .printed(.fence))))
    guard case .transaction(let row, nil) = till.answers.last else {
      Issue.record("\(till.answers)")
      return
    }
    #expect(row.receipt == "printed")
    // It is the printer that is silent then.
    late.wait(.seconds(25))
    #expect(late.answers.count == answers)
    late.wait(.seconds(2))
    #expect(LogoTests.problem(late) == "PRN-002")
  }

  private static func problem(_ till: Till) -> String? {
    guard case .transaction(_, let problem) = till.answers.last else { return nil }
    return problem?.code
  }

  @Test("a receipt that a printer keeps waiting which may be at work with a logo is told as that")
  func mayBeAtWork() throws {
    for (outcome, wanted) in [(fragment, "PRN-029"), (.printed(.fence), "PRN-002")] {
      var till = try Till.inService().restarted { $0.logos = [SimulatedShop.logo] }
      till.printerIsSilent = true
      till.start()
      till.tell(.printer(.finished(job: try #require(till.papers.last).number, outcome)))
      till.sell("till/1", 1_200)
      till.wait(.seconds(31))
      #expect(LogoTests.problem(till) == wanted)
    }
  }

  @Test("what the disk would not take of a logo's end is written again, and nothing is sent for it")
  func unwrittenEnd() throws {
    for isOrdered in [false, true] {
      var till = try Till(flavour: .generic) { $0.logos = [SimulatedShop.logo] }
      if isOrdered { till.start() } else { till.printerIsSilent = true }
      if isOrdered { till.printerIsSilent = true }
      let sent = writings(till)
      if isOrdered { till.ask(.storeLogo) } else { till.start() }
      #expect(writings(till) == sent + 1)
      till.failingEntry = 0
      till.printerIsSilent = false
      till.tell(.printer(.finished(job: try #require(till.papers.last).number, .printed(.fence))))
      // Killed now, one attempt more is made of it, and none is given up.
      var killed = try till.restarted()
      killed.start()
      #expect(writings(killed) == 1 && killed.terminal.storedLogo?.isKept == true)
      till.wait(.minutes(11))
      #expect(till.terminal.storedLogo?.isKept == true && writings(till) == sent + 1)
      var next = try till.restarted()
      next.start()
      next.wait(.minutes(30))
      #expect(writings(next) == 0 && next.terminal.storedLogo?.isKept == true)
    }
  }

  @Test("what never left is no attempt, and neither is one that could not be written first")
  func noAttempt() throws {
    var till = try till(.notPrinted(.halted(.coverOpen), isFragment: false))
    till.wait(.minutes(120))
    #expect(writings(till) > 3)
    #expect(till.terminal.storedLogo?.attempts == 0)
    var failing = try Till(flavour: .generic) { $0.logos = [SimulatedShop.logo] }
    failing.start()
    failing.wait(.minutes(1))
    var other = try failing.restarted { $0.logos = [LogoTests.other] }
    other.failingEntry = 0
    other.start()
    #expect(writings(other) == 0)
    other.wait(.minutes(30))
    #expect(writings(other) == 1)
  }

  @Test("another logo is another beginning; none is none")
  func exchanged() throws {
    var till = try till()
    var next = try till.restarted { $0.logos = [LogoTests.other] }
    next.start()
    #expect(next.papers.first?.keeps == [LogoTests.other])
    var none = try next.restarted { $0.logos = [] }
    none.start()
    none.ask(.testPrinter)
    #expect(none.papers.map { $0.logoDots } == [0])
    none.ask(.storeLogo)
    #expect(none.refusal == "PRN-026")
    #expect(none.terminal.storedLogo == nil)
    till.ask(.storeLogo)
    #expect(writings(till) == 2)
  }

  @Test("a receipt that comes to be owed waits for a logo, and is printed behind it")
  func receiptWaits() {
    var desk = PrintDesk(logos: [SimulatedShop.logo])
    _ = desk.handle(.printer(.status(.ready(paperLow: false))), at: .start)
    #expect(desk.wantsLogo)
    _ = desk.handle(.logoWanted(isOrdered: false), at: .start)
    _ = desk.handle(.journalled, at: .start)
    guard let batch = BatchNumber(1) else { return }
    let slip = SettlementSlip(
      closed: ClosedBatch(
        batch: batch, totals: BatchTotals(), uploaded: 0, refused: 0, parked: 0),
      lines: [], localTime: "", state: .owed)
    #expect(desk.handle(.owed(.slip(slip)), at: .start).isEmpty)
    #expect(desk.handle(.logoWanted(isOrdered: true), at: .start) == [.orderEnded(.busy)])
    let ended = desk.handle(.printer(.finished(job: 1, .printed(.fence))), at: .start)
    #expect(ended == [.journalLogo(desk.logo)])
    guard case .journal(let begun) = desk.handle(.journalled, at: .start).first else {
      Issue.record("the slip is not begun")
      return
    }
    #expect(begun.key == slip.key)
  }

  @Test("while a sale is under way the printer is not given it, and behind it it is")
  func quiet() throws {
    var till = try Till.inService().restarted { $0.logos = [SimulatedShop.logo] }
    till.outcome = .notPrinted(.halted(.coverOpen), isFragment: false)
    till.start()
    #expect(writings(till) == 1)
    // It is due again in ten minutes, when a card is being waited for.
    till.wait(.seconds(590))
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.outcome = .printed(.processID)
    till.wait(.seconds(20))
    #expect(writings(till) == 1)
    till.ask(.cancel)
    #expect(writings(till) == 2)
    #expect(till.terminal.storedLogo?.isKept == true)
  }

  @Test("a version that does not know a record beside the money passes over it")
  func aside() throws {
    let strange = LiveRecord(key: "aside/of-a-later-version", body: [0xFF])
    _ = try Terminal.recovered(from: [strange], settings: SimulatedShop.settings)
    #expect(throws: RecoveryFault.self) {
      try Terminal.recovered(
        from: [LiveRecord(key: "of-a-later-version", body: [0xFF])],
        settings: SimulatedShop.settings)
    }
  }

  private static var other: Raster {
    var logo = SimulatedShop.logo
    logo.add(rows: [UInt8](repeating: 0x55, count: logo.bytesPerRow)[...])
    return logo
  }
}
