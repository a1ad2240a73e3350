// SPDX-License-Identifier: Apache-2.0

public import ISO8583

/// A UnionPay host's own table of elements, written down a second time, so that a mistake in the
/// terminal's file does not agree with itself.
public enum UnionPayTable {
  /// Packed digits, one bitmap.
  public static let table: MessageTable = {
    var table = MessageTable(messageType: .bcd, bitmap: .raw, bitmapLimit: 1, limit: 8_192)
    for (digits, elements) in [(2, [25, 26]), (4, [13, 14, 15]), (6, [3, 11, 12]), (12, [4])] {
      for element in elements {
        table[element] = ElementFormat(.fixed(digits), data: .packed)
      }
    }
    // 071 travels as 07 10, and 001 as 00 01.
    table[22] = ElementFormat(.fixed(3), data: .packed, side: .right)
    table[23] = ElementFormat(.fixed(3), data: .packed, side: .left)
    table[53] = ElementFormat(.fixed(16), data: .packed)
    for (element, count) in [(37, 12), (38, 6), (39, 2), (41, 8), (42, 15), (43, 40), (49, 3)] {
      table[element] = ElementFormat(.fixed(count), data: .text)
    }
    table[52] = ElementFormat(.fixed(8), data: .bytes, secrecy: .pin)
    table[64] = ElementFormat(.fixed(8), data: .bytes)
    table[2] = packed(.ll(max: 19), secrecy: .pan)
    table[32] = packed(.ll(max: 11))
    table[35] = packed(.ll(max: 37), secrecy: .track)
    table[36] = packed(.lll(max: 104), secrecy: .track)
    table[48] = packed(.lll(max: 322), secrecy: .pan)
    table[60] = packed(.lll(max: 17))
    table[61] = packed(.lll(max: 29))
    table[44] = long(.ll(max: 25), .text)
    for (element, count) in [(46, 999), (54, 20), (56, 999), (57, 999), (63, 163)] {
      table[element] = long(.lll(max: count), .text)
    }
    table[59] = long(.lll(max: 999), .text, secrecy: .code)
    table[55] = long(.lll(max: 255), .bytes, secrecy: .pan)
    table[58] = long(.lll(max: 100), .bytes)
    table[62] = long(.lll(max: 999), .bytes, secrecy: .key)
    return table
  }()

  /// Digits behind a count of them; an odd number has a zero nibble behind. Tracks have letters.
  private static func packed(
    _ length: ElementFormat.Length, secrecy: ElementFormat.Secrecy = .none
  ) -> ElementFormat {
    ElementFormat(
      length, prefix: .bcd, data: .packed, side: .right, pad: 0,
      allowsAnyNibble: secrecy == .track, secrecy: secrecy)
  }

  private static func long(
    _ length: ElementFormat.Length, _ data: ElementFormat.Data,
    secrecy: ElementFormat.Secrecy = .none
  ) -> ElementFormat {
    ElementFormat(length, prefix: .bcd, data: data, secrecy: secrecy)
  }
}
