// SPDX-License-Identifier: Apache-2.0

import Wire

//   message type │ bitmap (│ second bitmap) │ elements in ascending order
//
// Bit n of the bitmaps says that element n follows; bit 1 says that a second bitmap follows.

/// Turns messages into bytes and bytes into messages, by a table.
public struct Codec: Hashable, Sendable {
  /// The table.
  public let table: MessageTable

  /// A codec for this table.
  public init(table: MessageTable) { self.table = table }

  /// The bytes of a message.
  public func encode(_ message: Message) throws(CodecFault) -> [UInt8] {
    var out = try head(message)
    for element in message.present {
      guard let content = message[element] else { continue }
      try write(content, element, &out)
    }
    if out.count > table.limit { throw CodecFault(0, table.limit, .tooLong) }
    return out
  }

  /// The bytes of a message whose last element, 64, is a MAC over everything before it; `mac` makes
  /// its eight bytes, or nil if it cannot.
  public func encode(
    _ message: Message, mac: ([UInt8]) -> [UInt8]?
  ) throws(CodecFault) -> [UInt8] {
    var marked = message
    marked[64] = [UInt8](repeating: 0, count: 8)
    if message.present.contains(where: { $0 > 64 }) {
      // A MAC that is not the last element would have to be spliced in; no message here has one.
      return try encode(message)
    }
    let bytes = try encode(marked)
    let covered = Array(bytes.dropLast(8))
    guard let code = mac(covered), code.count == 8 else {
      throw CodecFault(64, covered.count, .noMAC)
    }
    return covered + code
  }

  /// The message of some bytes; the fault says how far they made sense.
  public func decode(_ bytes: [UInt8]) throws(CodecFault) -> Message {
    if bytes.count > table.limit { throw CodecFault(0, table.limit, .tooLong) }
    var cursor = Cursor(bytes: bytes)
    var message = Message(mti: try readType(&cursor))
    var present = try readBitmap(&cursor, base: 0)
    if present.first == 1 {
      present.removeFirst()
      if !table.allowsSecondBitmap { throw CodecFault(1, cursor.offset, .secondBitmap) }
      present += try readBitmap(&cursor, base: 64)
    }
    for element in present {
      do {
        message[element] = try read(element, &cursor)
      } catch {
        var fault = error
        fault.partial = message
        throw fault
      }
    }
    if cursor.offset < bytes.count {
      throw CodecFault(0, cursor.offset, .leftOver, partial: message)
    }
    return message
  }

  private func head(_ message: Message) throws(CodecFault) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(256)
    if !message.mti.allSatisfy({ (0x30...0x39).contains($0) }) { throw CodecFault(0, 0, .content) }
    switch table.messageType {
    case .ascii: out += message.mti
    case .bcd: out += BCD.pack(message.mti.map { $0 - 0x30 })
    }
    var map = [UInt8](repeating: 0, count: 16)
    for element in message.present {
      map[(element - 1) / 8] |= 0x80 >> UInt8((element - 1) % 8)
    }
    let isLong = map[8...].contains { $0 != 0 }
    if isLong, !table.allowsSecondBitmap { throw CodecFault(1, out.count, .secondBitmap) }
    if isLong { map[0] |= 0x80 }
    let written = isLong ? map : Array(map[..<8])
    switch table.bitmap {
    case .raw: out += written
    case .hex: out += Nibbles.hexDigits(written)
    }
    return out
  }

  private func readType(_ cursor: inout Cursor) throws(CodecFault) -> [UInt8] {
    let start = cursor.offset
    let digits: [UInt8]
    switch table.messageType {
    case .ascii: digits = try cursor.read(4, for: 0)
    case .bcd: digits = BCD.unpack(try cursor.read(2, for: 0)).map { $0 + 0x30 }
    }
    if !digits.allSatisfy({ (0x30...0x39).contains($0) }) { throw CodecFault(0, start, .content) }
    return digits
  }

  private func readBitmap(_ cursor: inout Cursor, base: Int) throws(CodecFault) -> [Int] {
    let start = cursor.offset
    let map: [UInt8]
    switch table.bitmap {
    case .raw:
      map = try cursor.read(8, for: 1)
    case .hex:
      guard let bytes = Nibbles.bytes(hexDigits: try cursor.read(16, for: 1)) else {
        throw CodecFault(1, start, .content)
      }
      map = bytes
    }
    var present: [Int] = []
    for bit in 0..<64 where map[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
      present.append(base + bit + 1)
    }
    return present
  }
}

/// A place in the bytes of a message.
struct Cursor {
  let bytes: [UInt8]
  var offset = 0

  mutating func read(_ count: Int, for element: Int) throws(CodecFault) -> [UInt8] {
    if bytes.count - offset < count { throw CodecFault(element, offset, .truncated) }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }
}
