// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("The slot for chips, and what people are told of it")
struct ChipSlotTests {
  private static func sale(_ till: inout Till, _ reference: String = "till/1") {
    till.progress = []
    till.ask(.sale(reference: reference, amount: 1_200, earlier: nil))
  }

  /// A refund of another terminal's sale, which wants its card swiped.
  private static let refund = ControlRequest.transact(
    TransactionRequest(
      .refund, reference: "till/2", amount: 200,
      foreignOriginal: ForeignOriginal(
        retrievalReference: Array("999999999999".utf8), approvalCode: [],
        date: Array("0921".utf8))), earlier: nil, original: nil)

  @Test("who is asked for a card is asked for what this reader takes")
  func prompts() throws {
    var both = try Till.withChips()
    ChipSlotTests.sale(&both)
    #expect(both.progress == [.presentCard])
    var slot = try Till.withChips(readsStripes: false)
    ChipSlotTests.sale(&slot)
    #expect(slot.progress == [.insertCard])
    var stripe = try Till.inService(flavour: .unionPay)
    ChipSlotTests.sale(&stripe)
    #expect(stripe.progress == [.swipeCard])
  }

  @Test("when card and acquirer are done the card is to be taken out")
  func farewell() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    #expect(
      till.progress == [
        .presentCard, .readingChip, .enterPIN, .askingAcquirer, .removeCard, .printing,
      ])
  }

  @Test("a card that was left in the slot pays for nobody else: it is to be taken out first")
  func leftBehind() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    let commands = till.slot.commands.count
    ChipSlotTests.sale(&till, "till/2")
    #expect(till.progress == [.removeCard])
    till.tell(.reader(.cardRemoved))
    #expect(till.progress == [.removeCard, .presentCard])
    #expect(till.slot.commands.count == commands)
    till.insert(Till.chipCard { $0.applications[0].counter = 9 })
    till.enterPIN(0)
    #expect(till.row("till/2")?.state == "approved")
    till.tell(.reader(.cardRemoved))
    ChipSlotTests.sale(&till, "till/3")
    #expect(till.progress == [.presentCard])
  }

  @Test("a card that nobody watched pays for nobody else either: it comes out once")
  func unwatched() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    till.tell(.reader(.unavailable(.silent)))
    till.tell(
      .reader(
        .ready(ReaderIdentity(vendor: 0x0ACD, product: 0x3810, encrypts: false, readsChips: true))))
    ChipSlotTests.sale(&till, "till/2")
    let commands = till.slot.commands.count
    till.tell(.reader(.cardInserted))
    #expect(till.progress == [.presentCard, .removeCard])
    #expect(till.slot.commands.count == commands)
    till.tell(.reader(.cardRemoved))
    #expect(till.progress.last == .presentCard)
    till.insert(Till.chipCard { $0.applications[0].counter = 9 })
    till.enterPIN(0)
    #expect(till.row("till/2")?.state == "approved")
  }

  @Test("when the reader has come back and says that its slot is empty, nobody takes anything out")
  func foundEmpty() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    till.tell(.reader(.unavailable(.silent)))
    till.tell(
      .reader(
        .ready(ReaderIdentity(vendor: 0x0ACD, product: 0x3810, encrypts: false, readsChips: true))))
    ChipSlotTests.sale(&till, "till/2")
    till.tell(.reader(.cardRemoved))
    #expect(till.progress == [.presentCard])
    till.insert(Till.chipCard { $0.applications[0].counter = 9 })
    till.enterPIN(0)
    #expect(till.row("till/2")?.state == "approved")
    #expect(!till.progress.dropLast(2).contains(.removeCard))
  }

  @Test("after a power cut while its receipt comes out the card comes out once too")
  func powerCutBehindApproval() throws {
    var till = try Till.withChips()
    till.printerIsSilent = true
    till.sellByChip("till/1", 1_200)
    #expect(till.row("till/1")?.state == "approved")
    var next = try till.restarted()
    next.start()
    next.tell(
      .reader(
        .ready(ReaderIdentity(vendor: 0x0ACD, product: 0x3810, encrypts: false, readsChips: true))))
    ChipSlotTests.sale(&next, "till/2")
    next.insert()
    #expect(next.progress.last == .removeCard)
  }

  @Test("after a power cut in a chip sale the first card comes out once, after another none does")
  func powerCut() throws {
    var till = try Till.withChips()
    var quiet = try till.restarted()
    quiet.start()
    till.hostIsSilent = true
    till.sellByChip("till/1", 1_200)
    var next = try till.restarted()
    next.start()
    for (till, isCut) in [(next, true), (quiet, false)] {
      var till = till
      till.tell(
        .reader(
          .ready(
            ReaderIdentity(vendor: 0x0ACD, product: 0x3810, encrypts: false, readsChips: true))))
      till.wait(.seconds(300))
      ChipSlotTests.sale(&till, "till/2")
      till.insert()
      #expect(till.progress.last == (isCut ? .removeCard : .enterPIN))
    }
  }

  @Test("a card that is taken out while a reversal goes first is asked for, not missed")
  func takenWhileClearing() throws {
    var till = try ChipSlotTests.clearing()
    #expect(till.progress == [.clearingReversals])
    till.tell(.reader(.cardRemoved))
    for effect in till.held { till.serve(effect) }
    till.wait(.seconds(5))
    #expect(till.progress == [.clearingReversals, .presentCard])
  }

  @Test("a reader that is lost while a reversal goes first ends what waits for it")
  func lostWhileClearing() throws {
    var till = try ChipSlotTests.clearing()
    till.tell(.reader(.unavailable(.silent)))
    #expect(till.refusal == "RDR-006")
  }

  @Test("a reader that is lost while a reversal goes first ends nothing that needs no card")
  func lostWithoutNeed() throws {
    var till = try Till.unionPay()
    till.hostIsSilent = true
    till.sell("till/1", 1_200)
    till.wait(.seconds(44))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.hostIsSilent = false
    till.isHeld = true
    till.ask(
      .transact(
        TransactionRequest(
          .sale, reference: "till/2", amount: 500, scannedCode: ScannedCode(Till.codes[0])),
        earlier: nil, original: nil))
    till.tell(.reader(.unavailable(.silent)))
    till.isHeld = false
    for effect in till.held { till.serve(effect) }
    till.wait(.seconds(30))
    #expect(till.row("till/2")?.state == "approved")
  }

  /// A second sale that waits for the first one's reversal, with that one's card in the slot.
  private static func clearing() throws -> Till {
    var till = try Till.withChips()
    till.hostIsSilent = true
    till.sellByChip("till/1", 1_200)
    till.wait(.seconds(44))
    #expect(till.row("till/1")?.state == "reversal owed")
    till.hostIsSilent = false
    till.isHeld = true
    ChipSlotTests.sale(&till, "till/2")
    till.isHeld = false
    // The reversal is on its way.
    let isSending = { (effect: TerminalEffect) in
      if case .acquirer = effect { true } else { false }
    }
    let held = till.held
    till.held = held.filter(isSending)
    for effect in held where !isSending(effect) { till.serve(effect) }
    #expect(!till.held.isEmpty)
    return till
  }

  @Test("the slot gives whoever waits for the card the whole time again")
  func timeAgain() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    ChipSlotTests.sale(&till, "till/2")
    till.answers = []
    till.wait(.seconds(50))
    till.tell(.reader(.cardRemoved))
    till.wait(.seconds(50))
    #expect(till.answers.isEmpty)
    till.wait(.seconds(11))
    #expect(till.refusal == "CRD-004")
  }

  @Test("a card in the slot for what takes a swiped one is told so, and the swipe goes on")
  func swipedKind() throws {
    var till = try Till.withChips()
    till.ask(ChipSlotTests.refund)
    #expect(till.progress == [.swipeCard])
    till.insert()
    #expect(till.progress == [.swipeCard, .swipeCard])
    #expect(till.slot.commands.isEmpty && till.answers.isEmpty)
    till.swipe(2)
    #expect(till.progress.last == .askingAcquirer)
    #expect(till.row("till/2")?.maskedPAN.hasSuffix("4444") == true)
  }

  @Test("a reader without stripes takes no transaction that needs one, and offers no swipe instead")
  func noStripes() throws {
    var till = try Till.withChips(allowsFallback: true, readsStripes: false)
    till.slot.muteAt = 2
    till.sellByChip("till/1", 1_200)
    #expect(till.refusal == "CRD-008" && !till.progress.contains(.swipeInstead))
    till.slot.muteAt = nil
    till.forget()
    till.ask(ChipSlotTests.refund)
    #expect(till.refusal == "CRD-011" && till.readerOrders.isEmpty && till.journal.isEmpty)
  }

  @Test("what is wrong with the reader is no broken chip: no swipe instead, and it is told")
  func readerAtFault() throws {
    var till = try Till.withChips(allowsFallback: true)
    till.slot.resetFault = .noReader
    ChipSlotTests.sale(&till)
    till.insert()
    #expect(till.refusal == "RDR-001" && !till.progress.contains(.swipeInstead))
    till.slot.resetFault = .refused(status: 0x0B)
    till.forget()
    till.tell(.reader(.cardRemoved))
    ChipSlotTests.sale(&till)
    till.insert()
    #expect(till.refusal == "RDR-008" && !till.progress.contains(.swipeInstead))
    till.slot.resetFault = .noATR
    till.forget()
    till.tell(.reader(.cardRemoved))
    ChipSlotTests.sale(&till)
    till.insert()
    #expect(till.progress.last == .swipeInstead)
  }

  @Test("a slot and an acquirer's file that says nothing of chips: it is the file that is told of")
  func noRules() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.tell(
      .reader(
        .ready(
          ReaderIdentity(
            vendor: 0x0ACD, product: 0x3810, encrypts: false, readsChips: true, readsStripes: false)
        )))
    #expect(till.terminal.status.problems.map { $0.code }.contains("CRD-013"))
    ChipSlotTests.sale(&till)
    #expect(till.refusal == "CRD-013")
  }

  @Test("the card is given back however the sale ends")
  func givenBack() throws {
    var till = try Till.withChips()
    ChipSlotTests.sale(&till)
    till.insert()
    till.tell(.pinPad(.noPIN(.cancelled)))
    #expect(till.progress.last == .removeCard && till.refusal == "PAD-010")
  }
}
