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
    // A person may try once more.
    till.ask(.storeLogo)
    #expect(till.answers.last == .done)
    #expect(till.terminal.storedLogo?.isKept == true)
    #expect(!till.terminal.status.problems.map { $0.code }.contains("PRN-028"))
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
