// SPDX-License-Identifier: Apache-2.0

public import TerminalCore

extension Ledger {
  /// Answers a question of the core; what it costs depends on the answer's length alone.
  public func answer(_ question: LedgerQuestion) -> LedgerAnswer {
    do throws(LedgerFault) {
      switch question {
      case .queue(let limit):
        return .records(try records("queue", "t.state='queued'", [], limit))
      case .totals(let batch):
        return .totals(try totals("totals", "batch=?", [.integer(Int64(batch))]))
      case .parked:
        // In the words of the index, and then those of them that are parked: few, as is the queue.
        return .totals(
          try totals("unsent", Ledger.unsent + " AND state='parked'", []))
      case .uploads(let batch, let isForeign, let limit):
        return .records(
          try records(
            "uploads", "t.upload='owed' AND t.batch=? AND t.is_foreign=?",
            [.integer(Int64(batch)), .integer(isForeign ? 1 : 0)], limit))
      case .retrieval(let reference, let limit):
        return .records(
          try records(
            "retrieval", "t.retrieval<>'' AND t.retrieval=?", [.text(reference)], limit))
      case .transaction(let reference):
        return .records(try record(reference: reference).map { [$0] } ?? [])
      case .slip(let batch):
        return .records(try record(key: SettlementSlip.key(batch)).map { [$0] } ?? [])
      case .cards(let batch, let limit):
        return .records(
          try records(
            "cards", "t.holds_card=1 AND t.batch=? AND NOT (t.\(Ledger.unsent))",
            [.integer(Int64(batch))], limit))
      }
    } catch {
      return .failed
    }
  }

  /// The newest records of the transactions that an index has, in the order of their beginning.
  private func records(
    _ index: String, _ condition: String, _ values: [Database.Value], _ limit: UInt16
  ) throws(LedgerFault) -> [LiveRecord] {
    var found: [LiveRecord] = []
    // A cross join is SQLite's way to say which table is read first.
    try run(
      """
      SELECT r.key, r.body FROM transactions t INDEXED BY transactions_\(index)
      CROSS JOIN record r ON r.key='transaction/' || t.reference
      WHERE \(condition) ORDER BY t.sequence, t.rowid LIMIT ?
      """, values + [.integer(Int64(limit))]
    ) { found.append(LiveRecord(key: $0.text(0), body: $0.blob(1))) }
    return found
  }

  private func totals(
    _ index: String, _ condition: String, _ values: [Database.Value]
  ) throws(LedgerFault) -> [BatchLine] {
    var lines: [BatchLine] = []
    try run(
      """
      SELECT kind, state, is_foreign, test, count(*), sum(amount)
      FROM transactions INDEXED BY transactions_\(index)
      WHERE \(condition) GROUP BY kind, state, is_foreign, test
      """, values
    ) { row in
      lines.append(
        BatchLine(
          kind: row.text(0), state: row.text(1), isForeign: row.integer(2) == 1,
          isTest: row.integer(3) == 1, count: UInt32(clamping: row.integer(4)),
          amount: UInt64(clamping: row.integer(5))))
    }
    return lines
  }
}
