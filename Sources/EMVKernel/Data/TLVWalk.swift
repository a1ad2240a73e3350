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

/// Walks over the data objects of some bytes where they lie: nothing is copied. Its step is inlined
/// by other modules too, since a call costs a third of it.
public struct TLVWalk: Sendable {
  /// A data object where it lies; small, so that it is handed over in registers.
  public struct Object: Hashable, Sendable {
    /// The tag.
    public let tag: DataTag
    @usableFromInline let first: UInt32
    @usableFromInline let lower: UInt32
    @usableFromInline let upper: UInt32

    @inlinable init(tag: UInt32, start: Int, value: Range<Int>) {
      self.tag = DataTag(tag)
      first = UInt32(truncatingIfNeeded: start)
      lower = UInt32(truncatingIfNeeded: value.lowerBound)
      upper = UInt32(truncatingIfNeeded: value.upperBound)
    }

    /// Where its tag begins.
    public var start: Int { Int(first) }
    /// Where its value lies.
    public var value: Range<Int> { Int(lower)..<Int(upper) }
  }

  @usableFromInline let bytes: [UInt8]
  @usableFromInline var offset: Int
  @usableFromInline let end: Int

  /// Walks over all the bytes.
  @inlinable public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    offset = 0
    end = bytes.count
  }

  /// Walks over a part of the bytes.
  @inlinable public init(_ bytes: [UInt8], in range: Range<Int>) {
    precondition(range.upperBound <= bytes.count, "a part lies within the whole")
    self.bytes = bytes
    offset = range.lowerBound
    end = range.upperBound
  }

  /// The next object; nil at the end.
  @inlinable public mutating func next() throws(WireFault) -> Object? {
    var at = offset
    if at == end { return nil }
    var first = bytes[at]
    while first == 0 {
      at += 1
      offset = at
      if at == end { return nil }
      first = bytes[at]
    }
    let start = at
    at += 1
    if at == end {
      offset = end
      throw .truncated(offset: end, missing: 1)
    }
    // Most tags have one byte or two, and most lengths one.
    var tag = UInt32(first)
    if first & 0x1F == 0x1F {
      tag = tag << 8 | UInt32(bytes[at])
      at += 1
      if tag & 0xFF >= 0x80 { tag = try third(of: tag, &at) }
      if at == end { throw .truncated(offset: at, missing: 1) }
    }
    var length = Int(bytes[at])
    at += 1
    if length >= 0x80 { length = try longer(UInt8(length), &at) }
    if length > end - at { throw .truncated(offset: at, missing: length - (end - at)) }
    offset = at + length
    return Object(tag: tag, start: start, value: at..<offset)
  }

  @inline(never) @usableFromInline
  func third(of tag: UInt32, _ at: inout Int) throws(WireFault) -> UInt32 {
    if tag & 0xFF == 0x80 { throw .unexpected(offset: at - 1, byte: 0x80) }
    let byte = try byte(&at)
    if byte & 0x80 != 0 { throw .tooLong(offset: at - 1, limit: 3) }
    return tag << 8 | UInt32(byte)
  }

  @inline(never) @usableFromInline
  func longer(_ first: UInt8, _ at: inout Int) throws(WireFault) -> Int {
    switch first {
    case 0x81: return Int(try byte(&at))
    case 0x82: return Int(try byte(&at)) << 8 | Int(try byte(&at))
    default: throw .unexpected(offset: at - 1, byte: first)
    }
  }

  private func byte(_ at: inout Int) throws(WireFault) -> UInt8 {
    if at == end { throw .truncated(offset: at, missing: 1) }
    defer { at += 1 }
    return bytes[at]
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
