// SPDX-License-Identifier: Apache-2.0

import Clockwork
import EMVKernel
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("A card's own signature: what it may be and what it may not")
struct BrokenSignatureTests {
  private static let card: CardKey = {
    var dice = Dice(seed: 4)
    return CardKey.drawn(count: 128, exponent: [3], &dice)
  }()
  private let card = BrokenSignatureTests.card
  private let number = hex("1A2B3C4D")
  private let asked = hex("22 000000012345")
  private let cryptogram = hex("0102030405060708")

  private func dynamic(_ data: [UInt8], length: Int? = nil, _ spoiling: Spoiling? = nil) -> [UInt8]
  {
    SignedBlock(
      format: 0x05, content: [0x01, UInt8(length ?? data.count)] + data, spoiling: spoiling
    ).signature(by: card, over: number)
  }

  private func number(in data: [UInt8]) throws -> [UInt8] {
    try Authentication.dynamicData(
      dynamic(data), card: card.publicKey, asked: number
    ).number
  }

  @Test("dynamic data may have any length that fits; the number in them has two to eight bytes")
  func lengths() throws {
    #expect(try number(in: []) == [])
    #expect(try number(in: hex("02ABCD")) == hex("ABCD"))
    #expect(try number(in: hex("080102030405060708")) == hex("0102030405060708"))
    let long = hex("03AABBCC") + [UInt8](repeating: 0x11, count: 56)
    #expect(try number(in: long) == hex("AABBCC"))
    #expect(try number(in: [UInt8](repeating: 0x05, count: 103)) == hex("0505050505"))
    // An inconsistent inner length leaves the signature good.
    #expect(try number(in: hex("01AB")) == [])
    #expect(try number(in: hex("09010203040506070809")) == [])
    #expect(try number(in: hex("08010203")) == [])
    #expect(throws: AuthenticationFault(.dynamicSignature, .dynamicData)) {
      try Authentication.dynamicData(
        dynamic(hex("02ABCD"), length: 104), card: card.publicKey, asked: number)
    }
  }

  @Test("a dynamic signature: each check of the Books by itself")
  func checks() throws {
    let cases: [(Spoiling, AuthenticationFault.Check)] = [
      (.length, .length), (.trailer, .trailer), (.header, .header), (.format, .format),
      (.hashIndicator, .hashIndicator), (.hash, .hash),
    ]
    for (spoiling, check) in cases {
      #expect(throws: AuthenticationFault(.dynamicSignature, check)) {
        try Authentication.dynamicData(
          dynamic(hex("02ABCD"), spoiling), card: card.publicKey, asked: number)
      }
    }
    #expect(throws: AuthenticationFault(.dynamicSignature, .missing)) {
      try Authentication.dynamicData([], card: card.publicKey, asked: number)
    }
  }

  private func answer(
    _ before: [UInt8], _ after: [UInt8] = [], information: UInt8 = 0x80, cut: Int = 0,
    spoiling: Spoiling? = nil
  ) -> [UInt8] {
    let hash = HashAlgorithm.sha1.digest(asked + before + after)
    let data = Array((hex("03AABBCC") + [information] + cryptogram + hash).dropLast(cut))
    let signature = TLVTag(0x9F4B).map {
      TLV($0, dynamic(data, spoiling)).encoded
    }
    let body = before + (signature ?? []) + after
    return [0x77, 0x81, UInt8(body.count)] + body
  }

  private func combined(_ answer: [UInt8]) throws -> CombinedData {
    try Authentication.combinedData(
      answer, card: card.publicKey, asked: asked, unpredictable: number)
  }

  @Test("a combined answer may have more objects in any order, and padding between them")
  func combinedAnswers() throws {
    let clear = hex("9F270180 9F3602002A")
    for (before, after) in [
      (clear, []), ([], clear), (hex("9F3602002A"), hex("9F270180")),
      (clear, hex("9F1003010203 DF010141")), (clear + hex("9F108103010203"), []),
    ] as [([UInt8], [UInt8])] {
      let data = try combined(answer(before, after))
      #expect(data.number == hex("AABBCC"))
      #expect(data.cryptogram == cryptogram)
      #expect(data.information == 0x80)
    }
    var padded = answer(clear)
    padded.insert(contentsOf: [0, 0], at: 3)
    padded[2] += 2
    #expect(try combined(padded).cryptogram == cryptogram)
  }

  @Test("a combined signature: each check of the Books by itself, and what it still tells")
  func combinedChecks() throws {
    let clear = hex("9F270180 9F3602002A")
    func fault(_ check: AuthenticationFault.Check, _ inside: UInt8? = nil) -> AuthenticationFault {
      AuthenticationFault(.combinedSignature, check, signedInformation: inside)
    }
    let cases: [(Spoiling, AuthenticationFault)] = [
      (.length, fault(.length)), (.trailer, fault(.trailer)), (.header, fault(.header)),
      (.format, fault(.format)), (.hashIndicator, fault(.hashIndicator, 0x80)),
      (.hash, fault(.hash, 0x80)),
    ]
    for (spoiling, expected) in cases {
      #expect(throws: expected) { try combined(answer(clear, spoiling: spoiling)) }
    }
    #expect(throws: fault(.cryptogramInformation, 0x40)) {
      try combined(answer(clear, information: 0x40))
    }
    #expect(throws: fault(.dynamicData)) { try combined(answer(clear, cut: 1)) }
    #expect(throws: fault(.missing)) { try combined(answer(hex("9F3602002A"))) }
    #expect(throws: fault(.missing)) { try combined([0x77, 9] + clear) }
    #expect(throws: fault(.length)) { try combined([0x80, 9] + clear) }
    #expect(throws: fault(.length)) { try combined(hex("77 03 9F27")) }
    // An object changed on its way, and one put in beside.
    var changed = answer(clear)
    changed[11] ^= 1
    #expect(throws: fault(.transactionData, 0x80)) { try combined(changed) }
    var more = answer(clear)
    more += hex("DF0100")
    more[2] += 3
    #expect(throws: fault(.transactionData, 0x80)) { try combined(more) }
  }
}
