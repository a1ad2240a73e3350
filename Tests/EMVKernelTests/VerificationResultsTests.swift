// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Simulator
import Testing

/// A case that sets one bit of the results, and one beside it that does not.
struct BitCase: Sendable, CustomTestStringConvertible {
  var name: String
  var bit: TVR
  var sets: @Sendable (inout Bench) -> Void
  var misses: @Sendable (inout Bench) -> Void
  var testDescription: String { name }

  init(
    _ name: String, _ bit: TVR, sets: @escaping @Sendable (inout Bench) -> Void,
    misses: @escaping @Sendable (inout Bench) -> Void
  ) {
    self.name = name
    self.bit = bit
    self.sets = sets
    self.misses = misses
  }
}

@Suite("Each bit of the verification results has its cause, and no other")
struct VerificationResultsTests {
  /// Reserved, contactless, biometric, XDA and ECC bits: nothing of a contact terminal's sets them.
  static let unused = TVR(rawValue: 0x01_0703_070F)

  private static let authentication: [BitCase] = [
    BitCase(
      "authentication not performed", .authenticationNotPerformed,
      sets: { $0.card.profile = hex("1800") }, misses: { $0.card.personalise("3800") }),
    BitCase(
      "SDA failed", .sdaFailed, sets: { $0.card.personalise("5800", card: .hash) },
      misses: { $0.card.personalise("5800") }),
    BitCase(
      "card data missing", .cardDataMissing,
      sets: {
        $0.card.personalise("5800")
        $0.card.set(0x90, nil)
      },
      misses: {
        $0.card.personalise("5800")
        $0.settings.keys = []
      }),
    BitCase(
      "on the exception file", .onExceptionFile,
      sets: {
        $0.settings.options.hasExceptionFile = true
        $0.exceptions = ExceptionAnswer(isListed: true)
      }, misses: { $0.settings.options.hasExceptionFile = true }),
    BitCase(
      "DDA failed", .ddaFailed,
      sets: {
        $0.card.personalise("3800")
        $0.card.spoiling = .hash
      }, misses: { $0.card.personalise("3800") }),
    BitCase(
      "CDA failed", .cdaFailed,
      sets: { $0.card.personalise("7900", card: .hash) },
      misses: { $0.card.personalise("7900") }),
    BitCase(
      "SDA selected", .sdaSelected, sets: { $0.card.personalise("5800") },
      misses: { $0.card.personalise("7800") }),
  ]

  private static let restrictions: [BitCase] = [
    BitCase(
      "versions differ", .versionsDiffer, sets: { $0.card.set(0x9F08, "0002") },
      misses: { $0.card.set(0x9F08, "0001") }),
    BitCase(
      "expired", .expired, sets: { $0.card.set(0x5F24, "261230") },
      misses: { $0.card.set(0x5F24, "261231") }),
    BitCase(
      "not yet effective", .notYetEffective, sets: { $0.card.set(0x5F25, "270101") },
      misses: { $0.card.set(0x5F25, "261231") }),
    BitCase(
      "service not allowed", .serviceNotAllowed, sets: { $0.card.set(0x9F07, "D7C0") },
      misses: { $0.card.set(0x9F07, "0900") }),
    BitCase(
      "new card", .newCard, sets: { velocity(&$0, counter: "0001", last: "0000") },
      misses: { velocity(&$0, counter: "0002", last: "0001") }),
  ]

  private static let cardholder: [BitCase] = [
    BitCase(
      "verification failed", .verificationFailed, sets: { methods(&$0, "0000") },
      misses: { methods(&$0, "1F00") }),
    BitCase(
      "unrecognised method", .unrecognisedCVM, sets: { methods(&$0, "4600 1F00") },
      misses: { methods(&$0, "4603 1F00") }),
    BitCase(
      "try limit exceeded", .pinTryLimitExceeded,
      sets: {
        methods(&$0, "4100 1F00")
        $0.card.triesLeft = 0
      },
      misses: {
        methods(&$0, "4100 1F00")
        $0.card.triesLeft = 1
      }),
    BitCase(
      "pad broken", .padBroken,
      sets: {
        methods(&$0, "4100 1F00")
        $0.pad = [.padFailed]
      },
      misses: {
        methods(&$0, "4400 1F00")
        $0.settings.capabilities.remove(.encipheredPIN)
      }),
    BitCase(
      "PIN not entered", .pinNotEntered,
      sets: {
        methods(&$0, "4100 1F00")
        $0.pad = [.pinBypassed]
      }, misses: { methods(&$0, "4100 1F00") }),
    BitCase(
      "online PIN entered", .onlinePINEntered, sets: { methods(&$0, "0200") },
      misses: { methods(&$0, "0100") }),
  ]

  private static let risk: [BitCase] = [
    BitCase(
      "floor limit", .floorLimitExceeded, sets: { $0.amount(20_000) },
      misses: { $0.amount(19_999) }),
    BitCase(
      "lower limit", .lowerLimitExceeded,
      sets: { velocity(&$0, counter: "0013", last: "0010") },
      misses: { velocity(&$0, counter: "0012", last: "0010") }),
    BitCase(
      "upper limit", .upperLimitExceeded,
      sets: { velocity(&$0, counter: "0015", last: "0010") },
      misses: { velocity(&$0, counter: "0014", last: "0010") }),
    BitCase(
      "selected at random", .selectedAtRandom, sets: { select(&$0, drawn: 30) },
      misses: { select(&$0, drawn: 31) }),
    BitCase(
      "forced online", .forcedOnline, sets: { $0.transaction.isForcedOnline = true },
      misses: { $0.transaction.isForcedOnline = false }),
  ]

  private static let issuer: [BitCase] = [
    BitCase(
      "default TDOL used", .defaultTDOLUsed, sets: { hash(&$0, card: nil) },
      misses: { hash(&$0, card: "9F0206") }),
    BitCase(
      "issuer authentication failed", .issuerAuthenticationFailed,
      sets: {
        authenticate(&$0)
        $0.card.reply("0082", "6300")
      }, misses: { authenticate(&$0) }),
    BitCase(
      "script before failed", .scriptFailedBefore, sets: { script(&$0, "71", "6A80") },
      misses: { script(&$0, "71", "6300") }),
    BitCase(
      "script after failed", .scriptFailedAfter, sets: { script(&$0, "72", "6A80") },
      misses: { script(&$0, "72", "6200") }),
  ]

  static let all = authentication + restrictions + cardholder + risk + issuer

  @Test("a bit is set by its cause and not by what is just beside it", arguments: all)
  func bits(_ bit: BitCase) throws {
    let hit = try #require(outcome(bit.sets).outcome).tvr
    let miss = try #require(outcome(bit.misses).outcome).tvr
    #expect(hit.contains(bit.bit))
    #expect(hit.symmetricDifference(miss) == bit.bit, "\(hit.bytes) and \(miss.bytes)")
    #expect(hit.isDisjoint(with: VerificationResultsTests.unused))
  }

  @Test("every bit that a contact terminal can set has a case")
  func complete() {
    for place in UInt64(0)..<40 {
      let bit = TVR(rawValue: 1 << place)
      let cases = VerificationResultsTests.all.filter { $0.bit == bit }.count
      let isUnused = VerificationResultsTests.unused.contains(bit)
      #expect(cases == (isUnused ? 0 : 1), "bit \(place), counted from the right")
    }
  }

  static func velocity(_ bench: inout Bench, counter: String, last: String) {
    bench.card.set(0x9F14, "02")
    bench.card.set(0x9F23, "04")
    bench.card.counter = hex(counter)
    bench.card.lastOnline = hex(last)
  }

  static func methods(_ bench: inout Bench, _ rules: String) {
    bench.card.set(0x8E, "00002710 00004E20" + rules)
  }

  /// Target 20, maximum 60, threshold 10,000, floor 20,000: at 12,500 three in ten.
  static func select(_ bench: inout Bench, drawn: UInt8) {
    bench.amount(12_500)
    bench.risk.targetPercentage = 20
    bench.risk.maximumPercentage = 60
    bench.risk.threshold = 10_000
    bench.transaction.drawnNumber = drawn
  }

  static func hash(_ bench: inout Bench, card: String?) {
    bench.card.set(0x8C, "9F02069814950 59F3704")
    bench.card.set(0x97, card)
    bench.settings.applications[0].defaultTDOL = hex("9F0206")
  }

  static func authenticate(_ bench: inout Bench) {
    bench.goOnline()
    bench.card.profile = hex("1C00")
    bench.host?.issuerData = tlv(0x91, hex("A77DC20D2BB5CEF13030"))
  }

  static func script(_ bench: inout Bench, _ tag: String, _ answer: String) {
    bench.goOnline()
    bench.host?.issuerData = tlv(UInt32(tag, radix: 16) ?? 0, tlv(0x86, hex("8418000004 01020304")))
    bench.card.reply("8418", answer)
  }
}
