// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Simulator
import Testing

@Suite("Every method of verification, every way it can end, with and without a next rule")
struct MethodOutcomeTests {
  /// How the performing of a method can end (EMV 4.4 Book 3, 10.5.1-10.5.5).
  enum Way: CaseIterable {
    case good, goodAtSecond, noTriesBefore, noTriesNow, blocked, invalidated, padBroken
    case padBreaksLater, bypassed, withoutKey, badKey, shortChallenge, noChallenge
  }

  /// What PINs, and what of a PIN, a method has.
  private enum Means { case nothing, online, plaintext, enciphered }

  private static func means(_ method: UInt8) -> Means? {
    switch method {
    case 0x00, 0x1E, 0x1F: .nothing
    case 0x01, 0x03: .plaintext
    case 0x02: .online
    case 0x04, 0x05: .enciphered
    default: nil
    }
  }

  /// The bits of byte 3 that a way of failing leaves; nil for success, and for a way that the
  /// method cannot go, which then succeeds.
  private static func failure(_ means: Means, _ way: Way) -> UInt8? {
    switch (means, way) {
    case (.nothing, _), (_, .good): nil
    case (_, .padBroken): 0x10
    case (_, .bypassed): 0x08
    case (.online, _), (_, .goodAtSecond): nil
    case (_, .noTriesBefore), (_, .noTriesNow), (_, .blocked), (_, .invalidated): 0x20
    case (_, .padBreaksLater): 0x10
    case (.enciphered, .withoutKey), (.enciphered, .badKey): 0x00
    case (.enciphered, .shortChallenge), (.enciphered, .noChallenge): 0x00
    case (.plaintext, _): nil
    }
  }

  private static let cards: (good: PlainCard, bad: PlainCard) = {
    var good = PlainCard()
    good.personalise("1801")
    var bad = PlainCard()
    bad.personalise("1801", pin: .hash)
    return (good, bad)
  }()

  private static func prepare(_ bench: inout Bench, _ way: Way) {
    if way != .withoutKey { bench.card = way == .badKey ? cards.bad : cards.good }
    bench.settings.options.allowsPINBypass = true
    switch way {
    case .good, .withoutKey, .badKey: break
    case .goodAtSecond: bench.verify = [0x63C2, 0x9000]
    case .noTriesBefore: bench.card.triesLeft = 0
    case .noTriesNow: bench.verify = [0x63C0]
    case .blocked: bench.verify = [0x6983]
    case .invalidated: bench.verify = [0x6984]
    case .padBroken: bench.pad = [.padFailed]
    case .padBreaksLater: bench.padBreaksAtVerify = true
    case .bypassed: bench.pad = [.pinBypassed]
    case .shortChallenge: bench.card.reply("0084", "A1A2A3A4A5A6A7 9000")
    case .noChallenge: bench.card.reply("0084", "6D00")
    }
  }

  private static func run(
    _ rules: [UInt8], _ prepare: (inout Bench) -> Void
  ) -> (results: [UInt8]?, byte3: UInt8?, bench: Bench) {
    let run = outcome {
      prepare(&$0)
      $0.card.set(0x8E, nil)
      $0.card.objects.append((0x8E, hex("00002710 00004E20") + rules))
    }
    return (run.outcome?.cvmResults.bytes, run.outcome?.tvr.bytes[2], run.bench)
  }

  /// What a method that succeeds is told as, and its bit.
  private static func success(_ rule: UInt8, _ means: Means) -> (results: [UInt8], byte3: UInt8) {
    let isUnknown = means == .online || [0x03, 0x05, 0x1E].contains(rule & 0x3F)
    return ([rule, 0x00, isUnknown ? 0x00 : 0x02], means == .online ? 0x04 : 0x00)
  }

  @Test(
    "each method that is known here, each of its ways, both kinds of rule", arguments: Way.allCases)
  func performed(_ way: Way) {
    var methods = 0
    for method in UInt8(0)..<0x40 {
      guard let means = MethodOutcomeTests.means(method) else { continue }
      methods += 1
      for rule in [method, method | 0x40] {
        // Behind it is a rule that succeeds; whether it is reached tells the results.
        let run = MethodOutcomeTests.run([rule, 0x00, 0x1F, 0x00]) {
          MethodOutcomeTests.prepare(&$0, way)
        }
        let want: (results: [UInt8], byte3: UInt8)
        if method == 0x00 {
          want = ([rule, 0x00, 0x01], 0x80)
        } else if let bits = MethodOutcomeTests.failure(means, way) {
          want = rule & 0x40 == 0 ? ([rule, 0x00, 0x01], 0x80 | bits) : ([0x1F, 0x00, 0x02], bits)
        } else {
          want = MethodOutcomeTests.success(rule, means)
        }
        #expect(run.results == want.results, "\(rule)")
        #expect(run.byte3 == want.byte3, "\(rule)")
        // What the pad holds and nobody verified is forgotten.
        let isHeld = means == .enciphered && (way == .shortChallenge || way == .noChallenge)
        #expect(run.bench.effects.contains(.erasePIN) == isHeld, "\(rule)")
      }
    }
    #expect(methods == CVMCode.allCases.count)
  }

  @Test("each of the 64 codes at a terminal that has none of the means, both kinds of rule")
  func unsupported() {
    for method in UInt8(0)..<0x40 where method != 0x00 && method != 0x1F {
      for rule in [method, method | 0x40] {
        let run = MethodOutcomeTests.run([rule, 0x00, 0x1F, 0x00]) {
          $0.settings.capabilities = TerminalCapabilities(rawValue: 0xE0_08C8)
        }
        let bits: UInt8
        switch MethodOutcomeTests.means(method) {
        case nil: bits = 0x40
        case .online, .plaintext, .enciphered: bits = 0x10
        case .nothing: bits = 0x00
        }
        let goesOn = rule & 0x40 != 0
        #expect(run.results == (goesOn ? hex("1F0002") : hex("3F0001")), "\(rule)")
        #expect(run.byte3 == (goesOn ? bits : bits | 0x80), "\(rule)")
      }
    }
  }

  @Test("a condition that is not known passes its rule over, whatever bit 7 says")
  func conditions() {
    for condition in UInt8(0x0A)...0xFF {
      for rule: UInt8 in [0x00, 0x40] {
        let run = MethodOutcomeTests.run([rule, condition, 0x1F, 0x00]) { _ in }
        #expect(run.results == hex("1F0002"), "\(condition)")
        #expect(run.byte3 == 0x00, "\(condition)")
      }
    }
  }

  @Test("a pad that is broken, or a PIN passed over, is asked nothing more")
  func once() {
    for (event, bit) in [(Kernel.Event.padFailed, UInt8(0x10)), (.pinBypassed, 0x08)] {
      let run = MethodOutcomeTests.run(hex("4100 4400 4200 5F00")) {
        $0.card = MethodOutcomeTests.cards.good
        $0.settings.options.allowsPINBypass = true
        $0.pad = [event]
      }
      #expect(run.results == hex("5F0002"))
      #expect(run.byte3 == bit)
      let asked = run.bench.effects.filter { if case .askPIN = $0 { true } else { false } }
      #expect(asked.count == 1)
      // One counter was read: behind the failure no card is asked for its tries.
      #expect(run.bench.count("80CA9F17") == 1)
    }
  }

  @Test("a PIN is passed over where somebody attends to it and the terminal's owner allows it")
  func mayBypass() {
    for (type, isAllowed, may) in [
      (UInt8(0x22), true, true), (0x22, false, false), (0x25, true, false),
    ] {
      for (rules, isOnline) in [("0100", false), ("0200", true)] {
        let run = MethodOutcomeTests.run(hex(rules)) {
          $0.settings.terminalType = TerminalType(rawValue: type) ?? $0.settings.terminalType
          $0.settings.options.allowsPINBypass = isAllowed
        }
        let asked = run.bench.effects.compactMap {
          switch $0 {
          case .askPIN(.online(_, let mayBypass)): (true, mayBypass)
          case .askPIN(.offline(_, let mayBypass)): (false, mayBypass)
          default: nil
          }
        }
        #expect(asked.count == 1 && asked[0] == (isOnline, may))
      }
    }
  }

  @Test("how many tries are left is not said where the card does not say it again")
  func forgotten() {
    let run = MethodOutcomeTests.run(hex("4100 0400")) {
      $0.card = MethodOutcomeTests.cards.good
      $0.card.reply("80CA9F17", "9F170102 9000", "6A88")
      $0.verify = [0x6983, 0x9000]
    }
    let left = run.bench.effects.compactMap {
      if case .askPIN(.offline(let left, _)) = $0 { left.map { Int($0) } ?? -1 } else { nil }
    }
    #expect(left == [2, -1])
    #expect(run.results == hex("040002"))
  }
}
