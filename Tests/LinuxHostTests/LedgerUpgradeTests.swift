// SPDX-License-Identifier: Apache-2.0

import CFailingDisk
import CSQLite
import Foundation
import LinuxHost
import TerminalCore
import Testing

@Suite("A ledger of an older version")
struct LedgerUpgradeTests {
  private struct Wrong: Error {
    var text: String
  }

  /// The tables of version 1 as they were shipped, with six transactions of two entries each.
  private static let versionOne = """
    PRAGMA journal_mode=WAL;
    BEGIN;
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
    PRAGMA user_version=1;
    COMMIT;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 12)
      INSERT INTO journal SELECT i, 1790000000000+i, 'transaction/till/' || ((i+1)/2), i > 8,
        x'0102' FROM n;
    INSERT INTO record SELECT key, max(sequence), live, body FROM journal GROUP BY key;
    INSERT INTO transactions SELECT substr(key, 13), min(sequence), min(at), 'sale', 'approved',
      'printed', 0, 1, (min(sequence)+1)/2, 1200, '2026-01-02 03:04:05', '401234***8909', '00',
      '123456', '123456789012', '' FROM journal GROUP BY key;
    UPDATE transactions SET state='sent' WHERE stan=6;
    UPDATE transactions SET state='reversal owed', reversal='98' WHERE stan=5;
    """

  private static func sql(_ path: String, _ sql: String) throws {
    var connection: OpaquePointer?
    guard unsafe sqlite3_open(path, &connection) == SQLITE_OK else { throw Wrong(text: path) }
    defer { unsafe sqlite3_close(connection) }
    if unsafe sqlite3_exec(connection, sql, nil, nil, nil) != SQLITE_OK {
      throw Wrong(text: unsafe String(cString: sqlite3_errmsg(connection)))
    }
  }

  /// A folder with a ledger of version 1; `anchored` has the anchor of one that was used.
  private static func folder(anchored: Bool) throws -> Folder {
    let folder = try Folder(inMemory: true)
    if anchored {
      // The anchor has no version of its own: another ledger with twelve entries makes one.
      let other = try Folder(inMemory: true)
      do {
        let ledger = try Ledger(folder: other.path)
        for number in 1...12 { try LedgerTests.append(ledger, LedgerTests.entry(number)) }
      }
      try folder.write("ledger.anchor", other.bytes("ledger.anchor"))
    }
    try sql(folder.path + "/ledger.db", versionOne)
    return folder
  }

  /// Everything of version 1 is there, in the tables of today, and the ledger goes on.
  private static func check(_ folder: Folder, _ what: String) throws {
    let ledger = try Ledger(folder: folder.path)
    let rows = try ledger.transactions(limit: 100)
    let live = try ledger.liveRecords().map { $0.key }
    let queue = try ledger.queue(after: nil, limit: 9).items.map { $0.row }
    guard rows.map({ $0.stan }) == [6, 5, 4, 3, 2, 1],
      live == ["transaction/till/5", "transaction/till/6"],
      queue.map({ $0.state }) == ["reversal owed", "sent"],
      rows.map({ $0.holdsCard }) == [true, true, false, false, false, false],
      rows.allSatisfy({ $0.batch == 0 && $0.upload.isEmpty && $0.deliveredAt.isEmpty }),
      ledger.answer(.queue(limit: 9)) == .records([]),
      case .totals(let lines) = ledger.answer(.totals(batch: 0)), lines.count == 3
    else { throw Wrong(text: "\(what): \(rows) \(live)") }
    try LedgerTests.append(ledger, LedgerTests.entry(7))
    if try ledger.transactions(limit: 1).first?.stan != 7 { throw Wrong(text: what + ": stuck") }
  }

  @Test("version 1 is brought to the tables of today, with and without an anchor, once")
  func upgrade() throws {
    for anchored in [true, false] {
      let folder = try LedgerUpgradeTests.folder(anchored: anchored)
      #expect(folder.bytes("ledger.db")[63] == 1)
      try LedgerUpgradeTests.check(folder, "anchored \(anchored)")
      #expect(folder.bytes("ledger.db")[63] == 5)
      let ledger = try Ledger(folder: folder.path)
      #expect(try ledger.transactions(limit: 9).count == 7)
    }
  }

  @Test("version 2, whose sums do not know tests apart, is brought to the tables of today")
  func sumsOfVersionTwo() throws {
    let folder = try LedgerUpgradeTests.folder(anchored: true)
    try LedgerUpgradeTests.check(folder, "from version 1")
    try LedgerUpgradeTests.sql(
      folder.path + "/ledger.db",
      """
      DROP INDEX transactions_totals;
      CREATE INDEX transactions_totals ON transactions(batch, kind, state, is_foreign, amount);
      UPDATE transactions SET test=1 WHERE stan=4;
      DROP INDEX transactions_retrieval;
      DROP INDEX transactions_closed;
      PRAGMA user_version=2;
      PRAGMA wal_checkpoint(TRUNCATE);
      """)
    let ledger = try Ledger(folder: folder.path)
    #expect(folder.bytes("ledger.db")[63] == 5)
    guard case .totals(let lines) = ledger.answer(.totals(batch: 0)) else {
      throw Wrong(text: "no sums")
    }
    #expect(lines.filter { $0.isTest }.map { $0.count } == [1])
    #expect(lines.filter { $0.state == "approved" && !$0.isTest }.map { $0.count } == [3])
  }

  @Test("version 1 that lacks an acknowledged entry is refused and stays of version 1")
  func lost() throws {
    let folder = try LedgerUpgradeTests.folder(anchored: true)
    try LedgerUpgradeTests.sql(
      folder.path + "/ledger.db", "DELETE FROM journal WHERE sequence > 11")
    let before = folder.bytes("ledger.db")
    let path = folder.path + "/ledger.db"
    #expect(throws: LedgerFault.lost(path: path, found: 11, acknowledged: 12)) {
      try Ledger(folder: folder.path)
    }
    #expect(folder.bytes("ledger.db") == before)
  }

  @Test("killed at any write, sync or cut, it is of the old version or the new, and whole")
  func killed() async {
    // The failing disk is the whole process's: a process of its own has it.
    await #expect(processExitsWith: .success) { try LedgerUpgradeTests.sweep() }
  }

  /// A disk that takes nothing from the n-th call on leaves what a kill before that call leaves.
  private static func sweep() throws {
    var versions: Set<UInt8> = []
    var hits = 0
    for error in [EIO, ENOSPC] {
      for n in 1... {
        let folder = try folder(anchored: true)
        unsafe failing_disk_arm(folder.path, n, true, error)
        let opened = Result { () throws(LedgerFault) in _ = try Ledger(folder: folder.path) }
        let wasHit = failing_disk_disarm() >= n
        let copy = try Folder(inMemory: true)
        for name in ["ledger.db", "ledger.db-wal", "ledger.anchor"] {
          try copy.write(name, folder.bytes(name))
        }
        if case .success = opened, !wasHit { break }
        hits += 1
        versions.insert(try version(copy))
        try check(copy, "n \(n), errno \(error)")
        try check(folder, "n \(n), errno \(error), well again")
      }
    }
    // Killed before the commit and behind it: both were met.
    if versions != [1, 5] || hits < 20 { throw Wrong(text: "\(versions), \(hits) hits") }
  }

  /// The version that SQLite finds in a copy of the files.
  private static func version(_ folder: Folder) throws -> UInt8 {
    let copy = try Folder(inMemory: true)
    for name in ["ledger.db", "ledger.db-wal"] { try copy.write(name, folder.bytes(name)) }
    try sql(copy.path + "/ledger.db", "PRAGMA wal_checkpoint(TRUNCATE)")
    return copy.bytes("ledger.db")[63]
  }
}
