// SPDX-License-Identifier: Apache-2.0

//   version   what it added
//   1         the journal, the records, a line for each transaction
//   2         batches, uploads, the queue and the proof of delivery
//   3         the acquirer's own numbers, by which a receipt names a sale
//   4         tests apart in the sums of a batch
//   5         what was closed by hand
//
// A new ledger is one of version 0: there is one way to the tables of today. The steps that are
// missing are one SQLite transaction, so a kill or a power cut leaves the old version or the new
// one, and the journal, whose last number the anchor knows, is not touched.

extension Ledger {
  /// The version of the tables.
  static let version = Int64(steps.count)

  /// From version 0 to 1, and so on; a step that was shipped is never changed.
  private static let steps = [
    """
    CREATE TABLE journal(sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, key TEXT NOT NULL,
      live INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE INDEX journal_key ON journal(key);
    CREATE TABLE record(key TEXT PRIMARY KEY, sequence INTEGER NOT NULL,
      live INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX record_live ON record(sequence) WHERE live=1;
    CREATE TABLE transactions(reference TEXT PRIMARY KEY, sequence INTEGER NOT NULL,
      at INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, receipt TEXT NOT NULL,
      test INTEGER NOT NULL, pin INTEGER NOT NULL, stan INTEGER NOT NULL,
      amount INTEGER NOT NULL, local_time TEXT NOT NULL, masked_pan TEXT NOT NULL,
      response TEXT NOT NULL, approval TEXT NOT NULL, retrieval TEXT NOT NULL,
      reversal TEXT NOT NULL);
    CREATE INDEX transactions_sequence ON transactions(sequence);
    """,
    // Each question and each list has an index in the order of its answer, and names it: so what an
    // answer costs depends on its length, never on the size of the ledger. What was under way in
    // version 1 still held its card.
    """
    ALTER TABLE transactions ADD COLUMN batch INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE transactions ADD COLUMN original TEXT NOT NULL DEFAULT '';
    ALTER TABLE transactions ADD COLUMN is_foreign INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE transactions ADD COLUMN upload TEXT NOT NULL DEFAULT '';
    ALTER TABLE transactions ADD COLUMN holds_card INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE transactions ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE transactions ADD COLUMN delivery_code TEXT NOT NULL DEFAULT '';
    ALTER TABLE transactions ADD COLUMN delivered_at TEXT NOT NULL DEFAULT '';
    CREATE INDEX transactions_unsent ON transactions(sequence)
      WHERE state IN ('sent', 'reversal owed', 'queued', 'parked');
    UPDATE transactions SET holds_card=1 WHERE state IN ('sent', 'reversal owed');
    CREATE INDEX transactions_queue ON transactions(sequence) WHERE state='queued';
    CREATE INDEX transactions_totals ON transactions(batch, kind, state, is_foreign, amount);
    CREATE INDEX transactions_uploads ON transactions(batch, is_foreign, sequence)
      WHERE upload='owed';
    CREATE INDEX transactions_cards ON transactions(batch, sequence) WHERE holds_card=1;
    CREATE INDEX transactions_delivered ON transactions(delivered_at) WHERE delivered_at<>'';
    CREATE INDEX transactions_day ON transactions(substr(local_time, 1, 10), sequence);
    CREATE INDEX transactions_batch ON transactions(batch, sequence);
    """,
    """
    CREATE INDEX transactions_retrieval ON transactions(retrieval, sequence)
      WHERE retrieval<>'';
    """,
    """
    DROP INDEX transactions_totals;
    CREATE INDEX transactions_totals
      ON transactions(batch, kind, state, is_foreign, test, amount);
    """,
    "CREATE INDEX transactions_closed ON transactions(sequence) WHERE state='closed';",
  ]

  /// Brings the tables to the version of this program, all steps or none.
  static func upgrade(
    _ database: Database, from version: Int64, _ path: String
  ) throws(LedgerFault) {
    let missing = steps.dropFirst(Int(version)).joined(separator: "\n")
    do throws(Database.Fault) {
      try database.execute(
        "BEGIN IMMEDIATE;\n\(missing)\nPRAGMA user_version=\(Ledger.version);\nCOMMIT;")
    } catch {
      // What was begun is given up with the connection.
      throw fault(error, path)
    }
  }
}
