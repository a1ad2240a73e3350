// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import PaymentCrypto
import Simulator
import Testing

@Suite("The first cryptogram and the card's signatures")
struct CryptogramTests {
  @Test("an answer higher than what was asked for, or no answer at all, ends the transaction")
  func logic() {
    for (asked, answers) in [
      (UInt8(0x00), ["40", "80", "C0"]), (0x80, ["40", "C0"]), (0x40, ["C0"]),
    ] {
      for answer in answers {
        let run = outcome {
          if asked == 0x00 { $0.risk.denialCode = .everything }
          if asked == 0x80 { $0.goOnline() }
          $0.card.firstInformation = hex(answer)[0]
        }
        #expect(run.bench.cryptogramRequests.first == asked)
        #expect(run.outcome?.result == .ended(.logic), "\(asked) \(answer)")
        #expect(run.outcome?.fallback == Outcome.Fallback.none)
        #expect(run.bench.request == nil)
      }
    }
  }

  @Test("a lower answer is followed")
  func lower() {
    let online = outcome { $0.card.firstInformation = 0x80 }
    #expect(online.bench.cryptogramRequests == [0x40, 0x40])
    #expect(online.outcome?.result == .approved(.online))
    let declined = outcome { $0.card.firstInformation = 0x00 }
    #expect(declined.outcome?.result == .declined(.offline))
    // What the terminal wished stays what it was: the card's word is the cryptogram.
    #expect(declined.outcome?.sentResponseCode == Array("Y1".utf8))
    #expect(declined.outcome?.requested == .tc)
    #expect(declined.outcome?.information?.type == .aac)
  }

  @Test("a broken answer ends the transaction, and no stripe may be read")
  func broken() {
    let answers = [
      "6985", "6283", "9000", "800A 40002A11223344556677 9000",
      "802C 40002A1122334455667788" + String(repeating: "00", count: 33) + "9000",
      "7710 9F270140 9F26081122334455667788 9000", "7711 9F3602002A 9F26081122334455667788 9000",
      "7709 9F270140 9F3602002A 9000", "7715 9F27024000 9F3602002A 9F26081122334455667788 9000",
    ]
    for answer in answers {
      let run = outcome { $0.card.reply("80AE", answer) }
      guard case .ended(let reason)? = run.outcome?.result else {
        Issue.record("\(answer)")
        continue
      }
      #expect(reason != .logic, "\(answer)")
      #expect(run.outcome?.fallback == Outcome.Fallback.none)
    }
    let good = outcome {
      $0.card.reply(
        "80AE", "802B 40002A1122334455667788" + String(repeating: "00", count: 32) + "9000")
    }
    #expect(good.outcome?.isApproved == true)
  }

  @Test("a service that is not allowed is said so, and an advice is owed where there are any")
  func reasons() {
    let refused = outcome { $0.card.firstInformation = 0x01 }
    #expect(refused.outcome?.result == .notAccepted(.serviceNotAllowed))
    #expect(refused.bench.shows(.notAccepted))
    for (hasAdvices, information, isOwed) in [
      (true, UInt8(0x08), true), (false, 0x08, false), (true, 0x00, false), (true, 0x48, false),
    ] {
      let run = outcome {
        $0.settings.options.hasAdvices = hasAdvices
        $0.card.firstInformation = information
      }
      #expect(run.outcome?.needsAdvice == isOwed)
    }
  }

  // Combined data authentication.

  private static func combined(
    _ prepare: (inout Bench) -> Void
  ) -> (outcome: Outcome?, bench: Bench) {
    outcome {
      $0.card.personalise("7900")
      prepare(&$0)
    }
  }

  @Test("each mode signs what it says, and the card is told in time")
  func modes() {
    let rows: [(mode: KernelOptions.CDAMode, requests: [UInt8])] = [
      (.always, [0x90, 0x50]), (.requestOnly, [0x90, 0x40]), (.offlineOnly, [0x80, 0x40]),
      (.approvalOnly, [0x80, 0x50]),
    ]
    for row in rows {
      let run = CryptogramTests.combined {
        $0.settings.options.cdaMode = row.mode
        $0.goOnline()
      }
      #expect(run.bench.cryptogramRequests == row.requests)
      #expect(run.outcome?.result == .approved(.online))
      // The results are byte 14 of the first list's data and byte 12 of the second's.
      let notPerformed = row.requests[0] == 0x80
      #expect(run.bench.listData(0)[14] == (notPerformed ? 0x80 : 0x00))
      #expect(run.bench.listData(1)[12] == 0x00)
      #expect(run.bench.request?.data.tvr.contains(.authenticationNotPerformed) == notPerformed)
      #expect(run.outcome?.tvr.contains(.authenticationNotPerformed) == false)
      // A terminal that only wants to approve always asks for a signature.
      let offline = CryptogramTests.combined { $0.settings.options.cdaMode = row.mode }
      #expect(offline.bench.cryptogramRequests == [0x50])
      let unable = CryptogramTests.combined {
        $0.settings.options.cdaMode = row.mode
        $0.goOnline()
        $0.host = nil
        $0.card.set(0x9F0D, "0000000000")
      }
      #expect(unable.bench.cryptogramRequests.last == 0x50)
      #expect(unable.outcome?.result == .approved(.unableToGoOnline))
    }
  }

  @Test("a good signature gives the cryptogram and the card's number; it counts as performed then")
  func good() {
    let run = CryptogramTests.combined { $0.card.extraObjects = hex("DF0102 ABCD 9F1F00") }
    #expect(run.outcome?.isApproved == true)
    #expect(run.outcome?.cryptogram == hex("1122334455667788"))
    #expect(run.outcome?.data.value(of: .dynamicNumber) == hex("01020304"))
    #expect(run.outcome?.tsi.contains(.dataAuthentication) == true)
    // Before the command it had not been performed: the card's list asked for the status.
    let seen = CryptogramTests.combined {
      $0.card.set(0x8C, "9B02 9505")
      $0.card.personalise("7900")
    }
    #expect(seen.bench.listData(0) == hex("4800 0000000000"))
  }

  @Test("a bad signature declines: of a TC at once, of an ARQC by a second cryptogram and no host")
  func bad() {
    let faults: [(inout Bench) -> Void] = [
      { $0.card.spoiling = .hash }, { $0.card.spoiling = .length }, { $0.card.spoiling = .format },
      { $0.card.spoiling = .trailer }, { $0.card.spoiling = .header },
    ]
    for fault in faults {
      let approved = CryptogramTests.combined(fault)
      #expect(approved.bench.cryptogramRequests == [0x50])
      #expect(approved.outcome?.result == .declined(.offline))
      #expect(approved.outcome?.tvr.contains(.cdaFailed) == true)
      let request = CryptogramTests.combined {
        fault(&$0)
        $0.goOnline()
      }
      #expect(request.bench.cryptogramRequests == [0x90, 0x00])
      #expect(request.bench.request == nil)
      #expect(request.outcome?.result == .declined(.offline))
      #expect(request.outcome?.sentResponseCode == Array("Z1".utf8))
      #expect(request.bench.listData(1).starts(with: hex("5A31 00000000000000000000 04")))
    }
  }

  @Test("where clear and signed information differ, the signed one is what the card answered")
  func information() {
    let run = CryptogramTests.combined { $0.card.signedInformation = 0x80 }
    #expect(run.bench.cryptogramRequests == [0x50, 0x00])
    #expect(run.outcome?.result == .declined(.offline))
    let other = CryptogramTests.combined {
      $0.goOnline()
      $0.card.signedInformation = 0x40
    }
    #expect(other.bench.cryptogramRequests == [0x90])
    #expect(other.outcome?.result == .declined(.offline))
  }

  @Test("an AAC is never signed, in either format, and that is no failure")
  func unsigned() {
    let answers = [
      "800B 00 002A 1122334455667788 9000",
      "7714 9F270100 9F3602002A 9F26081122334455667788 9000",
    ]
    for answer in answers {
      let run = CryptogramTests.combined { $0.card.reply("80AE", answer) }
      #expect(run.outcome?.result == .declined(.offline))
      #expect(run.outcome?.tvr.contains(.cdaFailed) == false)
    }
    let denied = CryptogramTests.combined {
      $0.goOnline()
      $0.risk.denialCode = .forcedOnline
    }
    #expect(denied.bench.cryptogramRequests == [0x00])
  }

  @Test("a cryptogram without the signature that was asked for ends it, or fails, as is chosen")
  func missing() {
    for (tolerates, expected) in [
      (false, Outcome.Result.ended(.format(.firstCryptogram))), (true, .declined(.offline)),
    ] {
      let run = CryptogramTests.combined {
        $0.settings.options.toleratesMissingSignature = tolerates
        $0.card.reply("80AE", "7714 9F270140 9F3602002A 9F26081122334455667788 9000")
      }
      #expect(run.outcome?.result == expected)
      #expect(run.outcome?.tvr.contains(.cdaFailed) == tolerates)
    }
  }

  @Test("a key that fails before the analysis lets the transaction go online, unsigned")
  func early() {
    let faults: [(inout Bench) -> Void] = [
      { $0.card.personalise("7900", issuer: .hash) }, { $0.card.personalise("7900", card: .hash) },
      { $0.settings.keys = [] }, { $0.card.set(0x9F46, nil) },
    ]
    for fault in faults {
      let run = CryptogramTests.combined {
        $0.risk.onlineCode = .cdaFailed
        fault(&$0)
      }
      #expect(run.bench.cryptogramRequests == [0x80, 0x40])
      #expect(run.outcome?.result == .approved(.online))
      #expect(run.outcome?.tvr.contains(.cdaFailed) == true)
      #expect(run.outcome?.tvr.contains(.authenticationNotPerformed) == false)
      #expect(run.outcome?.tsi.contains(.dataAuthentication) == true)
    }
  }

  @Test("a bad second signature declines what the host approved, and takes it back")
  func second() {
    let run = CryptogramTests.combined {
      $0.settings.options.cdaMode = .approvalOnly
      $0.goOnline()
      $0.card.spoiling = .hash
    }
    #expect(run.bench.cryptogramRequests == [0x80, 0x50])
    #expect(run.outcome?.result == .declined(.online))
    #expect(run.outcome?.tvr.contains(.cdaFailed) == true)
    #expect(run.outcome?.needsReversal == true)
  }

  @Test("the TC hash is over the card's list, the usual one or nothing, and can be retired")
  func hashValue() {
    func value(_ prepare: (inout Bench) -> Void) -> [UInt8] {
      Array(
        outcome {
          $0.card.set(0x8C, "9814 9505")
          prepare(&$0)
        }.bench.listData(0))
    }
    let amount = HashAlgorithm.sha1.digest(hex("000000012345"))
    #expect(value { $0.card.set(0x97, "9F0206") } == amount + hex("8000000000"))
    #expect(
      value { $0.settings.applications[0].defaultTDOL = hex("9F0206") }
        == amount + hex("8000000080"))
    #expect(value { _ in } == hex("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709 8000000000"))
    #expect(
      value { $0.settings.options.computesTCHash = false }
        == [UInt8](repeating: 0, count: 20) + hex("8000000000"))
  }
}
