// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing

@Suite("Restrictions, risk management and action analysis")
struct RiskTests {
  private static func results(_ prepare: (inout Bench) -> Void) -> TVR? {
    outcome(prepare).outcome?.tvr
  }

  @Test("the card's usage control is asked for the place, the country and the service")
  func usage() {
    // Terminal's country, type, transaction, cash, control and whether it is allowed.
    let rows: [(country: UInt16, type: UInt8, kind: UInt8, control: String, isAllowed: Bool)] = [
      (0x0276, 0x22, 0x00, "2100", true), (0x0276, 0x22, 0x00, "0900", true),
      (0x0276, 0x22, 0x00, "1500", false), (0x0840, 0x22, 0x00, "1100", true),
      (0x0840, 0x22, 0x00, "0500", true), (0x0840, 0x22, 0x00, "2900", false),
      (0x0276, 0x22, 0x01, "8100", true), (0x0276, 0x22, 0x01, "7D00", false),
      (0x0840, 0x22, 0x01, "4100", true), (0x0840, 0x22, 0x01, "8100", false),
      (0x0276, 0x22, 0x09, "2180", true), (0x0276, 0x22, 0x09, "2140", false),
      (0x0840, 0x22, 0x09, "1140", true), (0x0840, 0x22, 0x09, "1180", false),
      (0x0276, 0x22, 0x00, "FE00", false), (0x0276, 0x22, 0x00, "FD00", true),
      (0x0276, 0x22, 0x20, "0100", true), (0x0276, 0x22, 0x20, "0200", false),
      (0x0276, 0x14, 0x01, "8200", true), (0x0276, 0x14, 0x01, "8100", false),
      // A type of its own without cash is no ATM.
      (0x0276, 0x25, 0x00, "2100", true), (0x0276, 0x25, 0x00, "2200", false),
    ]
    for row in rows {
      let tvr = RiskTests.results {
        $0.settings.country = row.country
        $0.settings.terminalType = TerminalType(rawValue: row.type) ?? $0.settings.terminalType
        if row.type == 0x14 {
          $0.settings.additionalCapabilities =
            AdditionalCapabilities(hex("E000F0A001")) ?? $0.settings.additionalCapabilities
        }
        $0.transaction.type = row.kind
        $0.card.set(0x9F07, row.control)
      }
      #expect(tvr?.contains(.serviceNotAllowed) == !row.isAllowed, "\(row)")
    }
    // Without the issuer's country only the place is asked for.
    for (control, isAllowed) in [("0100", true), ("FE00", false)] {
      let tvr = RiskTests.results {
        $0.card.set(0x5F28, nil)
        $0.card.set(0x9F07, control)
      }
      #expect(tvr?.contains(.serviceNotAllowed) == !isAllowed)
    }
    #expect(RiskTests.results { $0.card.set(0x9F07, nil) }?.contains(.serviceNotAllowed) == false)
  }

  @Test("a version that the terminal knows too is no other version")
  func versions() {
    let tvr = RiskTests.results {
      $0.settings.applications[0].versionNumbers = [0x96, 0x8C]
      $0.card.set(0x9F08, "008C")
    }
    #expect(tvr?.contains(.versionsDiffer) == false)
    #expect(RiskTests.results { $0.card.set(0x9F08, nil) }?.contains(.versionsDiffer) == false)
  }

  @Test("the log's amount counts towards the floor limit, and not for random selection")
  func split() {
    for (logged, isOver) in [(7_654, false), (7_655, true)] {
      let run = outcome {
        $0.settings.options.hasTransactionLog = true
        $0.exceptions = ExceptionAnswer(loggedAmount: Amount(minorUnits: UInt64(logged)))
        $0.risk.targetPercentage = 99
        $0.transaction.drawnNumber = 99
      }
      #expect(run.outcome?.tvr.contains(.floorLimitExceeded) == isOver)
      #expect(run.outcome?.wasSelectedAtRandom == true)
      #expect(run.bench.effects.contains { if case .checkExceptions = $0 { true } else { false } })
    }
    #expect(
      !outcome { _ in }.bench.effects.contains {
        if case .checkExceptions = $0 { true } else { false }
      })
  }

  @Test("the chance of selection grows from threshold to floor, and only where there is a host")
  func selection() {
    func selected(
      _ amount: UInt64, _ drawn: UInt8, target: UInt8 = 20, maximum: UInt8 = 60,
      threshold: UInt32 = 10_000, type: UInt8 = 0x22
    ) -> Bool? {
      RiskTests.results {
        $0.amount(amount)
        $0.settings.terminalType = TerminalType(rawValue: type) ?? $0.settings.terminalType
        $0.risk.targetPercentage = target
        $0.risk.maximumPercentage = maximum
        $0.risk.threshold = threshold
        $0.transaction.drawnNumber = drawn
      }?.contains(.selectedAtRandom)
    }
    for (amount, most) in [
      (1, 20), (9_999, 20), (10_000, 20), (10_249, 20), (10_250, 21), (15_000, 40), (19_999, 59),
    ] {
      #expect(selected(UInt64(amount), UInt8(most)) == true, "\(amount)")
      #expect(selected(UInt64(amount), UInt8(most) + 1) == false, "\(amount)")
    }
    #expect(selected(20_000, 1) == false)
    #expect(selected(1, 1, target: 0) == false)
    #expect(selected(100, 99, target: 99, maximum: 99) == true)
    // A threshold that is the floor limit, or above it, divides nothing by zero.
    #expect(selected(19_999, 21, threshold: 20_000) == false)
    #expect(selected(19_999, 20, threshold: 30_000) == true)
    #expect(selected(19_999, 60, maximum: 0, threshold: 0) == false)
    for type: UInt8 in [0x21, 0x23, 0x24, 0x26] { #expect(selected(1, 1, type: type) == false) }
  }

  @Test("consecutive offline transactions are counted where the card has both limits")
  func velocity() {
    let rows: [(counter: String, last: String, bits: TVR)] = [
      ("000A", "0009", []), ("000B", "0009", []), ("000C", "0009", .lowerLimitExceeded),
      ("000D", "0009", .lowerLimitExceeded),
      ("000E", "0009", [.lowerLimitExceeded, .upperLimitExceeded]),
      ("0009", "0009", [.lowerLimitExceeded, .upperLimitExceeded]),
      ("0008", "0009", [.lowerLimitExceeded, .upperLimitExceeded]),
      ("0001", "0000", .newCard), ("0003", "0000", [.newCard, .lowerLimitExceeded]),
      ("0000", "0000", [.newCard, .lowerLimitExceeded, .upperLimitExceeded]),
      ("FFFF", "FFFD", []),
    ]
    let all: TVR = [.lowerLimitExceeded, .upperLimitExceeded, .newCard, .cardDataMissing]
    for row in rows {
      let tvr = RiskTests.results {
        VerificationResultsTests.velocity(&$0, counter: row.counter, last: row.last)
      }
      #expect(tvr?.intersection(all) == row.bits, "\(row)")
    }
    for tag in ["9F36", "9F13"] {
      for answer in ["6A88", "9F360300002A 9000", "9F1702002A 9000", "6283"] {
        let run = outcome {
          VerificationResultsTests.velocity(&$0, counter: "000A", last: "0009")
          $0.card.reply("80CA" + tag, answer)
        }
        #expect(
          run.outcome?.tvr.intersection(all)
            == [.lowerLimitExceeded, .upperLimitExceeded, .cardDataMissing], "\(tag) \(answer)")
      }
    }
    // A card whose register says that it never was on line is new, whatever its counter says.
    let new = outcome {
      VerificationResultsTests.velocity(&$0, counter: "000A", last: "0000")
      $0.card.reply("80CA9F36", "6A88")
    }
    #expect(new.outcome?.tvr.intersection(all) == all)
    // The upper limit is looked at behind the lower one, even where it is the smaller number.
    let odd = RiskTests.results {
      VerificationResultsTests.velocity(&$0, counter: "000C", last: "0009")
      $0.card.set(0x9F14, "04")
      $0.card.set(0x9F23, "02")
    }
    #expect(odd?.isDisjoint(with: all) == true)
    let one = outcome { $0.card.set(0x9F14, "01") }
    #expect(one.bench.command("80CA9F36") == nil)
    #expect(one.outcome?.tvr.isDisjoint(with: all) == true)
  }

  @Test("risk is managed whatever the card says, and that is noted")
  func always() {
    let run = outcome {
      $0.card.profile = hex("1000")
      $0.amount(20_000)
    }
    #expect(run.outcome?.tvr.contains(.floorLimitExceeded) == true)
    #expect(run.outcome?.tsi.contains(.terminalRiskManagement) == true)
  }

  private static func code(_ isHit: Bool) -> TVR { isHit ? .authenticationNotPerformed : .newCard }

  @Test("every combination of the acquirer's and the issuer's codes at every kind of terminal")
  func analysis() {
    var runs = 0
    for type: UInt8 in [0x21, 0x22, 0x23, 0x24, 0x25, 0x26] {
      for bits in 0..<64 {
        func hits(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        let run = outcome {
          $0.settings.terminalType = TerminalType(rawValue: type) ?? $0.settings.terminalType
          $0.risk.denialCode = RiskTests.code(hits(0))
          $0.risk.onlineCode = RiskTests.code(hits(1))
          $0.risk.defaultCode = RiskTests.code(hits(2))
          for (index, tag) in [(3, UInt32(0x9F0E)), (4, 0x9F0F), (5, 0x9F0D)] {
            $0.card.set(tag, hits(index) ? "8000000000" : "0800000000")
          }
        }
        let denied = hits(0) || hits(3)
        let online = hits(1) || hits(4)
        let fallback = hits(2) || hits(5)
        let expected: UInt8
        switch type & 0x0F {
        case 1, 4: expected = denied ? 0x00 : 0x80
        case 2, 5: expected = denied ? 0x00 : online ? 0x80 : 0x40
        default: expected = denied || fallback ? 0x00 : 0x40
        }
        runs += 1
        #expect(run.bench.cryptogramRequests.first == expected, "\(type) \(bits)")
      }
    }
    #expect(runs == 384)
  }

  @Test("an issuer without codes denies nothing and sends everything online")
  func absent() {
    func first(_ tag: UInt32, _ type: UInt8) -> UInt8? {
      outcome {
        $0.settings.terminalType = TerminalType(rawValue: type) ?? $0.settings.terminalType
        $0.card.set(tag, nil)
      }.bench.cryptogramRequests.first
    }
    #expect(first(0x9F0E, 0x22) == 0x40)
    #expect(first(0x9F0F, 0x22) == 0x80)
    #expect(first(0x9F0D, 0x23) == 0x00)
    #expect(first(0x9F0D, 0x22) == 0x40)
  }

  @Test("an offline-only terminal may test the online codes too, and goes on without a host")
  func offlineOnly() {
    for (isDefault, second) in [(false, UInt8(0x40)), (true, 0x00)] {
      let run = outcome {
        $0.settings.terminalType = TerminalType(rawValue: 0x23) ?? $0.settings.terminalType
        $0.settings.options.offlineOnlyTestsOnlineCodes = true
        $0.risk.onlineCode = .authenticationNotPerformed
        $0.risk.defaultCode = RiskTests.code(isDefault)
      }
      #expect(run.bench.cryptogramRequests == [0x80, second])
      #expect(run.bench.request == nil)
      #expect(run.outcome?.isApproved == !isDefault)
    }
  }

  @Test("limits and codes may be a transaction type's own")
  func types() {
    var risk = RiskParameters()
    risk.denialCode = .authenticationNotPerformed
    let other = TypeRiskParameters(type: 0x01, risk: risk)
    func first(_ type: UInt8) -> UInt8? {
      outcome {
        $0.settings.applications[0].riskByType = [other]
        $0.transaction.type = type
      }.bench.cryptogramRequests.first
    }
    #expect(first(0x01) == 0x00)
    #expect(first(0x00) == 0x40)
    // A refund only wants the card read.
    #expect(first(0x20) == 0x00)
    let refund = outcome { $0.transaction.type = 0x20 }
    #expect(refund.outcome?.result == .declined(.offline))
    #expect(!refund.bench.shows(.declined))
  }
}
