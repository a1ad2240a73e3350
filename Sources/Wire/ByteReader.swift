// SPDX-License-Identifier: Apache-2.0

/// Reads bytes from front to back and never past their end.
public struct ByteReader: Hashable, Sendable {
  private let bytes: [UInt8]
  private let end: Int

  /// Offset of the next byte, counted from the beginning of the bytes given at first.
  public private(set) var offset: Int

  /// Reads `bytes` from the beginning.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    self.offset = 0
    self.end = bytes.count
  }

  private init(_ bytes: [UInt8], from offset: Int, to end: Int) {
    self.bytes = bytes
    self.offset = offset
    self.end = end
  }

  /// How many bytes are left.
  public var remaining: Int { end - offset }

  /// Whether all bytes have been read.
  public var isAtEnd: Bool { offset == end }

  /// The next byte without reading it, or nil at the end.
  public var next: UInt8? { offset < end ? bytes[offset] : nil }

  /// Reads one byte.
  public mutating func readByte() throws(WireFault) -> UInt8 {
    try need(1)
    defer { offset += 1 }
    return bytes[offset]
  }

  /// Reads two bytes, the more significant first.
  public mutating func readUInt16() throws(WireFault) -> UInt16 {
    UInt16(try readInteger(bytes: 2))
  }

  /// Reads four bytes, the most significant first.
  public mutating func readUInt32() throws(WireFault) -> UInt32 {
    UInt32(try readInteger(bytes: 4))
  }

  /// Reads eight bytes, the most significant first.
  public mutating func readUInt64() throws(WireFault) -> UInt64 {
    try readInteger(bytes: 8)
  }

  /// Reads `count` bytes.
  public mutating func read(_ count: Int) throws(WireFault) -> [UInt8] {
    try need(count)
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  /// Reads everything that is left.
  public mutating func readRest() -> [UInt8] {
    defer { offset = end }
    return Array(bytes[offset..<end])
  }

  /// Passes over `count` bytes.
  public mutating func skip(_ count: Int) throws(WireFault) {
    try need(count)
    offset += count
  }

  /// A reader for the next `count` bytes alone, with offsets that go on counting from the
  /// beginning; this reader continues behind them.
  public mutating func split(_ count: Int) throws(WireFault) -> ByteReader {
    try need(count)
    defer { offset += count }
    return ByteReader(bytes, from: offset, to: offset + count)
  }

  /// Refuses bytes that are left over.
  public func finish() throws(WireFault) {
    if !isAtEnd { throw .leftOver(offset: offset, count: remaining) }
  }

  private mutating func readInteger(bytes count: Int) throws(WireFault) -> UInt64 {
    try need(count)
    var value: UInt64 = 0
    for _ in 0..<count {
      value = value << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return value
  }

  private func need(_ count: Int) throws(WireFault) {
    precondition(count >= 0, "a count of bytes is never negative: lengths are checked when parsed")
    if count > remaining { throw .truncated(offset: offset, missing: count - remaining) }
  }
}
