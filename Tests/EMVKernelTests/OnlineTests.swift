// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing

@Suite("The host, the issuer's scripts and the end")
struct OnlineTests {
  private static func online(
    _ prepare: (inout Bench) -> Void
  ) -> (outcome: Outcome?, bench: Bench) {
    outcome {
      $0.goOnline()
      prepare(&$0)
    }
  }

  private static func scripts(_ bytes: [UInt8], _ prepare: (inout Bench) -> Void = { _ in })
    -> (outcome: Outcome?, bench: Bench)
  {
    online {
      $0.host?.issuerData = bytes
      prepare(&$0)
    }
  }

  /// A script command of its own number.
  private static func command(_ number: UInt8) -> [UInt8] {
    tlv(0x86, [0x84, 0x18, 0x00, number, 0x04, 1, 2, 3, 4])
  }

  @Test("the host's approval is asked of the card, its refusal too")
  func verdicts() {
    let approved = OnlineTests.online { _ in }
    #expect(approved.outcome?.result == .approved(.online))
    #expect(approved.outcome?.needsReversal == false)
    let declined = OnlineTests.online {
      $0.host = HostAnswer(responseCode: Array("05".utf8), verdict: .declines)
    }
    #expect(declined.bench.cryptogramRequests == [0x80, 0x00])
    #expect(declined.bench.listData(1).starts(with: hex("3035")))
    #expect(declined.outcome?.result == .declined(.online))
    #expect(declined.outcome?.needsReversal == false)
  }

  @Test("a referral is the attendant's to decide, and the code stays as it came")
  func referral() {
    for approves in [true, false] {
      let run = OnlineTests.online {
        $0.host = HostAnswer(responseCode: Array("01".utf8), verdict: .refers)
        $0.referralApproves = approves
      }
      #expect(run.bench.shows(.callYourBank))
      #expect(run.bench.cryptogramRequests == [0x80, approves ? 0x40 : 0x00])
      #expect(run.outcome?.sentResponseCode == Array("01".utf8))
      #expect(run.outcome?.isApproved == approves)
    }
  }

  @Test("issuer authentication goes where the card wants it, and its failure ends nothing")
  func authentication() {
    func run(_ profile: String, _ answer: String) -> (outcome: Outcome?, bench: Bench) {
      OnlineTests.online {
        $0.card.profile = hex(profile)
        $0.card.reply("0082", answer)
        $0.host?.issuerData = tlv(0x91, hex("A77DC20D2BB5CEF13030"))
      }
    }
    for answer in ["6300", "6700", "6985", "9001"] {
      let failed = run("1C00", answer)
      #expect(failed.bench.count("0082") == 1)
      // The second list's data are built afterwards: results and status are up to date.
      #expect(failed.bench.listData(1) == hex("3030 A77DC20D2BB5CEF13030 8000000840 7800 1A2B3C4D"))
      #expect(failed.outcome?.tsi.contains(.issuerAuthentication) == true)
      #expect(failed.outcome?.isApproved == true)
    }
    let good = run("1C00", "9000")
    #expect(good.outcome?.tvr.contains(.issuerAuthenticationFailed) == false)
    let inside = run("1800", "9000")
    #expect(inside.bench.count("0082") == 0)
    #expect(inside.bench.listData(1).dropFirst(2).prefix(10) == hex("A77DC20D2BB5CEF13030")[...])
    #expect(inside.outcome?.tsi.contains(.issuerAuthentication) == false)
    let none = OnlineTests.online { $0.card.profile = hex("1C00") }
    #expect(none.bench.count("0082") == 0)
    #expect(none.outcome?.tsi.contains(.issuerAuthentication) == false)
  }

  @Test("a malformed answer is no answer, and what it may have booked is taken back")
  func malformed() {
    let bodies: [[UInt8]] = [
      tlv(0x91, hex("01020304050607")), tlv(0x91, [UInt8](repeating: 1, count: 17)), hex("9108"),
      tlv(0x91, hex("0102030405060708")) + tlv(0x91, hex("0102030405060708")), hex("7205 8603"),
    ]
    for body in bodies {
      let run = OnlineTests.online { $0.host?.issuerData = body }
      #expect(run.outcome?.sentResponseCode == Array("Y3".utf8))
      #expect(run.outcome?.needsReversal == true)
    }
    let code = OnlineTests.online { $0.host?.responseCode = [0x30] }
    #expect(code.outcome?.sentResponseCode == Array("Y3".utf8))
    let extra = OnlineTests.online { $0.host?.issuerData = hex("DF0101 55 8A023030") }
    #expect(extra.outcome?.result == .approved(.online))
  }

  @Test("without a host the default codes decide")
  func unable() {
    for (code, type, options, second, sent) in [
      (TVR(), UInt8(0x22), true, UInt8(0x40), "Y3"), (.forcedOnline, 0x22, true, 0x00, "Z3"),
      (TVR(), 0x21, true, 0x40, "Y3"), (TVR(), 0x21, false, 0x00, "Z3"),
    ] {
      let run = OnlineTests.online {
        $0.host = nil
        $0.risk.defaultCode = code
        $0.settings.terminalType = TerminalType(rawValue: type) ?? $0.settings.terminalType
        $0.settings.options.onlineOnlyTestsDefaultCodes = options
      }
      #expect(run.bench.cryptogramRequests == [0x80, second])
      #expect(run.outcome?.sentResponseCode == Array(sent.utf8))
      #expect(
        run.outcome?.result
          == (second == 0x40 ? .approved(.unableToGoOnline) : .declined(.unableToGoOnline)))
      #expect(run.outcome?.needsReversal == false)
    }
    let reached = OnlineTests.online {
      $0.host = nil
      $0.mayHaveReachedHost = true
    }
    #expect(reached.outcome?.isApproved == true)
    #expect(reached.outcome?.needsReversal == true)
  }

  @Test("a card that does not confirm what the host approved leaves a reversal")
  func reversal() {
    for information: UInt8 in [0x00, 0x80, 0xC0] {
      let run = OnlineTests.online { $0.card.secondInformation = information }
      #expect(run.outcome?.result == .declined(.online), "\(information)")
      #expect(run.outcome?.needsReversal == true)
      #expect(run.bench.cryptogramRequests.count == 2)
    }
    for answer in ["6985", "9000", "8003 400001 9000"] {
      let run = OnlineTests.online {
        $0.card.reply("80AE80", "800B 80 002A 1122334455667788 9000")
        $0.card.reply("80AE40", answer)
      }
      #expect(run.outcome?.isApproved == false)
      #expect(run.outcome?.needsReversal == true, "\(answer)")
    }
  }

  @Test("a TC nobody asked for is no approval")
  func unasked() {
    let run = OnlineTests.online {
      $0.host = HostAnswer(responseCode: Array("05".utf8), verdict: .declines)
      $0.card.secondInformation = 0x40
    }
    #expect(run.outcome?.result == .declined(.online))
  }

  @Test("scripts run before and after the second cryptogram, in the order they came")
  func order() {
    let one = OnlineTests.command(1)
    let two = OnlineTests.command(2)
    let run = OnlineTests.scripts(
      tlv(0x72, two) + tlv(0x71, one + two) + tlv(0x72, hex("9F1804 0A0B0C0D") + one))
    let sent = run.bench.commands.filter { $0[0] == 0x84 || $0[1] == 0xAE }.map { $0[3] }
    #expect(sent == [0, 1, 2, 0, 2, 1])
    #expect(run.outcome?.scriptResultBytes == hex("20 00000000 20 00000000 20 0A0B0C0D"))
    #expect(run.outcome?.tsi.contains(.scripts) == true)
    #expect(run.outcome?.tvr.isDisjoint(with: [.scriptFailedBefore, .scriptFailedAfter]) == true)
    let none = OnlineTests.online { _ in }
    #expect(none.outcome?.tsi.contains(.scripts) == false)
    #expect(none.outcome?.scriptResults == [])
  }

  @Test("a failed command ends its script and no other; warnings do not")
  func failures() {
    let commands = (1...3).flatMap { OnlineTests.command(UInt8($0)) }
    for (tag, bit) in [(UInt32(0x71), TVR.scriptFailedBefore), (0x72, .scriptFailedAfter)] {
      let run = OnlineTests.scripts(tlv(tag, commands) + tlv(tag, OnlineTests.command(4))) {
        $0.card.reply("84180001", "6210")
        $0.card.reply("84180002", "6A80")
      }
      #expect(run.bench.count("84180003") == 0)
      #expect(run.bench.count("84180004") == 1)
      #expect(run.outcome?.scriptResultBytes == hex("12 00000000 20 00000000"))
      #expect(run.outcome?.tvr.contains(bit) == true)
      #expect(run.outcome?.isApproved == true)
    }
  }

  @Test("the number of the failing command stops at fifteen")
  func fifteen() {
    for (failing, expected) in [(UInt8(14), "1E"), (15, "1F"), (16, "1F")] {
      let run = OnlineTests.scripts(tlv(0x72, (1...16).flatMap { OnlineTests.command(UInt8($0)) }))
      {
        $0.settings.options.scriptBytes = 512
        $0.card.reply("841800" + String(failing, radix: 16).uppercased().leftPadded, "6A80")
      }
      #expect(run.outcome?.scriptResultBytes.first == hex(expected)[0])
    }
  }

  @Test("a script that cannot be read, or is too long, is not performed; the next one is")
  func unsound() {
    let good = tlv(0x72, OnlineTests.command(9))
    let bad = [
      tlv(0x71, hex("9F1804 01020304 8609 84180001")), tlv(0x71, hex("9F1804 01020304 8602 8418")),
      tlv(0x71, hex("9F1804 01020304 DF0101 00") + OnlineTests.command(1)),
      tlv(
        0x71,
        hex("9F1804 01020304") + tlv(0x86, hex("84180001") + [UInt8](repeating: 0, count: 125))),
    ]
    for script in bad {
      let run = OnlineTests.scripts(script + good)
      #expect(run.bench.count("84180001") == 0)
      #expect(run.bench.count("84180009") == 1)
      #expect(run.outcome?.scriptResultBytes == hex("00 01020304 20 00000000"))
      #expect(run.outcome?.tvr.contains(.scriptFailedBefore) == true)
      #expect(run.outcome?.tsi.contains(.scripts) == true)
    }
  }

  @Test("128 bytes of scripts are carried out, tags and lengths counted, and 129 are not")
  func length() {
    for (count, isSent) in [(124, true), (125, false)] {
      let script = tlv(
        0x72, tlv(0x86, hex("84180001") + [UInt8](repeating: 0, count: count - 4)))
      #expect(script.count == (isSent ? 128 : 129))
      #expect(OnlineTests.scripts(script).bench.count("84180001") == (isSent ? 1 : 0))
    }
    // Two that fit together, and a third that does not.
    let half = tlv(0x72, tlv(0x86, hex("84180001") + [UInt8](repeating: 0, count: 56)))
    #expect(half.count == 64)
    let three = OnlineTests.scripts(half + half + half)
    #expect(three.outcome?.scriptResultBytes == hex("2000000000 2000000000 0000000000"))
  }

  @Test("32 scripts are as many as an answer may have, and an identifier has four bytes")
  func limits() {
    for (count, code) in [(32, "00"), (33, "Y3")] {
      let run = OnlineTests.scripts((0..<count).flatMap { _ in hex("7200") })
      #expect(run.outcome?.sentResponseCode == Array(code.utf8))
      #expect(run.outcome?.scriptResults.count == (count == 32 ? 32 : 0))
    }
    for (identifier, result) in [
      ("9F1804 01020304", "2001020304"), ("9F1803 010203", "0000000000"),
    ] {
      let run = OnlineTests.scripts(tlv(0x72, hex(identifier) + OnlineTests.command(1)))
      #expect(run.outcome?.scriptResultBytes == hex(result))
    }
    for (count, result) in [(261, UInt8(0x20)), (262, 0x00)] {
      let command = hex("84180001") + [UInt8](repeating: 0, count: count - 4)
      let run = OnlineTests.scripts(tlv(0x72, tlv(0x86, command))) {
        $0.settings.options.scriptBytes = 1_024
      }
      #expect(run.outcome?.scriptResultBytes.first == result)
    }
  }

  @Test("script results of a declined transaction are told by advice, where there are any")
  func advice() {
    for hasAdvices in [true, false] {
      let run = OnlineTests.scripts(tlv(0x72, OnlineTests.command(1))) {
        $0.settings.options.hasAdvices = hasAdvices
        $0.host?.verdict = .declines
      }
      #expect(run.outcome?.needsAdvice == hasAdvices)
    }
  }

  @Test("what the host was told is what the card saw, whatever came later")
  func frozen() {
    let run = OnlineTests.online {
      $0.card.profile = hex("1C00")
      $0.card.reply("0082", "6300")
      $0.host?.issuerData = tlv(0x91, hex("A77DC20D2BB5CEF13030"))
    }
    #expect(run.bench.request?.data.tvr.contains(.issuerAuthenticationFailed) == false)
    #expect(run.outcome?.tvr.contains(.issuerAuthenticationFailed) == true)
    let request = run.bench.request?.data.encoded(DataTag.ofRequest) ?? []
    #expect(
      request.starts(with: hex("9F26081122334455667788 9F270180 9F10040FA50000 9F37041A2B3C4D")))
    #expect(run.bench.request?.hasOnlinePIN == false)
    let pin = OnlineTests.online { VerificationResultsTests.methods(&$0, "0200") }
    #expect(pin.bench.request?.hasOnlinePIN == true)
  }
}

extension String {
  /// Two digits.
  fileprivate var leftPadded: String { count < 2 ? "0" + self : self }
}
