// SPDX-License-Identifier: Apache-2.0

import TerminalCore

/// The terminal's storage as the world sees it: what is committed survives every power cut.
struct SimulatedLedger: Hashable, Sendable {
  private(set) var journal: [JournalEntry] = []
  private var records: [RecordUpdate] = []
  private(set) var rows: [TransactionRow] = []
  var isFull = false
  /// An entry that was answered as failed and is on disk all the same, behind what is seen: the
  /// next commit writes over it, the next start finds it.
  private var unseen: JournalEntry?

  /// Writes an entry down without its being seen.
  mutating func leaveUnseen(_ entry: JournalEntry) { unseen = entry }

  /// What a start does first: what lies on disk behind the last commit counts from now on.
  mutating func findUnseen() {
    if let unseen { commit(unseen) }
  }

  /// Commits an entry: all of its updates at once.
  mutating func commit(_ entry: JournalEntry) {
    unseen = nil
    journal.append(entry)
    for update in entry.updates {
      if let index = records.firstIndex(where: { $0.key == update.key }) {
        // The latest entry of a key is the newest in order too.
        records.remove(at: index)
      }
      if update.isLive { records.append(update) }
    }
    guard let row = entry.row else { return }
    if let index = rows.firstIndex(where: { $0.reference == row.reference }) {
      rows[index] = row
    } else {
      rows.append(row)
    }
  }

  /// What a start reads.
  var liveRecords: [LiveRecord] {
    records.map { LiveRecord(key: $0.key, body: $0.body) }
  }

  func row(_ reference: String) -> TransactionRow? {
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
