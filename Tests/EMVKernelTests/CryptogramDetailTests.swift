// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import PaymentCrypto
import Simulator
import Testing

@Suite("What the lists for cryptograms are given, and how the answers are read")
struct CryptogramDetailTests {
  @Test("the card's counters, once read, are there for its own lists")
  func counters() {
    let run = outcome {
      VerificationResultsTests.velocity(&$0, counter: "000A", last: "0009")
      $0.card.set(0x8C, "9F3602 9F1302 9F1701")
    }
    #expect(run.bench.listData(0) == hex("000A 0009 00"))
  }

  @Test("the exception file is asked for number, sequence number and application")
  func exceptions() {
    for sequence in ["01", "27", nil] {
      let run = outcome {
        $0.settings.options.hasExceptionFile = true
        $0.card.set(0x5F34, sequence)
      }
      let questions = run.bench.effects.compactMap {
        if case .checkExceptions(let one) = $0 { one } else { nil }
      }
      #expect(questions.map { $0.sequenceNumber } == [sequence.map { hex($0)[0] }])
      #expect(questions.map { $0.aid.bytes } == [PlainCard.aid])
      #expect(questions.map { $0.pan } == [PAN(Array("999001123456789".utf8))])
    }
  }

  @Test("a retired TC hash uses no list at all")
  func retired() {
    for (isComputed, bits) in [(true, "8000000080"), (false, "8000000000")] {
      let run = outcome {
        VerificationResultsTests.hash(&$0, card: nil)
        $0.settings.options.computesTCHash = isComputed
      }
      #expect(run.outcome?.tvr.bytes == hex(bits))
    }
  }

  @Test("the second TC hash is made anew, of what the terminal knows then and not of the first")
  func secondHash() {
    let run = outcome {
      $0.goOnline()
      $0.card.set(0x97, "9814 8A02")
      $0.card.set(0x8C, "9814")
      $0.card.set(0x8D, "9814")
    }
    let zeros = [UInt8](repeating: 0, count: 20)
    #expect(run.bench.listData(0) == HashAlgorithm.sha1.digest(zeros + [0, 0]))
    #expect(run.bench.listData(1) == HashAlgorithm.sha1.digest(zeros + hex("3030")))
  }

  @Test("the reason in a cryptogram that is no refusal says nothing")
  func reason() {
    let run = outcome {
      $0.card.personalise("7900")
      $0.card.spoiling = .hash
      $0.card.firstInformation = 0x41
    }
    #expect(run.outcome?.result == .declined(.offline))
    #expect(run.bench.shows(.declined))
    #expect(outcome { $0.card.firstInformation = 0x41 }.outcome?.isApproved == true)
  }

  @Test("an approval without cryptogram is none, and is taken back")
  func second() {
    for (answer, isWhole) in [
      ("7709 9F270140 9F3602002A 9000", false),
      ("7714 9F270140 9F3602002A 9F26081122334455667788 9000", true),
    ] {
      let run = outcome {
        $0.goOnline()
        $0.card.reply("80AE40", answer)
      }
      #expect(
        run.outcome?.result
          == (isWhole ? .approved(.online) : .ended(.format(.secondCryptogram))))
      #expect(run.outcome?.needsReversal == !isWhole)
    }
    // A refusal needs no cryptogram to be one.
    let refused = outcome {
      $0.goOnline()
      $0.card.reply("80AE40", "7709 9F270100 9F3602002A 9000")
    }
    #expect(refused.outcome?.result == .declined(.online))
  }

  @Test("an answer of the old format has from none to 32 bytes of the issuer's behind it")
  func issuerData() {
    for count in [0, 1, 2, 31, 32] {
      let run = outcome {
        $0.goOnline()
        $0.card.issuerData = [UInt8](repeating: 0xA5, count: count)
      }
      #expect(run.outcome?.isApproved == true)
      let data = run.bench.request?.data.value(of: .issuerApplicationData)
      #expect(data == (count == 0 ? nil : [UInt8](repeating: 0xA5, count: count)))
    }
  }

  @Test("an answer with an object twice is no answer")
  func twice() {
    let parts = ["9F270140", "9F3602002A", "9F26081122334455667788", "9F100106"]
    for part in parts {
      let body = parts.reduce([]) { $0 + hex($1) } + hex(part)
      let run = outcome {
        $0.card.replies.insert((hex("80AE"), [tlv(0x77, body) + hex("9000")]), at: 0)
      }
      #expect(run.outcome?.result == .ended(.format(.firstCryptogram)), "\(part)")
    }
  }

  @Test("the issuer's own data and the request's cryptogram are kept for the host and the batch")
  func kept() {
    let run = outcome {
      $0.goOnline()
      $0.host?.authorisationCode = Array("123456".utf8)
    }
    #expect(run.outcome?.requestCryptogram == hex("1122334455667788"))
    #expect(run.outcome?.cryptogram == hex("1122334455667788"))
    #expect(run.outcome?.data.value(of: .authorisationCode) == Array("123456".utf8))
    #expect(run.outcome?.data.value(of: .issuerApplicationData) == hex("0FA50000"))
  }

  @Test("a terminal without a host has decided off line, whatever it asked for first")
  func offline() {
    for isHit in [false, true] {
      let run = outcome {
        $0.settings.terminalType = TerminalType(rawValue: 0x26) ?? $0.settings.terminalType
        $0.settings.options.offlineOnlyTestsOnlineCodes = true
        $0.risk.onlineCode = .authenticationNotPerformed
        if isHit { $0.risk.defaultCode = .authenticationNotPerformed }
      }
      #expect(run.outcome?.result == (isHit ? .declined(.offline) : .approved(.offline)))
    }
  }

  @Test("a refusal is never asked to be signed, on line, without a host or off line")
  func refusals() {
    for mode in KernelOptions.CDAMode.allCases {
      for host in [nil, HostAnswer(responseCode: Array("05".utf8), verdict: .declines)] {
        let run = outcome {
          $0.settings.options.cdaMode = mode
          $0.goOnline()
          $0.host = host
          $0.risk.defaultCode = .forcedOnline
          $0.card.personalise("7900")
        }
        #expect(run.bench.cryptogramRequests.count == 2)
        #expect(run.bench.cryptogramRequests.last == 0x00, "\(mode)")
      }
      let denied = outcome {
        $0.settings.options.cdaMode = mode
        $0.risk.denialCode = .forcedOnline
        $0.goOnline()
        $0.card.personalise("7900")
      }
      #expect(denied.bench.cryptogramRequests == [0x00])
    }
  }

  @Test(
    "a service that is not allowed can be told by advice; a PIN that failed wants no signature"
  )
  func owed() {
    for hasAdvices in [true, false] {
      let run = outcome {
        $0.settings.options.hasAdvices = hasAdvices
        $0.card.firstInformation = 0x09
      }
      #expect(run.outcome?.result == .notAccepted(.serviceNotAllowed))
      #expect(run.outcome?.needsAdvice == hasAdvices)
    }
    for (event, isSigned) in [(Kernel.Event.pinEntered, true), (.padFailed, false)] {
      let run = outcome {
        VerificationResultsTests.methods(&$0, "0300")
        $0.pad = [event]
      }
      #expect(run.outcome?.isApproved == true)
      #expect(run.outcome?.needsSignature == isSigned)
    }
  }
}
