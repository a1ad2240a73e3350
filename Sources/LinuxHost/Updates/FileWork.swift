// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import PaymentCrypto
import Updates

// Work on a whole bundle, in pieces: the loop has a terminal to run and a watchdog to feed.

/// Compares a file with what was signed.
final class BundleCheck {
  private static let piece = 262_144
  private let file: Descriptor
  private let target: Target
  private let found: Arrival

  /// Nil where the file cannot be opened.
  init?(_ path: String, _ target: Target) {
    guard let file = Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) else {
      return nil
    }
    self.file = file
    self.target = target
    found = Arrival(target)
  }

  /// One piece; the verdict when it is the last.
  func step() -> UpdateMachine.Event? {
    guard case .success(let part?) = readSome(file.number, limit: BundleCheck.piece) else {
      return .bundleLost
    }
    if part.isEmpty {
      do throws(Refusal) { try found.check() } catch { return .verified(false) }
      return .verified(true)
    }
    return found.take(part) && found.count <= target.length ? nil : .verified(false)
  }
}

/// Copies a file that a person has brought to where it stays, and says what it is.
final class OfferCopy {
  /// What becomes of it.
  enum End {
    /// It is there: its length and digests.
    case copied(length: Int64, Digests)
    /// It cannot be read, or there is no room for it.
    case failed
  }

  private static let piece = 262_144
  private static let syncPause: Int64 = 4_194_304
  private let source: Descriptor
  private let copy: Descriptor
  private var length: Int64 = 0
  private let short: RunningFileDigest
  private let long: RunningFileDigest

  private let limit: Int64

  /// Nil where one of them cannot be opened, or what is there is no plain file of at most so many
  /// bytes.
  init?(from path: String, to copyPath: String, atMost limit: Int64) {
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
    guard
      let source = Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)),
      OfferCopy.isPlain(source.number, atMost: limit),
      let copy = Descriptor(unsafe open(copyPath, flags, 0o600)),
      let short = RunningFileDigest(.sha256), let long = RunningFileDigest(.sha512)
    else { return nil }
    self.limit = limit
    self.source = source
    self.copy = copy
    self.short = short
    self.long = long
  }

  private static func isPlain(_ number: Int32, atMost limit: Int64) -> Bool {
    var about = stat()
    if unsafe fstat(number, &about) != 0 { return false }
    return about.st_mode & S_IFMT == S_IFREG && Int64(about.st_size) <= limit
  }

  /// One piece; how it ended when it was the last.
  func step() -> End? {
    guard case .success(let part?) = readSome(source.number, limit: OfferCopy.piece) else {
      return .failed
    }
    if part.isEmpty {
      if fsync(copy.number) != 0 { return .failed }
      guard let first = short.finish(), let second = long.finish() else { return .failed }
      return .copied(
        length: length, Digests([.init(.sha256, first), .init(.sha512, second)]))
    }
    length += Int64(part.count)
    // Not all of it waits for the last sync, for which the loop would wait.
    if length % OfferCopy.syncPause < Int64(part.count), fdatasync(copy.number) != 0 {
      return .failed
    }
    if length > limit || !short.append(part) || !long.append(part) { return .failed }
    var rest = part[...]
    while !rest.isEmpty {
      guard case .success(let count) = writeSome(copy.number, rest) else { return .failed }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}
