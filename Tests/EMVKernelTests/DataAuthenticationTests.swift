// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Simulator
import Testing

@Suite("Offline data authentication leaves the results the Books say")
struct DataAuthenticationTests {
  private static let methods: [(profile: String, bit: TVR)] = [
    ("5800", .sdaFailed), ("3800", .ddaFailed), ("1900", .cdaFailed),
  ]
  private static let bits: TVR = [
    .authenticationNotPerformed, .sdaFailed, .ddaFailed, .cdaFailed, .cardDataMissing,
  ]

  /// The bits of the first byte that tell of authentication.
  private static func results(
    _ profile: String, _ prepare: (inout Bench) -> Void = { _ in }
  ) -> TVR? {
    outcome {
      $0.card.personalise(profile)
      prepare(&$0)
    }.outcome?.tvr.intersection(bits)
  }

  @Test("the best method that both sides know is performed, and none is not")
  func methods() {
    for (profile, capabilities, method) in [
      ("7900", UInt32(0xC8), "cda"), ("7900", 0xC0, "dda"), ("7900", 0x80, "sda"),
      ("7900", 0x00, "none"), ("5800", 0xC8, "sda"), ("3800", 0x88, "none"), ("9800", 0xCC, "none"),
    ] {
      let run = outcome {
        $0.card.personalise(profile)
        $0.settings.capabilities = TerminalCapabilities(rawValue: 0xE0_F800 | capabilities)
      }
      #expect(run.outcome?.tvr.contains(.authenticationNotPerformed) == (method == "none"))
      #expect(run.outcome?.tvr.contains(.sdaSelected) == (method == "sda"))
      #expect((run.bench.command("0088") != nil) == (method == "dda"))
      #expect((run.bench.cryptogramRequests.first == 0x50) == (method == "cda"))
      #expect(run.outcome?.tsi.contains(.dataAuthentication) == (method != "none"))
      #expect(run.outcome?.tvr.isDisjoint(with: [.sdaFailed, .ddaFailed, .cdaFailed]) == true)
    }
  }

  @Test("a certificate that is wrong in anything fails the method and is not missing")
  func certificates() {
    for method in DataAuthenticationTests.methods {
      for spoiling in Spoiling.allCases {
        let issuer = DataAuthenticationTests.results(method.profile) {
          $0.card.personalise(method.profile, issuer: spoiling)
        }
        #expect(issuer == method.bit, "\(method) \(spoiling)")
        // A signature of static data has no owner, month or algorithm.
        if method.bit == .sdaFailed, [.owner, .month, .algorithm].contains(spoiling) { continue }
        let card = DataAuthenticationTests.results(method.profile) {
          $0.card.personalise(method.profile, card: spoiling)
        }
        #expect(card == method.bit, "\(method) \(spoiling)")
      }
    }
  }

  @Test("what is missing of the card's is missing; a key of the terminal's is not")
  func missing() {
    let needed: [[UInt32]] = [
      [0x8F, 0x90, 0x9F32, 0x93], [0x8F, 0x90, 0x9F32, 0x92, 0x9F46, 0x9F47, 0x9F48],
      [0x8F, 0x90, 0x9F32, 0x9F46, 0x9F47],
    ]
    for (method, tags) in zip(DataAuthenticationTests.methods, needed) {
      for tag in tags {
        let results = DataAuthenticationTests.results(method.profile) { $0.card.set(tag, nil) }
        #expect(results == method.bit.union(.cardDataMissing), "\(method) \(tag)")
      }
      for prepare: (inout Bench) -> Void in [
        { $0.settings.keys = [] }, { $0.card.set(0x8F, "99") },
        {
          $0.settings.revoked = [
            RevokedCertificate(scheme: hex("F0504F5344"), index: 1, serial: hex("000123"))
          ]
        },
      ] {
        #expect(DataAuthenticationTests.results(method.profile, prepare) == method.bit)
      }
      let other = DataAuthenticationTests.results(method.profile) {
        $0.settings.revoked = [
          RevokedCertificate(scheme: hex("F0504F5344"), index: 1, serial: hex("000124"))
        ]
      }
      #expect(other == TVR())
    }
  }

  @Test("records that were changed, or a list of other tags than 82, fail the method")
  func staticData() {
    for method in DataAuthenticationTests.methods {
      for tags in ["5A", "825A"] {
        let results = DataAuthenticationTests.results(method.profile) { $0.card.set(0x9F4A, tags) }
        #expect(results == method.bit)
      }
      let changed = DataAuthenticationTests.results(method.profile) {
        $0.card.set(0x9F07, "FFC1")
      }
      #expect(changed == method.bit)
    }
  }

  @Test("an authenticated record of a file above 10 that is no template fails it too")
  func proprietary() {
    for method in DataAuthenticationTests.methods {
      let run = outcome {
        $0.card.personalise(method.profile)
        let last = UInt8($0.card.signedObjects.count)
        let locator = hex("08010101 1001") + [last, 0] + hex("58010101")
        let body = tlv(0x77, tlv(0x82, $0.card.profile) + tlv(0x94, locator)) + hex("9000")
        $0.card.replies.append((hex("80A8"), [body]))
        $0.card.reply("00B2015C", "0102 9000")
      }
      #expect(run.outcome?.tvr.intersection(DataAuthenticationTests.bits) == method.bit)
      #expect(run.outcome?.tsi.contains(.dataAuthentication) == true)
    }
  }

  @Test("a dynamic signature needs a number of the terminal's, the card's list or the usual one")
  func lists() {
    let none = outcome {
      $0.card.personalise("3800")
      $0.card.set(0x9F49, nil)
      $0.settings.applications[0].defaultDDOL = nil
    }
    #expect(none.bench.command("0088") == nil)
    #expect(none.outcome?.tvr.contains(.ddaFailed) == true)
    #expect(none.outcome?.tsi.contains(.dataAuthentication) == true)
    let other = outcome {
      $0.card.personalise("3800")
      $0.card.set(0x9F49, "9F0206")
    }
    #expect(other.bench.command("0088") == nil)
    #expect(other.outcome?.tvr.contains(.ddaFailed) == true)
    let usual = outcome {
      $0.card.personalise("3800")
      $0.card.set(0x9F49, nil)
    }
    #expect(usual.bench.command("0088") == hex("0088000004 1A2B3C4D 00"))
    #expect(usual.outcome?.tvr.contains(.ddaFailed) == false)
    #expect(usual.outcome?.data.value(of: .dynamicNumber) == hex("0102030405060708"))
    let broken = outcome {
      $0.card.personalise("3800")
      $0.card.set(0x9F49, "9F37")
    }
    #expect(broken.outcome?.result == .ended(.format(.authentication)))
  }

  @Test("an INTERNAL AUTHENTICATE without answer or signature ends the transaction")
  func internalAuthenticate() {
    for answer in ["6985", "6283", "9000", "7704 9F360100 9000", "7703 9F4B00 9000", "8000 9000"] {
      let run = outcome {
        $0.card.personalise("3800")
        $0.card.reply("0088", answer)
      }
      #expect(run.outcome?.isApproved == false)
      guard case .ended? = run.outcome?.result else {
        Issue.record("\(answer)")
        continue
      }
      #expect(run.outcome?.fallback == .technical)
    }
    let wrong = outcome {
      $0.card.personalise("3800")
      $0.card.reply("0088", "8004 01020304 9000")
    }
    #expect(wrong.outcome?.tvr.contains(.ddaFailed) == true)
  }

  @Test("a dynamic signature is read in both formats, and only a right one is right")
  func plain() {
    for (spoiling, isFailed) in [(nil, false), (Spoiling.hash, true)] {
      let run = outcome {
        $0.card.personalise("3800")
        $0.card.answersPlain = true
        $0.card.spoiling = spoiling
      }
      #expect(run.outcome?.tvr.contains(.ddaFailed) == isFailed)
    }
  }

  @Test("records authenticate in the order of the locator: of files above 10 with their template")
  func order() {
    for method in DataAuthenticationTests.methods {
      let results = DataAuthenticationTests.results(method.profile) {
        $0.card.firstRecord = tlv(0x70, tlv(0x9F05, hex("0102")))
        $0.card.personalise(method.profile)
      }
      #expect(results == TVR())
    }
  }

  @Test("a static signature gives the card's authentication code")
  func code() {
    let run = outcome { $0.card.personalise("5800") }
    #expect(run.outcome?.data.value(of: .dataAuthenticationCode) == hex("DAC1"))
  }
}
