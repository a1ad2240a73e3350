// SPDX-License-Identifier: Apache-2.0

import Wire

/// The tag of a data object of one to three bytes, as a number: 0x9F26.
public struct DataTag: RawRepresentable, Hashable, Sendable {
  /// The bytes as a number, the first the most significant.
  public let rawValue: UInt32

  /// A tag.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A tag.
  @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// Whether the value holds further objects: bit 6 of the first byte.
  public var isConstructed: Bool {
    let first = rawValue > 0xFFFF ? rawValue >> 16 : rawValue > 0xFF ? rawValue >> 8 : rawValue
    return first & 0x20 != 0
  }

  /// As they stand in front of the length.
  public var bytes: [UInt8] {
    let low = UInt8(truncatingIfNeeded: rawValue)
    let middle = UInt8(truncatingIfNeeded: rawValue >> 8)
    if rawValue <= 0xFF { return [low] }
    if rawValue <= 0xFFFF { return [middle, low] }
    return [UInt8(truncatingIfNeeded: rawValue >> 16), middle, low]
  }
}

/// A primitive data object; its value does not print.
public struct DataObject: Hashable, Sendable, CustomStringConvertible {
  /// The tag.
  public var tag: DataTag
  private var secret: SecretBytes

  /// An object of a tag and a value.
  public init(_ tag: DataTag, _ value: [UInt8]) {
    self.tag = tag
    secret = SecretBytes(value)
  }

  /// The value.
  public var value: [UInt8] { secret.exposed }

  /// The tag and the number of bytes.
  public var description: String { "\(Hex.text(tag.bytes)) of \(secret.count) bytes" }

  /// Tag, length and value.
  public var encoded: [UInt8] { tag.bytes + DataObject.length(secret.count) + value }

  /// A length in its shortest form.
  static func length(_ count: Int) -> [UInt8] {
    precondition(count <= 0xFFFF, "no object of a card or an issuer is so long")
    if count < 0x80 { return [UInt8(count)] }
    if count < 0x100 { return [0x81, UInt8(count)] }
    return [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
  }
}
