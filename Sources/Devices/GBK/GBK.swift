// SPDX-License-Identifier: Apache-2.0

/// Unicode to GBK, always two bytes. GB18030's four-byte codes are never produced: printers that
/// advertise them print them as stray digits.
public enum GBK {
  /// The code of a character, lead byte first; nil when GBK has none in two bytes.
  public static func code(of scalar: Unicode.Scalar) -> UInt16? {
    switch scalar.value {
    case 0..<0x80: nil
    case 0xA5: 0xA3A4  // the yen sign has four bytes in GB18030; its wide form has two
    case 0x4E00..<0x76D3: digits(of: gbkHanziLow, at: Int(scalar.value - 0x4E00))
    case 0x76D3...0x9FA5: digits(of: gbkHanziHigh, at: Int(scalar.value - 0x76D3))
    case 0x10000...: nil
    default: symbol(UInt16(scalar.value))
    }
  }

  /// The text of some bytes, ASCII among them; nil when they are no GBK. It looks through the whole
  /// table for each character: names are short, and seldom read.
  public static func text(of bytes: [UInt8]) -> String? {
    var text = String.UnicodeScalarView()
    var rest = bytes[...]
    while let first = rest.popFirst() {
      if first < 0x80 {
        text.append(Unicode.Scalar(first))
        continue
      }
      guard let second = rest.popFirst(),
        let scalar = scalar(of: UInt16(first) << 8 | UInt16(second))
      else { return nil }
      text.append(scalar)
    }
    return String(text)
  }

  private static func scalar(of code: UInt16) -> Unicode.Scalar? {
    for point in 0x4E00..<0x76D3 as Range<UInt32>
    where digits(of: gbkHanziLow, at: Int(point - 0x4E00)) == code {
      return Unicode.Scalar(point)
    }
    for point in 0x76D3...0x9FA5 as ClosedRange<UInt32>
    where digits(of: gbkHanziHigh, at: Int(point - 0x76D3)) == code {
      return Unicode.Scalar(point)
    }
    for pair in 0..<gbkSymbols.utf8CodeUnitCount / 6
    where digits(of: gbkSymbols, at: pair * 2 + 1) == code {
      return Unicode.Scalar(UInt32(digits(of: gbkSymbols, at: pair * 2)))
    }
    return nil
  }

  /// The pairs are sorted by code point: halve until found.
  private static func symbol(_ point: UInt16) -> UInt16? {
    var low = 0
    var high = gbkSymbols.utf8CodeUnitCount / 6
    while low < high {
      let middle = (low + high) / 2
      let candidate = digits(of: gbkSymbols, at: middle * 2)
      if candidate == point { return digits(of: gbkSymbols, at: middle * 2 + 1) }
      if candidate < point { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// The number in the three base-64 digits at an index.
  private static func digits(of table: StaticString, at index: Int) -> UInt16 {
    precondition(index * 3 + 2 < table.utf8CodeUnitCount, "the tables hold every index asked for")
    let start = unsafe table.utf8Start + index * 3
    let high = unsafe value(start[0])
    let middle = unsafe value(start[1])
    let low = unsafe value(start[2])
    return high << 12 | middle << 6 | low
  }

  private static func value(_ digit: UInt8) -> UInt16 {
    switch digit {
    case 0x41...0x5A: UInt16(digit) - 0x41
    case 0x61...0x7A: UInt16(digit) - 0x61 + 26
    case 0x30...0x39: UInt16(digit) - 0x30 + 52
    case 0x2B: 62
    default: 63
    }
  }
}
