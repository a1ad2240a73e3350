// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import PaymentCrypto
import Simulator
import Testing
import Wire

/// What a terminal finds of a card: what it reads, and what offline data authentication says.
private struct Reading {
  let till: CardTill
  let records: [CardRecord]
  let input: Result<[UInt8], AuthenticationFault>

  init(_ card: TestCard) throws {
    var till = CardTill(card)
    till.directory()
    till.records()
    till.internalAuthenticate()
    till.first()
    self.till = till
    let locator = try Reading.value(0x94, in: [till["options"].dropLast(2)])
    var flagged: [CardRecord] = []
    for entry in stride(from: 0, to: locator.count, by: 4) {
      let first = Int(locator[entry + 1])
      for number in first..<first + Int(locator[entry + 3]) {
        let file = locator[entry] >> 3
        flagged.append(
          CardRecord(file: file, bytes: till["\(file).\(number)"].dropLast(2)))
      }
    }
    records = till.answers.filter { $0.step.contains(".") }.map {
      CardRecord(file: 0, bytes: $0.bytes.dropLast(2))
    }
    let list = try Reading.value(0x9F4A, in: records.map { $0.bytes })
    input = Result { () throws(AuthenticationFault) in
      try Authentication.staticInput(flagged, tagList: list, profile: cardHex("7D00"))
    }
  }

  static func value(_ tag: UInt32, in records: [[UInt8]]) throws -> [UInt8] {
    for record in records {
      guard let objects = try? TLV.parse(record), let name = TLVTag(tag) else { continue }
      if let found = TLV.first(name, in: objects) { return found.value }
    }
    return []
  }

  func value(_ tag: UInt32) throws -> [UInt8] {
    try Reading.value(tag, in: records.map { $0.bytes })
  }

  func objects(_ certificate: UInt32, _ remainder: UInt32, _ exponent: UInt32) throws
    -> KeyCertificate
  {
    KeyCertificate(
      certificate: try value(certificate), remainder: try value(remainder),
      exponent: try value(exponent))
  }

  /// The first fault of each method, `-` where there is none.
  func verdicts() throws -> String {
    let results = [try verdict(staticData), try verdict(dynamic), try verdict(combined)]
    return results.joined(separator: " ") + " " + (try verdict(pin))
  }

  private func verdict(_ method: () throws -> Void) throws -> String {
    do {
      try method()
      return "-"
    } catch let fault as AuthenticationFault {
      return "\(fault.object).\(fault.check)"
    }
  }

  private func issuer() throws -> Simulator.CardKey {
    let authority = CardTill.keys.authority.publicKey
    if try value(0x8F) == [] { throw AuthenticationFault(.issuerCertificate, .missing) }
    let index = try value(0x8F)[0]
    if index != CardKeySet.authorityIndex { throw AuthenticationFault(.authorityKey, .missing) }
    let key = try AuthorityKey(
      scheme: CardKeySet.scheme, index: index, modulus: authority.modulus,
      exponent: authority.exponent,
      checkSum: AuthorityKey.sum(
        CardKeySet.scheme, index, authority.modulus, authority.exponent))
    let found = try Authentication.issuerKey(
      objects(0x90, 0x92, 0x9F32), authority: key, account: value(0x5A), on: Reading.date(),
      revoked: [
        RevokedCertificate(
          scheme: CardKeySet.scheme, index: index, serial: CardKeySet.revokedSerial)
      ])
    #expect(found == CardTill.keys.issuer.publicKey)
    return CardTill.keys.issuer
  }

  private static func date() throws -> CardDate {
    try #require(CardDate(cardHex("261231")))
  }

  private func staticData() throws {
    let issuer = try issuer().publicKey
    let code = try Authentication.staticData(value(0x93), issuer: issuer, input: input.get())
    #expect(code == cardHex("DAC0"))
  }

  private func cardKey() throws {
    let issuer = try issuer().publicKey
    let key = try Authentication.cardKey(
      objects(0x9F46, 0x9F48, 0x9F47), issuer: issuer, account: value(0x5A), input: input.get(),
      on: Reading.date())
    #expect(key == CardTill.keys.card.publicKey)
  }

  private func dynamic() throws {
    try cardKey()
    let signature = try Reading.value(0x9F4B, in: [till["internal"].dropLast(2)])
    _ = try Authentication.dynamicData(
      signature, card: CardTill.keys.card.publicKey, asked: cardHex("1A2B3C4D"))
  }

  private func combined() throws {
    try cardKey()
    _ = try Authentication.combinedData(
      till["first"].dropLast(2), card: CardTill.keys.card.publicKey,
      asked: cardHex("22" + CardTill.firstData), unpredictable: cardHex("1A2B3C4D"))
  }

  private func pin() throws {
    let issuer = try issuer().publicKey
    let key = try Authentication.pinKey(
      objects(0x9F2D, 0x9F2F, 0x9F2E), issuer: issuer, account: value(0x5A), on: Reading.date())
    #expect(key == CardTill.keys.pin.publicKey)
  }
}

@Suite("What offline data authentication says of a test card's faults")
struct CardAuthenticationTests {
  @Test("a right card passes by every method")
  func right() throws {
    #expect(try Reading(CardTill.card()).verdicts() == "- - - -")
  }

  @Test("a card passes with every shape of keys: with and without remainders, both exponents")
  func shapes() throws {
    for (sizes, exponent) in [
      ([100, 100, 64, 64], [3]), ([112, 76, 76, 64], [1, 0, 1]), ([144, 108, 66, 64], [3]),
    ] as [([Int], [UInt8])] {
      var profile = CardProfile()
      profile.sizes.authority = sizes[0]
      profile.sizes.issuer = sizes[1]
      profile.sizes.card = sizes[2]
      profile.sizes.pin = sizes[3]
      profile.sizes.exponent = exponent
      #expect(profile.sizes.arePossible)
      let keys = CardKeySet(seed: 12, sizes: profile.sizes)
      let card = profile.personalised(with: keys)
      let application = try #require(card.applications.first)
      let remainders = [0x92, 0x9F48, 0x9F2F].map { application.value($0)?.count ?? 0 }
      #expect(
        remainders
          == [
            max(0, sizes[1] - sizes[0] + 36), max(0, sizes[2] - sizes[1] + 42),
            max(0, sizes[3] - sizes[1] + 42),
          ])
    }
  }

  @Test("each fault is found by the methods that it concerns, as what it is")
  func each() throws {
    for (fault, verdicts) in CardAuthenticationTests.table {
      #expect(try Reading(CardTill.card([fault])).verdicts() == verdicts, "\(fault)")
    }
  }

  private static func all(_ fault: String) -> String {
    [fault, fault, fault, fault].joined(separator: " ")
  }

  private static func records(_ fault: String) -> String {
    [fault, fault, fault, "-"].joined(separator: " ")
  }

  private static func card(_ check: String) -> String {
    "- cardCertificate.\(check) cardCertificate.\(check) -"
  }

  private static let table: [(CardFault, String)] = [
    (.issuerCertificateLength, all("issuerCertificate.length")),
    (.issuerCertificateTrailer, all("issuerCertificate.trailer")),
    (.issuerCertificateHeader, all("issuerCertificate.header")),
    (.issuerCertificateFormat, all("issuerCertificate.format")),
    (.issuerCertificateHash, all("issuerCertificate.hash")),
    (.issuerCertificateHashAlgorithm, all("issuerCertificate.hashIndicator")),
    (.issuerCertificateOwner, all("issuerCertificate.issuerIdentifier")),
    (.issuerCertificatePast, all("issuerCertificate.expired")),
    (.issuerCertificateRevoked, all("issuerCertificate.revoked")),
    (.issuerCertificateAlgorithm, all("issuerCertificate.algorithm")),
    (.issuerDigitsThree, all("-")), (.issuerDigitsFour, all("-")), (.issuerDigitsFive, all("-")),
    (.issuerDigitsSeven, all("-")), (.issuerDigitsEight, all("-")),
    (.withoutIssuerCertificate, all("issuerCertificate.missing")),
    (.withoutAuthorityIndex, all("issuerCertificate.missing")),
    (.withoutIssuerExponent, all("issuerCertificate.missing")),
    (.withoutIssuerRemainder, all("issuerCertificate.missing")),
    (.unknownAuthority, all("authorityKey.missing")),
    (.withoutStaticSignature, "staticSignature.missing - - -"),
    (.staticSignatureHash, "staticSignature.hash - - -"),
    (.staticSignatureFormat, "staticSignature.format - - -"),
    (.staticSignatureLength, "staticSignature.length - - -"),
    (.withoutCardCertificate, card("missing")), (.withoutCardExponent, card("missing")),
    (.withoutCardRemainder, card("missing")), (.cardCertificateLength, card("length")),
    (.cardCertificateTrailer, card("trailer")), (.cardCertificateHeader, card("header")),
    (.cardCertificateFormat, card("format")), (.cardCertificateHash, card("hash")),
    (.cardCertificateOwner, card("accountNumber")), (.cardCertificatePast, card("expired")),
    (.cardCertificateAlgorithm, card("algorithm")),
    (.pinCertificateHash, "- - - pinCertificate.hash"),
    (.tagListAccount, records("staticInput.tagList")),
    (.tagListMore, records("staticInput.tagList")),
    (.flaggedRecordNotATemplate, records("staticInput.record")),
    (.dynamicHash, "- dynamicSignature.hash - -"),
    (.dynamicLength, "- dynamicSignature.length - -"),
    (.dynamicFormat, "- dynamicSignature.format - -"), (.dynamicDataNone, all("-")),
    (.dynamicDataNine, all("-")), (.dynamicDataSixty, all("-")),
    (.combinedHash, "- - combinedSignature.hash -"),
    (.combinedTransactionHash, "- - combinedSignature.transactionData -"),
    (.combinedInformation, "- - combinedSignature.cryptogramInformation -"),
    (.combinedLength, "- - combinedSignature.length -"), (.combinedMoreObjects, all("-")),
    (.combinedOtherOrder, all("-")), (.notYetEffective, all("-")), (.expired, all("-")),
  ]
}
