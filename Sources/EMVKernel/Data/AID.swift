// SPDX-License-Identifier: Apache-2.0

/// The name of an application: 5...16 bytes (EMV 4.4 Book 1, 12.2.1).
public struct AID: Hashable, Sendable {
  /// 5...16 bytes.
  public let bytes: [UInt8]

  /// Nil outside 5...16 bytes.
  public init?(_ bytes: [UInt8]) {
    if !(5...16).contains(bytes.count) { return nil }
    self.bytes = bytes
  }

  /// Whether this name begins with the whole of another.
  public func begins(with other: AID) -> Bool { bytes.starts(with: other.bytes) }
}

/// A language by its two small letters (ISO 639).
public struct Language: Hashable, Sendable {
  /// The letters, the first in the higher byte.
  public let code: UInt16

  /// Two letters, either case; nil for anything else.
  public init?(_ first: UInt8, _ second: UInt8) {
    let one = first | 0x20
    let two = second | 0x20
    if !(0x61...0x7A).contains(one) || !(0x61...0x7A).contains(two) { return nil }
    code = UInt16(one) << 8 | UInt16(two)
  }

  /// Two letters.
  public var text: String {
    String(
      decoding: [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)],
      as: UTF8.self)
  }
}
