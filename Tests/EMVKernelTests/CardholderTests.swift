// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import PaymentCrypto
import Simulator
import Testing

@Suite("The cardholder is verified as the card's list and the terminal's means allow")
struct CardholderTests {
  /// Runs with these rules; X is 10,000 and Y 20,000 minor units.
  private static func verify(
    _ rules: String, _ prepare: (inout Bench) -> Void = { _ in }
  ) -> (outcome: Outcome?, bench: Bench) {
    outcome {
      VerificationResultsTests.methods(&$0, rules)
      prepare(&$0)
    }
  }

  private static func results(_ run: (outcome: Outcome?, bench: Bench)) -> [UInt8]? {
    run.outcome?.cvmResults.bytes
  }

  /// Byte 3 of the verification results.
  private static func byte3(_ run: (outcome: Outcome?, bench: Bench)) -> UInt8? {
    run.outcome?.tvr.bytes[2]
  }

  @Test("no verification where the card has none, and data missing where it has no list")
  func entry() {
    let none = outcome { $0.card.profile = hex("0800") }
    #expect(none.outcome?.cvmResults == .notPerformed)
    #expect(none.outcome?.tsi.contains(.cardholderVerification) == false)
    #expect(none.outcome?.tvr.contains(.cardDataMissing) == false)
    for list in [nil, "", "0000000000000000"] {
      let run = outcome { $0.card.set(0x8E, list) }
      #expect(CardholderTests.results(run) == hex("3F0000"))
      #expect(run.outcome?.tvr.contains(.cardDataMissing) == true)
      #expect(run.outcome?.tsi.contains(.cardholderVerification) == false)
    }
    for list in ["00000000000000001F", "00000000000000", "0000"] {
      let run = outcome { $0.card.set(0x8E, list) }
      #expect(run.outcome?.result == .ended(.format(.cardholder)), "\(list)")
    }
  }

  @Test("lists of the Books' examples end as the Books say")
  func lists() {
    for (rules, results, byte) in [
      ("0600 1F00", "3F0001", 0xC0), ("4600 0700", "3F0001", 0xC0), ("2000", "3F0001", 0xC0),
      ("3F00", "3F0001", 0xC0), ("1F06 1F0A", "3F0001", 0x80), ("1F80", "3F0001", 0x80),
      ("4003 1F00", "400301", 0x80), ("0000", "000001", 0x80), ("1E00", "1E0000", 0x00),
      ("5F00", "5F0002", 0x00), ("0200", "020000", 0x04), ("0103", "010302", 0x00),
      ("4300", "430000", 0x00), ("0500", "050000", 0x00), ("4403", "440302", 0x00),
    ] {
      let run = CardholderTests.verify(rules) { bench in
        if rules.hasPrefix("44") || rules.hasPrefix("05") { bench.card.personalise("1801") }
      }
      #expect(CardholderTests.results(run) == hex(results), "\(rules)")
      #expect(CardholderTests.byte3(run) == UInt8(byte), "\(rules)")
      #expect(run.outcome?.tsi.contains(.cardholderVerification) == true)
    }
  }

  /// What a rule does, from the Books' words and nothing of the kernel's.
  private static func expected(
    code: UInt8, condition: UInt8, capabilities: UInt8, isCash: Bool, isAttended: Bool,
    amount: UInt64, cashback: Bool
  ) -> (results: [UInt8], byte3: UInt8) {
    let needed: [UInt8: UInt8] = [
      0x00: 0, 0x01: 0x80, 0x02: 0x40, 0x03: 0xA0, 0x04: 0x10, 0x05: 0x30, 0x1E: 0x20, 0x1F: 0x08,
    ]
    let method = code & 0x3F
    let isSupported = needed[method].map { capabilities & $0 == $0 } ?? false
    let isMet: Bool
    switch condition {
    case 0: isMet = true
    case 1: isMet = isCash && !isAttended
    case 2: isMet = !isCash && !cashback
    case 3: isMet = isSupported
    case 4: isMet = isCash && isAttended
    case 5: isMet = cashback
    case 6: isMet = amount < 10_000
    case 7: isMet = amount > 10_000
    case 8: isMet = amount < 20_000
    case 9: isMet = amount > 20_000
    default: isMet = false
    }
    if !isMet { return ([0x3F, 0, 1], 0x80) }
    if needed[method] == nil { return ([0x3F, 0, 1], 0xC0) }
    if !isSupported {
      let isPad = method == 2 || [1, 3, 4, 5].contains(method) && capabilities & 0x90 == 0
      return ([0x3F, 0, 1], isPad ? 0x90 : 0x80)
    }
    switch method {
    case 0x00: return ([code, condition, 1], 0x80)
    case 0x01, 0x04: return ([code, condition, 2], 0)
    case 0x02: return ([code, condition, 0], 0x04)
    case 0x03, 0x05, 0x1E: return ([code, condition, 0], 0)
    default: return ([code, condition, 2], 0)
    }
  }

  @Test("every method under every condition at every kind of terminal and transaction")
  func everything() {
    var runs = 0
    // Every code at a terminal that can do everything, and one of each kind at the others.
    let some: [UInt8] = [0, 1, 2, 3, 4, 5, 0x06, 0x0F, 0x10, 0x1D, 0x1E, 0x1F, 0x20, 0x3E, 0x3F]
    for capabilities in [UInt8(0xF8), 0x00, 0x68, 0x88, 0x18] {
      for code in capabilities == 0xF8 ? Array(0..<0x40) : some {
        for condition in UInt8(0)...11 {
          runs += CardholderTests.compare(code, condition, capabilities)
        }
      }
    }
    #expect(runs == (64 + 4 * 15) * 4 * (6 + 6 * 3))
  }

  /// Runs one rule at every kind of terminal, transaction and amount; how many runs there were.
  private static func compare(_ code: UInt8, _ condition: UInt8, _ capabilities: UInt8) -> Int {
    // Bit 7 does not change the result of the last rule, and is copied.
    let method = condition % 2 == 0 ? code : code | 0x40
    let middle: UInt64 = condition < 8 ? 10_000 : 20_000
    let amounts = condition < 6 ? [12_345] : [middle - 1, middle, middle + 1]
    var runs = 0
    for (kind, type) in [(UInt8(0), UInt8(0x22)), (1, 0x22), (1, 0x25), (9, 0x22)] {
      for amount in amounts {
        let run = single(method, condition, capabilities, kind, type, amount)
        let want = expected(
          code: method, condition: condition, capabilities: capabilities, isCash: kind == 1,
          isAttended: type == 0x22, amount: amount, cashback: kind == 9)
        runs += 1
        let isRight = results(run) == want.results && byte3(run) == want.byte3
        #expect(isRight, "\(method) \(condition) \(capabilities) \(kind) \(type) \(amount)")
      }
    }
    return runs
  }

  private static let pinProfile: PlainCard = {
    var card = PlainCard()
    card.personalise("1801")
    return card
  }()

  private static func single(
    _ code: UInt8, _ condition: UInt8, _ capabilities: UInt8, _ kind: UInt8, _ type: UInt8,
    _ amount: UInt64
  ) -> (outcome: Outcome?, bench: Bench) {
    outcome {
      // A card with a key for PINs, whose records are not authenticated here.
      if [0x04, 0x05].contains(code & 0x3F) { $0.card = CardholderTests.pinProfile }
      $0.settings.capabilities = TerminalCapabilities(
        rawValue: 0xE0_00C8 | UInt32(capabilities) << 8)
      $0.settings.terminalType = TerminalType(rawValue: type) ?? $0.settings.terminalType
      $0.transaction.type = kind
      $0.amount(amount)
      $0.card.set(0x8E, nil)
      $0.card.objects.append((0x8E, hex("00002710 00004E20") + [code, condition]))
    }
  }

  @Test("a condition on an amount needs the application's currency")
  func currency() {
    #expect(CardholderTests.results(CardholderTests.verify("1F07")) == hex("1F0702"))
    for currency in [nil, "0840"] {
      let run = CardholderTests.verify("1F07") { $0.card.set(0x9F42, currency) }
      #expect(CardholderTests.results(run) == hex("3F0001"))
    }
  }

  @Test("a cashback amount makes a purchase one with cashback")
  func cashback() {
    let run = CardholderTests.verify("1F05") {
      $0.transaction.cashback = Amount(minorUnits: 1_000) ?? $0.transaction.cashback
    }
    #expect(CardholderTests.results(run) == hex("1F0502"))
    #expect(CardholderTests.results(CardholderTests.verify("1F05")) == hex("3F0001"))
  }

  @Test("a failed rule is followed by the next where bit 7 says so, and is what is told at the end")
  func order() {
    let failed: (inout Bench) -> Void = { $0.pad = [.padFailed, .padFailed] }
    let run = CardholderTests.verify("4100 1F00", failed)
    #expect(CardholderTests.results(run) == hex("1F0002"))
    #expect(CardholderTests.byte3(run) == 0x10)
    let last = CardholderTests.verify("4100 5E06 5F01", failed)
    #expect(CardholderTests.results(last) == hex("410001"))
    #expect(CardholderTests.byte3(last) == 0x90)
    let stopped = CardholderTests.verify("0100 1F00", failed)
    #expect(CardholderTests.results(stopped) == hex("010001"))
    let unsupported = CardholderTests.verify("1E00 1F00") {
      $0.settings.capabilities.remove(.signature)
    }
    #expect(CardholderTests.results(unsupported) == hex("3F0001"))
  }

  @Test("a wrong PIN is asked for again, and the card's word on tries is shown")
  func tries() {
    let run = CardholderTests.verify("0100") { $0.verify = [0x63C2, 0x63C1, 0x9000] }
    #expect(CardholderTests.results(run) == hex("010002"))
    #expect(run.bench.effects.filter { $0 == .show(.incorrectPIN) }.count == 2)
    #expect(run.bench.shows(.pinOK))
    let asked = run.bench.effects.compactMap {
      if case .askPIN(.offline(let left, _)) = $0 { left } else { nil }
    }
    #expect(asked == [3, 2, 1])
    for status in [UInt16(0x63C0), 0x6983, 0x6984] {
      let run = CardholderTests.verify("4100 1F00") { $0.verify = [0x63C1, status] }
      #expect(CardholderTests.byte3(run) == 0x20)
      #expect(CardholderTests.results(run) == hex("1F0002"))
    }
  }

  @Test("a VERIFY answered with anything else ends the transaction, without fallback")
  func strange() {
    for status in [UInt16(0x6A80), 0x6300, 0x6283, 0x6700] {
      let run = CardholderTests.verify("4100 1F00") { $0.verify = [status] }
      #expect(run.outcome?.result == .ended(.status(.cardholder, StatusWord(rawValue: status))))
      #expect(run.outcome?.fallback == Outcome.Fallback.none)
    }
  }

  @Test("a card that never counts down is asked fifteen times")
  func endless() {
    let run = CardholderTests.verify("0100") { $0.verify = [0x63C5] }
    #expect(run.outcome?.result == .ended(.limit(.cardholder)))
    #expect(
      run.bench.effects.filter { if case .verifyPIN = $0 { true } else { false } }.count == 15)
  }

  @Test("nobody is asked for a PIN that has no tries left, or whose counter says nothing else")
  func counter() {
    let none = CardholderTests.verify("0100") { $0.card.triesLeft = 0 }
    #expect(CardholderTests.byte3(none) == 0xA0)
    #expect(!none.bench.effects.contains { if case .askPIN = $0 { true } else { false } })
    for answer in ["6A88", "9F36020001 9000", "9F1702 0003 9000", "9000"] {
      let run = CardholderTests.verify("0100") { $0.card.reply("80CA9F17", answer) }
      #expect(run.bench.effects.contains(.askPIN(.offline(triesLeft: nil, mayBypass: false))))
      #expect(run.outcome?.tvr.contains(.cardDataMissing) == false)
    }
    let unread = CardholderTests.verify("0100") { $0.settings.options.readsTryCounter = false }
    #expect(unread.bench.command("80CA9F17") == nil)
  }

  @Test("passing over the PIN is not the limit of tries, and holds for the PINs behind it")
  func bypass() {
    let run = CardholderTests.verify("4100 4400 4200 1F00") {
      $0.settings.options.allowsPINBypass = true
      $0.pad = [.pinBypassed]
    }
    #expect(CardholderTests.byte3(run) == 0x08)
    #expect(CardholderTests.results(run) == hex("1F0002"))
    let again = CardholderTests.verify("4100 0200") {
      $0.settings.options.bypassesFurtherPINs = false
      $0.pad = [.pinBypassed]
    }
    #expect(CardholderTests.byte3(again) == 0x0C)
    #expect(CardholderTests.results(again) == hex("020000"))
  }

  @Test("a cancelled PIN ends the transaction, and no stripe may be read")
  func cancelled() {
    let run = CardholderTests.verify("0100") { $0.pad = [.cancelled] }
    #expect(run.outcome?.result == .ended(.cancelled))
    #expect(run.outcome?.fallback == Outcome.Fallback.none)
    #expect(run.bench.cryptogramRequests.isEmpty)
  }

  @Test("an enciphered PIN has a fresh challenge each time, under the key for PINs or the card's")
  func enciphered() {
    for (profile, key) in [
      ("3801", TestKeys.shared.pin.publicKey), ("3800", TestKeys.shared.card.publicKey),
      ("1801", TestKeys.shared.pin.publicKey),
    ] {
      let run = CardholderTests.verify("0400") {
        $0.card.personalise(profile)
        $0.verify = [0x63C2, 0x9000]
        $0.card.reply("0084", "A1A2A3A4A5A6A7A8 9000", "B1B2B3B4B5B6B7B8 9000")
      }
      #expect(CardholderTests.results(run) == hex("040002"))
      let seen = run.bench.effects.compactMap {
        if case .verifyPIN(.enciphered(let one)) = $0 { one } else { nil }
      }
      #expect(seen.map { $0.challenge } == [hex("A1A2A3A4A5A6A7A8"), hex("B1B2B3B4B5B6B7B8")])
      #expect(seen.allSatisfy { $0.modulus == key.modulus && $0.exponent == key.exponent })
    }
  }

  @Test("without a good challenge or key the method fails, and the pad forgets the PIN")
  func challenge() {
    for answer in ["A1A2A3A4A5A6A7 9000", "6D00", "A1A2A3A4A5A6A7A8 6283"] {
      let run = CardholderTests.verify("0400") {
        $0.card.personalise("3801")
        $0.card.reply("0084", answer)
      }
      #expect(CardholderTests.results(run) == hex("040001"))
      #expect(CardholderTests.byte3(run) == 0x80)
      #expect(run.bench.effects.contains(.erasePIN))
      #expect(run.outcome?.tvr.contains(.cardDataMissing) == false)
    }
    // A bad certificate of the one key is no reason to take the other.
    let bad = CardholderTests.verify("0400") { $0.card.personalise("3801", pin: .hash) }
    #expect(CardholderTests.results(bad) == hex("040001"))
    #expect(!bad.bench.effects.contains { if case .askPIN = $0 { true } else { false } })
    let missing = CardholderTests.verify("0400")
    #expect(missing.outcome?.tvr.contains(.cardDataMissing) == false)
    #expect(CardholderTests.byte3(missing) == 0x80)
  }

  @Test("plaintext PIN can be retired: the card is not offered it and its rule is passed over")
  func retired() {
    let run = CardholderTests.verify("4103 4100 1F00") {
      $0.settings.options.allowsPlaintextPIN = false
      $0.card.proprietary += tlv(0x9F38, hex("9F3303"))
    }
    #expect(CardholderTests.results(run) == hex("1F0002"))
    #expect(run.bench.command("80A8")?.dropFirst(7).prefix(3) == hex("E078C8")[...])
  }

  @Test("a signature is asked for when it was agreed on, and only with an approval")
  func signature() {
    #expect(CardholderTests.verify("1E00").outcome?.needsSignature == true)
    #expect(CardholderTests.verify("0300").outcome?.needsSignature == true)
    #expect(CardholderTests.verify("0100").outcome?.needsSignature == false)
    #expect(CardholderTests.verify("0200").outcome?.needsSignature == false)
    let declined = CardholderTests.verify("1E00") { $0.card.firstInformation = 0 }
    #expect(declined.outcome?.needsSignature == false)
  }

  @Test("below an amount other means may hold, and the card sees which")
  func small() {
    func capabilities(_ amount: UInt64) -> [UInt8]? {
      outcome {
        $0.amount(amount)
        $0.settings.applications[0].belowCVMLimit = Amount(minorUnits: 5_000).map {
          CVMLimit(amount: $0, capabilities: TerminalCapabilities(rawValue: 0xE0_08C8))
        }
      }.outcome?.data.value(of: .terminalCapabilities)
    }
    #expect(capabilities(4_999) == hex("E008C8"))
    #expect(capabilities(5_000) == hex("E0F8C8"))
  }
}
