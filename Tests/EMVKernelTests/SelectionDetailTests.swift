// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import Testing

@Suite("Selection remembers what it saw, and takes each name for the application it belongs to")
struct SelectionDetailTests {
  private static let scheme = "F0504F5344"

  /// What SELECT answers for a file of this name.
  private static func file(_ name: String, _ status: String, _ more: String = "") -> [UInt8] {
    tlv(0x6F, tlv(0x84, hex(name)) + tlv(0xA5, hex("5003414243" + more))) + hex(status)
  }

  private static func reply(_ bench: inout Bench, _ start: String, _ answers: [UInt8]...) {
    bench.card.replies.insert((hex(start), answers), at: 0)
  }

  /// Gives the terminal one application for each of these identifiers.
  private static func applications(
    _ bench: inout Bench, _ names: String..., matchesPartially: Bool = true
  ) {
    let usual = bench.settings.applications[0]
    bench.settings.applications = names.map {
      var one = usual
      one.aid = AID(hex($0)) ?? usual.aid
      one.matchesPartially = matchesPartially
      return one
    }
  }

  @Test("behind a partial name a warning is passed over, and any other status is the end of it")
  func warnings() {
    for (status, isFound) in [
      ("6283", true), ("6200", true), ("6300", true), ("63C1", true), ("6A82", false),
      ("6983", false), ("6A81", false), ("6400", false),
    ] {
      let run = outcome {
        SelectionDetailTests.applications(&$0, SelectionDetailTests.scheme)
        SelectionDetailTests.reply(
          &$0, "00A4040005", SelectionDetailTests.file("F0504F53440202", "6283"))
        SelectionDetailTests.reply(
          &$0, "00A4040205", SelectionDetailTests.file("F0504F53440303", status),
          SelectionDetailTests.file("F0504F53440101", "9000"), hex("6A82"))
      }
      #expect(run.outcome?.isApproved == isFound, "\(status)")
      #expect(run.bench.count("00A4040205") == (isFound ? 3 : 1), "\(status)")
    }
  }

  @Test("the first answer to a name may say 6283 and no other warning")
  func first() {
    for (status, isAsked) in [("6283", true), ("6200", false), ("6300", false), ("63C2", false)] {
      let run = outcome {
        SelectionDetailTests.applications(&$0, SelectionDetailTests.scheme)
        SelectionDetailTests.reply(
          &$0, "00A4040005", SelectionDetailTests.file("F0504F53440101", status))
      }
      #expect((run.bench.command("00A4040205") != nil) == isAsked, "\(status)")
      #expect(
        run.outcome?.result == .notAccepted(isAsked ? .blockedApplications : .noApplication))
    }
  }

  @Test("a longer name is no candidate of an application that wants the exact one")
  func exact() {
    for matchesPartially in [true, false] {
      let run = outcome {
        SelectionDetailTests.applications(
          &$0, SelectionDetailTests.scheme, matchesPartially: matchesPartially)
      }
      #expect(run.outcome?.isApproved == matchesPartially)
      #expect((run.bench.command("80A8") != nil) == matchesPartially)
    }
  }

  @Test("a name that two of the terminal's find belongs to the longer one, whichever comes first")
  func longest() {
    for isTurned in [false, true] {
      for usesDirectory in [false, true] {
        let run = outcome {
          SelectionDetailTests.applications(&$0, SelectionDetailTests.scheme, "F0504F53440101")
          $0.settings.applications[0].risk.denialCode = .everything
          $0.settings.options.usesDirectory = usesDirectory
          $0.card.hasDirectory = usesDirectory
          if isTurned { $0.settings.applications.reverse() }
        }
        #expect(run.outcome?.isApproved == true, "\(isTurned) \(usesDirectory)")
        #expect(
          !run.bench.effects.contains { if case .chooseApplication = $0 { true } else { false } })
      }
    }
  }

  @Test("the chosen application's limits and codes hold, not the first one's")
  func parameters() {
    for index in 0..<2 {
      let run = outcome {
        SelectionDetailTests.applications(&$0, "F0504F53440101", "F0504F53440102")
        $0.settings.applications[1].risk.denialCode = .everything
        SelectionDetailTests.reply(
          &$0, "00A4040007F0504F53440102", SelectionDetailTests.file("F0504F53440102", "9000"))
        $0.choices = [.applicationChosen(index)]
      }
      #expect(run.outcome?.isApproved == (index == 0))
      #expect(run.outcome?.data.value(of: .terminalAID)?.last == UInt8(index + 1))
    }
  }

  @Test("a blocked application that was found last is remembered as blocked, a vanished one is not")
  func blockedAtLast() {
    for (status, refusal, expected) in [
      ("6283", Outcome.Refusal.blockedApplications, Outcome.Fallback.none),
      ("6A82", .noApplication, .noApplication),
    ] {
      let run = outcome {
        SelectionDetailTests.reply(
          &$0, "00A4040007", SelectionDetailTests.file("F0504F53440101", "9000"),
          SelectionDetailTests.file("F0504F53440101", status))
      }
      #expect(run.outcome?.result == .notAccepted(refusal))
      #expect(run.outcome?.fallback == expected)
    }
  }

  @Test("a card that has refused the transaction once is no card without an application")
  func refusedOnce() {
    let run = outcome {
      SelectionDetailTests.applications(&$0, "F0504F53440101", "F0504F53440102")
      let second = SelectionDetailTests.file("F0504F53440102", "9000")
      SelectionDetailTests.reply(&$0, "00A4040007F0504F53440102", second, hex("6A82"))
      $0.card.reply("80A8", "6985")
    }
    #expect(run.bench.count("80A8") == 1)
    #expect(run.outcome?.result == .notAccepted(.blockedApplications))
    #expect(run.outcome?.fallback == Outcome.Fallback.none)
  }

  @Test("what the directory says of languages and characters holds where an application is silent")
  func directory() {
    for (own, language) in [("", "de"), ("5F2D02656E", "en")] {
      let run = outcome {
        $0.settings.options.usesDirectory = true
        $0.card.hasDirectory = true
        $0.card.reply(
          "00A404000E", "6F1E840E315041592E5359532E4444463031A50C88010A5F2D026465 9F110101 9000")
        $0.card.reply(
          "00B20154", "7017 6115 4F07F0504F53440101 5001419F1203585958 870181 9000")
        $0.card.proprietary = hex("5003414243" + own)
      }
      let names = run.bench.effects.compactMap {
        if case .confirmApplication(let one) = $0 { one.name } else { nil }
      }
      #expect(names == [Array("XYX".utf8)])
      let spoken = run.bench.effects.compactMap {
        if case .useLanguage(let one) = $0 { one.text } else { nil }
      }
      #expect(spoken == [language])
    }
  }

  @Test("a file without a proper priority is none, and a directory without a proper file neither")
  func lengths() {
    for (priority, isTaken) in [("870101", true), ("87020101", false)] {
      let run = outcome { $0.card.proprietary += hex(priority) }
      #expect(run.outcome?.result == (isTaken ? .approved(.offline) : .notAccepted(.noApplication)))
    }
    for (file, isRead) in [("88010A", true), ("88020A0A", false), ("8800", false)] {
      let run = outcome {
        $0.settings.options.usesDirectory = true
        $0.card.hasDirectory = true
        let name = Array("1PAY.SYS.DDF01".utf8)
        SelectionDetailTests.reply(
          &$0, "00A404000E", tlv(0x6F, tlv(0x84, name) + tlv(0xA5, hex(file))) + hex("9000"))
      }
      #expect((run.bench.command("00B20154") != nil) == isRead)
      #expect(run.outcome?.isApproved == true)
    }
  }

  @Test("a preferred name keeps the letters of its code table and loses control characters")
  func letters() {
    let run = outcome {
      $0.card.proprietary = hex("5003414243 9F1206 4BC4538541FF 9F110101 870181")
    }
    let names = run.bench.effects.compactMap {
      if case .confirmApplication(let one) = $0 { one.name } else { nil }
    }
    #expect(names == [hex("4BC45341FF")])
  }

  @Test("who was not asked cannot cancel: neither while files are looked up nor while the host is")
  func cancelled() {
    for question in [
      Kernel.Event.exceptionsChecked(ExceptionAnswer()),
      .unableToGoOnline(mayHaveReachedHost: false),
    ] {
      var bench = Bench()
      bench.goOnline()
      bench.settings.options.hasExceptionFile = true
      var kernel = Kernel(settings: bench.settings)
      var effects = kernel.handle(.started(bench.transaction), at: .start)
      while true {
        if case .transmit(let command)? = effects.last,
          let response = CardResponse(bench.card.answer(command.bytes))
        {
          effects = kernel.handle(.responded(response), at: .start)
        } else if case .checkExceptions? = effects.last,
          case .unableToGoOnline = question
        {
          effects = kernel.handle(.exceptionsChecked(ExceptionAnswer()), at: .start)
        } else {
          break
        }
      }
      #expect(kernel.handle(.cancelled, at: .start) == [])
      #expect(kernel.unexpectedEvents == 1 && !kernel.isFinished)
      #expect(!kernel.handle(question, at: .start).isEmpty)
    }
  }
}
