// SPDX-License-Identifier: Apache-2.0

import Glibc

//   header   magic, version, page size, count, salt (8), sum (8)                      32 bytes
//   frame    page number, size of the database if it ends a commit, salt, sum; page   24 + page
//
// Each sum goes on from the one before it, so SQLite's recovery ends at the first wrong frame. A
// torn end is right to leave out: every commit is synced before the next one begins, so the one
// that was under way at a power cut was never acknowledged. But a commit behind the wrong place
// proves that what stood there had been synced.

/// SQLite's write-ahead log as it lies on disk (SQLite file format, 4).
struct LedgerLog: Hashable, Sendable {
  private static let headerSize = 32
  private static let frameHeaderSize = 24
  /// Far above what a ledger leaves, whose log is emptied after some 1000 pages.
  private static let sizeLimit = 268_435_456

  /// Where each whole commit ends, the oldest first.
  private(set) var ends: [Int] = []
  /// Where a frame is wrong although a later commit stands behind it.
  private(set) var damage: Int?

  /// Reads a log; nil when there is none, or none that can be looked into.
  init?(path: String) {
    guard let bytes = FileSystem.read(path, limit: LedgerLog.sizeLimit), !bytes.isEmpty else {
      return nil
    }
    self.init(bytes)
  }

  /// Looks through a log.
  init(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { buffer in
      if let frames = unsafe Frames(buffer) { scan(frames) }
    }
  }

  /// Takes the last commit out of a log that no program has open; false when the system refuses.
  static func cutLastCommit(path: String) -> Bool {
    guard let log = LedgerLog(path: path), !log.ends.isEmpty else { return false }
    guard let file = Descriptor(unsafe open(path, O_RDWR | O_CLOEXEC)) else { return false }
    let length = log.ends.dropLast().last ?? 0
    return ftruncate(file.number, off_t(length)) == 0 && fsync(file.number) == 0
  }

  /// Writes a log over itself and syncs it; false when the system refuses. After a failed sync the
  /// kernel takes its pages for written (fsync(2), notes), and only what is written again is synced
  /// again.
  static func rewrite(path: String) -> Bool {
    guard let bytes = FileSystem.read(path, limit: LedgerLog.sizeLimit),
      let file = Descriptor(unsafe open(path, O_WRONLY | O_CLOEXEC))
    else { return false }
    var rest = bytes[...]
    while !rest.isEmpty {
      guard case .success(let count) = writeSome(file.number, rest) else { return false }
      rest = rest.dropFirst(count)
    }
    return fsync(file.number) == 0
  }

  private mutating func scan(_ frames: Frames) {
    var position = LedgerLog.headerSize
    var sum = frames.headerSum
    while let frame = frames.frame(at: position), frames.verifies(position, from: sum) {
      sum = frame.sum
      position += frames.size
      if frame.endsCommit { ends.append(position) }
    }
    let wrong = position
    var commitSeen = false
    while let frame = frames.frame(at: position) {
      // The sum of the frame before it is believed if this one agrees with it.
      if commitSeen, let before = frames.frame(at: position - frames.size),
        frames.verifies(position, from: before.sum)
      {
        damage = wrong
        return
      }
      if frame.isOurs, frame.endsCommit { commitSeen = true }
      position += frames.size
    }
  }

  private struct Sum: Hashable {
    var first: UInt32
    var second: UInt32
  }

  private struct Frame {
    var isOurs: Bool
    var endsCommit: Bool
    var sum: Sum
  }

  /// The frames behind a valid header.
  @safe private struct Frames {
    private let bytes: UnsafeRawBufferPointer
    private let isBigEndian: Bool
    private let pageSize: Int
    let headerSum: Sum

    init?(_ bytes: UnsafeRawBufferPointer) {
      guard bytes.count >= headerSize else { return nil }
      unsafe self.bytes = bytes
      let magic = unsafe Frames.number(bytes, 0)
      isBigEndian = magic == 0x377F_0683
      pageSize = unsafe Int(Frames.number(bytes, 8))
      headerSum = unsafe Sum(first: Frames.number(bytes, 24), second: Frames.number(bytes, 28))
      guard magic & ~1 == 0x377F_0682, pageSize >= 512, pageSize <= 65_536,
        pageSize & (pageSize - 1) == 0,
        added(0, 24, to: Sum(first: 0, second: 0)) == headerSum
      else { return nil }
    }

    var size: Int { frameHeaderSize + pageSize }

    func frame(at position: Int) -> Frame? {
      guard position >= headerSize, unsafe position + size <= bytes.count else { return nil }
      return unsafe Frame(
        isOurs: Frames.number(bytes, position) != 0
          && Frames.number(bytes, position + 8) == Frames.number(bytes, 16)
          && Frames.number(bytes, position + 12) == Frames.number(bytes, 20),
        endsCommit: Frames.number(bytes, position + 4) != 0,
        sum: Sum(
          first: Frames.number(bytes, position + 16), second: Frames.number(bytes, position + 20)))
    }

    func verifies(_ position: Int, from sum: Sum) -> Bool {
      guard let frame = frame(at: position), frame.isOurs else { return false }
      let head = added(position, 8, to: sum)
      return added(position + frameHeaderSize, pageSize, to: head) == frame.sum
    }

    /// SQLite file format, 4.2.
    private func added(_ start: Int, _ count: Int, to sum: Sum) -> Sum {
      var first = sum.first
      var second = sum.second
      var at = start
      while at < start + count {
        first = first &+ word(at) &+ second
        second = second &+ word(at + 4) &+ first
        at += 8
      }
      return Sum(first: first, second: second)
    }

    private func word(_ at: Int) -> UInt32 {
      let big = unsafe Frames.number(bytes, at)
      return isBigEndian ? big : big.byteSwapped
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
      unsafe UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
    }
  }
}
