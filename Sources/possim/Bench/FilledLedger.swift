// SPDX-License-Identifier: Apache-2.0

import CSQLite
import LinuxHost

/// Puts years of transactions into a ledger that no program has open.
enum FilledLedger {
  /// The batch that has the first 100,000; behind it each thousand has a day and a batch, and the
  /// last of them is today's.
  static let largeBatch: UInt32 = 5_000
  static let largeCount = 100_000
  private static let dayCount = 1_000

  /// The transactions of these numbers, each with its entry: refunds, voided ones and foreign cards
  /// among them.
  static func add(_ numbers: ClosedRange<Int>, of count: Int, to path: String) throws {
    try run(
      """
      \(entries(numbers))
      INSERT INTO transactions(reference, sequence, at, kind, state, receipt, test, pin, stan,
        amount, local_time, masked_pan, response, approval, retrieval, reversal, batch, is_foreign)
      SELECT substr(key, 13), sequence, at, iif(i % 60 = 0, 'refund', 'sale'),
        iif(i % 70 = 0, 'voided', 'approved'), 'printed', 0, 1, sequence % 999999 + 1,
        1200 + i % 97,
        iif(i <= \(largeCount), '2026-01-01', date('now', 'localtime',
          '-' || ((\(count) - i) / \(dayCount)) || ' days')) || ' 12:00:00',
        '401234***8909', '00', '000001', '000000000001', '',
        iif(i <= \(largeCount), \(largeBatch), (i - \(largeCount) - 1) / \(dayCount) + 1), i % 5 = 0
      FROM (SELECT *, CAST(substr(key, 17) AS INTEGER) i FROM journal
        WHERE sequence > (SELECT last FROM mark));
      DROP TABLE mark;
      COMMIT;
      """, path)
  }

  /// As many advices that wait for the acquirer.
  static func addQueued(_ count: Int, to path: String) throws {
    try run(
      """
      \(entries(1...count))
      INSERT INTO transactions(reference, sequence, at, kind, state, receipt, test, pin, stan,
        amount, local_time, masked_pan, response, approval, retrieval, reversal, batch, holds_card)
      SELECT substr(key, 13), sequence, at, 'offline-sale', 'queued', 'printed', 0, 0,
        sequence % 999999 + 1, 1200, '2026-01-01 12:00:00', '401234***8909', '', '', '', '', 1, 1
      FROM journal WHERE sequence > (SELECT last FROM mark);
      DROP TABLE mark;
      COMMIT;
      """, path)
  }

  private static func entries(_ numbers: ClosedRange<Int>) -> String {
    """
    PRAGMA synchronous=OFF;
    PRAGMA cache_size=-300000;
    CREATE TEMP TABLE mark AS SELECT coalesce(max(sequence), 0) last FROM journal;
    BEGIN;
    WITH RECURSIVE n(i) AS (
      SELECT \(numbers.lowerBound) UNION ALL SELECT i + 1 FROM n WHERE i < \(numbers.upperBound))
    INSERT INTO journal(at, key, live, body)
      SELECT 1790000000000 + i, printf('transaction/old/%07d', i), 0, randomblob(160) FROM n;
    INSERT INTO record(key, sequence, live, body)
      SELECT key, sequence, 0, body FROM journal WHERE sequence > (SELECT last FROM mark);
    """
  }

  private static func run(_ sql: String, _ path: String) throws {
    var connection: OpaquePointer?
    defer { unsafe sqlite3_close(connection) }
    guard unsafe sqlite3_open(path, &connection) == SQLITE_OK,
      unsafe sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK
    else {
      let said = unsafe String(cString: sqlite3_errmsg(connection))
      throw Child.Fault(description: "the ledger cannot be filled: " + said)
    }
  }
}
