// SPDX-License-Identifier: Apache-2.0

import Wire

extension Codec {
  func write(_ content: [UInt8], _ element: Int, _ out: inout [UInt8]) throws(CodecFault) {
    guard let format = table[element] else { throw CodecFault(element, out.count, .undefined) }
    let content = try padded(content, format, element, at: out.count)
    if content.count > format.maximum { throw CodecFault(element, out.count, .length) }
    switch format.length {
    case .fixed: break
    case .ll: writePrefix(content.count, digits: 2, format.prefix, &out)
    case .lll: writePrefix(content.count, digits: 3, format.prefix, &out)
    }
    switch format.data {
    case .bytes:
      out += content
    case .digits:
      if !content.allSatisfy({ (0x30...0x39).contains($0) }) {
        throw CodecFault(element, out.count, .content)
      }
      out += content
    case .hex:
      out += Nibbles.hexDigits(content)
    case .packed:
      out += try pack(content, format, element, at: out.count)
    }
  }

  func read(_ element: Int, _ cursor: inout Cursor) throws(CodecFault) -> [UInt8] {
    guard let format = table[element] else {
      throw CodecFault(element, cursor.offset, .undefined)
    }
    let count = try readLength(element, format, &cursor)
    let start = cursor.offset
    switch format.data {
    case .bytes:
      return try cursor.read(count, for: element)
    case .digits:
      let content = try cursor.read(count, for: element)
      if let bad = content.firstIndex(where: { !(0x30...0x39).contains($0) }) {
        throw CodecFault(element, start + bad, .content)
      }
      return content
    case .hex:
      guard let bytes = Nibbles.bytes(hexDigits: try cursor.read(count * 2, for: element)) else {
        throw CodecFault(element, start, .content)
      }
      return bytes
    case .packed:
      let nibbles = BCD.unpack(try cursor.read((count + 1) / 2, for: element))
      return try unpack(nibbles, count, format, element, at: start)
    }
  }

  private func readLength(
    _ element: Int, _ format: ElementFormat, _ cursor: inout Cursor
  ) throws(CodecFault) -> Int {
    let digits: Int
    switch format.length {
    case .fixed(let count): return count
    case .ll: digits = 2
    case .lll: digits = 3
    }
    let start = cursor.offset
    var length = 0
    switch format.prefix {
    case .ascii:
      for digit in try cursor.read(digits, for: element) {
        if !(0x30...0x39).contains(digit) { throw CodecFault(element, start, .length) }
        length = length * 10 + Int(digit - 0x30)
      }
    case .bcd:
      for nibble in BCD.unpack(try cursor.read((digits + 1) / 2, for: element)) {
        if nibble > 9 { throw CodecFault(element, start, .length) }
        length = length * 10 + Int(nibble)
      }
    case .binary:
      for byte in try cursor.read(digits - 1, for: element) { length = length << 8 | Int(byte) }
    }
    if length > format.maximum { throw CodecFault(element, start, .length) }
    return length
  }

  private func writePrefix(
    _ length: Int, digits: Int, _ prefix: ElementFormat.Prefix, _ out: inout [UInt8]
  ) {
    let decimal = [length / 1_000, length / 100 % 10, length / 10 % 10, length % 10]
      .map { UInt8($0) }
    switch prefix {
    case .ascii: out += decimal.suffix(digits).map { $0 + 0x30 }
    case .bcd: out += BCD.pack(Array(decimal.suffix(digits == 2 ? 2 : 4)))
    case .binary:
      if digits == 3 { out.append(UInt8(length >> 8)) }
      out.append(UInt8(length & 0xFF))
    }
  }

  private func padded(
    _ content: [UInt8], _ format: ElementFormat, _ element: Int, at offset: Int
  ) throws(CodecFault) -> [UInt8] {
    guard case .fixed(let count) = format.length, content.count < count else { return content }
    // Raw bytes and digits have a meaning at every place: only text is filled up.
    if format.data != .bytes || format.secrecy == .all {
      throw CodecFault(element, offset, .length)
    }
    let padding = [UInt8](repeating: format.pad, count: count - content.count)
    return format.side == .right ? content + padding : padding + content
  }

  private func pack(
    _ content: [UInt8], _ format: ElementFormat, _ element: Int, at offset: Int
  ) throws(CodecFault) -> [UInt8] {
    var nibbles: [UInt8] = []
    nibbles.reserveCapacity(content.count + 1)
    for character in content {
      guard let nibble = Nibbles.value(character, anyNibble: format.allowsAnyNibble) else {
        throw CodecFault(element, offset, .content)
      }
      nibbles.append(nibble)
    }
    if nibbles.count % 2 != 0 {
      if format.side == .left { nibbles.insert(format.pad & 0x0F, at: 0) }
      if format.side == .right { nibbles.append(format.pad & 0x0F) }
    }
    return BCD.pack(nibbles)
  }

  private func unpack(
    _ nibbles: [UInt8], _ count: Int, _ format: ElementFormat, _ element: Int, at offset: Int
  ) throws(CodecFault) -> [UInt8] {
    let isOdd = count % 2 != 0
    let used = isOdd && format.side == .left ? nibbles.dropFirst() : nibbles.prefix(count)
    var content: [UInt8] = []
    content.reserveCapacity(count)
    for nibble in used {
      if nibble > 9, !format.allowsAnyNibble { throw CodecFault(element, offset, .content) }
      content.append(Nibbles.character(nibble, anyNibble: format.allowsAnyNibble))
    }
    return content
  }
}

/// Half bytes as characters.
enum Nibbles {
  /// 0–9, and where any nibble may occur A–F with `=` for D.
  static func value(_ character: UInt8, anyNibble: Bool) -> UInt8? {
    switch character {
    case 0x30...0x39: character - 0x30
    case 0x3D where anyNibble: 0x0D
    case 0x41...0x46 where anyNibble: character - 0x41 + 10
    default: nil
    }
  }

  static func character(_ nibble: UInt8, anyNibble: Bool) -> UInt8 {
    if nibble <= 9 { return nibble + 0x30 }
    return anyNibble && nibble == 0x0D ? 0x3D : nibble - 10 + 0x41
  }

  static func hexDigits(_ bytes: [UInt8]) -> [UInt8] {
    BCD.unpack(bytes).map { $0 <= 9 ? $0 + 0x30 : $0 - 10 + 0x41 }
  }

  static func bytes(hexDigits digits: [UInt8]) -> [UInt8]? {
    var nibbles: [UInt8] = []
    for digit in digits {
      switch digit {
      case 0x30...0x39: nibbles.append(digit - 0x30)
      case 0x41...0x46: nibbles.append(digit - 0x41 + 10)
      case 0x61...0x66: nibbles.append(digit - 0x61 + 10)
      default: return nil
      }
    }
    return BCD.pack(nibbles)
  }
}
