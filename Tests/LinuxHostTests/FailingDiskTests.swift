// SPDX-License-Identifier: Apache-2.0

import CFailingDisk
import Foundation
import LinuxHost
import TerminalCore
import Testing

@Suite("The ledger on a failing disk")
struct FailingDiskTests {
  /// What one run did and left behind.
  private struct Run {
    var acknowledged: [UInt32] = []
    var refused: [UInt32] = []
    /// Whether the fault fell into this run at all.
    var wasHit = false
  }

  private struct Wrong: Error {
    var text: String
  }

  @Test(
    "whichever write, sync or cut fails once: acknowledged entries stay, refused ones are not there"
  )
  func once() async {
    // The failing disk is the whole process's: a process of its own has it.
    await #expect(processExitsWith: .success) { try FailingDiskTests.sweep(stays: false) }
  }

  @Test("whichever write, sync or cut fails and all behind it: the same, once the disk is well")
  func forGood() async {
    await #expect(processExitsWith: .success) { try FailingDiskTests.sweep(stays: true) }
  }

  @Test("whichever call fails at the start: refused or whole, and whole at the next start")
  func atTheStart() async {
    await #expect(processExitsWith: .success) { try FailingDiskTests.sweepStarts() }
  }

  private static func append(_ number: UInt32, _ ledger: Ledger, _ run: inout Run) {
    do throws(JournalFault) {
      try ledger.append(LedgerTests.entry(Int(number)), unixMilliseconds: 1_790_000_000_000)
      run.acknowledged.append(number)
    } catch {
      run.refused.append(number)
    }
  }

  private static func sweep(stays: Bool) throws {
    for error in [EIO, ENOSPC] {
      var hits = 0
      var refusals = 0
      for n in 1... {
        let run = try fail(at: n, stays, error)
        if !run.wasHit { break }
        hits += 1
        refusals += run.refused.count
      }
      // A sweep that met nothing proves nothing.
      if hits < 60 || refusals < 20 { throw Wrong(text: "\(hits) hits, \(refusals) refusals") }
    }
  }

  private static func fail(at n: Int, _ stays: Bool, _ error: Int32) throws -> Run {
    let folder = try Folder(inMemory: true)
    var run = Run()
    do {
      let ledger = try Ledger(folder: folder.path)
      for number in 1...2 as ClosedRange<UInt32> { append(number, ledger, &run) }
      unsafe failing_disk_arm(folder.path, n, stays, error)
      for number in 3...5 as ClosedRange<UInt32> { append(number, ledger, &run) }
      // A checkpoint that fails is tried again; it refuses nothing.
      try? ledger.settle()
      append(6, ledger, &run)
      // As a kill leaves it while the disk is still broken.
      try check(folder, run, stays ? 1 : 0, "n \(n), errno \(error), killed")
      run.wasHit = failing_disk_disarm() >= n
      append(7, ledger, &run)
      if run.refused.contains(7) { throw Wrong(text: "n \(n): refused on a disk that is well") }
      try check(folder, run, 0, "n \(n), errno \(error), well again")
    }
    try check(folder, run, 0, "n \(n), errno \(error), ended")
    return run
  }

  /// Opens a copy. While the disk takes nothing at all, not even a cut, one refused entry may stand
  /// in the log; nothing can be written that would say so.
  private static func check(_ folder: Folder, _ run: Run, _ doubtful: Int, _ what: String) throws {
    let copy = try Folder(inMemory: true)
    for name in ["ledger.db", "ledger.db-wal", "ledger.anchor"] {
      try copy.write(name, folder.bytes(name))
    }
    let ledger = try Ledger(folder: copy.path)
    let found = try ledger.transactions(limit: 100).map { $0.stan }.reversed() as [UInt32]
    let extra = found.filter { !run.acknowledged.contains($0) }
    let missing = run.acknowledged.filter { !found.contains($0) }
    let live = try ledger.liveRecords().count
    if !missing.isEmpty || extra.count > doubtful || live != found.count {
      throw Wrong(text: "\(what): acknowledged \(run.acknowledged), found \(found)")
    }
  }

  private static func sweepStarts() throws {
    let master = try Folder(inMemory: true)
    var run = Run()
    let ledger = try Ledger(folder: master.path)
    for number in 1...4 as ClosedRange<UInt32> { append(number, ledger, &run) }
    for stays in [false, true] {
      var refused = 0
      for n in 1... {
        let copy = try Folder(inMemory: true)
        for name in ["ledger.db", "ledger.db-wal", "ledger.anchor"] {
          try copy.write(name, master.bytes(name))
        }
        unsafe failing_disk_arm(copy.path, n, stays, EIO)
        if (try? Ledger(folder: copy.path)) == nil { refused += 1 }
        if failing_disk_disarm() < n { break }
        try check(copy, run, 0, "start, n \(n)")
      }
      if refused < 5 { throw Wrong(text: "\(refused) starts refused") }
    }
  }
}
