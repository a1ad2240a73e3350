// SPDX-License-Identifier: Apache-2.0

import Wire

extension Codec {
  /// The message type as a number of four ASCII digits.
  func readType(_ bytes: [UInt8], _ place: inout ReadingPlace) throws(CodecFault) -> UInt32 {
    let isPacked = table.messageType == .bcd
    let start = try place.take(isPacked ? 2 : 4, of: bytes, for: 0)
    var type: UInt32 = 0
    for index in 0..<4 {
      let digit =
        switch table.messageType {
        case .ascii: bytes[start + index]
        case .ebcdic: EBCDIC.decoded[Int(bytes[start + index])]
        case .bcd: 0x30 + (bytes[start + index / 2] >> (index % 2 == 0 ? 4 : 0) & 0x0F)
        }
      if !(0x30...0x39).contains(digit) { throw CodecFault(0, start, .content) }
      type = type << 8 | UInt32(digit)
    }
    return type
  }

  /// All bitmaps, without the bits that only say that another follows.
  func readBitmaps(
    _ bytes: [UInt8], _ place: inout ReadingPlace
  ) throws(CodecFault) -> ElementSet {
    var present = ElementSet()
    var map = 0
    while true {
      let start = place.offset
      let word = try readBitmap(bytes, &place)
      if map > 0, word == 0 { place.overlooked += 1 }
      present[map] = word
      let saysMore = word >> 63 != 0 && (map == 0 || map == 1 && table.bitmapLimit == 3)
      if !saysMore { return present }
      if map + 1 == table.bitmapLimit { throw CodecFault(1, start, .secondBitmap) }
      present.remove(map * 64 + 1)
      map += 1
    }
  }

  private func readBitmap(
    _ bytes: [UInt8], _ place: inout ReadingPlace
  ) throws(CodecFault) -> UInt64 {
    let start = try place.take(table.bitmap == .raw ? 8 : 16, of: bytes, for: 1)
    var word: UInt64 = 0
    if table.bitmap == .raw {
      for index in start..<start + 8 { word = word << 8 | UInt64(bytes[index]) }
      return word
    }
    for index in start..<start + 16 {
      let isASCII = table.bitmap == .hex
      let digit = isASCII ? bytes[index] : EBCDIC.decoded[Int(bytes[index])]
      guard let value = Hex.value(digit) else { throw CodecFault(1, index, .content) }
      if digit > 0x60 { place.overlooked += 1 }
      word = word << 4 | UInt64(value)
    }
    return word
  }
}
