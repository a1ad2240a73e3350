// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Simulator
import Testing

/// A case that sets one bit of the status information, and one beside it that does not.
struct StatusCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var bit: TSI
  var sets: @Sendable (inout Bench) -> Void
  var misses: @Sendable (inout Bench) -> Void
}

@Suite("Each bit of the status information says what was performed, whatever came of it")
struct StatusInformationTests {
  /// Ten bits are reserved (EMV 4.4 Book 3, C6).
  private static let unused = TSI(rawValue: 0x03FF)

  static let all: [StatusCase] = [
    StatusCase(
      testDescription: "data authentication", bit: .dataAuthentication,
      sets: { $0.card.personalise("5800") }, misses: { $0.card.profile = hex("1800") }),
    StatusCase(
      testDescription: "data authentication that failed", bit: .dataAuthentication,
      sets: { $0.card.personalise("5800", issuer: .hash) },
      misses: { $0.card.profile = hex("1800") }),
    StatusCase(
      testDescription: "cardholder verification", bit: .cardholderVerification,
      sets: { $0.card.profile = hex("1800") }, misses: { $0.card.profile = hex("0800") }),
    StatusCase(
      testDescription: "cardholder verification that failed", bit: .cardholderVerification,
      sets: { VerificationResultsTests.methods(&$0, "0000") },
      misses: { $0.card.set(0x8E, "0000000000000000") }),
    StatusCase(
      testDescription: "the card's risk management", bit: .cardRiskManagement, sets: { _ in },
      misses: { $0.card.reply("80AE", "6985") }),
    StatusCase(
      testDescription: "the card's risk management, with a refusal", bit: .cardRiskManagement,
      sets: { $0.card.firstInformation = 0x00 }, misses: { $0.card.reply("80AE", "9000") }),
    StatusCase(
      testDescription: "issuer authentication", bit: .issuerAuthentication,
      sets: { VerificationResultsTests.authenticate(&$0) },
      misses: {
        VerificationResultsTests.authenticate(&$0)
        $0.card.profile = hex("1800")
      }),
    StatusCase(
      testDescription: "issuer authentication that failed", bit: .issuerAuthentication,
      sets: {
        VerificationResultsTests.authenticate(&$0)
        $0.card.reply("0082", "6985")
      },
      misses: {
        VerificationResultsTests.authenticate(&$0)
        $0.host?.issuerData = []
      }),
    // Both end here: one behind the terminal's risk management, the other within it.
    StatusCase(
      testDescription: "the terminal's risk management", bit: .terminalRiskManagement,
      sets: {
        VerificationResultsTests.velocity(&$0, counter: "000A", last: "0009")
        $0.card.reply("80AE", "")
      },
      misses: {
        VerificationResultsTests.velocity(&$0, counter: "000A", last: "0009")
        $0.card.reply("80CA9F13", "")
      }),
    StatusCase(
      testDescription: "scripts", bit: .scripts,
      sets: { VerificationResultsTests.script(&$0, "72", "9000") }, misses: { $0.goOnline() }),
    StatusCase(
      testDescription: "a script that cannot be read", bit: .scripts,
      sets: {
        $0.goOnline()
        $0.host?.issuerData = hex("7102 8605")
      },
      misses: {
        $0.goOnline()
        $0.host?.issuerData = hex("8A02 3030")
      }),
  ]

  @Test("a bit is set by what is performed and not by what is just beside it", arguments: all)
  func bits(_ bit: StatusCase) throws {
    let hit = try #require(outcome(bit.sets).outcome).tsi
    let miss = try #require(outcome(bit.misses).outcome).tsi
    #expect(hit.contains(bit.bit))
    #expect(hit.symmetricDifference(miss) == bit.bit, "\(hit.bytes) and \(miss.bytes)")
    #expect(hit.isDisjoint(with: StatusInformationTests.unused))
  }

  @Test("every bit has a case or is reserved")
  func complete() {
    for place in UInt16(0)..<16 {
      let bit = TSI(rawValue: 1 << place)
      let hasCase = StatusInformationTests.all.contains { $0.bit == bit }
      #expect(hasCase != StatusInformationTests.unused.contains(bit), "bit \(place)")
    }
  }

  @Test("a signature that is asked for with the cryptogram counts with its answer, not before")
  func combined() {
    for (mode, first, last) in [
      (KernelOptions.CDAMode.always, true, true), (.requestOnly, true, true),
      (.offlineOnly, false, false), (.approvalOnly, false, true),
    ] {
      let run = outcome {
        $0.settings.options.cdaMode = mode
        $0.goOnline()
        $0.card.set(0x8D, "8A02 9B02")
        $0.card.personalise("7900")
      }
      // The host hears what the card was told, the card afterwards what was done since.
      #expect(run.bench.request?.data.tsi == [.cardholderVerification, .terminalRiskManagement])
      #expect(run.bench.listData(1) == hex("3030") + [first ? 0xE8 : 0x68, 0x00])
      #expect(run.outcome?.tsi.contains(.dataAuthentication) == last)
    }
  }
}
