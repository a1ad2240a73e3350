// SPDX-License-Identifier: Apache-2.0

import CSQLite

/// One SQLite database, opened by one program; statements are prepared once. Closing it leaves its
/// log as it is.
@safe final class Database {
  /// SQLite's code and text.
  struct Fault: Error {
    var code: Int32
    /// What the system said beneath it; 0 when it was not asked.
    var system: Int32
    var text: String
  }

  /// Nil when it is closed: SQLite then answers every call with a code.
  private var connection: OpaquePointer?
  private var statements: [String: Statement] = [:]

  @safe private struct Statement {
    let pointer: OpaquePointer
  }

  init(path: String) throws(Fault) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened = unsafe opened else {
      unsafe sqlite3_close_v2(opened)
      throw Fault(code: code, system: 0, text: unsafe String(cString: sqlite3_errstr(code)))
    }
    unsafe connection = opened
    unsafe _ = posd_sqlite_keep_log(opened)
  }

  /// Brings the log into the database and empties it; false when a reader of it is in the way.
  func checkpoint() throws(Fault) -> Bool {
    let code = unsafe sqlite3_wal_checkpoint_v2(
      connection, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    if code == SQLITE_BUSY || code == SQLITE_LOCKED { return false }
    if code != SQLITE_OK { throw fault(code) }
    return true
  }

  /// Runs statements that return nothing.
  func execute(_ sql: String) throws(Fault) {
    let code = unsafe sqlite3_exec(connection, sql, nil, nil, nil)
    if code != SQLITE_OK { throw fault(code) }
  }

  /// Runs one statement and hands each row to `row`.
  func run(
    _ sql: String, _ values: [Value] = [], row: (Row) -> Void = { _ in }
  ) throws(Fault) {
    let statement = try unsafe prepared(sql)
    defer {
      unsafe sqlite3_reset(statement)
      unsafe sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      let code = unsafe bind(value, statement, Int32(index + 1))
      if code != SQLITE_OK { throw fault(code) }
    }
    while true {
      let code = unsafe sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      if code != SQLITE_ROW { throw fault(code) }
      row(unsafe Row(statement: statement))
    }
  }

  var lastInsertedRow: Int64 { unsafe sqlite3_last_insert_rowid(connection) }

  /// Copies the database as it is now, while it is in use.
  func backup(to path: String) throws(Fault) {
    let target = try Database(path: path)
    guard let backup = unsafe sqlite3_backup_init(target.connection, "main", connection, "main")
    else { throw target.fault(unsafe sqlite3_errcode(target.connection)) }
    let code = unsafe sqlite3_backup_step(backup, -1)
    let end = unsafe sqlite3_backup_finish(backup)
    if code != SQLITE_DONE || end != SQLITE_OK { throw target.fault(code) }
  }

  /// What a parameter is bound to.
  enum Value {
    case integer(Int64)
    case text(String)
    case blob([UInt8])
  }

  /// A row while it is the current one.
  @safe struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(statement, column) }

    func text(_ column: Int32) -> String {
      String(decoding: blob(column), as: UTF8.self)
    }

    func blob(_ column: Int32) -> [UInt8] {
      guard let bytes = unsafe sqlite3_column_blob(statement, column) else { return [] }
      let count = unsafe Int(sqlite3_column_bytes(statement, column))
      return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }
  }

  private func prepared(_ sql: String) throws(Fault) -> OpaquePointer {
    if let known = statements[sql] { return unsafe known.pointer }
    var statement: OpaquePointer?
    let code = unsafe sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement = unsafe statement else { throw fault(code) }
    statements[sql] = unsafe Statement(pointer: statement)
    return unsafe statement
  }

  private func bind(_ value: Value, _ statement: OpaquePointer, _ index: Int32) -> Int32 {
    // SQLITE_TRANSIENT: SQLite copies what it is given.
    let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .integer(let number):
      return unsafe sqlite3_bind_int64(statement, index, number)
    case .text(let text):
      return unsafe sqlite3_bind_text(statement, index, text, -1, transient)
    case .blob(let bytes):
      if bytes.isEmpty { return unsafe sqlite3_bind_zeroblob(statement, index, 0) }
      return unsafe sqlite3_bind_blob(statement, index, bytes, Int32(bytes.count), transient)
    }
  }

  private func fault(_ code: Int32) -> Fault {
    Fault(
      code: code, system: unsafe sqlite3_system_errno(connection),
      text: unsafe String(cString: sqlite3_errmsg(connection)))
  }

  /// Gives the files back, whoever still has this value.
  func close() {
    for statement in statements.values { unsafe sqlite3_finalize(statement.pointer) }
    statements = [:]
    unsafe sqlite3_close_v2(connection)
    unsafe connection = nil
  }

  deinit { close() }
}
