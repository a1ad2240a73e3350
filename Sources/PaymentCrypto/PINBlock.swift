// SPDX-License-Identifier: Apache-2.0

/// PIN blocks of ISO 9564-1, for simulated pads and issuers; a terminal never makes or reads one.
public enum PINBlock {
  /// Format 0: a PIN of 4...12 digit values, bound to the account number's ASCII digits.
  public static func format0(pin: [UInt8], pan: [UInt8]) throws(CryptoFault) -> [UInt8] {
    if !(4...12).contains(pin.count) { throw .wrongLength(pin.count) }
    if pin.contains(where: { $0 > 9 }) { throw .outOfRange }
    var nibbles: [UInt8] = [0, UInt8(pin.count)] + pin
    while nibbles.count < 16 { nibbles.append(0xF) }
    return Blocks.xor(pack(nibbles), try account(pan))
  }

  /// The PIN's digit values of a block of format 0.
  public static func pin(
    fromFormat0 block: [UInt8], pan: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    if block.count != 8 { throw .wrongLength(block.count) }
    let plain = Blocks.xor(block, try account(pan))
    var nibbles: [UInt8] = []
    for byte in plain { nibbles += [byte >> 4, byte & 0x0F] }
    let count = Int(nibbles[1])
    guard nibbles[0] == 0, (4...12).contains(count),
      nibbles[2..<2 + count].allSatisfy({ $0 <= 9 }),
      nibbles[(2 + count)...].allSatisfy({ $0 == 0xF })
    else { throw .badPINBlock }
    return Array(nibbles[2..<2 + count])
  }

  /// Four zeros and the twelve rightmost digits without the check digit.
  private static func account(_ pan: [UInt8]) throws(CryptoFault) -> [UInt8] {
    if !(8...19).contains(pan.count) { throw .wrongLength(pan.count) }
    if !pan.allSatisfy({ (0x30...0x39).contains($0) }) { throw .outOfRange }
    var digits = pan.dropLast().suffix(12).map { $0 - 0x30 }
    while digits.count < 16 { digits.insert(0, at: 0) }
    return pack(digits)
  }

  private static func pack(_ nibbles: [UInt8]) -> [UInt8] {
    stride(from: 0, to: 16, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
  }
}
