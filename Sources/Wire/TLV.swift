// SPDX-License-Identifier: Apache-2.0

// BER-TLV as cards and terminals use it (EMV 4.4 Book 3, Annex B):
//
//     tag      1 byte; where its low five bits are all set, more follow as long as bit 8 is set
//     length   one byte up to 7F; 81 or 82 or 83 and as many bytes, the most significant first
//     value    data, or further objects where bit 6 of the tag says so
//
// Zero bytes between objects are padding. The indefinite length (80) does not occur.

/// The tag of a data object: one to three bytes.
public struct TLVTag: Hashable, Sendable {
  /// The bytes as a number, the first the most significant: 0x9F26.
  public let rawValue: UInt32

  /// A tag; nil when the bytes of the number do not have the shape of one.
  public init?(_ rawValue: UInt32) {
    let bytes = TLVTag.bytes(rawValue)
    var reader = ByteReader(bytes)
    guard let tag = try? TLVTag(&reader), reader.isAtEnd, tag.rawValue == rawValue else {
      return nil
    }
    self = tag
  }

  init(_ reader: inout ByteReader) throws(WireFault) {
    let start = reader.offset
    let first = try reader.readByte()
    var value = UInt32(first)
    if first & 0x1F == 0x1F {
      var count = 1
      var more = true
      while more {
        if count == TLV.tagLimit { throw .tooLong(offset: start, limit: TLV.tagLimit) }
        let next = try reader.readByte()
        value = value << 8 | UInt32(next)
        count += 1
        more = next & 0x80 != 0
      }
    }
    rawValue = value
  }

  /// Whether the value holds further objects.
  public var isConstructed: Bool { bytes[0] & 0x20 != 0 }

  /// As they stand in front of the length.
  public var bytes: [UInt8] { TLVTag.bytes(rawValue) }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    let all = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    let zeros = all.prefix { $0 == 0 }.count
    return Array(all[min(zeros, 3)...])
  }
}

/// A data object: a tag and either bytes or further objects.
public struct TLV: Hashable, Sendable {
  /// The longest tag, bytes.
  static let tagLimit = 3

  /// What bounds the parsing of bytes from outside.
  public struct Limits: Hashable, Sendable {
    /// Objects within objects, the outermost counted.
    public var depth = 8
    /// The longest value, bytes.
    public var length = 4_096
    /// Objects in all.
    public var objects = 512

    /// The usual limits.
    public init() {}
  }

  /// The tag.
  public var tag: TLVTag
  /// The bytes of a primitive object, empty for a constructed one.
  public var value: [UInt8]
  /// The objects of a constructed object.
  public var children: [TLV]

  /// A primitive object.
  public init(_ tag: TLVTag, _ value: [UInt8]) {
    precondition(!tag.isConstructed, "bit 6 of the tag says what it holds")
    self.tag = tag
    self.value = value
    children = []
  }

  /// A constructed object.
  public init(_ tag: TLVTag, children: [TLV]) {
    precondition(tag.isConstructed, "bit 6 of the tag says what it holds")
    self.tag = tag
    value = []
    self.children = children
  }

  /// All objects of some bytes, in order.
  public static func parse(
    _ bytes: [UInt8], limits: Limits = Limits()
  ) throws(WireFault) -> [TLV] {
    var reader = ByteReader(bytes)
    var objects = limits.objects
    return try parse(&reader, limits, depth: 1, &objects)
  }

  private static func parse(
    _ reader: inout ByteReader, _ limits: Limits, depth: Int, _ objects: inout Int
  ) throws(WireFault) -> [TLV] {
    if depth > limits.depth { throw .tooDeep(offset: reader.offset) }
    var found: [TLV] = []
    while let next = reader.next {
      if next == 0 {
        try reader.skip(1)
        continue
      }
      let start = reader.offset
      objects -= 1
      if objects < 0 { throw .tooLong(offset: start, limit: limits.objects) }
      let tag = try TLVTag(&reader)
      let length = try readLength(&reader, limits)
      var part = try reader.split(length)
      if tag.isConstructed {
        found.append(TLV(tag, children: try parse(&part, limits, depth: depth + 1, &objects)))
      } else {
        found.append(TLV(tag, part.readRest()))
      }
    }
    return found
  }

  static func readLength(
    _ reader: inout ByteReader, _ limits: Limits
  ) throws(WireFault) -> Int {
    let start = reader.offset
    let first = try reader.readByte()
    var length = Int(first)
    switch first {
    case 0...0x7F: break
    case 0x81...0x83:
      length = 0
      for byte in try reader.read(Int(first & 0x7F)) { length = length << 8 | Int(byte) }
    default: throw .unexpected(offset: start, byte: first)
    }
    if length > limits.length { throw .tooLong(offset: start, limit: limits.length) }
    return length
  }

  /// The object's bytes, its length in the shortest form.
  public var encoded: [UInt8] {
    let content = tag.isConstructed ? children.flatMap { $0.encoded } : value
    let count = content.count
    precondition(count <= 0xFF_FFFF, "no object is so long")
    var length: [UInt8]
    switch count {
    case 0...0x7F: length = [UInt8(count)]
    case 0x80...0xFF: length = [0x81, UInt8(count)]
    case 0x100...0xFFFF: length = [0x82, UInt8(count >> 8), UInt8(count & 0xFF)]
    default: length = [0x83, UInt8(count >> 16), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF)]
    }
    return tag.bytes + length + content
  }

  /// The first object with this tag, at any depth, in the order of the bytes.
  public static func first(_ tag: TLVTag, in objects: [TLV]) -> TLV? {
    for object in objects {
      if object.tag == tag { return object }
      if let found = first(tag, in: object.children) { return found }
    }
    return nil
  }
}
