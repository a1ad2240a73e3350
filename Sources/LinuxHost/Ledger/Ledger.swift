// SPDX-License-Identifier: Apache-2.0

import CLinux
import CSQLite
import Glibc
public import TerminalCore

//   journal       every entry, appended; erased of it is only the card of a final transaction
//   record        the latest entry of each key; what is live is what a start reads
//   transactions  a line each, for people
//
// All three change in one SQLite transaction, synced to the disk before the terminal hears of it.

/// The terminal's storage: its journal and the tables derived from it.
public final class Ledger {
  /// The version of the tables.
  private static let version: Int64 = 1
  /// Below so many free bytes nothing new begins; what has begun can still be ended.
  private static let headroom: UInt64 = 4 * 1_024 * 1_024

  /// The file.
  public let path: String
  /// How many commits have been synced.
  public private(set) var commits: UInt64 = 0
  private let database: Database
  private let folder: String
  private let lock: Descriptor

  /// Opens the ledger in a folder, which only one program at a time may do.
  public init(folder: String) throws(LedgerFault) {
    self.folder = folder
    path = folder + "/ledger.db"
    lock = try Ledger.lock(folder)
    try Ledger.checkHeader(path)
    do {
      database = try Database(path: path)
      try database.execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;")
      try Ledger.prepare(database)
    } catch {
      throw Ledger.fault(error, path)
    }
    unsafe chmod(path, 0o600)
  }

  /// Commits an entry; when this returns it is on disk.
  public func append(
    _ entry: JournalEntry, unixMilliseconds: Int64
  ) throws(JournalFault) {
    if entry.beginsBusiness, freeBytes < Ledger.headroom { throw .diskFull }
    do throws(Database.Fault) {
      try database.execute("BEGIN IMMEDIATE")
      try write(entry, unixMilliseconds)
      try database.execute("COMMIT")
    } catch {
      // The rollback fails only when nothing was begun or SQLite has rolled back by itself.
      try? database.execute("ROLLBACK")
      throw error.code & 0xFF == SQLITE_FULL ? .diskFull : .failed
    }
    commits += 1
  }

  /// What a start needs, in the order in which it was written.
  public func liveRecords() throws(LedgerFault) -> [LiveRecord] {
    var records: [LiveRecord] = []
    try run("SELECT key, body FROM record WHERE live=1 ORDER BY sequence") { row in
      records.append(LiveRecord(key: row.text(0), body: row.blob(1)))
    }
    return records
  }

  /// The newest transactions first.
  public func transactions(limit: Int) throws(LedgerFault) -> [TransactionRow] {
    var rows: [TransactionRow] = []
    try run(Ledger.select + " ORDER BY sequence DESC LIMIT ?", [.integer(Int64(limit))]) { row in
      rows.append(Ledger.transaction(row))
    }
    return rows
  }

  /// The transaction with this reference.
  public func transaction(reference: String) throws(LedgerFault) -> TransactionRow? {
    var found: TransactionRow?
    try run(Ledger.select + " WHERE reference=?", [.text(reference)]) { row in
      found = Ledger.transaction(row)
    }
    return found
  }

  /// Copies the ledger as it is now into another file.
  public func backup(to path: String) throws(LedgerFault) {
    do {
      try database.backup(to: path)
    } catch {
      throw Ledger.fault(error, path)
    }
  }

  private var freeBytes: UInt64 {
    var numbers = statvfs()
    guard unsafe statvfs(folder, &numbers) == 0 else { return 0 }
    return UInt64(numbers.f_bavail) * UInt64(numbers.f_frsize)
  }

  private func write(_ entry: JournalEntry, _ moment: Int64) throws(Database.Fault) {
    var sequence: Int64 = 0
    for update in entry.updates {
      try database.run(
        "INSERT INTO journal(at, key, live, body) VALUES(?,?,?,?)",
        [
          .integer(moment), .text(update.key), .integer(update.isLive ? 1 : 0),
          .blob(update.body),
        ])
      sequence = database.lastInsertedRow
      if update.erasesEarlier {
        try database.run(
          "UPDATE journal SET body=zeroblob(0) WHERE key=? AND sequence<? AND length(body)>0",
          [.text(update.key), .integer(sequence)])
      }
      try database.run(
        "INSERT OR REPLACE INTO record(key, sequence, live, body) VALUES(?,?,?,?)",
        [
          .text(update.key), .integer(sequence), .integer(update.isLive ? 1 : 0),
          .blob(update.body),
        ])
    }
    if let row = entry.row { try write(row, sequence, moment) }
  }

  private func run(
    _ sql: String, _ values: [Database.Value] = [], row: (Database.Row) -> Void
  ) throws(LedgerFault) {
    do {
      try database.run(sql, values, row: row)
    } catch {
      throw Ledger.fault(error, path)
    }
  }

  private func write(
    _ row: TransactionRow, _ sequence: Int64, _ moment: Int64
  ) throws(Database.Fault) {
    try database.run(
      """
      INSERT INTO transactions(reference, sequence, at, kind, state, receipt, test, pin, stan,
        amount, local_time, masked_pan, response, approval, retrieval, reversal)
      VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)
      ON CONFLICT(reference) DO UPDATE SET state=?5, receipt=?6, response=?13, approval=?14,
        retrieval=?15, reversal=?16
      """,
      [
        .text(row.reference), .integer(sequence), .integer(moment), .text(row.kind),
        .text(row.state), .text(row.receipt), .integer(row.isTest ? 1 : 0),
        .integer(row.hasPIN ? 1 : 0), .integer(Int64(row.stan)),
        .integer(Int64(clamping: row.amount)), .text(row.localTime), .text(row.maskedPAN),
        .text(row.responseCode), .text(row.approvalCode), .text(row.retrievalReference),
        .text(row.reversalReason),
      ])
  }
}

extension Ledger {
  fileprivate static let select = """
    SELECT reference, kind, state, receipt, test, pin, stan, amount, local_time, masked_pan,
      response, approval, retrieval, reversal FROM transactions
    """

  fileprivate static func transaction(_ row: Database.Row) -> TransactionRow {
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
    return transaction
  }

  fileprivate static func prepare(_ database: Database) throws(Database.Fault) {
    var version: Int64 = 0
    try database.run("PRAGMA user_version") { version = $0.integer(0) }
    if version == Ledger.version { return }
    if version != 0 { throw Database.Fault(code: Ledger.foreign, text: "version \(version)") }
    try database.execute(
      """
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
      """)
  }

  /// Not a code of SQLite: the tables are of a version this program does not know.
  fileprivate static let foreign: Int32 = -1

  fileprivate static func fault(_ fault: Database.Fault, _ path: String) -> LedgerFault {
    switch fault.code & 0xFF {
    case foreign & 0xFF: .foreignVersion(path: path, fault.text)
    case SQLITE_NOTADB, SQLITE_CORRUPT: .damaged(path: path, fault.text)
    case SQLITE_FULL: .diskFull(path: path)
    default: .failed(path: path, fault.text)
    }
  }

  /// SQLite takes an empty file, or one that begins like a database; anything else is not ours and
  /// must not be touched.
  fileprivate static func checkHeader(_ path: String) throws(LedgerFault) {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard let file = Descriptor(number) else {
      if errno == ENOENT { return }
      throw .failed(path: path, SystemFault(code: errno).text)
    }
    guard case .success(let read?) = readSome(file.number, limit: 16) else {
      throw .failed(path: path, "cannot be read")
    }
    if !read.isEmpty, read != Array("SQLite format 3".utf8) + [0] {
      throw .damaged(path: path, "not a ledger")
    }
  }

  fileprivate static func lock(_ folder: String) throws(LedgerFault) -> Descriptor {
    if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw .failed(path: folder, SystemFault(code: errno).text)
    }
    let path = folder + "/lock"
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard let file = Descriptor(number) else {
      throw .failed(path: path, SystemFault(code: errno).text)
    }
    if flock(file.number, LOCK_EX | LOCK_NB) != 0 { throw .inUse(path: folder) }
    return file
  }
}

/// Why a ledger cannot be used; the file has not been changed.
public enum LedgerFault: Error, Hashable, Sendable {
  /// Another program has it.
  case inUse(path: String)
  /// It was written by a newer program.
  case foreignVersion(path: String, String)
  /// It is not a ledger, or torn.
  case damaged(path: String, String)
  /// There is no room.
  case diskFull(path: String)
  /// The system refused.
  case failed(path: String, String)

  /// For people: what, where, and what to do.
  public var text: String {
    switch self {
    case .inUse(let path): "LED-003 \(path) is in use by another posd; stop that one first"
    case .foreignVersion(let path, let what):
      "LED-004 \(path) was written by a newer posd (\(what)); install that one, or restore a backup"
    case .damaged(let path, let what):
      "LED-005 \(path) is damaged (\(what)); keep the file and restore a backup"
    case .diskFull(let path): "LED-001 no room for \(path); free some space"
    case .failed(let path, let what): "LED-002 \(path): \(what)"
    }
  }
}
