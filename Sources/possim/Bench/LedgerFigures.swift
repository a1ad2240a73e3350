// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Glibc
import LinuxHost
import TerminalCore

/// What the ledger itself takes for the core's questions, in this program.
struct LedgerFigures {
  /// What emptying a queue took.
  struct Drain {
    var microseconds: Int64
    var residentBefore: Int64
    var residentAfter: Int64
  }

  private static let rounds = 11
  /// How many records the core may ask for at once.
  private static let step: UInt16 = 16

  /// The middle of some answers to what the totals of a batch are.
  static func totals(_ folder: String, batch: UInt32, count: Int) throws -> Int64 {
    let ledger = try Ledger(folder: folder)
    var times: [Int64] = []
    for _ in 0..<rounds {
      var answer = LedgerAnswer.failed
      times.append(microseconds { answer = ledger.answer(.totals(batch: batch)) })
      guard case .totals(let lines) = answer,
        lines.reduce(0, { $0 + Int($1.count) }) == count
      else { throw Child.Fault(description: "the totals of batch \(batch) are wrong") }
    }
    return times.sorted()[times.count / 2]
  }

  /// The middle of some entries, each synced as in posd.
  static func syncedEntry() throws -> Int64 {
    let folder = "/tmp/posd-bench-entry.\(getpid())"
    unsafe _ = mkdir(folder, 0o700)
    defer { remove(folder) }
    let ledger = try Ledger(folder: folder)
    var times: [Int64] = []
    for number in 0..<101 {
      let record = LiveRecord(key: "transaction/bench/\(number)", body: [UInt8](0...255))
      times.append(try microseconds { () throws(JournalFault) in try deliver(record, ledger) })
    }
    return times.sorted()[times.count / 2]
  }

  private static func remove(_ folder: String) {
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.anchor", "lock"] {
      unsafe _ = unlink(folder + "/" + name)
    }
    unsafe _ = rmdir(folder)
  }

  /// Delivers so many advices, a commit each, synced as in posd.
  static func drain(_ count: Int) throws -> Drain {
    let folder = "/tmp/posd-bench-drain.\(getpid())"
    unsafe _ = mkdir(folder, 0o700)
    defer { remove(folder) }
    do { _ = try Ledger(folder: folder) }
    try FilledLedger.addQueued(count, to: folder + "/ledger.db")
    let ledger = try Ledger(folder: folder)
    let before = try residentBytes()
    var delivered = 0
    let took = try microseconds {
      while true {
        guard case .records(let records) = ledger.answer(.queue(limit: step)) else {
          throw Child.Fault(description: "the queue cannot be read")
        }
        if records.isEmpty { return }
        for record in records { try deliver(record, ledger) }
        delivered += records.count
      }
    }
    if delivered != count { throw Child.Fault(description: "\(delivered) of \(count) delivered") }
    return Drain(
      microseconds: took, residentBefore: before, residentAfter: try residentBytes())
  }

  private static func deliver(_ record: LiveRecord, _ ledger: Ledger) throws(JournalFault) {
    var row = TransactionRow()
    row.reference = String(record.key.dropFirst("transaction/".count))
    row.kind = TransactionKind.offlineSale.name
    row.state = TransactionState.approved.name
    row.batch = 1
    row.deliveryCode = "00"
    row.deliveredAt = "2026-01-01 12:00:00"
    let update = RecordUpdate(
      key: record.key, isLive: false, body: record.body, erasesEarlier: true)
    try ledger.append(
      JournalEntry(updates: [update], rows: [row]),
      unixMilliseconds: SystemClock.unixMilliseconds)
  }

  private static func microseconds<Failure>(
    _ work: () throws(Failure) -> Void
  ) throws(Failure) -> Int64 {
    let began = SystemClock.now
    try work()
    return (SystemClock.now - began).microseconds
  }

  private static func residentBytes() throws -> Int64 {
    guard let bytes = FileSystem.read("/proc/self/status", limit: 65_536),
      let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        .first(where: { $0.hasPrefix("VmRSS:") }),
      let kibibytes = Int64(line.filter { $0 >= "0" && $0 <= "9" })
    else { throw Child.Fault(description: "no VmRSS") }
    return kibibytes * 1_024
  }
}
