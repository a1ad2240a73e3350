// SPDX-License-Identifier: Apache-2.0

import Wire

extension ElementPlan {
  /// Bytes on the wire of so much content, its prefix included.
  func measure(_ count: Int, _ element: Int, at offset: Int) throws(CodecFault) -> Int {
    if !isDefined { throw CodecFault(element, offset, .undefined) }
    if count > maximum || isFixed && count < maximum && !fillsUp {
      throw CodecFault(element, offset, .length)
    }
    return Int(prefixBytes) + wireCount(isFixed ? Int(maximum) : count)
  }

  /// Writes one element, whose content is a part of some bytes and was measured.
  func write(
    _ bytes: [UInt8], _ range: Range<Int>, _ element: Int,
    _ offset: inout Int, _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) {
    if !isFixed {
      let number = countsBytes ? wireCount(range.count) : range.count
      writePrefix(number, &offset, &out)
    }
    let missing = isFixed ? Int(maximum) - range.count : 0
    if padsLeft { fill(missing, &offset, &out) }
    var at = offset
    switch data {
    case .text, .bytes:
      for index in range {
        out[at] = bytes[index]
        at += 1
      }
    case .digits:
      for index in range {
        if bytes[index] &- 0x30 > 9 { throw CodecFault(element, at, .content) }
        out[at] = bytes[index]
        at += 1
      }
    case .ebcdic:
      for index in range {
        out[at] = EBCDIC.encoded[Int(bytes[index])]
        at += 1
      }
    case .hex:
      for index in range {
        out[at] = Hex.digit(bytes[index] >> 4)
        out[at + 1] = Hex.digit(bytes[index] & 0x0F)
        at += 2
      }
    case .packed:
      try pack(bytes, range, element, at, &out)
      at += wireCount(range.count)
    }
    offset = at
    if !padsLeft { fill(missing, &offset, &out) }
  }

  private func fill(
    _ count: Int, _ offset: inout Int,
    _ out: inout MutableSpan<UInt8>
  ) {
    let pad = data == .ebcdic ? EBCDIC.encoded[Int(self.pad)] : self.pad
    for _ in 0..<count {
      out[offset] = pad
      offset += 1
    }
  }

  private func pack(
    _ bytes: [UInt8], _ range: Range<Int>, _ element: Int, _ offset: Int,
    _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) {
    let isOdd = range.count % 2 != 0
    var nibbles = 0
    if isOdd, padsLeft {
      out[offset] = pad << 4
      nibbles = 1
    }
    for index in range {
      let character = bytes[index]
      var nibble = character &- 0x30
      if nibble > 9 {
        guard allowsAnyNibble, let other = ElementPlan.nibble(character) else {
          throw CodecFault(element, offset + nibbles / 2, .content)
        }
        nibble = other
      }
      let at = offset + nibbles / 2
      out[at] = nibbles % 2 == 0 ? nibble << 4 : out[at] | nibble
      nibbles += 1
    }
    if isOdd, !padsLeft { out[offset + nibbles / 2] |= pad }
  }

  /// A–F, with `=` for D.
  private static func nibble(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x3D: 0x0D
    case 0x41...0x46: character - 0x41 + 10
    default: nil
    }
  }

  private func writePrefix(
    _ number: Int, _ offset: inout Int,
    _ out: inout MutableSpan<UInt8>
  ) {
    var rest = number
    for index in stride(from: Int(prefixBytes) - 1, through: 0, by: -1) {
      let byte: UInt8
      switch prefix {
      case .binary:
        byte = UInt8(truncatingIfNeeded: rest)
        rest >>= 8
      case .bcd:
        byte = UInt8(rest / 10 % 10) << 4 | UInt8(rest % 10)
        rest /= 100
      case .ascii, .ebcdic:
        byte = UInt8(rest % 10) + (prefix == .ascii ? 0x30 : 0xF0)
        rest /= 10
      case .hex:
        byte = Hex.digit(UInt8(rest & 0x0F))
        rest >>= 4
      }
      out[offset + index] = byte
    }
    offset += Int(prefixBytes)
  }
}
