// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import TerminalCore

//   journal       every entry, appended; erased of it is only the card of a final transaction
//   record        the latest entry of each key; what is live is what a start reads
//   transactions  a line each, for people
//
// All three change in one SQLite transaction, synced to the disk before the terminal hears of it.

/// The terminal's storage: its journal and the tables derived from it.
public final class Ledger {
  /// Below so many free bytes nothing new begins; what has begun can still be ended.
  private static let headroom: UInt64 = 4 * 1_024 * 1_024

  /// The file.
  public let path: String
  /// How many commits have been synced.
  public private(set) var commits: UInt64 = 0
  /// Whether the log is empty: everything is in the one file.
  public private(set) var isSettled = false
  /// Nil while the storage has failed and cannot be opened again.
  var database: Database?
  /// The entry that was answered "failed" and may stand in the log all the same.
  var doubt: Int64?
  let anchor: LedgerAnchor
  private let freeBytes: () -> UInt64
  private let lock: Descriptor

  /// Opens the ledger in a folder, which only one program at a time may do.
  public convenience init(folder: String) throws(LedgerFault) {
    try self.init(folder: folder) { Ledger.freeBytes(folder) }
  }

  /// A ledger that is told how much room there is.
  public init(
    folder: String, freeBytes: @escaping () -> UInt64
  ) throws(LedgerFault) {
    self.freeBytes = freeBytes
    path = folder + "/ledger.db"
    lock = try Ledger.lock(folder)
    let opened = try Ledger.open(folder)
    database = opened.database
    anchor = opened.anchor
    // What a killed program left in the log may never have been synced, and the last of it may not
    // have been acknowledged. It is synced before the anchor names it: a power cut in between must
    // not leave an anchor that knows more than the log.
    try Ledger.syncLog(path + "-wal")
    anchor.note(try Ledger.lastSequence(opened.database, path))
    do throws(LedgerFault) {
      try settle()
    } catch .diskFull {
      // What has begun must be ended on a full disk too; the log was synced before it was copied.
    }
  }

  /// Whether something new may begin.
  public var hasRoom: Bool { freeBytes() >= Ledger.headroom }

  /// Commits an entry; when this returns it is on disk.
  public func append(
    _ entry: JournalEntry, unixMilliseconds: Int64
  ) throws(JournalFault) {
    if entry.beginsBusiness, !hasRoom { throw .diskFull }
    if database == nil { try reopen() }
    guard let database else { throw .failed }
    isSettled = false
    var sequence: Int64 = 0
    do throws(Database.Fault) {
      try database.execute("BEGIN IMMEDIATE")
      sequence = try write(entry, unixMilliseconds, database)
      try database.execute("COMMIT")
    } catch {
      // The rollback fails only when nothing was begun or SQLite has rolled back by itself.
      try? database.execute("ROLLBACK")
      // Without room the last frame was not written, and without it there is no commit.
      if error.isDiskFull { throw .diskFull }
      try resolve(sequence)
    }
    commits += 1
    anchor.note(sequence)
  }

  /// Brings the log into the one file, which takes some syncs; a moment in which nothing is under
  /// way is the right one.
  public func settle() throws(LedgerFault) {
    guard let database else { return }
    // The anchor first: what it names has been synced, in the log or in the file, whatever happens
    // between.
    if !anchor.sync() { throw .failed(path: path, SystemFault(code: errno).text) }
    do throws(Database.Fault) {
      isSettled = try database.checkpoint()
    } catch {
      throw Ledger.fault(error, path)
    }
  }

  /// Begins a new log behind a settlement. SQLite syncs the head of a log by itself, and so the
  /// first entry would take a sync more: it is taken here, where nobody waits.
  public func beginLog() {
    // What fails here fails again where it matters.
    try? database?.execute("PRAGMA user_version=\(Ledger.version)")
  }

  /// Copies the ledger as it is now into another file.
  public func backup(to path: String) throws(LedgerFault) {
    guard let database else { throw .failed(path: self.path, "cannot be opened again") }
    do throws(Database.Fault) {
      try database.backup(to: path)
    } catch {
      throw Ledger.fault(error, path)
    }
  }

  deinit {
    // The log keeps what is not settled.
    try? settle()
  }

  private static func freeBytes(_ folder: String) -> UInt64 {
    var numbers = statvfs()
    guard unsafe statvfs(folder, &numbers) == 0 else { return 0 }
    return UInt64(numbers.f_bavail) * UInt64(numbers.f_frsize)
  }

  /// Writes an entry and gives it its number.
  private func write(
    _ entry: JournalEntry, _ moment: Int64, _ database: Database
  ) throws(Database.Fault) -> Int64 {
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
    for row in entry.rows { try Ledger.write(row, sequence, moment, database) }
    return sequence
  }
}
