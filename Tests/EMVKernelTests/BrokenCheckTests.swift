// SPDX-License-Identifier: Apache-2.0

import Clockwork
import EMVKernel
import PaymentCrypto
import Simulator
import Testing
import Wire

/// An authority, an issuer and a card whose private keys the tests have.
private struct House {
  static let shared = House()
  let authorityKey: CardKey
  let issuer: CardKey
  let card: CardKey
  let small: CardKey
  let authority: AuthorityKey
  let account = hex("999001 123456789F")
  let input = hex("5A0899900112345678 9F 7900")

  init() {
    var dice = Dice(seed: 2)
    authorityKey = CardKey.drawn(count: 144, exponent: [3], &dice)
    issuer = CardKey.drawn(count: 128, exponent: [1, 0, 1], &dice)
    card = CardKey.drawn(count: 96, exponent: [3], &dice)
    small = CardKey.drawn(count: 64, exponent: [3], &dice)
    let key = authorityKey.publicKey
    let scheme = hex("F0504F5344")
    let sum = AuthorityKey.sum(scheme, 7, key.modulus, key.exponent)
    guard
      let made = try? AuthorityKey(
        scheme: scheme, index: 7, modulus: key.modulus, exponent: key.exponent, checkSum: sum)
    else { preconditionFailure("a key with its own check sum is taken") }
    authority = made
  }

  func issuerDraft() -> CertificateDraft {
    CertificateDraft(
      format: 0x02, owner: hex("999001FF"), month: hex("1226"), serial: hex("000123"))
  }

  func cardDraft() -> CertificateDraft {
    CertificateDraft(
      format: 0x04, owner: account + [0xFF, 0xFF], month: hex("1226"), serial: hex("000456"))
  }

  func objects(_ draft: CertificateDraft, _ key: CardKey) -> KeyCertificate {
    let made = draft.made(for: key.publicKey, by: authorityKey)
    return KeyCertificate(
      certificate: made.certificate, remainder: made.remainder,
      exponent: key.publicKey.exponent)
  }

  func ownObjects(_ draft: CertificateDraft, over rest: [UInt8]) -> KeyCertificate {
    let made = draft.made(for: card.publicKey, by: issuer, over: rest)
    return KeyCertificate(
      certificate: made.certificate, remainder: made.remainder,
      exponent: card.publicKey.exponent)
  }
}

@Suite("One thing wrong with a card is found, and named as that")
struct BrokenCheckTests {
  private let house = House.shared

  private static let checks: [(Spoiling, AuthenticationFault.Check)] = [
    (.length, .length), (.trailer, .trailer), (.header, .header), (.format, .format),
    (.hash, .hash), (.hashIndicator, .hashIndicator), (.month, .expired),
    (.algorithm, .algorithm),
  ]

  private func issuerFault(
    _ objects: KeyCertificate, on date: String = "261231", account: [UInt8]? = nil,
    revoked: [RevokedCertificate] = []
  ) throws -> AuthenticationFault? {
    let day = try Known.date(date)
    do throws(AuthenticationFault) {
      let key = try Authentication.issuerKey(
        objects, authority: house.authority, account: account ?? house.account, on: day,
        revoked: revoked)
      #expect(key == house.issuer.publicKey || key == house.small.publicKey)
      return nil
    } catch {
      return error
    }
  }

  private func fault(_ check: AuthenticationFault.Check) -> AuthenticationFault {
    AuthenticationFault(.issuerCertificate, check)
  }

  @Test("an issuer's certificate: each check of the Books by itself")
  func issuer() throws {
    #expect(try issuerFault(house.objects(house.issuerDraft(), house.issuer)) == nil)
    for (spoiling, check) in BrokenCheckTests.checks + [(.owner, .issuerIdentifier)] {
      var draft = house.issuerDraft()
      draft.spoiling = spoiling
      #expect(try issuerFault(house.objects(draft, house.issuer)) == fault(check))
    }
  }

  @Test("an issuer's key shorter than its certificate has room for needs no remainder")
  func withoutRemainder() throws {
    let objects = house.objects(house.issuerDraft(), house.small)
    #expect(objects.remainder.isEmpty)
    #expect(try issuerFault(objects) == nil)
  }

  @Test("what a certificate needs beside it: missing is another thing than wrong")
  func missing() throws {
    let whole = house.objects(house.issuerDraft(), house.issuer)
    #expect(whole.remainder.count == 128 - 144 + 36)
    var objects = whole
    objects.certificate = []
    #expect(try issuerFault(objects) == fault(.missing))
    objects = whole
    objects.remainder = []
    #expect(try issuerFault(objects) == fault(.missing))
    #expect(try issuerFault(objects)?.isCardDataMissing == true)
    objects = whole
    objects.exponent = []
    #expect(try issuerFault(objects) == fault(.missing))
    objects = whole
    objects.remainder[0] ^= 1
    #expect(try issuerFault(objects) == fault(.hash))
    #expect(try issuerFault(objects)?.isCardDataMissing == false)
    objects = whole
    objects.exponent = [3]
    #expect(try issuerFault(objects) == fault(.hash))
    objects = whole
    objects.certificate = [UInt8](repeating: 0xFF, count: 144)
    #expect(try issuerFault(objects) == fault(.recovery))
  }

  @Test("an issuer identifier has three to eight digits, odd numbers of them too")
  func identifier() throws {
    let account = hex("9990011234567890 123F")
    let cases = [
      ("999FFFFF", true), ("9990FFFF", true), ("99900FFF", true), ("999001FF", true),
      ("9990011F", true), ("99900112", true), ("99FFFFFF", false), ("FFFFFFFF", false),
      ("99900113", false), ("9990012F", false), ("998FFFFF", false), ("999F01FF", false),
      ("9990A1FF", false),
    ]
    for (digits, isRight) in cases {
      var draft = house.issuerDraft()
      draft.owner = hex(digits)
      let found = try issuerFault(house.objects(draft, house.issuer), account: account)
      #expect(found == (isRight ? nil : fault(.issuerIdentifier)), "\(digits)")
    }
  }

  @Test("a certificate is good for the whole of its last month, and 50 means 1950")
  func month() throws {
    let cases = [
      ("1226", "261231", true), ("1226", "270101", false), ("0127", "261231", true),
      ("1126", "261201", false), ("0250", "491231", false), ("1249", "491231", true),
      ("0027", "261231", false), ("1327", "261231", false), ("1A27", "261231", false),
    ]
    for (month, date, isRight) in cases {
      var draft = house.issuerDraft()
      draft.month = hex(month)
      let found = try issuerFault(house.objects(draft, house.issuer), on: date)
      #expect(found == (isRight ? nil : fault(.expired)), "\(month) on \(date)")
    }
  }

  @Test("a revoked certificate is known by scheme, key and serial number together")
  func revoked() throws {
    let objects = house.objects(house.issuerDraft(), house.issuer)
    let entry = RevokedCertificate(
      scheme: hex("F0504F5344"), index: 7, serial: hex("000123"))
    #expect(try issuerFault(objects, revoked: [entry]) == fault(.revoked))
    var others = [entry, entry, entry]
    others[0].scheme[4] ^= 1
    others[1].index = 8
    others[2].serial[2] ^= 1
    #expect(try issuerFault(objects, revoked: others) == nil)
    #expect(try issuerFault(objects, revoked: others + [entry]) == fault(.revoked))
  }

  @Test("the length that a certificate says is that of the key, and not above the signer's")
  func lengths() throws {
    for said in [127, 129, 145] as [UInt8] {
      var draft = house.issuerDraft()
      draft.saidLength = said
      #expect(try issuerFault(house.objects(draft, house.issuer)) == fault(.remainderLength))
    }
    var dice = Dice(seed: 3)
    let longer = CardKey.drawn(count: 145, exponent: [3], &dice)
    #expect(try issuerFault(house.objects(house.issuerDraft(), longer)) == fault(.keyLength))
    var draft = house.issuerDraft()
    draft.saidLength = 63
    #expect(try issuerFault(house.objects(draft, house.small)) == fault(.keyLength))
    // The digits before the modulus's first bit are not filled with zeros.
    let odd = try RSAPublicKey(modulus: longer.publicKey.modulus, exponent: [5])
    let made = house.issuerDraft().made(for: odd, by: house.authorityKey)
    let objects = KeyCertificate(
      certificate: made.certificate, remainder: made.remainder, exponent: [5])
    #expect(try issuerFault(objects) == fault(.keyLength))
  }

  @Test("an exponent is 3 or 65537")
  func exponents() throws {
    for exponent in [[5], [0, 3], [1, 0, 0, 1]] as [[UInt8]] {
      let key = try RSAPublicKey(modulus: house.small.publicKey.modulus, exponent: [5])
      let block = SignedBlock(
        format: 0x02,
        content: hex("999001FF 1226 000123 01 01 40") + [UInt8(exponent.count)] + key.modulus
          + [UInt8](repeating: 0xBB, count: 144 - 36 - 64))
      let objects = KeyCertificate(
        certificate: block.signature(by: house.authorityKey, over: exponent),
        exponent: exponent)
      #expect(try issuerFault(objects) == fault(.exponent))
    }
  }

  @Test("a card's and a PIN key's certificate: each check of the Books by itself")
  func own() throws {
    let date = try Known.date("261231")
    let checks = BrokenCheckTests.checks + [(.owner, .accountNumber)]
    for (spoiling, check) in [(nil, nil)] + checks.map({ (Optional($0.0), Optional($0.1)) }) {
      var draft = house.cardDraft()
      draft.spoiling = spoiling
      let card = house.ownObjects(draft, over: house.input)
      let pin = house.ownObjects(draft, over: [])
      #expect(
        found {
          try Authentication.cardKey(
            card, issuer: house.issuer.publicKey, account: house.account, input: house.input,
            on: date)
        } == check.map { AuthenticationFault(.cardCertificate, $0) })
      #expect(
        found {
          try Authentication.pinKey(
            pin, issuer: house.issuer.publicKey, account: house.account, on: date)
        } == check.map { AuthenticationFault(.pinCertificate, $0) })
    }
  }

  private func found(_ call: () throws -> RSAPublicKey) -> AuthenticationFault? {
    do {
      #expect(try call() == house.card.publicKey)
      return nil
    } catch {
      return error as? AuthenticationFault
    }
  }

  @Test("static data: each check of the Books by itself")
  func staticData() throws {
    for (spoiling, check) in BrokenCheckTests.checks.prefix(6) {
      let block = SignedBlock(
        format: 0x03, content: hex("01 DAC1"), spoiling: spoiling)
      let signature = block.signature(by: house.issuer, over: house.input)
      #expect(throws: AuthenticationFault(.staticSignature, check)) {
        try Authentication.staticData(
          signature, issuer: house.issuer.publicKey, input: house.input)
      }
    }
    let good = SignedBlock(format: 0x03, content: hex("01 DAC1"))
    let code = try Authentication.staticData(
      good.signature(by: house.issuer, over: house.input), issuer: house.issuer.publicKey,
      input: house.input)
    #expect(code == hex("DAC1"))
    #expect(throws: AuthenticationFault(.staticSignature, .missing)) {
      try Authentication.staticData([], issuer: house.issuer.publicKey, input: house.input)
    }
  }
}
