// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto

// Offline data authentication with RSA (EMV 4.4 Book 2, 5 to 7). Each key proves the next:
//
//     CA key ──90──▶ issuer key ──93──▶ the records are the issuer's                SDA
//                        ├──9F46──▶ card's key ──9F4B──▶ the card is there           DDA
//                        │               └──────9F4B──▶ and its cryptogram is its own CDA
//                        └──9F2D──▶ PIN key, or the card's: what a PIN pad enciphers for
//
// All functions are pure. A fault names the object and the check, in the order of the Books: the
// first that fails ends the method.

/// The checks of offline data authentication.
public enum Authentication {
  /// Exponents that a card may have (EMV 4.4 Book 2, B2.1).
  static let exponents: [[UInt8]] = [[0x03], [0x01, 0x00, 0x01]]
  /// Lengths of a modulus in bytes (EMV 4.4 Book 2, table 43); real keys have 64 or more.
  static let modulusLengths = 64...248

  /// A block as it is before the signature: header 6A, format, data, hash, trailer BC
  /// (EMV 4.4 Book 2, A2.1).
  struct Block {
    let object: AuthenticationFault.Object
    let bytes: [UInt8]

    /// What is hashed of it: everything between header and hash.
    var signed: [UInt8] { Array(bytes[1..<bytes.count - 21]) }
    var hash: [UInt8] { Array(bytes[(bytes.count - 21)..<(bytes.count - 1)]) }

    func slice(_ offset: Int, _ count: Int) -> [UInt8] { Array(bytes[offset..<offset + count]) }

    func fault(_ check: AuthenticationFault.Check) -> AuthenticationFault {
      AuthenticationFault(object, check)
    }

    /// The hash is over what is signed and what could not be put into the block.
    func checkHash(_ rest: [UInt8], indicator: UInt8) throws(AuthenticationFault) {
      // SHA-1 is the only hash there is (EMV 4.4 Book 2, B3.1).
      if indicator != 0x01 { throw fault(.hashIndicator) }
      if HashAlgorithm.sha1.digest(signed + rest) != hash { throw fault(.hash) }
    }
  }

  /// Length, trailer, header and format, in this order.
  static func recover(
    _ signature: [UInt8], with key: RSAPublicKey, format: UInt8,
    _ object: AuthenticationFault.Object
  ) throws(AuthenticationFault) -> Block {
    if signature.isEmpty { throw AuthenticationFault(object, .missing) }
    if signature.count != key.modulus.count { throw AuthenticationFault(object, .length) }
    let bytes: [UInt8]
    do throws(CryptoFault) {
      bytes = try key.recover(signature)
    } catch {
      throw AuthenticationFault(object, .recovery)
    }
    let block = Block(object: object, bytes: bytes)
    if bytes.last != 0xBC { throw block.fault(.trailer) }
    if bytes[0] != 0x6A { throw block.fault(.header) }
    if bytes[1] != format { throw block.fault(.format) }
    return block
  }

  /// A key of the length its certificate says: the left part and the remainder.
  static func assemble(
    _ block: Block, leftPart: [UInt8], length: Int, _ certificate: KeyCertificate,
    within authority: RSAPublicKey
  ) throws(AuthenticationFault) -> RSAPublicKey {
    var modulus = leftPart
    if length <= leftPart.count {
      modulus = Array(leftPart.prefix(length))
    } else {
      if certificate.remainder.count != length - leftPart.count {
        throw block.fault(.remainderLength)
      }
      modulus += certificate.remainder
    }
    if !modulusLengths.contains(length) || length > authority.modulus.count {
      throw block.fault(.keyLength)
    }
    if !exponents.contains(certificate.exponent) { throw block.fault(.exponent) }
    guard let key = try? RSAPublicKey(modulus: modulus, exponent: certificate.exponent),
      key.modulus.count == length
    else { throw block.fault(.keyLength) }
    return key
  }
}

/// The three objects that hold a key: 90, 92 and 9F32; 9F46, 9F48 and 9F47; 9F2D, 9F2F and 9F2E.
public struct KeyCertificate: Hashable, Sendable {
  /// The certificate; empty when the card has none.
  public var certificate: [UInt8]
  /// What did not fit into the certificate; empty when the card has none.
  public var remainder: [UInt8]
  /// The exponent; empty when the card has none.
  public var exponent: [UInt8]

  /// As the card has them.
  public init(certificate: [UInt8], remainder: [UInt8] = [], exponent: [UInt8]) {
    self.certificate = certificate
    self.remainder = remainder
    self.exponent = exponent
  }
}
