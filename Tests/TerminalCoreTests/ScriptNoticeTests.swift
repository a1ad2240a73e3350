// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import PaymentCrypto
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Notices of issuers' scripts")
struct ScriptNoticeTests {
  private func sent(_ till: Till, _ type: String) -> [Message] {
    let codec = Codec(table: till.settings.dialect.table)
    let head = till.settings.dialect.framing.headerCount + till.settings.dialect.framing.overhead
    return till.sent.compactMap { try? codec.decode(Array($0.dropFirst(head))) }
      .filter { $0.mti == Array(type.utf8) }
  }

  private func object(_ tag: UInt32, _ data: [UInt8]?) -> [UInt8]? {
    guard let data, let objects = try? TLV.parse(data), let tag = TLVTag(tag) else { return nil }
    return TLV.first(tag, in: objects)?.value
  }

  private func notice(_ till: Till) -> TransactionRow? {
    till.ledger.rows.first { $0.kind == "script-notice" }
  }

  @Test("what became of a script is told once, under a number of its own, and never on paper")
  func told() throws {
    var till = try Till.withChips { $0.orders = [.unblockPIN] }
    till.sellByChip("till/1", 1_200)
    let owed = try #require(notice(till))
    #expect(till.row("till/1")?.state == "approved" && owed.state == "queued")
    #expect(owed.original == "till/1" && owed.amount == 0 && owed.holdsCard)
    #expect(owed.stan != till.row("till/1")?.stan)
    // With the outcome, in one entry.
    let outcome = till.journal.first { $0.rows.contains { $0.state == "approved" } }
    #expect(outcome?.rows.map { $0.kind } == ["sale", "script-notice"])
    till.wait(.seconds(120))
    let request = try #require(sent(till, "0200").first)
    let message = try #require(sent(till, "0620").first)
    #expect(sent(till, "0620").count == 1 && till.acquirer.scriptNotices.count == 1)
    #expect(message[2] == SimulatedShop.accounts[0].pan && message[35] == nil)
    #expect(message[3] == Array("000000".utf8) && message[4] == request[4])
    #expect(message[22] == request[22] && message[23] == request[23] && message[52] == nil)
    #expect(message[32] == Array("00010344".utf8) && message[37]?.count == 12)
    #expect(message[38]?.count == 6)
    #expect(message[60] == Array("00".utf8) + Array("000001".utf8) + Array("95150".utf8))
    #expect(message[61].map { Array($0.prefix(12)) } == Array("000001".utf8) + (request[11] ?? []))
    #expect(object(0xDF31, message[55]) == [0x20, 0, 0, 0, 1])
    // As it is behind the script: another cryptogram than the request's, and the same counter.
    #expect(object(0x9F26, message[55]) != object(0x9F26, request[55]))
    #expect(object(0x9F36, message[55]) == object(0x9F36, request[55]))
    let end = try #require(notice(till))
    #expect(end.state == "approved" && !end.holdsCard && end.receipt == "none")
    #expect(till.papers.count == 1)
  }

  @Test("a script with a refusal is told as well, and one that fails as failed")
  func failed() throws {
    var till = try Till.withChips { $0.orders = [.unknown] }
    till.sellByChip("till/1", 1_251)
    till.wait(.seconds(120))
    #expect(till.row("till/1")?.state == "declined")
    // The acquirer's model sends scripts with approvals alone.
    #expect(sent(till, "0620").isEmpty && notice(till) == nil)

    var other = try Till.withChips { $0.orders = [.unblockPIN, .unknown] }
    other.sellByChip("till/1", 1_200)
    other.wait(.seconds(120))
    let message = try #require(sent(other, "0620").first)
    #expect(object(0xDF31, message[55]) == [0x12, 0, 0, 0, 1])
    #expect(notice(other)?.state == "approved")
  }

  @Test("without a script there is no notice")
  func none() throws {
    var till = try Till.withChips()
    till.sellByChip("till/1", 1_200)
    till.wait(.seconds(120))
    #expect(notice(till) == nil && sent(till, "0620").isEmpty)
  }

  @Test("a lost answer and a power cut: the same notice again, and the acquirer has it once")
  func again() throws {
    var till = try Till.withChips { $0.orders = [.unblockPIN] }
    till.sellByChip("till/1", 1_200)
    till.losesAnswers = true
    till.wait(.seconds(90))
    let tries = sent(till, "0620")
    #expect(!tries.isEmpty && tries.allSatisfy { $0[11] == tries[0][11] })
    #expect(till.acquirer.scriptNotices.count == 1)
    #expect(notice(till)?.state == "queued")
    var next = try till.restarted()
    next.losesAnswers = false
    next.start()
    next.wait(.seconds(300))
    #expect(sent(next, "0620").allSatisfy { $0[11] == tries[0][11] && $0[55] == tries[0][55] })
    #expect(notice(next)?.deliveryCode == "94" && next.acquirer.scriptNotices.count == 1)
  }

  @Test("a transaction that is reversed says it in the reversal, and has no notice")
  func reversed() throws {
    var till = try Till.withChips {
      $0.orders = [.unblockPIN]
      $0.switches = [.wrongProof, .scriptBefore]
    }
    till.sellByChip("till/1", 1_200)
    till.wait(.seconds(120))
    let reversal = try #require(sent(till, "0400").first)
    #expect(object(0xDF31, reversal[55]) == [0x20, 0, 0, 0, 1])
    #expect(till.row("till/1")?.state == "reversed")
    #expect(notice(till) == nil && sent(till, "0620").isEmpty)
  }

  @Test("a batch is closed only behind its notices")
  func settled() throws {
    var till = try Till.withChips { $0.orders = [.unblockPIN] }
    till.sellByChip("till/1", 1_200)
    till.ask(.settle)
    let types = till.sent.compactMap { frame -> String? in
      let codec = Codec(table: till.settings.dialect.table)
      let head = till.settings.dialect.framing
      let message = try? codec.decode(Array(frame.dropFirst(head.headerCount + head.overhead)))
      return message.map { String(decoding: $0.mti, as: UTF8.self) }
    }
    let order = types.filter { $0 == "0620" || $0 == "0500" }
    #expect(order == ["0620", "0500"])
  }

  @Test("nobody asks for a notice, and no till's reference looks like one")
  func reserved() throws {
    var till = try Till.withChips()
    till.ask(
      .transact(
        TransactionRequest(.scriptNotice, reference: "till/1", amount: 0), earlier: nil,
        original: nil))
    #expect(till.refusal != nil && till.journal.isEmpty)
    till.ask(.sale(reference: "script/000001/000002", amount: 100, earlier: nil))
    #expect(till.answers.last == .refused(.invalid(field: "reference")))
  }
}
