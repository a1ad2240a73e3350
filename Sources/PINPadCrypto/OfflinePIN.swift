// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

// EMV 4.4 Book 2, 7.2: 7F ‖ PIN block of format 2 ‖ the card's challenge ‖ random bytes, to the power
// of the card's public exponent. A PIN pad makes it; a terminal passes it on to the card.

/// A PIN on its way to a chip card.
public enum OfflinePIN {
  /// What is left of a modulus of `count` bytes for random filling.
  public static func fillingCount(modulus count: Int) -> Int { count - 17 }

  /// The data of VERIFY with an enciphered PIN. `challenge` has eight bytes; `filling` is random and
  /// as long as `fillingCount` says.
  public static func enciphered(
    _ pin: ClearPIN, for key: RSAPublicKey, challenge: [UInt8], filling: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    if challenge.count != 8 { throw .wrongLength(challenge.count) }
    if filling.count != fillingCount(modulus: key.modulus.count) {
      throw .wrongLength(filling.count)
    }
    return try key.recover([0x7F] + PINBlock.format2(pin) + challenge + filling)
  }

  /// The PIN of a deciphered block, as a card reads it; the challenge has to be the one it gave.
  public static func pin(
    in plain: [UInt8], challenge: [UInt8]
  ) throws(CryptoFault) -> ClearPIN {
    if plain.count < 17 || challenge.count != 8 { throw .wrongLength(plain.count) }
    guard plain[0] == 0x7F, Array(plain[9..<17]) == challenge else { throw .badPINBlock }
    return try PINBlock.pin(format: 2, Array(plain[1..<9]))
  }
}
