// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Simulator
import Testing
import Wire

/// A card whose every byte is known: throw-away keys, and answers that an independent program has
/// computed.
enum KnownCard {
  static let record = cardHex(
    "70225A0899900100000000105F24033012315F3401019F0702FF809F4A01825F28020840")
  static let cardModulus = cardHex(
    "F1EFFD752C5932FE5C0E37D82139E9EF8ABD06B2CD9A61EAF48B8971B54795A87C01D5C4339E6E60"
      + "4ECD6E73D7430DABB08FD4421527A97FC5003501039F6E429B7E57D1F50B0AFE0631C923FEA6F441")
  static let cardPrivate = cardHex(
    "B7D5C9DBAD15224050A6A51C5F32E8651220CBE435826780E6CCD865447FDE6225C8272C6CA4A7EC"
      + "9FFC991F45FCC5208428A7B9A933318E707E6E2A84FFB20B97CAE3873120C240B71E473B55A7BB19")
  static let pinModulus = cardHex(
    "AF17277C64E42BDC909487E0EC28A556F8C6C0B14D03305A1E19AA9B36F43364D472EEB20C134327"
      + "49E0CD45D64780B3CEE0574DF6B3D358A4665CB86A7FF3CDA1E8CF9BC16B9C61")
  static let pinPrivate = cardHex(
    "74BA1A52EDED72930B0DAFEB481B18E4A5D9D5CB88ACCAE6BEBBC71224A2CCEDE2F749CAED02F9A4"
      + "B3B99101840E74A2F5E83E0C2E8F66E6C2DCDF3E3E746F04570F0BF558B730AB")
  static let dynamicSignature = cardHex(
    "91587D9C1919178A1342C172BB34CA93FFEE3A014CF1D282A7561D88E74951B1B2531A89683720DF"
      + "BA4C129C85923D24A22B2C3701B82715130E67C21089DD2C90687A9431D4F21645170189156A34D2")
  static let combinedAnswer = cardHex(
    "777F9F2701809F3602002A9F4B509D6EB30C302626469CAD5B34C826526FF12263B7009BE08F1CC5"
      + "99EB2FE546F034850D7E060A157F26640B5783D68E143B43CB0B173B2B929DCC21C5A1DE4F368773"
      + "30F81C33182E5E49A8B944012AED9F10200FA500A83000000000000000000000000F000000000000"
      + "0000000000000000009000")
  static let pinCryptogram = cardHex(
    "AB2344892B3A417439B85124240A9AC853F030810BBE6035CAF328942F091067F3AEB530AED9D453"
      + "1E2822D30964B2EC36D234DB6AB17E1D93B2CBD7BCE49723C48C58C3A228FF02")

  static let listData = cardHex(
    "000000012345 000000000000 0840 0000008000 0840 261231 00 1A2B3C4D")

  static func card(answersTagged: Bool = true) throws -> TestCard {
    var profile = CardProfile.Application()
    profile.pan = KnownSecrets.pan
    profile.interchange = cardHex("7900")
    profile.answersTagged = answersTagged
    profile.counter = 0x29
    let name = cardHex("F0504F53440101")
    let information = cardHex(
      "6F1F8407F0504F53440101A5145009504F534420544553548701019F38039F3501")
    let lists = (
      processing: try #require(DataList(cardHex("9F3501"))),
      first: try #require(
        DataList(cardHex("9F02069F03069F1A0295055F2A029A039C019F3704"))),
      second: try #require(DataList(cardHex("8A02910A95059F37049B02")))
    )
    var application = CardApplication(
      profile: profile, name: name, information: information,
      records: [CardFileRecord(file: 1, number: 1, bytes: record)],
      locator: cardHex("08010101"), lists: lists, secrets: try KnownSecrets.card)
    application.signing = CardKey(
      publicKey: try RSAPublicKey(modulus: cardModulus, exponent: [1, 0, 1]),
      privateExponent: cardPrivate)
    application.pinKey = CardKey(
      publicKey: try RSAPublicKey(modulus: pinModulus, exponent: [3]),
      privateExponent: pinPrivate)
    application.dynamicNumber = cardHex("0102030405060708")
    let directory = CardDirectory(
      information: cardHex(
        "6F20840E315041592E5359532E4444463031A50E8801015F2D04656E66729F110101"),
      records: [
        CardFileRecord(
          file: 1, number: 1,
          bytes: cardHex(
            "701961174F07F0504F534401015009504F53442054455354870101"))
      ])
    return TestCard(directory: directory, applications: [application], seed: 1)
  }
}

@Suite("The known card answers byte for byte")
struct KnownCardTests {
  private func expect(
    _ card: inout TestCard, _ command: String, _ answer: String,
    at location: SourceLocation = #_sourceLocation
  ) {
    let found = card.process(cardHex(command))
    #expect(Hex.text(found) == Hex.text(cardHex(answer)), sourceLocation: location)
  }

  private func begun(_ card: inout TestCard, options: String) {
    _ = card.reset()
    expect(
      &card, "00A404000E315041592E5359532E444446303100",
      "6F20840E315041592E5359532E4444463031A50E8801015F2D04656E66729F110101 9000")
    expect(
      &card, "00B2010C00", "701961174F07F0504F534401015009504F53442054455354870101 9000")
    expect(&card, "00B2020C00", "6A83")
    expect(
      &card, "00A4040007F0504F5344010100",
      "6F1F8407F0504F53440101A5145009504F534420544553548701019F38039F3501 9000")
    expect(&card, "80A800000383012200", options)
    expect(&card, "00B2010C00", Hex.text(KnownCard.record) + "9000")
  }

  @Test("selection, processing options, records, signatures and PINs in format 2")
  func tagged() throws {
    var card = try KnownCard.card()
    begun(&card, options: "770A82027900940408010101 9000")
    expect(&card, "80CA9F1700", "9F170103 9000")
    expect(&card, "80CA9F3600", "9F3602002A 9000")
    expect(
      &card, "80AE90001D" + Hex.text(KnownCard.listData) + "00",
      Hex.text(KnownCard.combinedAnswer))
    expect(&card, "80AE90001D" + Hex.text(KnownCard.listData) + "00", "6985")
    // Issuer authentication inside the second cryptogram: a TC over the issuer's proof.
    let second = "3030 A77DC20D2BB5CEF13030 0000008000 1A2B3C4D F800"
    let answer = card.process(cardHex("80AE400017" + second + "00"))
    #expect(answer.starts(with: cardHex("77")))
    #expect(Hex.text(answer).contains("9F270140"))
    // Nothing after the second cryptogram but scripts.
    expect(&card, "80AE400017" + second + "00", "6985")
    expect(&card, "8C240000068E048CBFD288", "9000")
    expect(
      &card, "8C240002198711010182A202C83223A0BE88771F3E9286838E044F1608A3", "9000")
    // The script has changed the PIN.
    expect(&card, "0020008008241234FFFFFFFFFF", "63C2")
    expect(&card, "0020008008249876FFFFFFFFFF", "9000")
    expect(&card, "8C1E0000068E04FEF9B37C", "9000")
    expect(&card, "80CA9F1700", "9F170103 9000")
    _ = card.reset()
    expect(
      &card, "00A4040007F0504F5344010100",
      "6F1F8407F0504F53440101A5145009504F534420544553548701019F38039F3501 6283")
  }

  @Test("dynamic authentication and PINs, clear and enciphered")
  func dynamic() throws {
    for (tagged, options, head) in [
      (true, "770A82027900940408010101 9000", "77539F4B50"),
      (false, "8006790008010101 9000", "8050"),
    ] {
      var card = try KnownCard.card(answersTagged: tagged)
      begun(&card, options: options)
      expect(
        &card, "00880000041A2B3C4D00", head + Hex.text(KnownCard.dynamicSignature) + "9000")
      expect(&card, "0020008008241234FFFFFFFFFF", "9000")
      expect(&card, "0020008008241235FFFFFFFFFF", "63C2")
      expect(&card, "80CA9F1700", "9F170102 9000")
      expect(&card, "0020008008241234FFFFFFFFFF", "9000")
      expect(&card, "80CA9F1700", "9F170103 9000")
      // The known cryptogram is for another challenge than this card's.
      _ = card.process(cardHex("0084000000"))
      expect(&card, "0020008848" + Hex.text(KnownCard.pinCryptogram), "6984")
    }
  }
}
