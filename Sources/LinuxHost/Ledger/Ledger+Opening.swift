// SPDX-License-Identifier: Apache-2.0

import CLinux
import CSQLite
import Glibc

//   state folder   ledger.db   ledger.db-wal   ledger.anchor   means
//   others may enter                                           refused
//                  none        none            none or 0       the factory state
//                  none, empty something                       refused: SQLite would remove the log
//                              wrong in its middle             refused
//                  ends before the entry of the anchor         refused
//                  with entries                none            a restored one: it gets an anchor
//                  of an older version                         gets the tables of this one, last

extension Ledger {
  /// Opens the ledger of a folder, or makes it; what is refused is left as it is.
  static func open(
    _ folder: String
  ) throws(LedgerFault) -> (database: Database, anchor: LedgerAnchor) {
    let path = folder + "/ledger.db"
    let hasFile = try checkHeader(path)
    let log = LedgerLog(path: path + "-wal")
    if !hasFile, log != nil { throw .damaged(path: path, "missing beside its log \(path)-wal") }
    if let damage = log?.damage {
      throw .damaged(
        path: path + "-wal", "wrong at byte \(damage), with later transactions behind it")
    }
    let anchor = try LedgerAnchor(folder: folder)
    if !hasFile, let anchor, anchor.sequence > 0 {
      throw .lost(path: path, found: 0, acknowledged: anchor.sequence)
    }
    if anchor == nil, !hasFile { try LedgerAnchor.make(folder: folder) }
    let database = try connect(path)
    let version = try Ledger.version(database, path)
    let isEmpty = version == 0
    if isEmpty, hasFile, anchor == nil { throw .damaged(path: path, "holds no tables") }
    let found = isEmpty ? 0 : try lastSequence(database, path)
    if let anchor, found < anchor.sequence {
      throw .lost(path: path, found: found, acknowledged: anchor.sequence)
    }
    if version < Ledger.version { try upgrade(database, from: version, path) }
    if let anchor { return (database, anchor) }
    if hasFile { try LedgerAnchor.make(folder: folder) }
    guard let made = try LedgerAnchor(folder: folder) else {
      throw .failed(path: folder, "ledger.anchor cannot be made")
    }
    return (database, made)
  }

  /// Puts on disk what an earlier program has written into the log.
  static func syncLog(_ path: String) throws(LedgerFault) {
    guard let file = Descriptor(unsafe Glibc.open(path, O_RDWR | O_CLOEXEC)) else {
      if errno == ENOENT { return }
      throw .failed(path: path, SystemFault(code: errno).text)
    }
    if fdatasync(file.number) != 0 { throw .failed(path: path, SystemFault(code: errno).text) }
  }

  /// Opens the database file, with its log.
  static func connect(_ path: String) throws(LedgerFault) -> Database {
    do throws(Database.Fault) {
      let database = try Database(path: path)
      try database.execute(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;")
      // Its folder keeps others out; that SQLite's files are open to nobody must hold without it.
      if unsafe chmod(path, 0o600) != 0 {
        let number = errno
        throw Database.Fault(
          code: SQLITE_CANTOPEN, system: number, text: SystemFault(code: number).text)
      }
      return database
    } catch {
      throw fault(error, path)
    }
  }

  /// The number of the last entry; 0 when there is none.
  static func lastSequence(
    _ database: Database, _ path: String
  ) throws(LedgerFault) -> Int64 {
    try number("SELECT max(sequence) FROM journal", database, path)
  }

  /// The version of the tables; 0 when there are none.
  private static func version(
    _ database: Database, _ path: String
  ) throws(LedgerFault) -> Int64 {
    let found = try number("PRAGMA user_version", database, path)
    if !(0...version).contains(found) { throw .foreignVersion(path: path, "version \(found)") }
    return found
  }

  /// The one number that a statement returns; 0 for none.
  private static func number(
    _ sql: String, _ database: Database, _ path: String
  ) throws(LedgerFault) -> Int64 {
    var found: Int64 = 0
    do throws(Database.Fault) {
      try database.run(sql) { found = $0.integer(0) }
    } catch {
      throw fault(error, path)
    }
    return found
  }

  /// What SQLite says, as the ledger's own fault.
  static func fault(_ fault: Database.Fault, _ path: String) -> LedgerFault {
    switch fault.code & 0xFF {
    case SQLITE_NOTADB, SQLITE_CORRUPT: .damaged(path: path, fault.text)
    case SQLITE_FULL: .diskFull(path: path)
    // The files beside the ledger: there SQLite has no word of its own for it.
    case SQLITE_IOERR where fault.system == ENOSPC: .diskFull(path: path)
    default: .failed(path: path, fault.text)
    }
  }

  /// Locks a folder for this program, and makes it where there is none.
  static func lock(_ folder: String) throws(LedgerFault) -> Descriptor {
    if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST {
      throw .failed(path: folder, SystemFault(code: errno).text)
    }
    var about = stat()
    if unsafe stat(folder, &about) != 0 {
      throw .failed(path: folder, SystemFault(code: errno).text)
    }
    // Keys and sealed cards lie there. To close it silently would hide who could have read them.
    if about.st_mode & 0o077 != 0 {
      throw .openFolder(path: folder, mode: about.st_mode & 0o777)
    }
    let path = folder + "/lock"
    let number = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard let file = Descriptor(number) else {
      throw .failed(path: path, SystemFault(code: errno).text)
    }
    do {
      try file.lock()
    } catch {
      throw error.code == EWOULDBLOCK ? .inUse(path: folder) : .failed(path: path, error.text)
    }
    return file
  }

  /// Whether the file is there and holds something. SQLite takes an empty file, or one that begins
  /// like a database; anything else is not ours and must not be touched.
  private static func checkHeader(_ path: String) throws(LedgerFault) -> Bool {
    let number = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard let file = Descriptor(number) else {
      if errno == ENOENT { return false }
      throw .failed(path: path, SystemFault(code: errno).text)
    }
    guard case .success(let read?) = readSome(file.number, limit: 16) else {
      throw .failed(path: path, "cannot be read")
    }
    if !read.isEmpty, read != Array("SQLite format 3".utf8) + [0] {
      throw .damaged(path: path, "not a ledger")
    }
    return !read.isEmpty
  }
}

extension Database.Fault {
  var isDiskFull: Bool { code & 0xFF == SQLITE_FULL }
}
