// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing

@Suite("The right application is found and chosen")
struct SelectionTests {
  private static let name = "F0504F53440101"
  private static let directory = "00A404000E"

  private static func fci(_ name: String, _ more: String = "5003414243") -> String {
    digits(tlv(0x6F, tlv(0x84, hex(name)) + tlv(0xA5, hex(more))) + hex("9000"))
  }

  private static func digits(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 0x0F, radix: 16) }.joined()
  }

  private static func directoryFCI(_ content: String) -> String {
    digits(
      tlv(0x6F, tlv(0x84, Array("1PAY.SYS.DDF01".utf8)) + tlv(0xA5, hex(content))) + hex("9000"))
  }

  private static let entry = "61094F07F0504F53440101"

  /// Faults of the directory after which the list finds the same application, silently.
  private static let faults: [(what: String, select: String, record: String)] = [
    ("absent", "6A82", "6A83"), ("blocked", "6283", "6A83"), ("6400", "6400", "6A83"),
    ("without 88", directoryFCI("5F2D02656E"), "6A83"),
    ("88 of 00", directoryFCI("880100"), "6A83"), ("88 of 0B", directoryFCI("88010B"), "6A83"),
    ("no record template", directoryFCI("880102"), "77" + "0B" + entry + "9000"),
    ("entry without 4F", directoryFCI("880102"), "7007610550034142439000"),
    ("name of four bytes", directoryFCI("880102"), "700861064F04F0504F539000"),
    ("record ends early", directoryFCI("880102"), "700C" + entry + "9000"),
    ("6985", directoryFCI("880102"), "6985"), ("empty", directoryFCI("880102"), "6A83"),
    ("no such application", directoryFCI("880102"), "700B61094F07A00000000310109000"),
  ]

  @Test("a directory that is absent or broken leads to the list of names", arguments: faults)
  private func directory(_ fault: (what: String, select: String, record: String)) {
    let (outcome, bench) = outcome {
      $0.settings.options.usesDirectory = true
      $0.card.reply(SelectionTests.directory, fault.select)
      $0.card.reply("00B20114", fault.record)
    }
    #expect(outcome?.isApproved == true, "\(fault.what): \(String(describing: outcome?.result))")
    #expect(bench.count("00A4040007") == 2)
    #expect(!bench.shows(.cardError) && !bench.shows(.tryAgain))
  }

  @Test("a directory may hold directories, unknown objects, padding and empty records")
  func directoryContents() {
    let (outcome, bench) = outcome {
      $0.settings.options.usesDirectory = true
      $0.card.reply(SelectionTests.directory, SelectionTests.directoryFCI("880102"))
      let first = tlv(
        0x70,
        hex("0000 61099D07A0000000031010 00 DF010155") + hex(SelectionTests.entry)
          + tlv(0x61, tlv(0x4F, hex("F0504F5344010199")) + hex("8701020000")))
      $0.card.reply("00B20114", SelectionTests.digits(first + hex("9000")))
      $0.card.reply("00B20214", "70009000")
    }
    #expect(outcome?.isApproved == true)
    guard
      case .chooseApplication(let choices)? = bench.effects.first(where: {
        if case .chooseApplication = $0 { true } else { false }
      })
    else {
      Issue.record("two applications were found")
      return
    }
    // The one with a priority comes first; an entry without a label shows its name.
    #expect(choices.map { $0.aid.bytes } == [hex("F0504F5344010199"), hex("F0504F53440101")])
    #expect(choices[0].name == Array("F0504F5344010199".utf8))
  }

  @Test("a directory that breaks off has said nothing: what it named before is forgotten")
  func broken() {
    for fault in ["6985", "7003 6101 00 9000", "9000"] {
      let (outcome, bench) = outcome {
        $0.settings.options.usesDirectory = true
        $0.card.reply(SelectionTests.directory, SelectionTests.directoryFCI("880102"))
        $0.card.reply("00B20114", "700C 610A 4F08F0504F5344010199 9000")
        $0.card.reply("00B20214", fault)
      }
      #expect(outcome?.isApproved == true, "\(fault)")
      #expect(bench.command("00A4040008F0504F5344010199") == nil)
      #expect(!bench.effects.contains { if case .chooseApplication = $0 { true } else { false } })
    }
  }

  @Test("a directory without end is left after 255 records, and the list finds the application")
  func endless() {
    let (outcome, bench) = outcome {
      $0.settings.options.usesDirectory = true
      $0.card.reply(SelectionTests.directory, SelectionTests.directoryFCI("88010A"))
      for record in 1...255 {
        $0.card.reply("00B2" + SelectionTests.digits([UInt8(record)]) + "54", "70009000")
      }
    }
    #expect(bench.commands.filter { $0.starts(with: [0, 0xB2]) && $0[3] == 0x54 }.count == 255)
    #expect(outcome?.isApproved == true)
  }

  @Test("a blocked card ends everything, but only at the first SELECT")
  func blockedCard() {
    let blocked = outcome { $0.card.reply("00A4", "6A81") }
    #expect(blocked.outcome?.result == .notAccepted(.blockedCard))
    #expect(blocked.outcome?.fallback == Outcome.Fallback.none)
    #expect(blocked.bench.commands.count == 1)

    let second = outcome {
      let other = AID(hex("A0000000031010"))
      $0.settings.applications.insert(
        ApplicationParameters(aid: other ?? $0.settings.applications[0].aid), at: 0)
      $0.settings.applications.append($0.settings.applications[0])
      $0.card.reply("00A4040007A0000000031010", "6A82", "6A81")
    }
    #expect(second.outcome?.isApproved == true)
  }

  @Test("a blocked application is no candidate, and no reason to swipe")
  func blockedApplication() {
    let (outcome, _) = outcome {
      let fci = SelectionTests.fci(SelectionTests.name).dropLast(4) + "6283"
      $0.card.reply("00A4", String(fci))
    }
    #expect(outcome?.result == .notAccepted(.blockedApplications))
    #expect(outcome?.fallback == Outcome.Fallback.none)
  }

  @Test("of a partial name the next is asked for, behind a blocked one too, until names repeat")
  func partial() {
    func run(_ matchesPartially: Bool) -> (outcome: Outcome?, bench: Bench) {
      outcome {
        let short = AID(hex("F0504F5344")) ?? $0.settings.applications[0].aid
        $0.settings.applications = [
          ApplicationParameters(aid: short, matchesPartially: matchesPartially, versionNumbers: [1])
        ]
        let blocked = SelectionTests.fci("F0504F53440202").dropLast(4) + "6283"
        $0.card.reply("00A4040005", String(blocked))
        $0.card.reply(
          "00A4040205", SelectionTests.fci("F0504F53440101"), SelectionTests.fci("F0504F53440303"),
          SelectionTests.fci("F0504F53440303"))
        $0.card.reply("00A4040007F0504F53440101", SelectionTests.fci("F0504F53440101"))
      }
    }
    let partial = run(true)
    #expect(partial.bench.count("00A4040205") == 3)
    #expect(partial.bench.command("00A4040007F0504F53440101") != nil)
    #expect(partial.bench.command("80A8") != nil)

    let exact = run(false)
    #expect(exact.bench.count("00A4040205") == 0)
    #expect(exact.outcome?.result == .notAccepted(.blockedApplications))
  }

  @Test("a card that always has another name is asked 32 times")
  func manyNames() {
    var bench = Bench()
    bench.settings.applications[0] = ApplicationParameters(
      aid: AID(hex("F0504F5344")) ?? bench.settings.applications[0].aid)
    var number: UInt8 = 0
    let outcome = bench.run { command in
      if command[1] != 0xA4 { return hex("6F00") }
      number &+= 1
      let name = hex("F0504F5344") + [number]
      return tlv(0x6F, tlv(0x84, name) + tlv(0xA5, tlv(0x50, [0x41]))) + hex("9000")
    }
    // SELECT, 32 times the next one, and each of 32 candidates once in vain.
    #expect(number == 1 + 32 + 32)
    #expect(outcome?.result == .notAccepted(.noApplication))
  }

  @Test("a bad label, code table or language is no reason to refuse a card")
  func lenient() {
    let contents = [
      "5F2D02656E", "50009F110101", "5003414243 9F1101 00", "5003414243 9F110111",
      "5003414243 9F1102 0101", "5003414243 5F2D03656E64", "5003414243 9F1203585858 9F110102",
      "5011 4142434445464748494A4B4C4D4E4F5051",
    ]
    for content in contents {
      let (outcome, _) = outcome { $0.card.proprietary = hex(content) }
      #expect(outcome?.isApproved == true, "\(content)")
    }
  }

  @Test("the preferred name is shown where its characters can be, else the label")
  func names() {
    func name(_ content: String) -> String? {
      let (_, bench) = outcome { $0.card.proprietary = hex(content + "870181") }
      for case .confirmApplication(let choice) in bench.effects {
        return String(decoding: choice.name, as: UTF8.self)
      }
      return nil
    }
    #expect(name("5003414243 9F1203585958 9F110101") == "XYX")
    #expect(name("5003414243 9F1203585958 9F110105") == "ABC")
    #expect(name("5003414243 9F1203585958") == "ABC")
    #expect(name("5003410743") == "AC")
  }

  @Test("priorities order the list, equals stay in place, and those without come last")
  func priorities() {
    let (_, bench) = outcome {
      let first = $0.settings.applications[0]
      $0.settings.applications = ["01", "02", "03", "04"].map { last in
        var one = first
        one.aid = AID(hex("F0504F534401" + last)) ?? first.aid
        return one
      }
      for (last, priority) in [("01", "00"), ("02", "01"), ("03", "8F"), ("04", "01")] {
        $0.card.reply(
          "00A4040007F0504F534401" + last,
          SelectionTests.fci(
            "F0504F534401" + last, "500341424" + last.suffix(1) + "8701" + priority))
      }
    }
    var order: [UInt8] = []
    for case .chooseApplication(let choices) in bench.effects {
      order = choices.compactMap { $0.aid.bytes.last }
    }
    #expect(order == [2, 4, 3, 1])
  }

  @Test("without a cardholder's choice the best that needs no confirmation is taken")
  func automatic() {
    func chosen(_ priorities: [String]) -> Outcome? {
      outcome {
        $0.settings.options.cardholderSelects = false
        let first = $0.settings.applications[0]
        $0.settings.applications = []
        for (index, priority) in priorities.enumerated() {
          var one = first
          let name = "F0504F534401A" + String(index)
          one.aid = AID(hex(name)) ?? first.aid
          $0.settings.applications.append(one)
          $0.card.reply("00A4040007" + name, SelectionTests.fci(name, "8701" + priority))
        }
      }.outcome
    }
    #expect(chosen(["02", "81", "03"])?.data.value(of: .terminalAID)?.last == 0xA0)
    #expect(chosen(["81", "82"])?.result == .notAccepted(.noApplication))
    #expect(chosen(["81"])?.result == .notAccepted(.noApplication))
  }

  @Test("a choice that cannot be selected is taken off, and what is left needs a yes")
  func removed() {
    for fault in ["6283", "6A82", SelectionTests.fci("F0504F53440199"), "6F038401009000"] {
      let (outcome, bench) = outcome {
        let first = $0.settings.applications[0]
        var other = first
        other.aid = AID(hex("F0504F53440102")) ?? first.aid
        $0.settings.applications = [other, first]
        $0.card.reply(
          "00A4040007F0504F53440102", SelectionTests.fci("F0504F53440102", "870101"), fault)
      }
      #expect(bench.shows(.tryAgain), "\(fault)")
      let confirmations = bench.effects.filter {
        if case .confirmApplication = $0 { true } else { false }
      }
      #expect(confirmations.count == 1, "\(fault)")
      #expect(outcome?.isApproved == true)
      #expect(outcome?.data.value(of: .terminalAID) == PlainCard.aid)
    }
  }

  @Test("a refused application returns to the others; the last one refused is not accepted")
  func conditions() {
    let alone = outcome { $0.card.reply("80A8", "6985") }
    #expect(alone.outcome?.result == .notAccepted(.blockedApplications))
    #expect(alone.outcome?.fallback == Outcome.Fallback.none)
    #expect(alone.bench.shows(.notAccepted))

    let two = outcome {
      let first = $0.settings.applications[0]
      var other = first
      other.aid = AID(hex("F0504F53440102")) ?? first.aid
      $0.settings.applications = [other, first]
      $0.card.reply("00A4040007F0504F53440102", SelectionTests.fci("F0504F53440102", "870101"))
      $0.card.reply("80A8", "6985", "770A82020800940408010100 9000")
    }
    #expect(two.bench.shows(.notAccepted))
    #expect(two.outcome?.isApproved == true)
    #expect(two.bench.effects.contains { if case .confirmApplication = $0 { true } else { false } })
  }

  @Test("a cardholder who wants none of the applications ends the transaction")
  func refused() {
    let (outcome, bench) = outcome {
      $0.card.proprietary += hex("870180")
      $0.choices = [.cancelled]
    }
    #expect(outcome?.result == .ended(.cancelled))
    #expect(outcome?.fallback == Outcome.Fallback.none)
    #expect(bench.command("80A8") == nil)
  }

  @Test("no application in common is the scheme's matter, and the outcome says so")
  func nothing() {
    let (outcome, bench) = outcome { $0.card.reply("00A4", "6A82") }
    #expect(outcome?.result == .notAccepted(.noApplication))
    #expect(outcome?.fallback == .noApplication)
    #expect(bench.shows(.notAccepted))
  }

  @Test("the first of the card's languages that is spoken here is used, of either case")
  func languages() {
    func spoken(_ wish: String, asks: Bool = false) -> [String] {
      let (_, bench) = outcome {
        $0.settings.options.asksLanguage = asks
        $0.choices = [.languageChosen(1)]
        $0.card.proprietary += tlv(0x5F2D, Array(wish.utf8))
      }
      return bench.effects.compactMap {
        if case .useLanguage(let one) = $0 { one.text } else { nil }
      }
    }
    #expect(spoken("frDEen") == ["de"])
    #expect(spoken("zh") == ["en"])
    #expect(spoken("zh", asks: true) == ["de"])
  }
}
