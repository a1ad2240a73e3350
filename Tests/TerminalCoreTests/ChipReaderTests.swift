// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import PaymentCrypto
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Sales with a chip card whose reader fails")
struct ChipReaderTests {
  @Test("a reader that never reports ends the sale by itself")
  func deadReader() throws {
    var till = try Till.withChips()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.isHeld = true
    till.insert()
    till.wait(.seconds(100))
    #expect(
      till.held.contains {
        if case .answer(_, .refused(.reader(.silent))) = $0 { true } else { false }
      })
  }

  @Test("a reader that is lost behind the approval is told as that, not as a card that was pulled")
  func lostReader() throws {
    for trouble in [ReaderTrouble.link(.absent), .silent] {
      var till = try Till.withChips()
      till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
      till.insert()
      till.slot.silentAt = [0x00, 0x82]
      till.enterPIN(0)
      till.tell(.reader(.unavailable(trouble)))
      #expect(ChipReaderTests.problem(till) == .readerFailed(trouble))
      till.wait(.seconds(120))
      #expect(till.row("till/1")?.state == "reversed" && till.heldOfSales == 0)
    }
  }

  @Test("a reader that is lost while the acquirer is asked is told as that")
  func lostWhileAsking() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 10_105)
    till.tell(.reader(.unavailable(.link(.absent))))
    #expect(till.answers.isEmpty)
    till.wait(.seconds(10))
    #expect(ChipReaderTests.problem(till) == .readerFailed(.link(.absent)))
    till.wait(.seconds(120))
    #expect(till.row("till/1")?.state == "reversed" && till.heldOfSales == 0)
  }

  @Test("a reader that is lost while the intent is written is told as that, and nothing leaves")
  func lostAtIntent() throws {
    var till = try Till.withChips()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.insert()
    till.isHeld = true
    till.enterPIN(0)
    let isEntry = { (effect: TerminalEffect) in
      if case .journal = effect { true } else { false }
    }
    while let next = till.held.first, !isEntry(next) {
      till.held.removeFirst()
      till.serve(next)
    }
    till.tell(.reader(.unavailable(.silent)))
    till.isHeld = false
    for effect in till.held { till.serve(effect) }
    #expect(ChipReaderTests.problem(till) == .reader(.silent))
    #expect(till.row("till/1")?.state == "not sent" && till.sent.isEmpty)
  }

  @Test("a reversal says what the scripts did, also where the reader was lost behind them")
  func scriptThenLost() throws {
    var till = try Till.withChips {
      $0.orders = [.unblockPIN]
      $0.switches = [.scriptBefore]
    }
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.insert()
    // The second GENERATE AC.
    till.slot.silentAt = [0x80, 0xAE, 0x50]
    till.enterPIN(0)
    till.tell(.reader(.unavailable(.silent)))
    till.wait(.seconds(120))
    #expect(till.row("till/1")?.state == "reversed" && till.heldOfSales == 0)
    let reversal = try #require(till.messages("0400").first)
    #expect(Till.object(0xDF31, reversal[55])?.count == 5)
  }

  /// What the transaction that was answered last ended with.
  private static func problem(_ till: Till) -> Problem? {
    guard case .transaction(_, let problem) = till.answers.last else { return nil }
    return problem
  }
}
