// SPDX-License-Identifier: Apache-2.0

import TerminalCore

/// The terminal's storage as the world sees it: what is committed survives every power cut.
struct SimulatedLedger: Hashable, Sendable {
  private(set) var journal: [JournalEntry] = []
  private var records: [RecordUpdate] = []
  private(set) var rows: [TransactionRow] = []
  var isFull = false

  /// Commits an entry: all of its updates at once.
  mutating func commit(_ entry: JournalEntry) {
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

  /// For planted faults only: forgets a live record.
  mutating func lose(where isLost: (RecordUpdate) -> Bool) {
    records.removeAll(where: isLost)
  }
}
