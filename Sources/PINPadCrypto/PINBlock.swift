// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto
import Wire

// ISO 9564-1:2017, 9.3: the PIN's nibbles, and for most formats the account number's.
//
//   0   0 L P…P F…F       XOR   0000 and the 12 rightmost digits but the check digit
//   1   1 L P…P filling   –
//   2   2 L P…P F…F       –     (to a chip card, off line)
//   3   3 L P…P A…F       XOR   as 0
//   4   4 L P…P A…A and 16 random nibbles, encrypted, XOR the account number, encrypted: AES

/// The clear blocks of eight bytes; format 4 has none.
public enum PINBlock {
  /// Format 0; the account number in ASCII digits.
  public static func format0(_ pin: ClearPIN, pan: [UInt8]) throws(CryptoFault) -> [UInt8] {
    let field = filled(pin, control: 0, with: [UInt8](repeating: 0xF, count: 10))
    return xor(field, try account(pan))
  }

  /// Format 1: `filling` are ten random or counted nibbles.
  public static func format1(_ pin: ClearPIN, filling: [UInt8]) throws(CryptoFault) -> [UInt8] {
    try check(filling, within: 0...0xF)
    return filled(pin, control: 1, with: filling)
  }

  /// Format 2.
  public static func format2(_ pin: ClearPIN) -> [UInt8] {
    filled(pin, control: 2, with: [UInt8](repeating: 0xF, count: 10))
  }

  /// Format 3: `filling` are ten random nibbles A...F.
  public static func format3(
    _ pin: ClearPIN, pan: [UInt8], filling: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    try check(filling, within: 0xA...0xF)
    return xor(filled(pin, control: 3, with: filling), try account(pan))
  }

  /// The PIN of a block of format 0 or 3.
  public static func pin(
    format: Int, _ block: [UInt8], pan: [UInt8]
  ) throws(CryptoFault) -> ClearPIN {
    if block.count != 8 { throw .wrongLength(block.count) }
    let plain = xor(block, try account(pan))
    switch format {
    case 0: return try read(plain, control: 0, fill: 0xF...0xF)
    case 3: return try read(plain, control: 3, fill: 0xA...0xF)
    default: throw .outOfRange
    }
  }

  /// The PIN of a block of format 1 or 2.
  public static func pin(format: Int, _ block: [UInt8]) throws(CryptoFault) -> ClearPIN {
    if block.count != 8 { throw .wrongLength(block.count) }
    switch format {
    case 1: return try read(block, control: 1, fill: 0...0xF)
    case 2: return try read(block, control: 2, fill: 0xF...0xF)
    default: throw .outOfRange
    }
  }

  private static func check(
    _ filling: [UInt8], within range: ClosedRange<UInt8>
  ) throws(CryptoFault) {
    if filling.count != 10 { throw .wrongLength(filling.count) }
    if !filling.allSatisfy({ range.contains($0) }) { throw .outOfRange }
  }

  /// Control, length, PIN and as much of the filling as fits: 14 nibbles behind the first two, of
  /// which the PIN has at least four.
  private static func filled(
    _ pin: ClearPIN, control: UInt8, with filling: [UInt8]
  ) -> [UInt8] {
    pack([control, UInt8(pin.count)] + pin.exposed + filling.prefix(14 - pin.count))
  }

  /// Any violation is the same fault: which rule was broken would tell about the PIN.
  static func read(
    _ plain: [UInt8], control: UInt8, fill: ClosedRange<UInt8>
  ) throws(CryptoFault) -> ClearPIN {
    let nibbles = unpack(plain)
    let count = Int(nibbles[1])
    guard nibbles[0] == control, (4...12).contains(count),
      nibbles[(2 + count)...].allSatisfy({ fill.contains($0) }),
      let pin = ClearPIN(Array(nibbles[2..<2 + count]))
    else { throw .badPINBlock }
    return pin
  }

  /// Four zeros and the twelve rightmost digits without the check digit.
  static func account(_ pan: [UInt8]) throws(CryptoFault) -> [UInt8] {
    try checkAccount(pan, 8...19)
    var digits = pan.dropLast().suffix(12).map { $0 - 0x30 }
    while digits.count < 16 { digits.insert(0, at: 0) }
    return pack(digits)
  }

  static func checkAccount(_ pan: [UInt8], _ lengths: ClosedRange<Int>) throws(CryptoFault) {
    if !lengths.contains(pan.count) { throw .wrongLength(pan.count) }
    if !pan.allSatisfy({ (0x30...0x39).contains($0) }) { throw .outOfRange }
  }

  static func pack(_ nibbles: [UInt8]) -> [UInt8] {
    stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }

  static func unpack(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { [$0 >> 4, $0 & 0x0F] } }

  static func xor(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var out = left
    for index in out.indices { out[index] ^= right[index] }
    return out
  }
}
