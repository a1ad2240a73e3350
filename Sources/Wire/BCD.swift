// SPDX-License-Identifier: Apache-2.0

/// Decimal digits packed two to a byte, the earlier digit in the higher half.
public enum BCD {
  /// Where the filling half of an odd number of digits stands.
  public enum Filling: UInt8, Hashable, Sendable {
    /// In front.
    case left
    /// Behind.
    case right
  }

  /// Bytes of an even number of half bytes.
  public static func pack(_ halves: [UInt8]) -> [UInt8] {
    precondition(halves.count % 2 == 0, "who packs fills up before")
    return stride(from: 0, to: halves.count, by: 2).map { halves[$0] << 4 | halves[$0 + 1] & 0x0F }
  }

  /// The half bytes of bytes, the higher first.
  public static func unpack(_ bytes: [UInt8]) -> [UInt8] {
    var halves: [UInt8] = []
    halves.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      halves.append(byte >> 4)
      halves.append(byte & 0x0F)
    }
    return halves
  }

  /// Packs ASCII digits; an odd number is filled up with `fill`, a half byte.
  public static func encode(
    digits: [UInt8], filling: Filling, fill: UInt8
  ) throws(WireFault) -> [UInt8] {
    var halves: [UInt8] = []
    halves.reserveCapacity(digits.count + 1)
    for (offset, digit) in digits.enumerated() {
      if !(0x30...0x39).contains(digit) { throw .unexpected(offset: offset, byte: digit) }
      halves.append(digit - 0x30)
    }
    if halves.count % 2 != 0 {
      switch filling {
      case .left: halves.insert(fill & 0x0F, at: 0)
      case .right: halves.append(fill & 0x0F)
      }
    }
    return pack(halves)
  }

  /// The first `count` digits of packed bytes as ASCII, or the last where the filling is in front;
  /// the filling is not looked at. The bytes must be as many as the digits need.
  public static func decode(
    _ bytes: [UInt8], count: Int, filling: Filling
  ) throws(WireFault) -> [UInt8] {
    precondition(count >= 0, "lengths are checked when parsed")
    let needed = (count + 1) / 2
    if bytes.count < needed {
      throw .truncated(offset: bytes.count, missing: needed - bytes.count)
    }
    if bytes.count > needed { throw .leftOver(offset: needed, count: bytes.count - needed) }
    let halves = unpack(bytes)
    let start = filling == .left ? halves.count - count : 0
    var digits: [UInt8] = []
    digits.reserveCapacity(count)
    for index in start..<start + count {
      if halves[index] > 9 { throw .unexpected(offset: index / 2, byte: bytes[index / 2]) }
      digits.append(0x30 + halves[index])
    }
    return digits
  }
}
