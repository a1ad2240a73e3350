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

  @Test("a card that was left in a reader that was plugged anew is no card of an earlier sale")
  func pluggedAnew() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    till.tell(.reader(.unavailable(.link(.absent))))
    till.tell(
      .reader(
        .ready(ReaderIdentity(vendor: 0x0ACD, product: 0x3810, encrypts: false, readsChips: true))))
    ChipSlotTests.sale(&till, "till/2")
    #expect(till.progress == [.presentCard])
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
    till.slot.resetFault = .noATR
    till.forget()
    till.tell(.reader(.cardRemoved))
    ChipSlotTests.sale(&till)
    till.insert()
    #expect(till.progress.last == .swipeInstead)
  }
}
