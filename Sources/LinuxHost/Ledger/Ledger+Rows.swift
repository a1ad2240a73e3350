// SPDX-License-Identifier: Apache-2.0

import TerminalCore

extension Ledger {
  /// The columns of a line, in the order in which `transaction` reads them.
  static let columns = """
    reference, kind, state, receipt, test, pin, stan, amount, local_time, masked_pan, response, \
    approval, retrieval, reversal, batch, original, is_foreign, upload, holds_card, attempts, \
    delivery_code, delivered_at, sequence, at
    """
  /// The columns that stand behind a line: the number of the entry that began it, and its moment.
  static let sequenceColumn: Int32 = 22
  static let momentColumn: Int32 = 23

  static func transaction(_ row: Database.Row) -> TransactionRow {
    var transaction = TransactionRow()
    transaction.reference = row.text(0)
    transaction.kind = row.text(1)
    transaction.state = row.text(2)
    transaction.receipt = row.text(3)
    transaction.isTest = row.integer(4) == 1
    transaction.hasPIN = row.integer(5) == 1
    transaction.stan = UInt32(clamping: row.integer(6))
    transaction.amount = UInt64(clamping: row.integer(7))
    transaction.localTime = row.text(8)
    transaction.maskedPAN = row.text(9)
    transaction.responseCode = row.text(10)
    transaction.approvalCode = row.text(11)
    transaction.retrievalReference = row.text(12)
    transaction.reversalReason = row.text(13)
    transaction.batch = UInt32(clamping: row.integer(14))
    transaction.original = row.text(15)
    transaction.isForeign = row.integer(16) == 1
    transaction.upload = row.text(17)
    transaction.holdsCard = row.integer(18) == 1
    transaction.attempts = UInt32(clamping: row.integer(19))
    transaction.deliveryCode = row.text(20)
    transaction.deliveredAt = row.text(21)
    return transaction
  }

  /// Writes a line. Its sequence and moment stay those of the entry that began it: what waits is
  /// served in the order in which it came. What is known from the beginning stays as well.
  static func write(
    _ row: TransactionRow, _ sequence: Int64, _ moment: Int64, _ database: Database
  ) throws(Database.Fault) {
    try database.run(
      """
      INSERT INTO transactions(\(columns))
      VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,?23,?24)
      ON CONFLICT(reference) DO UPDATE SET state=?3, receipt=?4, amount=?8, response=?11,
        approval=?12, retrieval=?13, reversal=?14, batch=?15, upload=?18, holds_card=?19,
        attempts=?20, delivery_code=?21, delivered_at=?22
      """,
      [
        .text(row.reference), .text(row.kind), .text(row.state), .text(row.receipt),
        .integer(row.isTest ? 1 : 0), .integer(row.hasPIN ? 1 : 0), .integer(Int64(row.stan)),
        .integer(Int64(clamping: row.amount)), .text(row.localTime), .text(row.maskedPAN),
        .text(row.responseCode), .text(row.approvalCode), .text(row.retrievalReference),
        .text(row.reversalReason), .integer(Int64(row.batch)), .text(row.original),
        .integer(row.isForeign ? 1 : 0), .text(row.upload), .integer(row.holdsCard ? 1 : 0),
        .integer(Int64(row.attempts)), .text(row.deliveryCode), .text(row.deliveredAt),
        .integer(sequence), .integer(moment),
      ])
  }
}
