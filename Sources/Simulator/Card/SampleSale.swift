// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PINPadCrypto
import Wire

/// A transaction on line between a drawn card and its issuer, with a terminal that sends what they
/// ask for and decides nothing: what other libraries judge.
public struct SampleSale: Sendable {
  /// The card as it was drawn.
  public let profile: CardProfile
  /// The objects of field 55 in the request.
  public private(set) var request: [UInt8] = []
  /// The issuer's response code, two characters.
  public private(set) var code: [UInt8] = []
  /// The issuer's objects: 91, 72.
  public private(set) var answer: [UInt8] = []
  /// The objects of field 55 behind the second cryptogram.
  public private(set) var completion: [UInt8] = []
  /// The digits of the PIN that a script has brought; empty without.
  public private(set) var newPIN: [UInt8] = []
  /// Whether every step was as it has to be: proofs taken, scripts done, an approval at the end.
  public private(set) var isComplete = false

  private var card: TestCard
  private var issuer: TestIssuer
  private var dice: Dice
  private var values: [CardObject] = []

  /// A sale of a seed; the keys are those of many.
  public init(seed: UInt64, keys: CardKeySet) {
    dice = Dice(seed: seed)
    var profile = CardProfile.drawn(seed: seed)
    profile.sizes = CardKeySet.Sizes()
    profile.applications[0].answersTagged = true
    profile.applications[0].interchange = dice.chance(1, in: 2) ? [0x7D, 0x00] : [0x79, 0x00]
    if dice.chance(1, in: 3) {
      profile.applications[0].issuerData = .fixed(dice.bytes(dice.below(33)))
    }
    if dice.chance(1, in: 4) { profile.applications[0].filling = .zeros }
    self.profile = profile
    card = profile.personalised(with: keys)
    issuer = TestIssuer(secrets: keys.secrets)
    issuer.derivation = profile.applications[0].derivation
    issuer.proof = profile.applications[0].proof
    issuer.filling = profile.applications[0].filling
    isComplete = run()
  }

  private mutating func run() -> Bool {
    drawValues()
    drawOrders()
    let application = card.applications[0]
    _ = card.reset()
    guard send([0x00, 0xA4, 0x04, 0x00], application.name) != nil,
      send([0x80, 0xA8, 0x00, 0x00], [0x83, 0x01, 0x22]) != nil,
      let first = cryptogram(0x80, application.firstList)
    else { return false }
    request = field55(first)
    let asked = issuer.authorise(
      request, pan: application.profile.pan, sequence: application.profile.sequence)
    guard asked.finding == .authentic else { return false }
    code = asked.answer.code
    answer = asked.answer.objects
    let proof = object(0x91, in: answer)
    if application.profile.interchange[0] & 0x04 != 0 {
      if send([0x00, 0x82, 0x00, 0x00], proof, isAnswered: false) == nil { return false }
    }
    values += [CardObject(0x8A, code), CardObject(0x91, proof)]
    guard let second = cryptogram(0x40, application.secondList) else { return false }
    completion = field55(second)
    return isScriptDone() && object(0x9F27, in: second) == [CryptogramType.approved.rawValue]
  }

  /// The terminal's data.
  private mutating func drawValues() {
    func packed(_ count: Int, _ dice: inout Dice) -> [UInt8] {
      BCD.pack((0..<count * 2).map { _ in UInt8(dice.below(10)) })
    }
    values = [
      CardObject(0x9F02, packed(6, &dice)), CardObject(0x9F03, packed(6, &dice)),
      CardObject(0x9F1A, packed(2, &dice)), CardObject(0x95, dice.bytes(5)),
      CardObject(0x5F2A, packed(2, &dice)), CardObject(0x9A, packed(3, &dice)),
      CardObject(0x9C, packed(1, &dice)), CardObject(0x9F37, dice.bytes(4)),
      CardObject(0x82, profile.applications[0].interchange),
    ]
  }

  private mutating func drawOrders() {
    var orders: [IssuerOrder] = []
    for _ in 0..<dice.below(4) {
      switch dice.below(4) {
      case 0: orders.append(.unblockPIN)
      case 1: orders.append(.blockApplication)
      case 2: orders.append(.unblockApplication)
      default:
        let digits = (0..<dice.within(4...12)).map { _ in UInt8(dice.below(10)) }
        if newPIN.isEmpty, let pin = ClearPIN(digits) {
          newPIN = digits
          orders.append(.changePIN(pin))
        }
      }
    }
    issuer.orders = orders
  }

  private mutating func send(
    _ header: [UInt8], _ data: [UInt8], isAnswered: Bool = true
  ) -> [UInt8]? {
    let command = header + [UInt8(data.count)] + data + (isAnswered ? [0x00] : [])
    let answer = card.process(command)
    return answer.suffix(2).elementsEqual([0x90, 0x00]) ? answer.dropLast(2) : nil
  }

  /// The objects of an answer to GENERATE AC.
  private mutating func cryptogram(_ kind: UInt8, _ list: DataList) -> [UInt8]? {
    let values = values
    let data = list.bytes { tag in values.first { $0.tag == tag }?.value }
    guard let answer = send([0x80, 0xAE, kind, 0x00], data) else { return nil }
    return object(0x77, in: answer)
  }

  /// The card's objects and the terminal's.
  private func field55(_ card: [UInt8]) -> [UInt8] {
    card + values.filter { $0.tag != 0x8A && $0.tag != 0x91 }.bytes
  }

  private func object(_ tag: UInt32, in bytes: [UInt8]) -> [UInt8] {
    let slices = (try? TLVSlice.all(of: bytes)) ?? []
    return slices.first { $0.tag.rawValue == tag }?.value ?? []
  }

  /// Gives the card the script; whether every command was done and the PIN is the new one.
  private mutating func isScriptDone() -> Bool {
    let commands = (try? TLVSlice.all(of: object(0x72, in: answer))) ?? []
    for command in commands where command.tag.rawValue == 0x86 {
      if card.process(command.value) != StatusWord.done.bytes { return false }
    }
    guard let pin = ClearPIN(newPIN) else { return newPIN.isEmpty }
    let block = PINBlock.format2(pin)
    return send([0x00, 0x20, 0x00, 0x80], block, isAnswered: false) != nil
  }
}
