// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import PaymentCrypto
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Sales with a chip card")
struct ChipSaleTests {
  @Test(
    "an approved sale: the chip's data and PIN go on line, the card confirms, one hold, a receipt")
  func approved() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    let row = try #require(till.row("till/1"))
    #expect(row.state == "approved" && row.receipt == "printed" && row.hasPIN)
    #expect(till.heldOfSales == 1_200)
    #expect(till.journal.compactMap { $0.rows.first?.state } == ["sent", "approved", "approved"])
    let request = try #require(till.messages("0200").first)
    #expect(request[22] == Array("051".utf8) && request[60] == Array("22000001000500".utf8))
    #expect(request[23] == Array("001".utf8))
    #expect(request[35] == SimulatedShop.accounts[0].track)
    #expect(request[52] != nil)
    #expect(Till.object(0x9F27, request[55]) == [0x80])
    #expect(Till.object(0x9F02, request[55]) == [0, 0, 0, 0, 0x12, 0x00])
    // Two cryptograms, the second one asked to be an approval; and no power left in the card.
    #expect(till.slot.count([0x80, 0xAE]) == 2)
    #expect(till.slot.commands.last { $0.starts(with: [0x80, 0xAE]) }.map { $0[2] & 0xC0 } == 0x40)
    #expect(!till.slot.isPowered)
    #expect(till.terminal.state == .ready)
  }

  @Test("nothing leaves before the intent is on disk, and nobody is told before the outcome is")
  func writesAhead() throws {
    var till = try Till.withChips()
    till.journalFault = .diskFull
    till.sellByChip("till/1", 1_200)
    #expect(till.sent.isEmpty)
    #expect(till.slot.count([0x80, 0xAE]) == 1)
    #expect(!till.slot.isPowered)
    till.journalFault = nil

    var other = try Till.withChips()
    other.failingEntry = 1
    other.sellByChip("till/1", 1_200)
    #expect(other.answers.isEmpty && other.papers.isEmpty)
    other.wait(.seconds(300))
    #expect(other.row("till/1")?.state == "reversed")
    #expect(other.heldOfSales == 0)
  }

  @Test("a declined sale: the card is told, nothing is held and nothing taken back")
  func declined() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_251)
    #expect(till.row("till/1")?.state == "declined")
    #expect(till.row("till/1")?.responseCode == "51")
    #expect(till.slot.commands.last.map { $0[2] & 0xC0 } == 0x00)
    till.wait(.seconds(120))
    #expect(till.heldOfSales == 0 && till.messages("0400").isEmpty)
  }

  @Test("an approval whose cryptogram is wrong: the card declines, and the money is given back")
  func wrongAnswer() throws {
    var till = try Till.withChips { $0.switches = [.wrongProof] }
    till.sellByChip("till/1", 1_200)
    guard case .transaction(let row, let problem?) = till.answers.last else {
      Issue.record("no transaction: \(till.answers)")
      return
    }
    #expect(row.state == "reversal owed" && problem.code == "CRD-010")
    #expect(till.papers.isEmpty)
    till.wait(.seconds(120))
    let reversal = try #require(till.messages("0400").first)
    #expect(till.row("till/1")?.state == "reversed")
    #expect(reversal[39] == Array("06".utf8))
    #expect(reversal[38]?.count == 6)
    #expect(reversal[22] == Array("051".utf8))
    #expect(Till.object(0x9F36, reversal[55]) != nil && Till.object(0x9F26, reversal[55]) == nil)
    #expect(reversal[35] == nil && reversal[52] == nil)
    #expect(till.heldOfSales == 0)
  }

  @Test("a balance that the card does not confirm is not told, and nothing is taken back")
  func unconfirmedBalance() throws {
    var till = try Till.withChips { $0.switches = [.wrongProof] }
    till.ask(
      .transact(
        TransactionRequest(.balance, reference: "till/1", amount: 0), earlier: nil,
        original: nil))
    till.insert()
    till.enterPIN(0)
    #expect(till.row("till/1")?.state == "not sent" && till.papers.isEmpty)
    guard case .transaction(_, let problem?) = till.answers.last else {
      Issue.record("no answer: \(till.answers)")
      return
    }
    #expect(problem.code == "CRD-010")
    till.wait(.seconds(120))
    #expect(till.messages("0400").isEmpty)
    till.sellByChip("till/2", 700, Till.chipCard { $0.applications[0].counter = 9 })
    #expect(till.terminal.state == .ready)
  }

  @Test("no answer of the acquirer: the card declines, and the request is reversed")
  func silent() throws {
    var till = try Till.withChips()
    till.hostIsSilent = true
    till.sellByChip("till/1", 1_200)
    till.wait(.seconds(30))
    #expect(till.slot.commands.last.map { $0[2] & 0xC0 } == 0x00)
    #expect(till.row("till/1")?.state == "reversal owed")
    #expect(till.row("till/1")?.reversalReason == "98")
    // It is the acquirer that is silent: another card would not help.
    guard case .transaction(_, let problem?) = till.answers.last else {
      Issue.record("\(till.answers)")
      return
    }
    #expect(problem.code == "TXN-002")
    till.hostIsSilent = false
    till.wait(.seconds(300))
    #expect(till.row("till/1")?.state == "reversed" && till.heldOfSales == 0)
  }

  @Test(
    "the card may be pulled at every command: the end is clean, and no hold is left without a sale")
  func pulled() throws {
    let service = try Till.withChips()
    var whole = service
    whole.sellByChip("till/1", 1_200)
    let commands = whole.slot.commands.count
    #expect(commands > 10)
    var ends: [String] = []
    for number in 0...commands {
      var till = service
      till.slot.pulledAt = number
      till.sellByChip("till/1", 1_200)
      till.wait(.seconds(300))
      let states = till.journal.flatMap { $0.rows }.map { $0.state }
      let wasApproved = states.contains("approved")
      #expect(!(wasApproved && states.contains("reversed")), "pulled at \(number)")
      #expect(till.heldOfSales == (wasApproved ? 1_200 : 0), "pulled at \(number)")
      #expect(till.terminal.state == .ready, "pulled at \(number)")
      #expect(till.answers.count == 1 || wasApproved, "pulled at \(number)")
      ends.append(till.row("till/1")?.state ?? till.refusal ?? "none")
      // The next customer is served.
      till.slot.pulledAt = nil
      till.forget()
      till.sellByChip("till/2", 700, Till.chipCard { $0.applications[0].counter = 9 })
      #expect(till.row("till/2")?.state == "approved", "behind \(number)")
    }
    // Before the acquirer was asked, and after.
    #expect(ends.first == "CRD-007" && ends.contains("reversed"))
    #expect(Set(ends).isSubset(of: ["CRD-007", "reversed", "approved"]))
  }

  @Test("a card that is pulled while the acquirer is asked never ends in a hold")
  func pulledWhileAsking() throws {
    var till = try Till.withChips()
    till.hostIsSilent = true
    till.sellByChip("till/1", 1_200)
    for report in till.slot.pull() { till.tell(.reader(report)) }
    #expect(till.answers.isEmpty)
    till.hostIsSilent = false
    till.wait(.seconds(300))
    #expect(till.row("till/1")?.state == "reversed" && till.heldOfSales == 0)
  }

  @Test("neither journal nor paper nor any order to the card has a PIN, a number or chip data")
  func secrets() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    let request = try #require(till.messages("0200").first)
    let account = SimulatedShop.accounts[0]
    let cryptogram = try #require(Till.object(0x9F26, request[55]))
    let packed = BCD.pack(account.pan.map { $0 - 0x30 } + [0x0F])
    for entry in till.journal {
      for update in entry.updates {
        for secret in [
          account.pan, packed, account.track, cryptogram, request[55] ?? [], request[52] ?? [],
        ]
        where update.key.hasPrefix("transaction/") {
          #expect(update.body.firstRange(of: secret) == nil)
        }
      }
    }
    let paper = "\(till.papers)"
    #expect(!paper.contains(String(decoding: account.pan, as: UTF8.self)))
    #expect(!paper.contains("3012") && !paper.contains("30/12"))
    // VERIFY is never sent: this terminal's PINs are the issuer's to check.
    #expect(till.slot.count([0x00, 0x20]) == 0)
  }

  @Test("a swiped chip card is sent to the slot, and pays there")
  func swiped() throws {
    var till = try Till.withChips()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    let track = try #require(Track2(Array(";4012345678909=30122011928374656?".utf8)))
    till.present(track)
    #expect(till.progress.last == .insertInstead && till.answers.isEmpty && till.sent.isEmpty)
    till.insert()
    till.enterPIN(0)
    #expect(till.row("till/1")?.state == "approved")
  }

  @Test("a chip that does not work is swiped where the acquirer allows it, and nowhere else")
  func fallback() throws {
    let track = try #require(Track2([0x3B] + SimulatedShop.accounts[0].track + [0x3F]))
    var allowed = try Till.withChips(allowsFallback: true)
    allowed.slot.muteAt = 2
    allowed.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    allowed.insert()
    #expect(allowed.progress.last == .swipeInstead && !allowed.slot.isPowered)
    allowed.present(track)
    allowed.enterPIN(0)
    #expect(allowed.row("till/1")?.state == "approved")
    let swiped = try #require(allowed.messages("0200").first)
    #expect(swiped[22] == Array("021".utf8) && swiped[60] == Array("22000001000520".utf8))

    var refused = try Till.withChips()
    refused.slot.muteAt = 2
    refused.sellByChip("till/1", 1_200)
    #expect(refused.refusal == "CRD-008" && refused.sent.isEmpty && refused.journal.isEmpty)
  }

  @Test("a reversal says again how the card was read, and what follows is no fallback any more")
  func fallbackMarks() throws {
    let track = try #require(Track2([0x3B] + SimulatedShop.accounts[0].track + [0x3F]))
    var till = try Till.withChips(allowsFallback: true)
    till.slot.muteAt = 2
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.insert()
    till.hostIsSilent = true
    till.present(track)
    till.enterPIN(0)
    till.wait(.seconds(30))
    var next = try till.restarted()
    next.hostIsSilent = false
    next.start()
    next.wait(.seconds(300))
    #expect(next.row("till/1")?.state == "reversed")
    #expect(next.messages("0400").first?[60] == Array("22000001000520".utf8))

    var other = try Till.inService(flavour: .unionPay)
    other.sell("till/1", 1_200)
    #expect(other.messages("0200").last?[60] == Array("22000001000200".utf8))
  }

  @Test("a terminal without a slot, or without the acquirer's rules, reads no chip")
  func noSlot() throws {
    var till = try Till.inService(flavour: .unionPay)
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.insert()
    #expect(!till.progress.contains(.readingChip) && till.answers.isEmpty)
    till.swipe()
    till.enterPIN()
    #expect(till.row("till/1")?.state == "approved")
  }

  @Test("a cancelled PIN ends the sale before anything leaves, and takes the power from the card")
  func noPIN() throws {
    var till = try Till.withChips()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.insert()
    till.tell(.pinPad(.noPIN(.cancelled)))
    #expect(till.answers.count == 1 && till.sent.isEmpty && till.journal.isEmpty)
    #expect(!till.slot.isPowered && till.terminal.state == .ready)
  }

  @Test("a card that is pulled while the PIN is asked for frees the pad before the sale is over")
  func pulledAtPIN() throws {
    var till = try Till.withChips()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.insert()
    for report in till.slot.pull() { till.tell(.reader(report)) }
    #expect(till.answers.isEmpty && till.padOrders.last == .cancel)
    till.tell(.pinPad(.noPIN(.aborted)))
    #expect(till.refusal == "CRD-007" && till.sent.isEmpty && till.journal.isEmpty)
  }

  @Test("a power cut while the card completes the sale: the next start gives the money back")
  func powerCut() throws {
    var till = try Till.withChips()
    till.ask(.sale(reference: "till/1", amount: 1_200, earlier: nil))
    till.insert()
    // EXTERNAL AUTHENTICATE, which comes behind the acquirer's answer.
    till.slot.silentAt = [0x00, 0x82]
    till.enterPIN(0)
    #expect(till.answers.isEmpty && till.heldOfSales == 1_200)
    var next = try till.restarted()
    next.start()
    next.wait(.seconds(300))
    #expect(next.row("till/1")?.state == "reversed" && next.heldOfSales == 0)
    let reversal = try #require(next.messages("0400").first)
    #expect(Till.object(0x9F36, reversal[55]) != nil)
  }

  @Test("the receipt and its copy name the application, the cryptogram and what was verified")
  func receipt() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    till.ask(.reprint(reference: "till/1", row: till.row("till/1")))
    #expect(till.papers.count == 2)
    for paper in till.papers {
      let text = paper.lines.map { "\($0)" }.joined(separator: "\n")
      for words in ["F0504F53440101", "POSD TEST", "TVR", "TSI", "ATC", "TC", "401234***8909 I"] {
        #expect(text.contains(words), "\(words)")
      }
      #expect(text.contains("PIN VERIFIED"))
      #expect(!text.contains("4012345678909") && !text.contains("3012"))
    }
    let swiped = try Till.inService(flavour: .unionPay)
    var other = swiped
    other.sell("till/1", 1_200)
    let text = other.papers.flatMap { $0.lines }.map { "\($0)" }.joined(separator: "\n")
    #expect(!text.contains("TVR") && text.contains("401234***8909 S"))
  }
}
