// SPDX-License-Identifier: Apache-2.0

/// What an answer to `Range: bytes=N-` means (RFC 9110, 14 and 15.3.7), judged by ourselves:
/// whatever a mirror sends, what is on the disk is a beginning of one file.
public enum RangeAnswer: Hashable, Sendable {
  /// What comes belongs behind what is there.
  case append
  /// What comes is the file from its beginning: what is there goes away first.
  case restart
  /// What is there is of another file, or the mirror cannot be made sense of: nothing of this
  /// answer is taken, what is there goes away, and it is asked for from the beginning.
  case discard
  /// Everything is there already.
  case complete
  /// Not from this mirror.
  case final
  /// Later; after so many seconds if the mirror says so.
  case later(seconds: Int64?)

  /// Judges an answer.
  /// - Parameters:
  ///   - status: The status of the answer.
  ///   - range: The value of `Content-Range`, if there is one.
  ///   - retryAfter: Seconds of `Retry-After`, if it says seconds.
  ///   - offset: How many bytes are there, which is what was asked for; 0 means without a range.
  ///   - length: How many there are in all, as signed.
  public static func judge(
    status: UInt16, range: ByteString?, retryAfter: Int64?, offset: Int64, length: Int64
  ) -> RangeAnswer {
    switch status {
    case 200: return .restart
    case 206:
      guard let range, let told = told(range), offset > 0 else { return .discard }
      let isOurs = told.first == offset && told.last == length - 1 && told.total == length
      return isOurs ? .append : .discard
    case 416: return offset == length ? .complete : .discard
    case 429, 503: return .later(seconds: retryAfter.map { min(max($0, 1), 3_600) })
    case 500...599: return .later(seconds: nil)
    default: return .final
    }
  }

  /// `bytes FIRST-LAST/TOTAL`.
  private static func told(_ text: ByteString) -> (first: Int64, last: Int64, total: Int64)? {
    let prefix: ByteString = "bytes "
    guard text.hasPrefix(prefix) else { return nil }
    let rest = text.bytes.dropFirst(prefix.bytes.count)
    let halves = rest.split(separator: 0x2F, omittingEmptySubsequences: false)
    guard halves.count == 2 else { return nil }
    let ends = halves[0].split(separator: 0x2D, omittingEmptySubsequences: false)
    guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]),
      let total = number(halves[1])
    else { return nil }
    return (first, last, total)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
  }
}
