// SPDX-License-Identifier: Apache-2.0

public import TerminalCore

// Lists come in pages: a page is as long as was asked for, whatever lies in the ledger. An entry
// begins one transaction at most, so the number of its entry is a transaction's place in a list.

/// Which transactions are wanted.
public enum TransactionChoice: Hashable, Sendable {
  /// All of them.
  case all
  /// Those of a day of the terminal, `YYYY-MM-DD`.
  case day(String)
  /// Those of a batch.
  case batch(UInt32)
}

/// Some transactions, the newest first.
public struct TransactionPage: Hashable, Sendable {
  /// The lines.
  public var rows: [TransactionRow] = []
  /// Where the next page begins; nil when this is the last one.
  public var next: Int64?

  /// A page without lines.
  public init() {}
}

/// Some of what the acquirer has still to be told or asked, the oldest first.
public struct QueuePage: Hashable, Sendable {
  /// One transaction that waits.
  public struct Item: Hashable, Sendable {
    /// Its line.
    public var row: TransactionRow
    /// When it began, milliseconds since 1970.
    public var began: Int64

    /// An item.
    public init(row: TransactionRow, began: Int64) {
      self.row = row
      self.began = began
    }
  }

  /// What waits.
  public var items: [Item] = []
  /// Where the next page begins; nil when this is the last one.
  public var next: Int64?
  /// How much waits in all.
  public var total: Int64 = 0
  /// What was delivered lately, the newest first; with the first page only.
  public var delivered: [TransactionRow] = []
  /// What was closed by hand, what began last first; with the first page only.
  public var closed: [TransactionRecord] = []

  /// A page without items.
  public init() {}
}

extension Ledger {
  /// How much of what was delivered is shown as proof.
  private static let deliveredLimit = 20
  /// What the acquirer has still to be told or asked. The index has these very words.
  static let unsent = "state IN ('sent', 'reversal owed', 'queued', 'parked')"

  /// What a start needs, in the order in which it was written.
  public func liveRecords() throws(LedgerFault) -> [LiveRecord] {
    var records: [LiveRecord] = []
    try run("SELECT key, body FROM record WHERE live=1 ORDER BY sequence") { row in
      records.append(LiveRecord(key: row.text(0), body: row.blob(1)))
    }
    return records
  }

  /// The newest record of the transaction with this reference, live or not.
  public func record(reference: String) throws(LedgerFault) -> LiveRecord? {
    try record(key: "transaction/" + reference)
  }

  /// The newest record of this key, live or not.
  func record(key: String) throws(LedgerFault) -> LiveRecord? {
    var found: LiveRecord?
    try run("SELECT body FROM record WHERE key=?", [.text(key)]) { row in
      found = LiveRecord(key: key, body: row.blob(0))
    }
    return found
  }

  /// The transaction with this reference.
  public func transaction(reference: String) throws(LedgerFault) -> TransactionRow? {
    var found: TransactionRow?
    let sql = "SELECT \(Ledger.columns) FROM transactions WHERE reference=?"
    try run(sql, [.text(reference)]) { found = Ledger.transaction($0) }
    return found
  }

  /// The newest transactions first.
  public func transactions(limit: Int) throws(LedgerFault) -> [TransactionRow] {
    try transactions(.all, before: nil, limit: limit).rows
  }

  /// A page of the transactions of a choice; `before` is the last page's `next`.
  public func transactions(
    _ choice: TransactionChoice, before: Int64?, limit: Int
  ) throws(LedgerFault) -> TransactionPage {
    let index: String
    let condition: String
    let value: [Database.Value]
    switch choice {
    case .all:
      (index, condition, value) = ("sequence", "", [])
    case .day(let day):
      (index, condition) = ("day", "substr(local_time, 1, 10)=? AND ")
      value = [.text(day)]
    case .batch(let batch):
      (index, condition) = ("batch", "batch=? AND ")
      value = [.integer(Int64(batch))]
    }
    var page = TransactionPage()
    var last: Int64?
    try run(
      """
      SELECT \(Ledger.columns) FROM transactions INDEXED BY transactions_\(index)
      WHERE \(condition)sequence<? ORDER BY sequence DESC LIMIT ?
      """, value + [.integer(before ?? .max), .integer(Int64(limit) + 1)]
    ) { row in
      if page.rows.count == limit {
        page.next = last
      } else {
        page.rows.append(Ledger.transaction(row))
        last = row.integer(Ledger.sequenceColumn)
      }
    }
    return page
  }

  /// A page of what waits for the acquirer; `after` is the last page's `next`.
  public func queue(after: Int64?, limit: Int) throws(LedgerFault) -> QueuePage {
    var page = QueuePage()
    var last: Int64?
    try run(
      """
      SELECT \(Ledger.columns) FROM transactions INDEXED BY transactions_unsent
      WHERE \(Ledger.unsent) AND sequence>? ORDER BY sequence LIMIT ?
      """, [.integer(after ?? -1), .integer(Int64(limit) + 1)]
    ) { row in
      if page.items.count == limit {
        page.next = last
      } else {
        page.items.append(
          QueuePage.Item(
            row: Ledger.transaction(row), began: row.integer(Ledger.momentColumn)))
        last = row.integer(Ledger.sequenceColumn)
      }
    }
    try run(
      """
      SELECT count(*) FROM transactions INDEXED BY transactions_unsent WHERE \(Ledger.unsent)
      """
    ) { page.total = $0.integer(0) }
    if after != nil { return page }
    try run(
      """
      SELECT \(Ledger.columns) FROM transactions INDEXED BY transactions_delivered
      WHERE delivered_at<>'' ORDER BY delivered_at DESC, rowid DESC LIMIT ?
      """, [.integer(Int64(Ledger.deliveredLimit))]
    ) { page.delivered.append(Ledger.transaction($0)) }
    try run(
      """
      SELECT r.body FROM transactions t INDEXED BY transactions_closed
      CROSS JOIN record r ON r.key='transaction/' || t.reference
      WHERE t.state='closed' ORDER BY t.sequence DESC LIMIT ?
      """, [.integer(Int64(Ledger.deliveredLimit))]
    ) { row in
      if let record = TransactionRecord(row.blob(0)) { page.closed.append(record) }
    }
    return page
  }

  /// Runs a statement that reads and hands each row to `row`.
  func run(
    _ sql: String, _ values: [Database.Value] = [], row: (Database.Row) -> Void
  ) throws(LedgerFault) {
    do throws(JournalFault) {
      if database == nil { try reopen() }
    } catch {
      throw .failed(path: path, "cannot be opened again")
    }
    guard let database else { return }
    do throws(Database.Fault) {
      try database.run(sql, values, row: row)
    } catch {
      throw Ledger.fault(error, path)
    }
  }
}
