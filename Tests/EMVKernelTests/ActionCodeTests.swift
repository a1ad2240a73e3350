// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing

@Suite("Each bit of the results, under each code of acquirer and issuer, at each kind of terminal")
struct ActionCodeTests {
  /// Bits that are set behind the first analysis, or behind both: they cannot decide there.
  private static let late: TVR = [
    .defaultTDOLUsed, .issuerAuthenticationFailed, .scriptFailedBefore, .scriptFailedAfter,
  ]

  /// Which codes have the bit.
  private struct Codes {
    let bits: Int
    let isIssuers: Bool
    var denial: Bool { bits & 1 != 0 }
    var online: Bool { bits & 2 != 0 }
    var `default`: Bool { bits & 4 != 0 }

    func write(_ bit: TVR, into bench: inout Bench) {
      for (isThere, tag) in [(denial, UInt32(0x9F0E)), (online, 0x9F0F), (`default`, 0x9F0D)] {
        bench.card.set(tag, nil)
        let value = isThere && isIssuers ? bit : TVR()
        bench.card.objects.append((tag, value.bytes))
      }
      if isIssuers { return }
      if denial { bench.risk.denialCode = bit }
      if online { bench.risk.onlineCode = bit }
      if `default` { bench.risk.defaultCode = bit }
    }

    static var all: [Codes] {
      [true, false].flatMap { isIssuers in
        (0..<8).map { Codes(bits: $0, isIssuers: isIssuers) }
      }
    }
  }

  /// EMV 4.4 Book 3, 10.7: what is asked for first, and without a host afterwards.
  private static func decision(_ type: UInt8, _ codes: Codes, isSet: Bool) -> [UInt8] {
    if isSet && codes.denial { return [0x00] }
    let unable: UInt8 = isSet && codes.default ? 0x00 : 0x40
    switch type & 0x0F {
    case 1, 4: return [0x80, unable]
    case 2, 5: return isSet && codes.online ? [0x80, unable] : [0x40]
    default: return [unable]
    }
  }

  private static func requests(
    _ type: UInt8, _ bit: TVR, _ codes: Codes, _ prepare: (inout Bench) -> Void
  ) -> (requests: [UInt8], outcome: Outcome?) {
    let run = outcome {
      $0.settings.terminalType = TerminalType(rawValue: type) ?? $0.settings.terminalType
      $0.host = nil
      // The codes are authenticated with the rest of the record, so they are written first.
      codes.write(bit, into: &$0)
      prepare(&$0)
    }
    return (run.bench.cryptogramRequests.map { $0 & 0xC0 }, run.outcome)
  }

  @Test("a bit that is known in time decides where a code has it, and only there")
  func known() {
    var bits = TVR()
    for bit in VerificationResultsTests.all where !ActionCodeTests.late.contains(bit.bit) {
      bits.insert(bit.bit)
      // Random selection is for terminals that can decide and ask.
      let types: [UInt8] = bit.bit == .selectedAtRandom ? [0x22, 0x25] : [0x21, 0x22, 0x23]
      for type in types {
        for codes in Codes.all {
          for (isSet, prepare) in [(true, bit.sets), (false, bit.misses)] {
            // Where the bit is not set, all the codes together decide nothing.
            if !isSet && codes.bits != 7 { continue }
            let run = ActionCodeTests.requests(type, bit.bit, codes, prepare)
            let want = ActionCodeTests.decision(type, codes, isSet: isSet)
            #expect(run.requests == want, "\(bit.name) \(isSet) \(type) \(codes)")
            let sent = want.count == 2 ? (want[1] == 0 ? "Z3" : "Y3") : want[0] == 0 ? "Z1" : "Y1"
            #expect(run.outcome?.sentResponseCode == Array(sent.utf8), "\(bit.name)")
          }
        }
      }
    }
    let others = ActionCodeTests.late.union(VerificationResultsTests.unused)
    #expect(bits.isDisjoint(with: others) && bits.union(others) == .everything)
  }

  @Test("a bit that nothing sets here decides nothing, whoever names it")
  func unused() {
    for place in UInt64(0)..<40 {
      let bit = TVR(rawValue: 1 << place)
      if !VerificationResultsTests.unused.contains(bit) { continue }
      for type: UInt8 in [0x21, 0x22, 0x23] {
        for codes in Codes.all where codes.bits == 7 {
          let run = ActionCodeTests.requests(type, bit, codes) { _ in }
          #expect(run.requests == ActionCodeTests.decision(type, codes, isSet: false), "\(place)")
        }
      }
    }
  }

  @Test("the default list's bit comes behind the first analysis and before the one without a host")
  func defaultList() {
    for (isSet, list) in [(true, nil), (false, "9F0206")] {
      for codes in Codes.all {
        let run = ActionCodeTests.requests(0x21, .defaultTDOLUsed, codes) {
          VerificationResultsTests.hash(&$0, card: list)
        }
        #expect(run.requests == [0x80, isSet && codes.default ? 0x00 : 0x40], "\(codes)")
      }
    }
  }

  @Test("what comes from the issuer comes behind every analysis")
  func issuer() {
    for bit in VerificationResultsTests.all
    where ActionCodeTests.late.contains(bit.bit) && bit.bit != .defaultTDOLUsed {
      let run = outcome {
        bit.sets(&$0)
        $0.risk.denialCode = bit.bit
        $0.risk.onlineCode.insert(bit.bit)
        $0.risk.defaultCode = bit.bit
      }
      #expect(run.outcome?.tvr.contains(bit.bit) == true)
      #expect(run.bench.cryptogramRequests == [0x80, 0x40], "\(bit.name)")
    }
  }

  @Test("the note that a signature is still to come does not decide without a host")
  func pending() {
    for mode in KernelOptions.CDAMode.allCases {
      let run = outcome {
        $0.settings.options.cdaMode = mode
        $0.host = nil
        $0.goOnline()
        $0.risk.defaultCode = .authenticationNotPerformed
        $0.card.personalise("7900")
      }
      #expect(run.bench.cryptogramRequests.last == 0x50, "\(mode)")
      #expect(run.outcome?.result == .approved(.unableToGoOnline))
    }
  }

  @Test("an issuer without a default code lets nothing pass without a host")
  func absent() {
    for (tag, second) in [(UInt32(0x9F0D), UInt8(0x00)), (0x9F0E, 0x40), (0x9F0F, 0x40)] {
      let run = outcome {
        $0.goOnline()
        $0.host = nil
        $0.card.set(tag, nil)
      }
      #expect(run.bench.cryptogramRequests == [0x80, second], "\(tag)")
    }
  }
}
