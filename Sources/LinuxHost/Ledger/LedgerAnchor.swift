// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Glibc

//   offset 0      posd-anchor 1 00000000000000000041 <digest>   written in turn
//   offset 4096   posd-anchor 1 00000000000000000042 <digest>
//
// SQLite takes a log that is missing, or wrong from some place on, for one that ends there. The
// anchor is how the ledger knows better. It is written behind every acknowledged entry and synced
// only with a checkpoint, so it costs the sale no sync; after a power cut it may name an older
// entry than the last, never one that was not on disk: whoever notes an entry has synced it.

/// The number of the last acknowledged entry, in a file beside the ledger.
final class LedgerAnchor {
  private static let slotSize = 4_096
  private static let digits = 20

  /// The last entry that is known to have been acknowledged.
  private(set) var sequence: Int64
  private let path: String
  private let file: Descriptor
  private var slot = 0
  /// What a killed program wrote into it may never have been synced.
  private var isSynced = false

  /// The anchor of a ledger.
  static func path(beside ledger: String) -> String {
    guard let slash = ledger.lastIndex(of: "/") else { return "ledger.anchor" }
    return ledger[..<slash] + "/ledger.anchor"
  }

  /// Opens the anchor of a folder; nil when there is none.
  init?(folder: String) throws(LedgerFault) {
    path = folder + "/ledger.anchor"
    guard let file = Descriptor(unsafe open(path, O_RDWR | O_CLOEXEC)) else {
      if errno == ENOENT { return nil }
      throw .failed(path: path, SystemFault(code: errno).text)
    }
    guard let bytes = FileSystem.read(path, limit: LedgerAnchor.slotSize * 2) else {
      throw .anchorDamaged(path: path)
    }
    // A power cut tears the slot that is being written; the other one is an entry older.
    let slots = [0, LedgerAnchor.slotSize].map { offset in
      LedgerAnchor.sequence(bytes.dropFirst(offset).prefix(LedgerAnchor.line(0).count))
    }
    guard let highest = slots.compactMap({ $0 }).max() else {
      throw .anchorDamaged(path: path)
    }
    sequence = highest
    slot = slots[0] == highest ? 1 : 0
    self.file = consume file
  }

  /// Makes the anchor of a ledger that has no entry yet; whole or not at all.
  static func make(folder: String) throws(LedgerFault) {
    let path = folder + "/ledger.anchor"
    var bytes = LedgerAnchor.line(0)
    bytes += [UInt8](repeating: 0x20, count: slotSize - bytes.count)
    // One that a power cut left half made is nobody's.
    _ = unsafe unlink(path + ".new")
    guard FileSystem.create(path + ".new", bytes + bytes),
      unsafe rename(path + ".new", path) == 0, FileSystem.syncFolder(folder)
    else {
      if errno == ENOSPC { throw .diskFull(path: path) }
      throw .failed(path: path, SystemFault(code: errno).text)
    }
  }

  /// An entry has been acknowledged.
  func note(_ acknowledged: Int64) {
    if acknowledged <= sequence { return }
    sequence = acknowledged
    isSynced = false
    let line = LedgerAnchor.line(acknowledged)
    let offset = off_t(slot * LedgerAnchor.slotSize)
    slot = 1 - slot
    // A line that is not written names an older entry: less is then noticed, and nothing refused.
    _ = unsafe line.withUnsafeBytes { unsafe pwrite(file.number, $0.baseAddress, $0.count, offset) }
  }

  /// Puts the anchor on disk; false when the system refuses.
  func sync() -> Bool {
    if !isSynced, fdatasync(file.number) != 0 { return false }
    isSynced = true
    return true
  }

  private static func line(_ sequence: Int64) -> [UInt8] {
    let number = String(sequence)
    let text = "posd-anchor 1 " + String(repeating: "0", count: digits - number.count) + number
    var digest = Digest()
    digest.add(text.utf8)
    let sum = String(digest.value, radix: 16)
    let zeros = String(repeating: "0", count: 16 - sum.count)
    return Array((text + " " + zeros + sum + "\n").utf8)
  }

  private static func sequence(_ bytes: ArraySlice<UInt8>) -> Int64? {
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    guard words.count == 4, let number = Int64(words[2]), number >= 0,
      line(number) == Array(bytes)
    else { return nil }
    return number
  }
}
