// SPDX-License-Identifier: Apache-2.0

/// What offline data authentication found wrong.
public struct AuthenticationFault: Error, Hashable, Sendable {
  /// Which object was being checked.
  public enum Object: UInt8, Hashable, Sendable, CaseIterable {
    /// The key of the certification authority, of the terminal.
    case authorityKey
    /// 90, with 92 and 9F32.
    case issuerCertificate
    /// The flagged records and 9F4A.
    case staticInput
    /// 93.
    case staticSignature
    /// 9F46, with 9F48 and 9F47.
    case cardCertificate
    /// 9F2D, with 9F2F and 9F2E.
    case pinCertificate
    /// 9F4B of INTERNAL AUTHENTICATE.
    case dynamicSignature
    /// 9F4B of GENERATE AC.
    case combinedSignature
  }

  /// Which check failed.
  public enum Check: UInt8, Hashable, Sendable, CaseIterable {
    /// The object, or the part of the key beside it, is not there.
    case missing
    /// It is not as long as the modulus it was signed with, or is no data object.
    case length
    /// It is a number that the modulus cannot give.
    case recovery
    /// The last byte is not BC.
    case trailer
    /// The first byte is not 6A.
    case header
    /// The format is another one's.
    case format
    /// The hash algorithm is none we know.
    case hashIndicator
    /// The hash is another one.
    case hash
    /// The issuer identifier is not the beginning of the account number.
    case issuerIdentifier
    /// The account number in the certificate is not the card's.
    case accountNumber
    /// The month in the certificate is past, or none.
    case expired
    /// The certificate is on the revocation list.
    case revoked
    /// The signature algorithm is none we know.
    case algorithm
    /// The exponent is neither 3 nor 65537.
    case exponent
    /// The key is too short or too long.
    case keyLength
    /// The remainder is not what is missing of the key.
    case remainderLength
    /// A flagged record is no record template.
    case record
    /// 9F4A names something other than the interchange profile.
    case tagList
    /// The dynamic data do not fit, or not what has to be in them.
    case dynamicData
    /// The signed cryptogram information is another than the one beside it.
    case cryptogramInformation
    /// The signed hash of the transaction's data is another one.
    case transactionData
    /// The key's check sum is another one.
    case checkSum
  }

  /// What was checked.
  public let object: Object
  /// What failed.
  public let check: Check
  /// For a combined signature: the cryptogram information inside it, if it could be read. It then
  /// says what the card answered (EMV 4.4 Book 4, 6.3.2.1).
  public let signedInformation: UInt8?

  /// A fault.
  public init(_ object: Object, _ check: Check, signedInformation: UInt8? = nil) {
    self.object = object
    self.check = check
    self.signedInformation = signedInformation
  }

  /// Whether the terminal also notes "ICC data missing": a card's object was not there
  /// (EMV 4.4 Book 3, table 35). An authority's key is the terminal's own.
  public var isCardDataMissing: Bool { check == .missing && object != .authorityKey }
}
