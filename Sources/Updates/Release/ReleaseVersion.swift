// SPDX-License-Identifier: Apache-2.0

/// The version of a release: one to four numbers with dots, compared number by number.
///
/// `2026.5` and `2026.05.0` are the same version: what is missing is zero, and leading zeros do not
/// count.
public struct ReleaseVersion: Hashable, Comparable, Sendable {
  /// The most digits of one number.
  public static let digitLimit = 9

  /// Before every release.
  public static let none = ReleaseVersion(first: 0, second: 0, third: 0, fourth: 0)

  private let first: UInt32
  private let second: UInt32
  private let third: UInt32
  private let fourth: UInt32

  private init(first: UInt32, second: UInt32, third: UInt32, fourth: UInt32) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  /// Of its text; nil for any other text.
  public init?(_ text: ByteString) {
    let parts = text.bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
    guard (1...4).contains(parts.count) else { return nil }
    var numbers: [UInt32] = [0, 0, 0, 0]
    for (index, part) in parts.enumerated() {
      guard (1...ReleaseVersion.digitLimit).contains(part.count),
        part.allSatisfy({ (0x30...0x39).contains($0) })
      else { return nil }
      numbers[index] = part.reduce(0) { $0 * 10 + UInt32($1 - 0x30) }
    }
    self.init(first: numbers[0], second: numbers[1], third: numbers[2], fourth: numbers[3])
  }

  /// Number by number.
  public static func < (left: ReleaseVersion, right: ReleaseVersion) -> Bool {
    if left.first != right.first { return left.first < right.first }
    if left.second != right.second { return left.second < right.second }
    if left.third != right.third { return left.third < right.third }
    return left.fourth < right.fourth
  }
}

extension ReleaseVersion: CustomStringConvertible {
  /// In its shortest spelling with three numbers, or with four.
  public var description: String {
    "\(first).\(second).\(third)" + (fourth == 0 ? "" : ".\(fourth)")
  }

  /// The same as bytes.
  public var text: ByteString { ByteString(description) }
}
