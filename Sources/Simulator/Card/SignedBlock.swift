// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

// EMV 4.4 Book 2, A2.1: 6A ‖ format ‖ content ‖ BB… ‖ SHA-1 ‖ BC, to the power of a private exponent.

/// What is made wrong in a signature, and nothing else with it: the hash is over what then stands
/// there.
public enum Spoiling: UInt8, Hashable, Sendable, CaseIterable {
  /// A byte is missing.
  case length
  /// The last byte is BD.
  case trailer
  /// The first byte is 6B.
  case header
  /// The format is another one.
  case format
  /// The hash has another last bit.
  case hash
  /// The hash algorithm is 02.
  case hashIndicator
  /// The identifier or account number is another one.
  case owner
  /// The month is January 2020.
  case month
  /// The signature algorithm is 02.
  case algorithm
}

/// A signature with message recovery, about to be made.
public struct SignedBlock: Hashable, Sendable {
  /// 02 issuer certificate, 03 static data, 04 card's certificate, 05 dynamic data.
  public var format: UInt8
  /// What follows; of dynamic and static signatures it begins with the hash algorithm.
  public var content: [UInt8]
  /// What is made wrong.
  public var spoiling: Spoiling?

  /// A block.
  public init(format: UInt8, content: [UInt8], spoiling: Spoiling? = nil) {
    self.format = format
    self.content = content
    self.spoiling = spoiling
  }

  /// The signature; `rest` is what the hash covers and the block does not hold.
  public func signature(by key: CardKey, over rest: [UInt8]) -> [UInt8] {
    precondition(content.count <= key.count - 23, "the caller has measured what fits")
    var content = content
    if spoiling == .hashIndicator, format == 0x03 || format == 0x05 { content[0] = 0x02 }
    var signed = [spoiling == .format ? format ^ 0x10 : format] + content
    while signed.count < key.count - 22 { signed.append(0xBB) }
    var hash = HashAlgorithm.sha1.digest(signed + rest)
    if spoiling == .hash { hash[19] ^= 0x01 }
    let header: UInt8 = spoiling == .header ? 0x6B : 0x6A
    let block = [header] + signed + hash + [spoiling == .trailer ? 0xBD : 0xBC]
    // The highest bit of a modulus is set, so that a block is always below it.
    guard let made = key.apply(block) else { return [] }
    return spoiling == .length ? Array(made.dropLast()) : made
  }
}

/// A key certificate, about to be made (EMV 4.4 Book 2, tables 2 and 11).
public struct CertificateDraft: Hashable, Sendable {
  /// 02 or 04.
  public var format: UInt8
  /// Issuer identifier, 4 bytes, or account number, 10, filled with F.
  public var owner: [UInt8]
  /// The last month: MMYY, packed.
  public var month: [UInt8]
  /// Three bytes.
  public var serial: [UInt8]
  /// The length that the certificate says; nil is the key's.
  public var saidLength: UInt8?
  /// What is made wrong.
  public var spoiling: Spoiling?

  /// A certificate that is right.
  public init(format: UInt8, owner: [UInt8], month: [UInt8], serial: [UInt8]) {
    self.format = format
    self.owner = owner
    self.month = month
    self.serial = serial
  }

  /// Certificate and remainder for a key; `rest` is what the hash covers behind the exponent.
  public func made(
    for key: RSAPublicKey, by signer: CardKey, over rest: [UInt8] = []
  ) -> (certificate: [UInt8], remainder: [UInt8]) {
    var owner = owner
    if spoiling == .owner { owner[0] ^= 0x10 }
    let last = spoiling == .month ? [0x01, 0x20] : month
    let room = signer.count - 32 - owner.count
    var left = Array(key.modulus.prefix(room))
    let remainder = Array(key.modulus.dropFirst(room))
    while left.count < room { left.append(0xBB) }
    let hash: UInt8 = spoiling == .hashIndicator ? 0x02 : 0x01
    let algorithm: UInt8 = spoiling == .algorithm ? 0x02 : 0x01
    let lengths = [saidLength ?? UInt8(key.modulus.count), UInt8(key.exponent.count)]
    let block = SignedBlock(
      format: format, content: owner + last + serial + [hash, algorithm] + lengths + left,
      spoiling: spoiling)
    return (block.signature(by: signer, over: remainder + key.exponent + rest), remainder)
  }
}
