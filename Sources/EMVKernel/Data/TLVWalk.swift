// SPDX-License-Identifier: Apache-2.0

// BER-TLV on a card's interface (EMV 4.4 Book 3, Annex B):
//
//     tag      one byte; where its low five bits are all set, one or two more follow
//     length   one byte up to 7F; 81 or 82 and as many bytes
//     value    data, or further objects where bit 6 of the tag says so
//
// Zero bytes before, between and behind objects are padding; FF is not. A length does not have to
// be the shortest; the indefinite one (80) does not occur. A second byte of a tag that is 80 is
// refused.

public import Wire

/// Walks over the data objects of some bytes where they lie: nothing is copied.
public struct TLVWalk: Sendable {
  /// A data object where it lies.
  public struct Object: Hashable, Sendable {
    /// The tag.
    public let tag: DataTag
    /// Where its tag begins.
    public let start: Int
    /// Where its value lies.
    public let value: Range<Int>
  }

  private let bytes: [UInt8]
  private var offset: Int
  private let end: Int

  /// Walks over all the bytes.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  /// Walks over a part of the bytes.
  public init(_ bytes: [UInt8], in range: Range<Int>) {
    precondition(range.upperBound <= bytes.count, "a part lies within the whole")
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The next object; nil at the end.
  public mutating func next() throws(WireFault) -> Object? {
    while offset < end, bytes[offset] == 0 { offset += 1 }
    if offset == end { return nil }
    let start = offset
    let tag = try readTag()
    let length = try readLength()
    if length > end - offset {
      throw .truncated(offset: offset, missing: length - (end - offset))
    }
    let value = offset..<offset + length
    offset += length
    return Object(tag: DataTag(tag), start: start, value: value)
  }

  private mutating func readTag() throws(WireFault) -> UInt32 {
    var tag = UInt32(bytes[offset])
    offset += 1
    if tag & 0x1F != 0x1F { return tag }
    var byte = try readByte()
    if byte == 0x80 { throw .unexpected(offset: offset - 1, byte: byte) }
    tag = tag << 8 | UInt32(byte)
    if byte & 0x80 == 0 { return tag }
    byte = try readByte()
    if byte & 0x80 != 0 { throw .tooLong(offset: offset - 1, limit: 3) }
    return tag << 8 | UInt32(byte)
  }

  private mutating func readLength() throws(WireFault) -> Int {
    let first = try readByte()
    if first < 0x80 { return Int(first) }
    switch first {
    case 0x81: return Int(try readByte())
    case 0x82: return Int(try readByte()) << 8 | Int(try readByte())
    default: throw .unexpected(offset: offset - 1, byte: first)
    }
  }

  private mutating func readByte() throws(WireFault) -> UInt8 {
    if offset == end { throw .truncated(offset: offset, missing: 1) }
    let byte = bytes[offset]
    offset += 1
    return byte
  }
}

extension TLVWalk {
  /// Refuses bytes that are not data objects through and through, templates within them included.
  static func check(
    _ bytes: [UInt8], in range: Range<Int>, depth: Int = KernelLimits.depth
  ) throws(WireFault) {
    if depth == 0 { throw .tooDeep(offset: range.lowerBound) }
    var walk = TLVWalk(bytes, in: range)
    while let object = try walk.next() {
      if object.tag.isConstructed { try check(bytes, in: object.value, depth: depth - 1) }
    }
  }

  /// Whether some bytes are data objects through and through.
  static func isSound(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
    do throws(WireFault) {
      try check(bytes, in: range)
      return true
    } catch {
      return false
    }
  }

  /// The one object that some bytes are, with padding around it; nil for anything else.
  static func only(_ tag: DataTag, in bytes: [UInt8]) -> Range<Int>? {
    var walk = TLVWalk(bytes)
    do throws(WireFault) {
      guard let object = try walk.next(), object.tag == tag, try walk.next() == nil else {
        return nil
      }
      return object.value
    } catch {
      return nil
    }
  }

  /// The first object with this tag at this level; nil where there is none with a value, since one
  /// without is taken as absent (EMV 4.4 Book 3, 5.2), or where the bytes are no objects.
  static func first(_ tag: DataTag, in bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
    var walk = TLVWalk(bytes, in: range)
    while let object = try? walk.next() {
      if object.tag == tag { return object.value.isEmpty ? nil : object.value }
    }
    return nil
  }
}
