// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import LinuxHost
import TerminalCore
import Testing

@Suite("The ledger")
struct LedgerTests {
  static func row(_ number: Int, _ state: String = "sent") -> TransactionRow {
    var row = TransactionRow()
    row.reference = "till/\(number)"
    row.state = state
    row.stan = UInt32(number)
    row.amount = 1_200
    row.localTime = "2026-01-02 03:04:05"
    row.maskedPAN = "401234***8909"
    return row
  }

  static func entry(
    _ number: Int, live: Bool = true, body: String = "sealed card", final: Bool = false
  ) -> JournalEntry {
    JournalEntry(
      updates: [
        RecordUpdate(
          key: "transaction/till/\(number)", isLive: live, body: Array(body.utf8),
          erasesEarlier: final)
      ], rows: [row(number, final ? "approved" : "sent")])
  }

  static func append(_ ledger: Ledger, _ entry: JournalEntry) throws {
    try ledger.append(entry, unixMilliseconds: 1_790_000_000_000)
  }

  @Test("what was committed is there after a restart, in its order")
  func restart() throws {
    let folder = try Folder()
    do {
      let ledger = try Ledger(folder: folder.path + "/state")
      for number in 1...5 { try LedgerTests.append(ledger, LedgerTests.entry(number)) }
      try LedgerTests.append(ledger, LedgerTests.entry(2, live: false))
      try LedgerTests.append(ledger, LedgerTests.entry(1, body: "again"))
      #expect(ledger.commits == 7)
    }
    let ledger = try Ledger(folder: folder.path + "/state")
    let records = try ledger.liveRecords()
    #expect(records.map { $0.key.suffix(1) } == ["3", "4", "5", "1"])
    #expect(records.last?.body == Array("again".utf8))
    #expect(try ledger.transactions(limit: 3).map { $0.stan } == [5, 4, 3])
    #expect(try ledger.transaction(reference: "till/4") == LedgerTests.row(4))
    #expect(try ledger.transaction(reference: "till/9") == nil)
  }

  @Test("a folder is one program's at a time, and free again when that is gone")
  func lock() throws {
    let folder = try Folder()
    do {
      let first = try Ledger(folder: folder.path)
      #expect(throws: LedgerFault.inUse(path: folder.path)) { try Ledger(folder: folder.path) }
      #expect(try first.liveRecords().isEmpty)
    }
    #expect((try? Ledger(folder: folder.path)) != nil)
  }

  @Test("a state folder is made for its owner alone, and refused when others may enter it")
  func folder() throws {
    let folder = try Folder()
    let state = folder.path + "/state"
    do { _ = try Ledger(folder: state) }
    var about = stat()
    let result = unsafe stat(state, &about)
    #expect(result == 0)
    #expect(about.st_mode & 0o777 == 0o700)
    for mode in [0o755, 0o701, 0o770, 0o720, 0o704] as [mode_t] {
      #expect(unsafe chmod(state, mode) == 0)
      let fault = LedgerFault.openFolder(path: state, mode: mode)
      #expect(throws: fault) { try Ledger(folder: state) }
      #expect(fault.text.contains("chmod 700 " + state))
    }
    #expect(unsafe chmod(state, 0o700) == 0)
    #expect((try? Ledger(folder: state)) != nil)
  }

  @Test("the card of a final transaction is in no table and no page any more")
  func erased() throws {
    let folder = try Folder()
    do {
      let ledger = try Ledger(folder: folder.path)
      try LedgerTests.append(ledger, LedgerTests.entry(1, body: "SEALED-CARD-ONE"))
      try LedgerTests.append(ledger, LedgerTests.entry(2, body: "SEALED-CARD-TWO"))
      try LedgerTests.append(ledger, LedgerTests.entry(1, body: "no card", final: true))
      let backup = folder.path + "/copy.db"
      try ledger.backup(to: backup)
    }
    let copy = String(decoding: folder.bytes("copy.db"), as: UTF8.self)
    #expect(!copy.contains("SEALED-CARD-ONE"))
    #expect(copy.contains("SEALED-CARD-TWO"))
    #expect(!String(decoding: folder.bytes("ledger.db"), as: UTF8.self).contains("CARD-ONE"))
  }

  @Test("a ledger of a newer program, and a file that is none, are refused and not touched")
  func foreign() throws {
    let folder = try Folder()
    do { _ = try Ledger(folder: folder.path) }
    var bytes = folder.bytes("ledger.db")
    // The user version stands at offset 60 (SQLite file format, 1.3).
    bytes[63] = 9
    try folder.write("ledger.db", bytes)
    #expect {
      try Ledger(folder: folder.path)
    } throws: { error in
      guard case LedgerFault.foreignVersion(_, let what) = error else { return false }
      return what == "version 9"
    }
    let other = try Folder()
    let text = Array("this is somebody's diary, and not a ledger".utf8)
    try other.write("ledger.db", text)
    #expect {
      try Ledger(folder: other.path)
    } throws: { error in
      if case LedgerFault.damaged = error { return true }
      return false
    }
    #expect(other.bytes("ledger.db") == text)
  }

  @Test("below four free megabytes nothing begins, and what has begun is ended")
  func room() throws {
    final class Disk { var free: UInt64 = 4 << 20 }
    let folder = try Folder()
    let disk = Disk()
    let ledger = try Ledger(folder: folder.path) { disk.free }
    var intent = LedgerTests.entry(1)
    intent.beginsBusiness = true
    #expect(ledger.hasRoom)
    try LedgerTests.append(ledger, intent)
    disk.free -= 1
    #expect(!ledger.hasRoom)
    #expect(throws: JournalFault.diskFull) { try LedgerTests.append(ledger, intent) }
    try LedgerTests.append(ledger, LedgerTests.entry(1, final: true))
    disk.free += 1
    try LedgerTests.append(ledger, intent)
    #expect(ledger.commits == 3)
  }

  @Test("a full disk refuses what begins and what goes on, and loses nothing")
  func full() async {
    // The limit on the size of files is the whole process's: a process of its own has it.
    await #expect(processExitsWith: .success) { try LedgerTests.fillTheDisk() }
  }

  private static func fillTheDisk() throws {
    let folder = try Folder()
    let ledger = try Ledger(folder: folder.path)
    try append(ledger, entry(1))
    signal(SIGXFSZ, SIG_IGN)
    var old = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    unsafe getrlimit(resource, &old)
    let size = folder.bytes("ledger.db-wal").count
    var small = rlimit(rlim_cur: rlim_t(size), rlim_max: old.rlim_max)
    unsafe setrlimit(resource, &small)
    let during = Result { try append(ledger, entry(2)) }
    unsafe setrlimit(resource, &old)
    guard case .failure = during else { exit(1) }
    if try ledger.liveRecords().count != 1 { exit(2) }
    try append(ledger, entry(3))
    if try ledger.transactions(limit: 9).map({ $0.stan }) != [3, 1] { exit(3) }
  }
}
