// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

/// How an RSA signature is filled up (RFC 8017).
public enum RSAPadding: UInt8, Hashable, Sendable, CaseIterable {
  /// RSASSA-PKCS1-v1_5.
  case pkcs1
  /// RSASSA-PSS with a salt as long as the hash, which also masks.
  case pss
}

/// The public part of an RSA key, modulus of 512...4096 bits.
public struct RSAPublicKey: Hashable, Sendable {
  /// The modulus, its most significant byte first and not zero.
  public let modulus: [UInt8]
  /// The exponent, its most significant byte first and not zero.
  public let exponent: [UInt8]

  /// A key. Throws `wrongLength` for a modulus outside the limits and `outOfRange` for an even
  /// modulus or an exponent that is even, 1 or longer than four bytes.
  public init(modulus: [UInt8], exponent: [UInt8]) throws(CryptoFault) {
    let modulus = Array(modulus.drop { $0 == 0 })
    let exponent = Array(exponent.drop { $0 == 0 })
    if !(64...512).contains(modulus.count) { throw .wrongLength(modulus.count) }
    guard let last = exponent.last, exponent.count <= 4, last % 2 == 1, exponent != [1],
      modulus[modulus.count - 1] % 2 == 1
    else { throw .outOfRange }
    self.modulus = modulus
    self.exponent = exponent
  }

  /// What a signature with message recovery holds: the block to the power of the exponent, as long
  /// as the modulus (EMV 4.4 Book 2, A2.1; B2.1). Its format is the caller's to check.
  public func recover(_ block: [UInt8]) throws(CryptoFault) -> [UInt8] {
    if block.count != modulus.count { throw .wrongLength(block.count) }
    guard let context = unsafe BN_CTX_new() else { throw .failed }
    defer { unsafe BN_CTX_free(context) }
    let base = unsafe BN_bin2bn(block, Int32(block.count), nil)
    let power = unsafe BN_bin2bn(exponent, Int32(exponent.count), nil)
    let divisor = unsafe BN_bin2bn(modulus, Int32(modulus.count), nil)
    defer {
      unsafe BN_free(base)
      unsafe BN_free(power)
      unsafe BN_free(divisor)
    }
    guard let base = unsafe base, let power = unsafe power, let divisor = unsafe divisor else {
      throw .failed
    }
    // A block that is not below the modulus is no signature (PKCS #1, RSAVP1).
    if unsafe BN_cmp(base, divisor) >= 0 { throw .outOfRange }
    var recovered = [UInt8](repeating: 0, count: modulus.count)
    guard unsafe BN_mod_exp(base, base, power, divisor, context) == 1,
      unsafe BN_bn2binpad(base, &recovered, Int32(modulus.count)) == Int32(modulus.count)
    else { throw .failed }
    return recovered
  }

  /// Whether a signature is the message's.
  public func verifies(
    _ signature: [UInt8], over message: [UInt8], _ hash: HashAlgorithm, _ padding: RSAPadding
  ) -> Bool {
    guard let handle = try? KeyHandle(information: information) else { return false }
    return unsafe handle.verifies(signature, over: message, hash: hash) { parameters in
      switch padding {
      case .pkcs1: unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PADDING) == 1
      case .pss:
        unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
          && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
      }
    }
  }

  /// The SubjectPublicKeyInfo with rsaEncryption (RFC 3279, 2.3.1).
  public var information: [UInt8] {
    let algorithm: [UInt8] = [
      0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]
    let numbers = DER.sequence(DER.integer(modulus) + DER.integer(exponent))
    return DER.sequence(algorithm + DER.bitString(numbers))
  }
}
