// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import LinuxHost
import Management
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("What the ledger answers")
struct LedgerAnswerTests {
  /// Entries as a busy terminal writes them, in no sensible order.
  private struct Till {
    var dice: Dice
    var rows: [TransactionRow] = []

    init(seed: UInt64) { dice = Dice(seed: seed) }

    mutating func chance(_ of: Int) -> Bool { dice.below(of) == 0 }

    mutating func entry() -> JournalEntry {
      if rows.isEmpty || chance(2) {
        let row = begun()
        rows.append(row)
        return entry(about: rows.count - 1)
      }
      return entry(about: dice.below(rows.count))
    }

    private mutating func entry(about index: Int) -> JournalEntry {
      rows[index] = changed(rows[index])
      // Now and then the original's line changes with it.
      var touched = [index]
      let other = dice.below(rows.count)
      if other != index, chance(4) {
        touched.append(other)
        rows[other] = changed(rows[other])
      }
      let updates = touched.map { number in
        RecordUpdate(
          key: "transaction/" + rows[number].reference, isLive: dice.below(2) == 0,
          body: (0..<8).map { _ in UInt8(dice.below(256)) }, erasesEarlier: dice.below(2) == 0)
      }
      return JournalEntry(updates: updates, rows: touched.map { rows[$0] })
    }

    private mutating func begun() -> TransactionRow {
      var row = LedgerTests.row(rows.count + 1)
      row.kind = TransactionKind.allCases[dice.below(TransactionKind.allCases.count)].name
      row.localTime = "2026-01-0\(dice.below(3) + 1) 03:04:05"
      row.isTest = chance(8)
      row.isForeign = chance(3)
      row.hasPIN = chance(2)
      row.original = chance(3) ? "till/1" : ""
      return row
    }

    /// Everything that may become another in the life of a transaction.
    private mutating func changed(_ before: TransactionRow) -> TransactionRow {
      var row = before
      row.state = TransactionState.allCases[dice.below(TransactionState.allCases.count)].name
      row.receipt = ReceiptState.allCases[dice.below(ReceiptState.allCases.count)].name
      row.upload = UploadState.allCases[dice.below(UploadState.allCases.count)].name
      row.amount = chance(50) ? 999_999_999_999 : UInt64(dice.below(100_000))
      row.batch = UInt32(dice.below(4))
      row.holdsCard = chance(2)
      row.attempts = UInt32(dice.below(5))
      row.responseCode = chance(2) ? "00" : ""
      row.approvalCode = chance(2) ? "123456" : ""
      row.retrievalReference = chance(2) ? "123456789012" : ""
      row.reversalReason = chance(2) ? "98" : ""
      row.deliveryCode = chance(2) ? "00" : ""
      row.deliveredAt = chance(2) ? "2026-01-02 03:04:0\(dice.below(10))" : ""
      return row
    }
  }

  private static func questions(_ limit: UInt16) -> [LedgerQuestion] {
    (0...4 as ClosedRange<UInt32>).flatMap { batch -> [LedgerQuestion] in
      [
        .queue(limit: limit), .totals(batch: batch), .cards(batch: batch, limit: limit),
        .uploads(batch: batch, isForeign: true, limit: limit),
        .retrieval(reference: "123456789012", limit: limit),
        .uploads(batch: batch, isForeign: false, limit: limit), .slip(batch: batch),
        .parked,
      ]
    }
  }

  /// Sums have no order.
  private static func sorted(_ answer: LedgerAnswer) -> LedgerAnswer {
    guard case .totals(let lines) = answer else { return answer }
    return .totals(
      lines.sorted {
        ($0.kind, $0.state, $0.isForeign ? 1 : 0, $0.isTest ? 1 : 0)
          < ($1.kind, $1.state, $1.isForeign ? 1 : 0, $1.isTest ? 1 : 0)
      })
  }

  @Test(
    "it answers as the simulated one, which was written down apart",
    arguments: 1...12 as ClosedRange<UInt64>)
  func same(seed: UInt64) throws {
    let folder = try Folder(inMemory: true)
    var till = Till(seed: seed)
    var simulated = SimulatedLedger()
    var answered = 0
    func compare(_ ledger: Ledger) {
      for limit in [0, 1, 3, 1_000] as [UInt16] {
        for question in LedgerAnswerTests.questions(limit) {
          let answer = LedgerAnswerTests.sorted(ledger.answer(question))
          #expect(answer == LedgerAnswerTests.sorted(simulated.answer(question)), "\(question)")
          if case .records(let records) = answer { answered += records.count }
        }
      }
    }
    do {
      let ledger = try Ledger(folder: folder.path)
      for number in 1...120 {
        let entry = till.entry()
        try LedgerTests.append(ledger, entry)
        simulated.commit(entry)
        if number % 20 == 0 { compare(ledger) }
      }
    }
    let ledger = try Ledger(folder: folder.path)
    compare(ledger)
    // Comparing nothing with nothing proves nothing.
    #expect(answered > 400)
    for row in till.rows {
      #expect(try ledger.transaction(reference: row.reference) == row)
    }
    let newest = Array(till.rows.reversed())
    #expect(try ledger.transactions(limit: 1_000) == newest)
    try pages(ledger, newest)
  }

  /// Pages of any length hold each transaction once, in order.
  private func pages(_ ledger: Ledger, _ newest: [TransactionRow]) throws {
    let day = newest.filter { $0.localTime.hasPrefix("2026-01-02") }
    let choices: [(TransactionChoice, [TransactionRow])] = [
      (.all, newest), (.day("2026-01-02"), day), (.day("2026-01-09"), []),
      (.batch(2), newest.filter { $0.batch == 2 }),
    ]
    for limit in [1, 7, newest.count, 1_000] {
      for (choice, expected) in choices {
        var found: [TransactionRow] = []
        var before: Int64?
        repeat {
          let page = try ledger.transactions(choice, before: before, limit: limit)
          found += page.rows
          before = page.next
        } while before != nil
        #expect(found == expected, "\(choice), \(limit)")
      }
      let unsent = newest.reversed().filter {
        ["sent", "reversal owed", "queued", "parked"].contains($0.state)
      }
      var found: [TransactionRow] = []
      var after: Int64?
      repeat {
        let page = try ledger.queue(after: after, limit: limit)
        #expect(page.total == Int64(unsent.count))
        #expect(page.delivered.isEmpty == (after != nil))
        found += page.items.map { $0.row }
        after = page.next
      } while after != nil
      #expect(found == unsent, "\(limit)")
    }
    let delivered = try ledger.queue(after: nil, limit: 1).delivered
    let times = newest.map { $0.deliveredAt }.filter { !$0.isEmpty }.sorted(by: >)
    #expect(delivered.map { $0.deliveredAt } == Array(times.prefix(20)))
  }

  @Test("what was closed by hand waits no more, and is listed with reason, name and time")
  func closed() throws {
    let folder = try Folder(inMemory: true)
    let ledger = try Ledger(folder: folder.path)
    for number in 1...30 {
      var entry = LedgerTests.entry(number)
      entry.rows[0].state = number > 25 ? "parked" : "closed"
      var closing = FieldWriter()
      closing.write(1, "paid by transfer \(number)")
      closing.write(2, "Li")
      closing.write(3, "2026-01-02 03:04:05")
      var fields = FieldWriter()
      fields.write(1, entry.rows[0].reference)
      fields.write(2, UInt64(number))
      fields.write(3, 1_200)
      fields.write(4, "2026-01-02 03:04:05")
      fields.write(10, UInt64(TransactionState.closed.rawValue))
      fields.write(11, 0)
      fields.write(31, closing.bytes)
      entry.updates[0] = RecordUpdate(
        key: "transaction/" + entry.rows[0].reference, isLive: false, body: fields.bytes)
      try LedgerTests.append(ledger, entry)
    }
    let page = try ledger.queue(after: nil, limit: 9)
    #expect(page.total == 5 && page.items.allSatisfy { $0.row.state == "parked" })
    #expect(page.closed.count == 20)
    #expect(page.closed.map { $0.stan.value } == Array((6...25).reversed()))
    #expect(page.closed.first?.closing?.reason == "paid by transfer 25")
    #expect(page.closed.first?.closing?.by == "Li")
    #expect(page.closed.first?.closing?.at?.text == "2026-01-02 03:04:05")
    #expect(try ledger.queue(after: 1, limit: 9).closed.isEmpty)

    let talk = try ControlTests.Talk()
    talk.house.page = page
    talk.say("ListQueue", #"{"limit":9}"#)
    let answer = try #require(try talk.answers().first?["parameters"])
    let item = answer["closed"]?.array?.first
    #expect(answer["closed"]?.array?.count == 20)
    #expect(item?["reason"]?.text == "paid by transfer 25" && item?["by"]?.text == "Li")
    #expect(item?["at"]?.text == "2026-01-02 03:04:05" && item?["amount"]?.integer == 1_200)
  }

  @Test("what waits keeps its place however often it was tried, and its age")
  func order() throws {
    let folder = try Folder(inMemory: true)
    let ledger = try Ledger(folder: folder.path)
    func write(_ number: Int, _ attempts: UInt32, at moment: Int64) throws {
      var entry = LedgerTests.entry(number)
      entry.rows[0].state = "queued"
      entry.rows[0].attempts = attempts
      try ledger.append(entry, unixMilliseconds: moment)
    }
    for number in 1...5 { try write(number, 0, at: Int64(number)) }
    for attempt in 1...3 as ClosedRange<UInt32> { try write(1, attempt, at: 100) }
    guard case .records(let records) = ledger.answer(.queue(limit: 2)) else {
      Issue.record("no answer")
      return
    }
    #expect(records.map { $0.key } == ["transaction/till/1", "transaction/till/2"])
    let items = try ledger.queue(after: nil, limit: 9).items
    #expect(items.map { $0.began } == [1, 2, 3, 4, 5])
    #expect(items.first?.row.attempts == 3)
  }
}
