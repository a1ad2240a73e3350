// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto

// EMV 4.4 Book 2, tables 6/13 and 14: what a key certificate holds.
//
//     offset   issuer (90)                     card, PIN key (9F46, 9F2D)
//     0        6A                              6A
//     1        02                              04
//     2        issuer identifier, 4 bytes      account number, 10 bytes
//              month and year, 2 bytes; serial number, 3; hash 01; algorithm 01;
//              length of the modulus; length of the exponent
//     15, 21   left part of the modulus, filled with BB
//     N-21     hash, 20 bytes; BC

extension Authentication {
  /// The issuer's key from its certificate (EMV 4.4 Book 2, 5.3 and 6.3). `account` is the value of
  /// 5A; `date` the transaction's.
  public static func issuerKey(
    _ certificate: KeyCertificate, authority: AuthorityKey, account: [UInt8], on date: CardDate,
    revoked: [RevokedCertificate] = []
  ) throws(AuthenticationFault) -> RSAPublicKey {
    let object = AuthenticationFault.Object.issuerCertificate
    let block = try certified(
      certificate, authority.key, format: 0x02, owner: 4, object, covering: [])
    if !isBeginning(block.slice(2, 4), of: account) { throw block.fault(.issuerIdentifier) }
    try checkMonth(block, owner: 4, on: date)
    let serial = block.slice(8, 3)
    if revoked.contains(where: {
      $0.scheme == authority.scheme && $0.index == authority.index && $0.serial == serial
    }) {
      throw block.fault(.revoked)
    }
    return try key(block, certificate, owner: 4, within: authority.key)
  }

  /// The card's key from its certificate, which also proves the records (EMV 4.4 Book 2, 6.4).
  /// `input` is what `staticInput` made.
  public static func cardKey(
    _ certificate: KeyCertificate, issuer: RSAPublicKey, account: [UInt8], input: [UInt8],
    on date: CardDate
  ) throws(AuthenticationFault) -> RSAPublicKey {
    try ownKey(certificate, issuer, account, on: date, .cardCertificate, input)
  }

  /// The key that PINs are enciphered for, from its own certificate (EMV 4.4 Book 2, 7.1): as the
  /// card's, without the records.
  public static func pinKey(
    _ certificate: KeyCertificate, issuer: RSAPublicKey, account: [UInt8], on date: CardDate
  ) throws(AuthenticationFault) -> RSAPublicKey {
    try ownKey(certificate, issuer, account, on: date, .pinCertificate, [])
  }

  private static func ownKey(
    _ certificate: KeyCertificate, _ issuer: RSAPublicKey, _ account: [UInt8], on date: CardDate,
    _ object: AuthenticationFault.Object, _ input: [UInt8]
  ) throws(AuthenticationFault) -> RSAPublicKey {
    let block = try certified(
      certificate, issuer, format: 0x04, owner: 10, object, covering: input)
    guard let signed = AccountDigits.read(block.slice(2, 10)), !signed.isEmpty,
      signed == AccountDigits.read(account)
    else { throw block.fault(.accountNumber) }
    try checkMonth(block, owner: 10, on: date)
    return try key(block, certificate, owner: 10, within: issuer)
  }

  /// A block whose hash is right; `owner` is the length of what says whose key it is.
  private static func certified(
    _ certificate: KeyCertificate, _ signer: RSAPublicKey, format: UInt8, owner: Int,
    _ object: AuthenticationFault.Object, covering rest: [UInt8]
  ) throws(AuthenticationFault) -> Block {
    if certificate.exponent.isEmpty { throw AuthenticationFault(object, .missing) }
    let block = try recover(certificate.certificate, with: signer, format: format, object)
    // A remainder that is needed and not there would fail the hash, but has a bit of its own.
    let left = signer.modulus.count - 32 - owner
    if Int(block.bytes[owner + 9]) > left, certificate.remainder.isEmpty {
      throw block.fault(.missing)
    }
    try block.checkHash(
      certificate.remainder + certificate.exponent + rest,
      indicator: block.bytes[owner + 7])
    return block
  }

  private static func checkMonth(
    _ block: Block, owner: Int, on date: CardDate
  ) throws(AuthenticationFault) {
    guard let month = CertificateMonth(block.slice(owner + 2, 2)), month.covers(date) else {
      throw block.fault(.expired)
    }
  }

  private static func key(
    _ block: Block, _ certificate: KeyCertificate, owner: Int, within signer: RSAPublicKey
  ) throws(AuthenticationFault) -> RSAPublicKey {
    if block.bytes[owner + 8] != 0x01 { throw block.fault(.algorithm) }
    let left = block.slice(owner + 11, signer.modulus.count - 32 - owner)
    return try assemble(
      block, leftPart: left, length: Int(block.bytes[owner + 9]), certificate, within: signer)
  }

  /// Whether an issuer identifier of 3 to 8 digits, filled with F, begins the account number: by
  /// digits, since their number may be odd.
  private static func isBeginning(_ identifier: [UInt8], of account: [UInt8]) -> Bool {
    guard let digits = AccountDigits.read(identifier), let own = AccountDigits.read(account) else {
      return false
    }
    return (3...8).contains(digits.count) && own.starts(with: digits)
  }
}
