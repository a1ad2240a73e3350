// SPDX-License-Identifier: Apache-2.0

import Clockwork
import EMVKernel
import PaymentCrypto
import Simulator
import Wire

/// An object as a card has it.
func tlv(_ tag: UInt32, _ value: [UInt8]) -> [UInt8] { DataObject(DataTag(tag), value).encoded }

/// Throw-away keys of an authority, an issuer and a card, drawn once.
struct TestKeys {
  static let shared = TestKeys()
  let authorityKey: CardKey
  let issuer: CardKey
  let card: CardKey
  let pin: CardKey
  let authority: AuthorityKey

  private init() {
    var dice = Dice(seed: 9)
    authorityKey = CardKey.drawn(count: 160, exponent: [3], &dice)
    issuer = CardKey.drawn(count: 144, exponent: [1, 0, 1], &dice)
    card = CardKey.drawn(count: 128, exponent: [3], &dice)
    pin = CardKey.drawn(count: 96, exponent: [3], &dice)
    let key = authorityKey.publicKey
    let scheme = hex("F0504F5344")
    let sum = AuthorityKey.sum(scheme, 1, key.modulus, key.exponent)
    guard
      let made = try? AuthorityKey(
        scheme: scheme, index: 1, modulus: key.modulus, exponent: key.exponent, checkSum: sum)
    else { preconditionFailure("a key with its own check sum is taken") }
    authority = made
  }
}

/// A card as a test describes it; every answer can be replaced by another one.
struct PlainCard {
  static let aid = hex("F0504F53440101")
  static let account = hex("999001 123456789F")

  /// The objects of record 1 of file 1, in order.
  var objects: [(tag: UInt32, value: [UInt8])]
  /// Certificates and what belongs to them, each a record of file 2.
  var signedObjects: [(tag: UInt32, value: [UInt8])] = []
  /// A record of file 11 that authenticates too, and is read before all others.
  var firstRecord: [UInt8] = []
  /// Whether INTERNAL AUTHENTICATE is answered in format 1.
  var answersPlain = false
  var profile = hex("1800")
  var proprietary = tlv(0x50, Array("POSD TEST".utf8))
  var hasDirectory = false
  var counter = hex("002A")
  var lastOnline = hex("0028")
  var triesLeft: UInt8 = 3
  /// The cryptogram information of both GENERATE ACs; nil follows the request.
  var firstInformation: UInt8?
  var secondInformation: UInt8?
  var issuerData = hex("0FA50000")
  /// What is wrong with the combined signature.
  var spoiling: Spoiling?
  var signedInformation: UInt8?
  /// Objects of the format 2 answer beside the usual ones.
  var extraObjects: [UInt8] = []
  /// Answers in place of the card's own: the beginning of a command, and what is answered one time
  /// after the other, the last for ever.
  var replies: [(start: [UInt8], answers: [[UInt8]])] = []

  private(set) var commands: [[UInt8]] = []
  private var optionData: [UInt8] = []
  private var listData: [UInt8] = []
  private var cryptograms = 0

  init() {
    objects = [
      (0x5A, PlainCard.account), (0x5F24, hex("301231")), (0x5F25, hex("200101")),
      (0x5F28, hex("0276")), (0x5F34, hex("01")),
      (0x8C, hex("9F02069F03069F1A0295055F2A029A039C019F37049F3403")),
      (0x8D, hex("8A02910A95059B029F3704")), (0x8E, hex("0000000000000000 1F00")),
      (0x9F07, hex("FFC0")), (0x9F08, hex("0001")), (0x9F42, hex("0978")),
      (0x9F0D, hex("0000000000")), (0x9F0E, hex("0000000000")), (0x9F0F, hex("0000000000")),
      (0x9F4A, hex("82")),
    ]
  }

  /// Replaces an object, or removes it.
  mutating func set(_ tag: UInt32, _ value: String?) {
    let new = value.map { hex($0) }
    for index in objects.indices.reversed() where objects[index].tag == tag {
      if let new { objects[index].value = new } else { objects.remove(at: index) }
      return
    }
    for index in signedObjects.indices.reversed() where signedObjects[index].tag == tag {
      if let new { signedObjects[index].value = new } else { signedObjects.remove(at: index) }
      return
    }
    if let new { objects.append((tag, new)) }
  }

  mutating func reply(_ start: String, _ answers: String...) {
    replies.insert((hex(start), answers.map { hex($0) }), at: 0)
  }

  /// The static data of the authenticated record, and the profile.
  var staticInput: [UInt8] { firstRecord + record(objects) + profile }

  private func record(_ objects: [(tag: UInt32, value: [UInt8])]) -> [UInt8] {
    objects.flatMap { tlv($0.tag, $0.value) }
  }

  /// Gives the card certificates for a method: file 1 authenticates, file 2 holds them.
  mutating func personalise(
    _ profile: String, issuer: Spoiling? = nil, card: Spoiling? = nil, pin: Spoiling? = nil
  ) {
    let keys = TestKeys.shared
    self.profile = hex(profile)
    var draft = CertificateDraft(
      format: 0x02, owner: hex("999001FF"), month: hex("1226"), serial: hex("000123"))
    draft.spoiling = issuer
    let issuerMade = draft.made(for: keys.issuer.publicKey, by: keys.authorityKey)
    var own = CertificateDraft(
      format: 0x04, owner: PlainCard.account + [0xFF, 0xFF], month: hex("1226"),
      serial: hex("000456"))
    own.spoiling = card
    let cardMade = own.made(for: keys.card.publicKey, by: keys.issuer, over: staticInput)
    own.spoiling = pin
    let pinMade = own.made(for: keys.pin.publicKey, by: keys.issuer)
    let code = SignedBlock(format: 0x03, content: hex("01 DAC1"), spoiling: card)
      .signature(by: keys.issuer, over: staticInput)
    signedObjects = [
      (0x8F, [1]), (0x90, issuerMade.certificate), (0x92, issuerMade.remainder),
      (0x9F32, keys.issuer.publicKey.exponent), (0x93, code), (0x9F46, cardMade.certificate),
      (0x9F47, keys.card.publicKey.exponent), (0x9F48, cardMade.remainder),
      (0x9F49, hex("9F3704")),
    ]
    if pin != nil || self.profile[1] == 0x01 {
      signedObjects += [
        (0x9F2D, pinMade.certificate), (0x9F2E, keys.pin.publicKey.exponent),
        (0x9F2F, pinMade.remainder),
      ]
      self.profile[1] = 0
    }
    signedObjects.removeAll { $0.value.isEmpty }
  }

  var fci: [UInt8] { tlv(0x6F, tlv(0x84, PlainCard.aid) + tlv(0xA5, proprietary)) }

  mutating func answer(_ command: [UInt8]) -> [UInt8] {
    commands.append(command)
    for index in replies.indices where command.starts(with: replies[index].start) {
      let answer = replies[index].answers[0]
      if replies[index].answers.count > 1 { replies[index].answers.removeFirst() }
      return answer
    }
    let ok = hex("9000")
    switch Array(command.prefix(2)) {
    case hex("00A4"): return select(command)
    case hex("80A8"):
      optionData = Array(command[7..<(7 + Int(command[6]))])
      let last = UInt8(signedObjects.count)
      let first = firstRecord.isEmpty ? [] : hex("58010101")
      let locator = first + (last == 0 ? hex("08010100") : hex("08010101 1001") + [last, 0])
      return tlv(0x77, tlv(0x82, profile) + tlv(0x94, locator)) + ok
    case hex("00B2"):
      if command[3] == 0x0C, command[2] == 1 {
        return tlv(0x70, record(objects)) + ok
      }
      if command[3] == 0x14, Int(command[2]) <= signedObjects.count {
        return tlv(0x70, record([signedObjects[Int(command[2]) - 1]])) + ok
      }
      if command[3] == 0x5C, !firstRecord.isEmpty { return firstRecord + ok }
      if hasDirectory, command[3] == 0x54, command[2] == 1 {
        return hex("700B 61094F07F0504F53440101 9000")
      }
      return hex("6A83")
    case hex("80CA"): return data(Array(command[2...3]))
    case hex("0084"): return hex("A1A2A3A4A5A6A7A8 9000")
    case hex("0088"):
      let number = Array(command[5..<(5 + Int(command[4]))])
      let made = SignedBlock(
        format: 0x05, content: hex("01 09 08 0102030405060708"), spoiling: spoiling
      ).signature(by: TestKeys.shared.card, over: number)
      return (answersPlain ? tlv(0x80, made) : tlv(0x77, tlv(0x9F4B, made))) + ok
    case hex("80AE"): return cryptogram(command)
    case hex("0082"): return ok
    default: return ok
    }
  }

  private func select(_ command: [UInt8]) -> [UInt8] {
    let name = Array(command[5..<(5 + Int(command[4]))])
    if command[3] == 0x02 { return hex("6A82") }
    if name == Array("1PAY.SYS.DDF01".utf8) {
      if !hasDirectory { return hex("6A82") }
      return tlv(0x6F, tlv(0x84, name) + tlv(0xA5, tlv(0x88, [10]))) + hex("9000")
    }
    return PlainCard.aid.starts(with: name) ? fci + hex("9000") : hex("6A82")
  }

  private func data(_ tag: [UInt8]) -> [UInt8] {
    switch tag {
    case [0x9F, 0x36]: tlv(0x9F36, counter) + hex("9000")
    case [0x9F, 0x13]: tlv(0x9F13, lastOnline) + hex("9000")
    case [0x9F, 0x17]: tlv(0x9F17, [triesLeft]) + hex("9000")
    default: hex("6A88")
    }
  }

  private mutating func cryptogram(_ command: [UInt8]) -> [UInt8] {
    cryptograms += 1
    listData += command[5..<(5 + Int(command[4]))]
    let own = cryptograms == 1 ? firstInformation : secondInformation
    let information = own ?? (command[2] & 0xC0)
    let value = hex("1122334455667788")
    if command[2] & 0x10 == 0 || information & 0xC0 == 0 {
      return tlv(0x80, [information] + counter + value + issuerData) + hex("9000")
    }
    let clear =
      tlv(0x9F27, [information]) + tlv(0x9F36, counter) + tlv(0x9F10, issuerData) + extraObjects
    let hash = HashAlgorithm.sha1.digest(optionData + listData + clear)
    let inside: [UInt8] = hex("04 01020304") + [signedInformation ?? information] + value + hash
    let block = SignedBlock(
      format: 0x05, content: [0x01, UInt8(inside.count)] + inside, spoiling: spoiling)
    let made = block.signature(by: TestKeys.shared.card, over: hex("1A2B3C4D"))
    return tlv(0x77, clear + tlv(0x9F4B, made)) + hex("9000")
  }
}
