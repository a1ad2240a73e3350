// SPDX-License-Identifier: Apache-2.0

import Wire

/// A data object list as the card that sent it reads what comes back (EMV 4.4 Book 3, 5.4).
public struct DataList: Hashable, Sendable {
  /// One entry.
  private struct Entry: Hashable, Sendable {
    var tag: TLVTag
    var count: Int
  }
  private var entries: [Entry] = []

  /// The list that asks for nothing.
  public static var empty: DataList { DataList() }

  private init() {}

  /// A list; nil when it ends inside an entry.
  public init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while let first = rest.first {
      var count = 1
      if first & 0x1F == 0x1F {
        while count < rest.count, rest[rest.startIndex + count] & 0x80 != 0 { count += 1 }
        count += 1
      }
      guard rest.count > count else { return nil }
      var number: UInt32 = 0
      for byte in rest.prefix(min(count, 4)) { number = number << 8 | UInt32(byte) }
      guard let tag = TLVTag(number) else { return nil }
      entries.append(Entry(tag: tag, count: Int(rest[rest.startIndex + count])))
      rest = rest.dropFirst(count + 1)
    }
  }

  /// How many bytes have to come.
  public var byteCount: Int { entries.reduce(0) { $0 + $1.count } }

  /// What a terminal sends for it; zeros for what it does not know. The values have the lengths that
  /// the list asks for, or are cut and filled as bits are.
  public func bytes(_ value: (UInt32) -> [UInt8]?) -> [UInt8] {
    entries.flatMap { entry in
      let known = value(entry.tag.rawValue) ?? []
      return known.prefix(entry.count)
        + [UInt8](repeating: 0, count: max(0, entry.count - known.count))
    }
  }

  /// The part of what came that belongs to a tag.
  public func value(_ tag: UInt32, in data: [UInt8]) -> [UInt8]? {
    var offset = 0
    for entry in entries {
      if entry.tag.rawValue == tag, offset + entry.count <= data.count {
        return Array(data[offset..<offset + entry.count])
      }
      offset += entry.count
    }
    return nil
  }
}

/// A data object of a card, right or wrong: a constructed one is not looked into.
public struct CardObject: Hashable, Sendable {
  /// The tag's number.
  public var tag: UInt32
  /// The content.
  public var value: [UInt8]

  /// An object.
  public init(_ tag: UInt32, _ value: [UInt8]) {
    self.tag = tag
    self.value = value
  }

  /// Tag, length and content.
  public var bytes: [UInt8] {
    var tagBytes: [UInt8] = []
    for shift in [24, 16, 8, 0] as [UInt32] {
      let byte = UInt8(truncatingIfNeeded: tag >> shift)
      if byte != 0 || !tagBytes.isEmpty { tagBytes.append(byte) }
    }
    let count = value.count
    let length: [UInt8] =
      count < 0x80
      ? [UInt8(count)]
      : count < 0x100 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
    return tagBytes + length + value
  }
}

extension [CardObject] {
  /// One behind the other.
  var bytes: [UInt8] { flatMap { $0.bytes } }
}
