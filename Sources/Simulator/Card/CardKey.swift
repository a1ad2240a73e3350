// SPDX-License-Identifier: Apache-2.0

import COpenSSL
public import Clockwork
public import PaymentCrypto
import Wire

/// An RSA key of a card, an issuer or an authority that exist for tests alone. The private part is
/// an ordinary number: nothing of value is behind it.
public struct CardKey: Hashable, Sendable {
  /// What everybody may know.
  public let publicKey: RSAPublicKey
  private let privateExponent: [UInt8]

  /// A key whose numbers are known.
  public init(publicKey: RSAPublicKey, privateExponent: [UInt8]) {
    self.publicKey = publicKey
    self.privateExponent = privateExponent
  }

  /// Bytes of the modulus.
  public var count: Int { publicKey.modulus.count }

  /// The block to the power of the private exponent: a signature, or a deciphered PIN. Nil for what
  /// is no number below the modulus.
  public func apply(_ block: [UInt8]) -> [UInt8]? {
    Numbers.power(block, privateExponent, modulo: publicKey.modulus)
  }
}

extension CardKey {
  /// Draws a key of so many bytes; the same dice give the same key on every machine.
  public static func drawn(count: Int, exponent: [UInt8], _ dice: inout Dice) -> CardKey {
    precondition((64...248).contains(count), "EMV 4.4 Book 2, table 43")
    while true {
      let first = Numbers.prime(count: count - count / 2, exponent: exponent, &dice)
      let second = Numbers.prime(count: count / 2, exponent: exponent, &dice)
      if let key = Numbers.key(first, second, exponent: exponent), key.count == count { return key }
    }
  }
}

/// What libcrypto computes with long numbers.
private enum Numbers {
  static func power(_ base: [UInt8], _ exponent: [UInt8], modulo: [UInt8]) -> [UInt8]? {
    let context = unsafe BN_CTX_new()
    let number = unsafe BN_bin2bn(base, Int32(base.count), nil)
    let power = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil)
    let modulus = unsafe BN_bin2bn(modulo, Int32(modulo.count), nil)
    defer {
      unsafe BN_CTX_free(context)
      unsafe BN_free(number)
      unsafe BN_free(power)
      unsafe BN_free(modulus)
    }
    guard unsafe BN_cmp(number, modulus) < 0 else { return nil }
    var result = [UInt8](repeating: 0, count: modulo.count)
    let isDone =
      unsafe BN_mod_exp(number, number, power, modulus, context) == 1
      && BN_bn2binpad(number, &result, Int32(modulo.count)) == Int32(modulo.count)
    precondition(isDone, "libcrypto computes with numbers of these lengths")
    return result
  }

  /// A prime whose two highest bits are set, so that a product of two has its full length, and that
  /// is no multiple of the exponent behind a prime below it.
  static func prime(count: Int, exponent: [UInt8], _ dice: inout Dice) -> [UInt8] {
    let context = unsafe BN_CTX_new()
    let divisor = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil)
    let number = unsafe BN_new()
    let rest = unsafe BN_new()
    defer {
      unsafe BN_CTX_free(context)
      unsafe BN_free(divisor)
      unsafe BN_free(number)
      unsafe BN_free(rest)
    }
    while true {
      var bytes = dice.bytes(count)
      bytes[0] |= 0xC0
      bytes[count - 1] |= 1
      _ = unsafe BN_bin2bn(bytes, Int32(count), number)
      // The exponent has an inverse only where it does not divide the prime less one.
      let isDivided = unsafe BN_div(nil, rest, number, divisor, context) == 1
      precondition(isDivided, "the exponent is not zero")
      if unsafe BN_is_one(rest) == 1 { continue }
      if unsafe BN_check_prime(number, context, nil) == 1 { return bytes }
    }
  }

  static func key(_ first: [UInt8], _ second: [UInt8], exponent: [UInt8]) -> CardKey? {
    let context = unsafe BN_CTX_new()
    let one = unsafe BN_bin2bn(first, Int32(first.count), nil)
    let other = unsafe BN_bin2bn(second, Int32(second.count), nil)
    let power = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil)
    let modulus = unsafe BN_new()
    let order = unsafe BN_new()
    defer {
      unsafe BN_CTX_free(context)
      unsafe BN_free(one)
      unsafe BN_free(other)
      unsafe BN_free(power)
      unsafe BN_free(modulus)
      unsafe BN_free(order)
    }
    guard unsafe BN_mul(modulus, one, other, context) == 1, unsafe BN_sub_word(one, 1) == 1,
      unsafe BN_sub_word(other, 1) == 1, unsafe BN_mul(order, one, other, context) == 1,
      unsafe BN_mod_inverse(power, power, order, context) != nil,
      let publicKey = try? RSAPublicKey(modulus: unsafe bytes(modulus), exponent: exponent)
    else { return nil }
    return CardKey(publicKey: publicKey, privateExponent: unsafe bytes(power))
  }

  private static func bytes(_ number: OpaquePointer?) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(unsafe (BN_num_bits(number) + 7) / 8))
    let count = unsafe BN_bn2bin(number, &bytes)
    precondition(Int(count) == bytes.count, "a number has the bytes of its bits")
    return bytes
  }
}
