// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Wire

extension CardProfile {
  /// The card's file, every setting written out.
  public var text: String {
    var lines = ["posd-test-card 1", "# Test material: all keys are drawn from the seed."]
    lines.append("seed \(seed)")
    lines.append("keys \(sizes.authority) \(sizes.issuer) \(sizes.card) \(sizes.pin)")
    lines.append("exponent " + (sizes.exponent == [3] ? "3" : "65537"))
    lines.append("link " + (link == .t0 ? "t0" : "t1"))
    lines.append("directory " + (hasDirectory ? "yes" : "no"))
    for fault in faults { lines.append("fault " + fault.rawValue) }
    if let goneAt { lines.append("gone-at \(goneAt)") }
    if let garbledAt { lines.append("garbled-at \(garbledAt)") }
    for application in applications { lines += application.lines }
    var text = ""
    for line in lines { text += line + "\n" }
    return text
  }
}

extension CardProfile.Application {
  fileprivate var lines: [String] {
    var lines = ["", "application " + Hex.text(name), "label " + label]
    lines.append("priority " + Hex.text([priority]))
    lines.append("account " + digits(pan))
    lines.append("sequence " + Hex.text([sequence]))
    lines.append("expires " + Hex.text(expires))
    lines.append("effective " + Hex.text(effective))
    lines.append("certificates " + Hex.text(certificates))
    lines.append("interchange " + Hex.text(interchange))
    lines.append("pin " + digits(pin))
    lines.append("tries \(tries)")
    lines.append("counter \(counter)")
    lines.append("last-online \(lastOnline)")
    lines.append("policy " + policyWord)
    lines.append("proof " + (proof == .code ? "code" : "update"))
    lines.append("needs-proof " + (needsProof ? "yes" : "no"))
    lines.append("answers " + (answersTagged ? "tagged" : "plain"))
    switch issuerData {
    case .results: lines.append("issuer-data results")
    case .fixed(let bytes): lines.append("issuer-data " + content(bytes))
    }
    lines.append("filling " + (filling == .mark ? "mark" : "zeros"))
    lines.append("derivation " + (derivation == .optionA ? "a" : "b"))
    for object in replaced { lines.append("object " + tag(object.tag) + content(object.value)) }
    for number in leftOut { lines.append("without " + Hex.text(TLVTag(number)?.bytes ?? [])) }
    return lines
  }

  private var policyWord: String {
    switch policy {
    case .follow: "follow"
    case .online: "online"
    case .decline: "decline"
    case .counters: "counters"
    }
  }

  private func digits(_ values: [UInt8]) -> String {
    String(decoding: values.map { $0 + 0x30 }, as: UTF8.self)
  }

  private func tag(_ number: UInt32) -> String { Hex.text(TLVTag(number)?.bytes ?? []) + " " }

  private func content(_ bytes: [UInt8]) -> String { bytes.isEmpty ? "-" : Hex.text(bytes) }
}

extension CardProfile {
  /// A card like many others, drawn from a seed: account number, PIN, counters, methods and keys.
  public static func drawn(seed: UInt64) -> CardProfile {
    var dice = Dice(seed: seed)
    var profile = CardProfile()
    profile.seed = seed
    if dice.chance(1, in: 2) { profile.sizes.exponent = [1, 0, 1] }
    profile.link = dice.chance(1, in: 3) ? .t0 : .t1
    var application = Application()
    application.pan = account(count: [13, 15, 16, 16, 16, 17, 19][dice.below(7)], &dice)
    application.sequence = UInt8(dice.below(3))
    application.pin = (0..<dice.within(4...6)).map { _ in UInt8(dice.below(10)) }
    application.counter = UInt16(dice.within(1...4_000))
    application.lastOnline = application.counter - UInt16(dice.below(2))
    application.proof = dice.chance(1, in: 2) ? .code : .update
    application.answersTagged = dice.chance(2, in: 3)
    application.derivation = application.pan.count > 16 ? .optionB : .optionA
    let interchanges: [[UInt8]] = [
      [0x7D, 0x00], [0x79, 0x00], [0x3C, 0x00], [0x5C, 0x00], [0x1C, 0x00],
    ]
    application.interchange = interchanges[dice.below(interchanges.count)]
    profile.applications = [application]
    return profile
  }

  /// Digits in the range of test cards, with a right check digit (ISO/IEC 7812-1, annex B).
  private static func account(count: Int, _ dice: inout Dice) -> [UInt8] {
    var digits: [UInt8] = [9, 9, 9, 0, 0, 1]
    while digits.count < count - 1 { digits.append(UInt8(dice.below(10))) }
    var sum = 0
    for (index, digit) in digits.reversed().enumerated() {
      let doubled = Int(digit) * 2
      sum += index % 2 == 0 ? doubled - (doubled > 9 ? 9 : 0) : Int(digit)
    }
    return digits + [UInt8((10 - sum % 10) % 10)]
  }
}
