// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import PaymentCrypto
import Simulator
import TerminalCore
import Testing

@Suite("A batch whose totals differ")
struct UploadTests {
  private static func disputed() throws -> Till {
    var till = try Till.inService()
    till.acquirer.rules.disputesTotals = true
    return till
  }

  private static func messages(_ till: Till, _ type: String) -> [Message] {
    till.sent.compactMap {
      try? Codec(table: .standard1987ASCII).decode(Array($0.dropFirst(2)))
    }.filter { $0.mti == Array(type.utf8) }
  }

  @Test("it is told record by record, with answers that repeat nothing but the trace number")
  func told() throws {
    var till = try UploadTests.disputed()
    till.sell("till/1", 1_200)
    till.transact(
      TransactionRequest(.refund, reference: "till/2", amount: 500, original: "till/1"))
    till.ask(.settle)
    till.wait(.seconds(5))
    #expect(till.terminal.batch.phase == .open)
    let batch = try #require(till.acquirer.batches.last)
    #expect(batch.isClosed)
    #expect(batch.uploaded.count == 3)
    #expect(batch.unknownHere.isEmpty)
    #expect(batch.unknownThere.isEmpty)
    #expect(batch.settled == batch.host)
  }

  @Test("a question that is asked again has the trace number of the first time")
  func sameNumber() throws {
    var till = try UploadTests.disputed()
    till.sell("till/1", 1_200)
    till.hostIsSilent = true
    till.ask(.settle)
    till.wait(.seconds(60))
    let asked = UploadTests.messages(till, "0500").compactMap { $0[11] }
    #expect(asked.count > 1)
    #expect(Set(asked).count == 1)
    var again = try till.restarted()
    again.start()
    again.wait(.seconds(30))
    let later = UploadTests.messages(again, "0500").first?[11]
    #expect(later == asked.first)
    let next = UploadTests.messages(again, "0500").last?[11]
    #expect(next != asked.first)
  }

  @Test("a receipt that is printed while its sale is looked for or uploaded stays printed")
  func receipts() throws {
    for isAsked in [false, true] {
      var till = try UploadTests.disputed()
      till.tell(.printer(.status(.halted(.paperOut))))
      till.sell("till/1", 1_200)
      #expect(till.row("till/1")?.receipt == "owed")
      till.isHeld = true
      till.ask(.settle)
      // The test sale is uploaded first, alone.
      let isNext = { (effect: TerminalEffect, till: Till) in
        if till.ledger.row("test/1")?.upload != "taken" { return false }
        switch effect {
        case .ledger(.uploads): return !isAsked
        case .acquirer(.send): return isAsked
        default: return false
        }
      }
      var found: TerminalEffect?
      while found == nil, !till.held.isEmpty {
        let effect = till.held.removeFirst()
        if isNext(effect, till) { found = effect } else { till.serve(effect) }
      }
      #expect(found != nil)
      // What the ledger says is older than what comes now.
      var answer: LedgerAnswer?
      if case .ledger(let question)? = found { answer = till.ledger.answer(question) }
      till.tell(.printer(.status(.ready(paperLow: false))))
      while !till.held.isEmpty { till.serve(till.held.removeFirst()) }
      #expect(till.row("till/1")?.receipt == "printed")
      till.isHeld = false
      if let answer { till.tell(.ledgerRead(answer)) } else { try till.serve(#require(found)) }
      till.wait(.seconds(5))
      #expect(till.terminal.batch.batch.value == 2)
      #expect(till.ledger.row("till/1")?.upload == "taken")
      #expect(till.ledger.row("till/1")?.receipt == "printed")
    }
  }

  @Test("a record whose card cannot be opened is passed over, and the batch is closed without it")
  func unreadable() throws {
    var till = try UploadTests.disputed()
    till.sell("till/1", 1_200)
    till.sell("till/2", 800)
    let other = try SealKey([UInt8](repeating: 0x5A, count: 32))
    till = try till.restarted { $0.keys.seal = other }
    till.start()
    till.ask(.settle)
    till.wait(.seconds(5))
    let last = try #require(till.terminal.batch.last)
    #expect(till.terminal.batch.phase == .open)
    #expect(last.uploaded == 3)
    #expect(last.refused == 3)
  }
}
