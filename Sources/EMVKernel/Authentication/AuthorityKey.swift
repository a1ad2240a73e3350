// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto
import Wire

/// A certification authority's key (EMV 4.4 Book 2, 11.2.2).
public struct AuthorityKey: Hashable, Sendable {
  /// The payment system's identifier: five bytes.
  public let scheme: [UInt8]
  /// Which of the payment system's keys.
  public let index: UInt8
  /// The key.
  public let key: RSAPublicKey
  /// SHA-1 over identifier, index, modulus and exponent.
  public let checkSum: [UInt8]

  /// A key as it was loaded. Throws `checkSum` when the sum is another one, and `keyLength` or
  /// `exponent` for a key that no authority may have: lists in circulation have such
  /// (EMV 4.4 Book 4, 10.2).
  public init(
    scheme: [UInt8], index: UInt8, modulus: [UInt8], exponent: [UInt8], checkSum: [UInt8]
  ) throws(AuthenticationFault) {
    if AuthorityKey.sum(scheme, index, modulus, exponent) != checkSum {
      throw AuthenticationFault(.authorityKey, .checkSum)
    }
    if !Authentication.exponents.contains(exponent) {
      throw AuthenticationFault(.authorityKey, .exponent)
    }
    guard scheme.count == 5, Authentication.modulusLengths.contains(modulus.count),
      let key = try? RSAPublicKey(modulus: modulus, exponent: exponent), key.modulus == modulus
    else { throw AuthenticationFault(.authorityKey, .keyLength) }
    self.scheme = scheme
    self.index = index
    self.key = key
    self.checkSum = checkSum
  }

  /// A key as files have it, hexadecimal digits each: identifier, index, exponent, check sum,
  /// modulus. Nil for words that are none.
  public init?(words: [[UInt8]]) throws(AuthenticationFault) {
    let parts = words.compactMap { try? Hex.decode($0) }
    if words.count != 5 || parts.count != 5 || parts[1].count != 1 { return nil }
    try self.init(
      scheme: parts[0], index: parts[1][0], modulus: parts[4], exponent: parts[2],
      checkSum: parts[3])
  }

  /// Whether the key is still what was loaded; the Books want that asked again and again.
  public var isIntact: Bool {
    AuthorityKey.sum(scheme, index, key.modulus, key.exponent) == checkSum
  }

  /// The check sum of a key.
  public static func sum(
    _ scheme: [UInt8], _ index: UInt8, _ modulus: [UInt8], _ exponent: [UInt8]
  ) -> [UInt8] {
    HashAlgorithm.sha1.digest(scheme + [index] + modulus + exponent)
  }
}

/// An issuer's certificate that is not to be trusted any more (EMV 4.4 Book 2, 5.1.2).
public struct RevokedCertificate: Hashable, Sendable {
  /// The payment system's identifier: five bytes.
  public var scheme: [UInt8]
  /// The authority's key that had signed it.
  public var index: UInt8
  /// The certificate's serial number: three bytes.
  public var serial: [UInt8]

  /// An entry of the list.
  public init(scheme: [UInt8], index: UInt8, serial: [UInt8]) {
    self.scheme = scheme
    self.index = index
    self.serial = serial
  }
}
