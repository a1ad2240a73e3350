// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import PINPadCrypto
import PaymentCrypto
import Testing
import Wire

@Suite("A card proves that its issuer made it")
struct KnownAnswerTests {
  /// What a call throws, to compare with what it should.
  private func fault(_ call: () throws(AuthenticationFault) -> Void) -> AuthenticationFault? {
    do throws(AuthenticationFault) {
      try call()
      return nil
    } catch {
      return error
    }
  }

  @Test("the authority's key is known by its check sum, and no other is taken")
  func authority() throws {
    let key = try Known.authority
    #expect(key.isIntact)
    var other = Known.authorityModulus
    other[5] ^= 1
    for (modulus, exponent, index) in [
      (other, [3], 1), (Known.authorityModulus, [1, 0, 1], 1), (Known.authorityModulus, [3], 2),
    ] as [([UInt8], [UInt8], UInt8)] {
      let found = fault { () throws(AuthenticationFault) in
        _ = try AuthorityKey(
          scheme: Known.scheme, index: index, modulus: modulus, exponent: exponent,
          checkSum: Known.authorityCheckSum)
      }
      #expect(found == AuthenticationFault(.authorityKey, .checkSum))
      #expect(found?.isCardDataMissing == false)
    }
    for (modulus, exponent, check) in [
      (Known.authorityModulus, [2], .exponent), (Known.authorityModulus, [0, 3], .exponent),
      ([UInt8](repeating: 0xFF, count: 63), [3], .keyLength),
      ([UInt8](repeating: 0xFF, count: 249), [3], .keyLength),
    ] as [([UInt8], [UInt8], AuthenticationFault.Check)] {
      let found = fault { () throws(AuthenticationFault) in
        _ = try AuthorityKey(
          scheme: Known.scheme, index: 1, modulus: modulus, exponent: exponent,
          checkSum: AuthorityKey.sum(Known.scheme, 1, modulus, exponent))
      }
      #expect(found == AuthenticationFault(.authorityKey, check))
    }
  }

  @Test("the issuer's key comes out of its certificate")
  func issuer() throws {
    let key = try Authentication.issuerKey(
      Known.issuerObjects, authority: Known.authority, account: Known.account,
      on: Known.date("261231"))
    #expect(key.modulus == Known.issuerModulus)
    #expect(key.exponent == [3])
  }

  @Test("a certificate is good to the last day of its month and not on the next")
  func month() throws {
    let authority = try Known.authority
    var last: CardDate?
    // The month of the known certificate is found, not assumed.
    for year in 26...49 {
      for month in 1...12 {
        let date = try Known.date(two(year) + two(month) + "28")
        let found = fault { () throws(AuthenticationFault) in
          _ = try Authentication.issuerKey(
            Known.issuerObjects, authority: authority, account: Known.account, on: date)
        }
        if found == nil { last = date }
        if let last, found != nil {
          #expect(last < date)
          #expect(found == AuthenticationFault(.issuerCertificate, .expired))
        }
      }
    }
    #expect(last != nil)
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test("the records are the issuer's, and so is the code that names them")
  func staticData() throws {
    let record = CardRecord(file: 3, bytes: Known.record)
    let input = try Authentication.staticInput(
      [record], tagList: [0x82], profile: Known.profile)
    #expect(input == Known.input)
    let code = try Authentication.staticData(
      Known.staticSignature, issuer: Known.issuer, input: input)
    #expect(code.count == 2)
    for index in input.indices {
      var changed = input
      changed[index] ^= 1
      let found = fault { () throws(AuthenticationFault) in
        guard let issuer = try? Known.issuer else { return }
        _ = try Authentication.staticData(Known.staticSignature, issuer: issuer, input: changed)
      }
      #expect(found == AuthenticationFault(.staticSignature, .hash))
    }
  }

  @Test("of files 11 to 30 the whole record counts, and the profile only where it is asked for")
  func staticInput() throws {
    let record = hex("7003500141")
    func input(_ file: UInt8, _ bytes: [UInt8], _ list: [UInt8]) throws -> [UInt8] {
      try Authentication.staticInput(
        [CardRecord(file: file, bytes: bytes)], tagList: list, profile: hex("7900"))
    }
    #expect(try input(10, record, []) == hex("500141"))
    #expect(try input(11, record, []) == record)
    #expect(try input(10, record, [0x82]) == hex("5001417900"))
    // A length written longer than it needs stays out of the content.
    #expect(try input(1, hex("708103500141"), []) == hex("500141"))
    #expect(throws: AuthenticationFault(.staticInput, .record)) {
      try input(11, hex("6103500141"), [])
    }
    #expect(throws: AuthenticationFault(.staticInput, .record)) { try input(1, [], []) }
    for list in ["5A", "825A", "8282"] {
      #expect(throws: AuthenticationFault(.staticInput, .tagList)) {
        try input(1, record, hex(list))
      }
    }
  }

  @Test("the card's key and the PIN key come out of their certificates")
  func ownKeys() throws {
    let date = try Known.date("261231")
    let issuer = try Known.issuer
    let card = try Authentication.cardKey(
      Known.cardObjects, issuer: issuer, account: Known.account, input: Known.input, on: date)
    #expect(card.modulus == Known.cardModulus)
    #expect(card.exponent == [1, 0, 1])
    let pin = try Authentication.pinKey(
      Known.pinObjects, issuer: issuer, account: Known.account, on: date)
    #expect(pin.modulus == Known.pinModulus)
    // The card's certificate covers the records, the PIN key's does not.
    #expect(throws: AuthenticationFault(.cardCertificate, .hash)) {
      try Authentication.cardKey(
        Known.cardObjects, issuer: issuer, account: Known.account, input: [], on: date)
    }
  }

  @Test("a dynamic signature is of this terminal's number")
  func dynamic() throws {
    let data = try Authentication.dynamicData(
      Known.dynamicSignature, card: Known.card, asked: Known.unpredictable)
    #expect(data.number == hex("0102030405060708"))
    #expect(throws: AuthenticationFault(.dynamicSignature, .hash)) {
      try Authentication.dynamicData(
        Known.dynamicSignature, card: Known.card, asked: hex("1A2B3C4E"))
    }
  }

  @Test("a combined signature is of this cryptogram and this transaction")
  func combined() throws {
    let answer = Array(Known.combinedAnswer.dropLast(2))
    let asked = [0x22] + Known.listData
    let data = try Authentication.combinedData(
      answer, card: Known.card, asked: asked, unpredictable: Known.unpredictable)
    #expect(data.information == 0x80)
    #expect(data.cryptogram == hex("72DBA702A21B3E11"))
    for index in asked.indices {
      var changed = asked
      changed[index] ^= 1
      #expect(
        throws: AuthenticationFault(
          .combinedSignature, .transactionData, signedInformation: 0x80)
      ) {
        try Authentication.combinedData(
          answer, card: Known.card, asked: changed, unpredictable: Known.unpredictable)
      }
    }
    #expect(
      throws: AuthenticationFault(.combinedSignature, .hash, signedInformation: 0x80)
    ) {
      try Authentication.combinedData(
        answer, card: Known.card, asked: asked, unpredictable: hex("1A2B3C4E"))
    }
  }

  @Test("a PIN is enciphered for the card's PIN key")
  func pin() throws {
    let key = try RSAPublicKey(modulus: Known.pinModulus, exponent: [3])
    let pin = try #require(ClearPIN([1, 2, 3, 4]))
    let challenge = hex("A1A2A3A4A5A6A7A8")
    let made = try OfflinePIN.enciphered(
      pin, for: key, challenge: challenge, filling: Known.pinFilling)
    #expect(made == Known.pinCryptogram)
    #expect(throws: CryptoFault.wrongLength(7)) {
      try OfflinePIN.enciphered(
        pin, for: key, challenge: Array(challenge.dropLast()), filling: Known.pinFilling)
    }
    #expect(throws: CryptoFault.wrongLength(54)) {
      try OfflinePIN.enciphered(
        pin, for: key, challenge: challenge, filling: Array(Known.pinFilling.dropLast()))
    }
  }

  @Test("a card reads a PIN behind its own challenge and in a block of the right form alone")
  func readPIN() throws {
    let pin = try #require(ClearPIN([1, 2, 3, 4]))
    let challenge = hex("A1A2A3A4A5A6A7A8")
    let plain = hex("7F 241234FFFFFFFFFF") + challenge + hex("5A5A")
    #expect(try OfflinePIN.pin(in: plain, challenge: challenge) == pin)
    for index in 0..<17 {
      var changed = plain
      changed[index] ^= 0x10
      let read = try? OfflinePIN.pin(in: changed, challenge: challenge)
      // Of the block, digits may be others.
      #expect(read != pin, "byte \(index)")
      if index == 0 || index > 8 { #expect(read == nil) }
    }
    #expect(throws: CryptoFault.wrongLength(16)) {
      try OfflinePIN.pin(in: Array(plain.prefix(16)), challenge: challenge)
    }
  }

  @Test("a day is one of the calendar, and two digits mean a year from 1950 to 2049")
  func dates() throws {
    for text in ["261231", "240229", "000229", "500101", "491231"] {
      #expect(CardDate(hex(text)) != nil)
    }
    for text in ["301331", "260230", "230229", "260931", "260100", "260001", "26A101", "2612"] {
      #expect(CardDate(hex(text)) == nil)
    }
    #expect(try Known.date("500101") < Known.date("491231"))
    #expect(try Known.date("261130") < Known.date("261201"))
    #expect(try !(Known.date("261201") < Known.date("261201")))
  }
}
