// SPDX-License-Identifier: Apache-2.0

public import TerminalCore

/// The terminal's storage as the world sees it: what is committed survives every power cut.
public struct SimulatedLedger: Hashable, Sendable {
  private(set) var journal: [JournalEntry] = []
  /// The latest update of each key, live or not, in the order of their writing.
  private var records: [RecordUpdate] = []
  /// The newest line of each transaction, in the order of their beginning.
  public private(set) var rows: [TransactionRow] = []
  var isFull = false
  /// An entry that was answered as failed and is on disk all the same, behind what is seen: the
  /// next commit writes over it, the next start finds it.
  private var unseen: JournalEntry?

  /// Whether the next start will see more than was answered.
  var hasUnseen: Bool { unseen != nil }

  /// Writes an entry down without its being seen.
  mutating func leaveUnseen(_ entry: JournalEntry) { unseen = entry }

  /// What a start does first: what lies on disk behind the last commit counts from now on.
  mutating func findUnseen() {
    if let unseen { commit(unseen) }
  }

  /// An empty ledger.
  public init() {}

  /// Commits an entry: all of its updates at once.
  public mutating func commit(_ entry: JournalEntry) {
    unseen = nil
    journal.append(entry)
    for update in entry.updates {
      if let index = records.firstIndex(where: { $0.key == update.key }) {
        // The latest entry of a key is the newest in order too.
        records.remove(at: index)
      }
      records.append(update)
    }
    for row in entry.rows {
      if let index = rows.firstIndex(where: { $0.reference == row.reference }) {
        rows[index] = row
      } else {
        rows.append(row)
      }
    }
  }

  /// What a start reads.
  var liveRecords: [LiveRecord] {
    records.filter { $0.isLive }.map { LiveRecord(key: $0.key, body: $0.body) }
  }

  /// The newest record of a transaction, live or not.
  public func record(_ reference: String) -> LiveRecord? {
    record(key: "transaction/" + reference)
  }

  /// The newest record of a key, live or not.
  func record(key: String) -> LiveRecord? {
    records.first { $0.key == key }.map { LiveRecord(key: $0.key, body: $0.body) }
  }

  /// What the ledger of a terminal answers, written down a second time.
  public func answer(_ question: LedgerQuestion) -> LedgerAnswer {
    switch question {
    case .queue(let limit):
      return newest(of: rows.filter { $0.state == "queued" }, limit)
    case .totals(let batch):
      return .totals(SimulatedLedger.lines(rows.filter { $0.batch == batch }))
    case .parked:
      return .totals(SimulatedLedger.lines(rows.filter { $0.state == "parked" }))
    case .uploads(let batch, let isForeign, let limit):
      return newest(
        of: rows.filter {
          $0.batch == batch && $0.upload == "owed" && $0.isForeign == isForeign
        }, limit)
    case .retrieval(let reference, let limit):
      return newest(of: rows.filter { $0.retrievalReference == reference }, limit)
    case .transaction(let reference):
      return .records(record(reference).map { [$0] } ?? [])
    case .slip(let batch):
      return .records(record(key: SettlementSlip.key(batch)).map { [$0] } ?? [])
    case .cards(let batch, let limit):
      let open = ["sent", "reversal owed", "queued", "parked"]
      return newest(
        of: rows.filter { $0.batch == batch && $0.holdsCard && !open.contains($0.state) }, limit)
    }
  }

  private static func lines(_ rows: [TransactionRow]) -> [BatchLine] {
    var lines: [BatchLine] = []
    for row in rows {
      let index = lines.firstIndex {
        $0.kind == row.kind && $0.state == row.state && $0.isForeign == row.isForeign
          && $0.isTest == row.isTest
      }
      if let index {
        lines[index].count += 1
        lines[index].amount += row.amount
      } else {
        lines.append(
          BatchLine(
            kind: row.kind, state: row.state, isForeign: row.isForeign, isTest: row.isTest,
            count: 1, amount: row.amount))
      }
    }
    return lines
  }

  private func newest(of rows: [TransactionRow], _ limit: UInt16) -> LedgerAnswer {
    .records(rows.prefix(Int(limit)).compactMap { record($0.reference) })
  }

  /// The line of a transaction.
  public func row(_ reference: String) -> TransactionRow? {
    rows.first { $0.reference == reference }
  }

  /// For a planted fault only: a receipt that was being printed is owed. The record's field 11 is
  /// the receipt's state.
  mutating func forgetBeginnings() {
    let field: [UInt8] = [11, 0, 8, 0, 0, 0, 0, 0, 0, 0]
    for index in records.indices where records[index].key.hasPrefix("transaction/") {
      let body = records[index].body
      for start in body.indices.dropLast(field.count) {
        let end = start + field.count
        if Array(body[start..<end]) == field, body[end] == ReceiptState.begun.rawValue {
          records[index].body[end] = ReceiptState.owed.rawValue
        }
      }
    }
  }

  /// For planted faults only: forgets a live record.
  mutating func lose(where isLost: (RecordUpdate) -> Bool) {
    records.removeAll(where: isLost)
  }
}
