// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Simulator
import Testing

@Suite("A whole card's faults of selection, at a terminal that goes by its list of names")
struct CardSelectionFaultTests {
  /// A card with so many applications, whose names end in 0101, 0102 and so on, at a terminal with
  /// these names in its list.
  private static func run(
    _ fault: CardFault?, applications: Int = 1, list: [String], isPartial: Bool = true,
    _ prepare: (inout CardLab) -> Void = { _ in }
  ) -> (outcome: Outcome?, lab: CardLab) {
    var lab = CardLab()
    lab.profile.faults = fault.map { [$0] } ?? []
    let usual = lab.profile.applications[0]
    lab.profile.applications = (1...applications).map { number in
      var one = usual
      one.name[6] = UInt8(number)
      one.label = "CARD \(number)"
      return one
    }
    let parameters = lab.settings.applications[0]
    lab.settings.options.usesDirectory = false
    lab.settings.applications = list.map {
      var one = parameters
      one.aid = AID(hex($0)) ?? parameters.aid
      one.matchesPartially = isPartial
      return one
    }
    prepare(&lab)
    let outcome = lab.run()
    return (outcome, lab)
  }

  private static let scheme = "F0504F5344"
  private static let first = "F0504F53440101"
  private static let second = "F0504F53440102"
  private static let absent = "F0504F53440199"

  private static func selects(_ lab: CardLab, next: Bool) -> Int {
    lab.commands.filter { $0.starts(with: hex(next ? "00A40402" : "00A40400")) }.count
  }

  /// The names that the cardholder is offered.
  private static func names(_ lab: CardLab) -> [[String]] {
    lab.effects.compactMap {
      if case .chooseApplication(let all) = $0 {
        all.map { String(decoding: $0.name, as: UTF8.self) }
      } else {
        nil
      }
    }
  }

  @Test("6A81 for the second name leads to the next one, and ends nothing")
  func secondName() {
    let alone = CardSelectionFaultTests.run(
      .secondNameBlocked,
      list: [CardSelectionFaultTests.absent, CardSelectionFaultTests.first])
    #expect(alone.outcome?.result == .notAccepted(.noApplication))
    #expect(CardSelectionFaultTests.selects(alone.lab, next: false) == 2)
    let third = CardSelectionFaultTests.run(
      .secondNameBlocked,
      list: [
        CardSelectionFaultTests.absent, CardSelectionFaultTests.second,
        CardSelectionFaultTests.first,
      ])
    #expect(third.outcome?.result == .approved(.offline))
    #expect(CardSelectionFaultTests.selects(third.lab, next: false) == 4)
  }

  @Test("6A81 for the first name ends the session, and no stripe may be read")
  func firstName() {
    let run = CardSelectionFaultTests.run(
      .blockedAtFirstSelect, list: [CardSelectionFaultTests.absent, CardSelectionFaultTests.first])
    #expect(run.outcome?.result == .notAccepted(.blockedCard))
    #expect(run.outcome?.fallback == Outcome.Fallback.none)
    #expect(run.lab.commands.count == 1)
  }

  @Test("a longer name is found by its beginning, where the terminal allows it")
  func longerName() {
    for isPartial in [true, false] {
      let run = CardSelectionFaultTests.run(
        .longerName, list: [CardSelectionFaultTests.first], isPartial: isPartial)
      #expect(
        run.outcome?.result == (isPartial ? .approved(.offline) : .notAccepted(.noApplication)))
      let name = run.outcome?.data.value(of: .terminalAID)
      #expect(name == (isPartial ? hex("F0504F53440101 01") : nil))
    }
  }

  @Test("a card that answers SELECT NEXT with the same name again is asked no more")
  func repeated() {
    let run = CardSelectionFaultTests.run(.nextRepeats, list: [CardSelectionFaultTests.scheme])
    #expect(run.outcome?.result == .approved(.offline))
    #expect(CardSelectionFaultTests.selects(run.lab, next: true) == 1)
    let usual = CardSelectionFaultTests.run(
      nil, applications: 3, list: [CardSelectionFaultTests.scheme])
    #expect(CardSelectionFaultTests.selects(usual.lab, next: true) == 3)
    #expect(CardSelectionFaultTests.names(usual.lab).map { $0.count } == [3])
  }

  @Test("behind a blocked application the next one is found, where names match by their beginning")
  func invalidated() {
    let alone = CardSelectionFaultTests.run(
      .applicationInvalidated, list: [CardSelectionFaultTests.first], isPartial: false)
    #expect(alone.outcome?.result == .notAccepted(.blockedApplications))
    let next = CardSelectionFaultTests.run(
      .applicationInvalidated, applications: 2, list: [CardSelectionFaultTests.scheme])
    #expect(next.outcome?.result == .approved(.offline))
    #expect(next.outcome?.data.value(of: .terminalAID) == hex(CardSelectionFaultTests.second))
  }

  @Test("a last SELECT that fails removes the application; the one left wants a yes")
  func last() {
    for fault in [
      CardFault.finalSelectInvalidated, .finalSelectFails, .finalSelectOtherName,
      .finalSelectUnreadable,
    ] {
      let run = CardSelectionFaultTests.run(
        fault, applications: 2,
        list: [CardSelectionFaultTests.first, CardSelectionFaultTests.second])
      #expect(run.lab.effects.contains(.show(.tryAgain)), "\(fault)")
      #expect(
        run.lab.effects.contains { if case .confirmApplication = $0 { true } else { false } })
      #expect(run.outcome?.data.value(of: .terminalAID) == hex(CardSelectionFaultTests.second))
      #expect(run.outcome?.result == .approved(.offline), "\(fault)")
    }
  }

  @Test("priorities are followed, and what wants a yes is not taken without")
  func priorities() {
    for selects in [true, false] {
      let run = CardSelectionFaultTests.run(
        .mixedPriorities, applications: 4, list: [CardSelectionFaultTests.scheme]
      ) { $0.settings.options.cardholderSelects = selects }
      #expect(run.outcome?.data.value(of: .terminalAID)?.last == 2)
      let offered = ["CARD 2 I", "CARD 3 I", "CARD 4 I", "CARD 1 I"]
      #expect(CardSelectionFaultTests.names(run.lab) == (selects ? [offered] : []))
    }
  }

  @Test("a name that cannot be shown is replaced by the label, and no label by the identifier")
  func labels() {
    for (fault, preferred, name) in [
      (nil, "41C4", "A\u{FFFD}"), (CardFault.codeTableZero, "4142", "CARD 1"),
      (.codeTableEleven, "4142", "CARD 1"), (.codeTableUnknown, "4142", "CARD 1"),
      (.preferredNameUnreadable, "4142", "CARD 1"), (.badLanguage, "4142", "AB"),
      (.withoutLabel, "4142", "AB"), (.withoutLabel, nil, CardSelectionFaultTests.first),
      (nil, nil, "CARD 1"),
    ] {
      let run = CardSelectionFaultTests.run(
        fault, applications: 2,
        list: [CardSelectionFaultTests.first, CardSelectionFaultTests.second]
      ) {
        if let preferred {
          $0.profile.applications[0].replaced = [
            CardObject(0x9F12, hex(preferred)), CardObject(0x9F11, hex("01")),
          ]
        } else {
          $0.profile.applications[0].leftOut = [0x9F12]
        }
      }
      #expect(
        CardSelectionFaultTests.names(run.lab).first?.first == name, "\(String(describing: fault))")
      #expect(run.outcome?.result == .approved(.offline), "\(String(describing: fault))")
    }
  }
}
