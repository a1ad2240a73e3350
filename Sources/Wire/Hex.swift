// SPDX-License-Identifier: Apache-2.0

/// Bytes as pairs of hexadecimal digits.
public enum Hex {
  /// Upper-case digits, two a byte.
  public static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digit(byte >> 4))
      text.append(digit(byte & 0x0F))
    }
    return text
  }

  /// Upper-case digits as a text, two a byte.
  public static func text(_ bytes: [UInt8]) -> String {
    String(decoding: encode(bytes), as: UTF8.self)
  }

  /// Reads pairs of digits of either case; a fault names the offset of the first bad digit.
  public static func decode(_ text: [UInt8]) throws(WireFault) -> [UInt8] {
    if text.count % 2 != 0 { throw .truncated(offset: text.count, missing: 1) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    for offset in stride(from: 0, to: text.count, by: 2) {
      guard let high = value(text[offset]) else {
        throw .unexpected(offset: offset, byte: text[offset])
      }
      guard let low = value(text[offset + 1]) else {
        throw .unexpected(offset: offset + 1, byte: text[offset + 1])
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// The digit of a value 0...15.
  public static func digit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? 0x30 + nibble : 0x41 + (nibble & 0x0F) - 10
  }

  /// The value of a digit of either case, or nil if it is none.
  public static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x41 + 10
    case 0x61...0x66: digit - 0x61 + 10
    default: nil
    }
  }
}
