// SPDX-License-Identifier: Apache-2.0

import Wire

extension ElementPlan {
  /// Reads one element into a record.
  func read(
    _ bytes: [UInt8], _ element: Int, _ place: inout ReadingPlace,
    _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) {
    if !isDefined { throw CodecFault(element, place.offset, .undefined) }
    var units = Int(maximum)
    var wire = wireCount(units)
    if !isFixed {
      let prefix = place.offset
      let number = try readPrefix(bytes, element, &place)
      if number > largestPrefix { throw CodecFault(element, prefix, .length) }
      units = countsBytes ? self.units(ofWire: number) : number
      wire = countsBytes ? number : wireCount(number)
      if data == .hex, wire % 2 != 0 { throw CodecFault(element, prefix, .length) }
    }
    let start = try place.take(wire, of: bytes, for: element)
    if countsBytes, data == .packed, units % 2 == 0, units > 0 {
      units -= endsInPadding(bytes, start, wire) ? 1 : 0
    }
    let head = place.written
    out[head] = UInt8(element)
    out[head + 1] = 0
    out[head + 2] = UInt8(truncatingIfNeeded: units >> 8)
    out[head + 3] = UInt8(truncatingIfNeeded: units)
    let target = head + Message.headCount
    switch data {
    case .text, .bytes:
      for index in 0..<units { out[target + index] = bytes[start + index] }
    case .digits:
      try readDigits(bytes, start, units, element, target, &out)
    case .ebcdic:
      for index in 0..<units { out[target + index] = EBCDIC.decoded[Int(bytes[start + index])] }
    case .hex:
      place.overlooked += try readHex(bytes, start, units, element, target, &out)
    case .packed:
      place.overlooked += try readPacked(bytes, start, units, element, target, &out)
    }
    place.written = target + units
  }

  private func readDigits(
    _ bytes: [UInt8], _ start: Int, _ units: Int, _ element: Int, _ target: Int,
    _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) {
    for index in 0..<units {
      let digit = bytes[start + index]
      if digit &- 0x30 > 9 { throw CodecFault(element, start + index, .content) }
      out[target + index] = digit
    }
  }

  /// Returns how many digits in lower case there were.
  private func readHex(
    _ bytes: [UInt8], _ start: Int, _ units: Int, _ element: Int, _ target: Int,
    _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) -> Int {
    var lower = 0
    for index in 0..<units {
      var byte: UInt8 = 0
      for at in start + index * 2...start + index * 2 + 1 {
        guard let value = Hex.value(bytes[at]) else { throw CodecFault(element, at, .content) }
        if bytes[at] > 0x60 { lower += 1 }
        byte = byte << 4 | value
      }
      out[target + index] = byte
    }
    return lower
  }

  /// Returns 1 where the nibble of padding is not the table's.
  private func readPacked(
    _ bytes: [UInt8], _ start: Int, _ units: Int, _ element: Int, _ target: Int,
    _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) -> Int {
    let isOdd = units % 2 != 0
    // The first nibble is the higher half of the first byte, or the lower behind the padding.
    let skipped = isOdd && padsLeft ? 1 : 0
    for index in 0..<units {
      let nibble =
        bytes[start + (index + skipped) / 2]
        >> ((index + skipped) % 2 == 0 ? 4 : 0) & 0x0F
      if nibble <= 9 {
        out[target + index] = 0x30 + nibble
      } else if allowsAnyNibble {
        out[target + index] = nibble == 0x0D ? 0x3D : nibble - 10 + 0x41
      } else {
        throw CodecFault(element, start + (index + skipped) / 2, .content)
      }
    }
    if !isOdd { return 0 }
    let padding = padsLeft ? bytes[start] >> 4 : bytes[start + units / 2] & 0x0F
    return padding == pad ? 0 : 1
  }

  private func readPrefix(
    _ bytes: [UInt8], _ element: Int, _ place: inout ReadingPlace
  ) throws(CodecFault) -> Int {
    let start = try place.take(Int(prefixBytes), of: bytes, for: element)
    var number = 0
    for index in start..<start + Int(prefixBytes) {
      let byte = bytes[index]
      switch prefix {
      case .binary:
        number = number << 8 | Int(byte)
      case .bcd:
        if byte >> 4 > 9 || byte & 0x0F > 9 { throw CodecFault(element, start, .length) }
        number = number * 100 + Int(byte >> 4) * 10 + Int(byte & 0x0F)
      case .ascii, .ebcdic:
        let digit = byte &- (prefix == .ascii ? 0x30 : 0xF0)
        if digit > 9 { throw CodecFault(element, start, .length) }
        number = number * 10 + Int(digit)
      case .hex:
        guard let value = Hex.value(byte) else { throw CodecFault(element, start, .length) }
        if byte > 0x60 { place.overlooked += 1 }
        number = number << 4 | Int(value)
      }
    }
    return number
  }

  /// The units of so many bytes on the wire.
  private func units(ofWire bytes: Int) -> Int {
    switch data {
    case .text, .digits, .bytes, .ebcdic: bytes
    // Where the longest content is odd, the last byte of it holds padding.
    case .packed: min(bytes * 2, Int(maximum))
    case .hex: bytes / 2
    }
  }

  /// Whether packed content of which only the bytes were counted ends in padding: where padding is
  /// no digit it can be told from content.
  private func endsInPadding(
    _ bytes: [UInt8], _ start: Int, _ wire: Int
  ) -> Bool {
    if pad <= 9 || allowsAnyNibble { return false }
    return pad == (padsLeft ? bytes[start] >> 4 : bytes[start + wire - 1] & 0x0F)
  }
}
