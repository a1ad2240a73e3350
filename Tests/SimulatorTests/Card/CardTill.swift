// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import PaymentCrypto
import Simulator
import Wire

/// What a terminal would send, in a fixed order and whatever the card answers, with the answers by
/// the names of the steps.
struct CardTill {
  static let keys = CardKeySet(seed: 11, sizes: CardKeySet.Sizes())

  var card: TestCard
  private(set) var lastVerify: [UInt8] = []
  private(set) var answers: [(step: String, bytes: [UInt8])] = []

  init(_ card: TestCard) { self.card = card }

  /// Two applications and the shared keys.
  static func card(
    _ faults: [CardFault] = [],
    _ change: (inout CardProfile) -> Void = {
      _ = $0
    }
  ) -> TestCard {
    var profile = CardProfile()
    var second = CardProfile.Application()
    second.name = cardHex("F0504F53440102")
    second.label = "POSD OTHER"
    second.priority = 0x02
    profile.applications.append(second)
    profile.faults = faults
    change(&profile)
    return profile.personalised(with: keys)
  }

  subscript(_ step: String) -> [UInt8] { answers.first { $0.step == step }?.bytes ?? [] }

  /// The last two bytes of an answer.
  func word(_ step: String) -> String { Hex.text(Array(self[step].suffix(2))) }

  @discardableResult
  mutating func send(_ step: String, _ command: String) -> [UInt8] {
    let answer = card.process(cardHex(command))
    answers.append((step, answer))
    return answer
  }

  /// A terminal that looks for names.
  mutating func list() {
    _ = card.reset()
    send("list 1", "00A4040007F0504F5344010100")
    send("list next", "00A4040207F0504F5344010100")
    send("list 2", "00A4040007F0504F5344010200")
    send("list last", "00A4040007F0504F5344010100")
  }

  /// A terminal that reads the directory.
  mutating func directory() {
    _ = card.reset()
    send("directory", "00A404000E315041592E5359532E444446303100")
    for number in 1...4 { send("entry \(number)", "00B20\(number)0C00") }
    send("select", "00A4040007F0504F5344010100")
  }

  mutating func records() {
    send("options", "80A800000383012200")
    for (file, numbers) in [(1, 1...1), (2, 1...7), (3, 1...2), (11, 11...11)] {
      for number in numbers {
        send("\(file).\(number)", "00B2" + hex(number) + hex(file << 3 | 4) + "00")
      }
    }
    for tag in ["9F36", "9F13", "9F17"] { send(tag, "80CA\(tag)00") }
  }

  private func hex(_ number: Int) -> String { Hex.text([UInt8(number)]) }

  mutating func internalAuthenticate() { send("internal", "00880000041A2B3C4D00") }

  /// VERIFY with an enciphered PIN, with another command between challenge and PIN or none.
  mutating func verify(
    _ step: String = "verify", pin digits: [UInt8] = [1, 2, 3, 4], between: String? = nil
  ) {
    let challenge = send("challenge", "0084000000")
    if let between { send("between", between) }
    let key = CardTill.keys.pin.publicKey
    guard let pin = ClearPIN(digits),
      let cipher = try? OfflinePIN.enciphered(
        pin, for: key,
        challenge: Array((challenge + [UInt8](repeating: 0, count: 8)).prefix(8)),
        filling: [UInt8](
          repeating: 0x33, count: OfflinePIN.fillingCount(modulus: key.modulus.count)))
    else { return }
    lastVerify = cardHex("00200088") + [UInt8(cipher.count)] + cipher
    send(step, Hex.text(lastVerify))
  }

  static let listData =
    "000000012345 000000000000 0156 0000008000 0156 261231 00 1A2B3C4D 22 440302"
  /// 35 bytes; the data authentication code behind the others.
  static let firstData = listData + " DAC0"

  /// Of a second cryptogram that nobody has asked for on line.
  static let secondData = "5933 00000000000000000000 0000008000 1A2B3C4D F800"

  mutating func first(_ type: String = "90") {
    send("first", "80AE\(type)0023" + CardTill.firstData + "00")
  }

  /// The objects of the answer to a GENERATE AC in 77.
  func objects(_ step: String) -> [TLVSlice] {
    guard let outer = try? TLVSlice.all(of: self[step].dropLast(2)), outer.count == 1 else {
      return []
    }
    return (try? TLVSlice.all(of: outer[0].value)) ?? []
  }

  /// The chip data of a request on line.
  func field55(_ step: String = "first") -> [UInt8] {
    var data = cardHex(
      """
      9F0206 000000012345 9F0306 000000000000 9F1A02 0156 9505 0000008000 5F2A02 0156
      9A03 261231 9C01 00 9F3704 1A2B3C4D 8202 7D00
      """)
    for object in objects(step) { data += object.bytes }
    return data
  }

  /// The cryptogram of an unsigned answer; zeros where there is none.
  func cryptogram(_ step: String) -> [UInt8] {
    objects(step).first { $0.tag.rawValue == 0x9F26 }?.value
      ?? [UInt8](repeating: 0, count: 8)
  }

  mutating func script(_ count: Int) {
    var writer = ScriptWriter(
      keys: CardTill.secrets.scriptKeys(cryptogram: cryptogram("first")),
      cryptogram: cryptogram("first"))
    for number in 1...count {
      send("script \(number)", Hex.text(writer.command(.unblockPIN)))
    }
  }

  static var secrets: CardSecrets {
    let profile = CardProfile.Application()
    return keys.secrets.derived(pan: profile.pan, sequence: profile.sequence, .optionA)
  }

  /// EXTERNAL AUTHENTICATE and the second cryptogram.
  mutating func online(code: String = "3030", counter: UInt16 = 2) {
    let key = CardTill.secrets.cryptogramKey(counter: counter)
    let proof = key.answer(to: cryptogram("first"), code: cardHex(code)) + cardHex(code)
    send("external", "008200000A" + Hex.text(proof))
    script(3)
    second(code, proof)
  }

  mutating func second(_ code: String, _ proof: [UInt8], type: String = "40") {
    send(
      "second",
      "80AE\(type)0017" + code + Hex.text(proof) + "0000008000" + "1A2B3C4D" + "F800" + "00")
  }

  /// Everything, in this order.
  static func transcript(_ faults: [CardFault]) -> [(step: String, bytes: [UInt8])] {
    var till = CardTill(card(faults))
    till.list()
    till.card = card(faults)
    till.directory()
    till.records()
    till.internalAuthenticate()
    till.verify()
    // Without a signature, so that a script can be chained to the cryptogram.
    till.first("80")
    till.online()
    var signed = CardTill(card(faults))
    signed.directory()
    signed.send("options", "80A800000383012200")
    signed.first()
    till.answers.append(("signed", signed["first"]))
    var offline = CardTill(card(faults))
    offline.directory()
    offline.send("options", "80A800000383012200")
    offline.first("40")
    till.answers.append(("offline", offline["first"]))
    return till.answers
  }
}
