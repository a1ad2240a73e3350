// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

extension Key where Purpose == PINEncryption {
  /// Enciphers a clear block of eight bytes under a TDES key, or of 16 under SM4.
  public func encipher(_ block: [UInt8]) throws(CryptoFault) -> [UInt8] {
    if block.count != algorithm.blockByteCount { throw .wrongLength(block.count) }
    return try material.encrypt(block, .ecb)
  }

  /// The clear block.
  public func decipher(_ block: [UInt8]) throws(CryptoFault) -> [UInt8] {
    if block.count != algorithm.blockByteCount { throw .wrongLength(block.count) }
    return try material.decrypt(block, .ecb)
  }

  /// Format 4 (ISO 9564-1:2017, 9.4): 16 bytes under AES. The account number has 1...19 ASCII
  /// digits; `random` are eight random bytes.
  public func encipherFormat4(
    _ pin: ClearPIN, pan: [UInt8], random: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    try checkAES()
    if random.count != 8 { throw .wrongLength(random.count) }
    let filling = [UInt8](repeating: 0xA, count: 14 - pin.count)
    let field = PINBlock.pack([4, UInt8(pin.count)] + pin.exposed + filling) + random
    let inner = try material.encrypt(field, .ecb)
    return try material.encrypt(PINBlock.xor(inner, try PINBlock.field4(pan)), .ecb)
  }

  /// The PIN of a block of format 4; it has to be bound to this account number.
  public func decipherFormat4(
    _ block: [UInt8], pan: [UInt8]
  ) throws(CryptoFault) -> ClearPIN {
    try checkAES()
    if block.count != 16 { throw .wrongLength(block.count) }
    let inner = PINBlock.xor(try material.decrypt(block, .ecb), try PINBlock.field4(pan))
    let field = try material.decrypt(inner, .ecb)
    return try PINBlock.read(Array(field[..<8]), control: 4, fill: 0xA...0xA)
  }

  private func checkAES() throws(CryptoFault) {
    switch algorithm {
    case .aes128, .aes192, .aes256: break
    case .des, .tdes2, .tdes3, .sm4: throw .unsupported(algorithm)
    }
  }
}

extension PINBlock {
  /// The account number's length above twelve, the number with its check digit, zeros. A number of
  /// fewer than twelve digits has zeros in front.
  static func field4(_ pan: [UInt8]) throws(CryptoFault) -> [UInt8] {
    try checkAccount(pan, 1...19)
    var digits = pan.map { $0 - 0x30 }
    while digits.count < 12 { digits.insert(0, at: 0) }
    let length = UInt8(digits.count - 12)
    digits.insert(length, at: 0)
    while digits.count < 32 { digits.append(0) }
    return pack(digits)
  }
}

extension PINBlock {
  /// The two blocks of 16 bytes that SM4 hosts take, from a clear block of format 0's rules.
  public enum Wide: UInt8, Hashable, Sendable, CaseIterable {
    /// The block of format 0 and eight zero bytes.
    case zeros
    /// `0L`, PIN and F up to 32 nibbles, XOR twenty zeros and the account number's twelve digits.
    case long
  }

  /// A block of 16 bytes.
  public static func wide(
    _ form: Wide, _ pin: ClearPIN, pan: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    switch form {
    case .zeros: return try format0(pin, pan: pan) + [UInt8](repeating: 0, count: 8)
    case .long:
      let filling = [UInt8](repeating: 0xF, count: 30 - pin.count)
      let field = pack([0, UInt8(pin.count)] + pin.exposed + filling)
      return xor(field, [UInt8](repeating: 0, count: 8) + (try account(pan)))
    }
  }
}
