// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Testing

@Suite("What a card says of itself is taken only as the Books allow")
struct RecordTests {
  private static func result(_ prepare: (inout Bench) -> Void) -> Outcome.Result? {
    outcome(prepare).outcome?.result
  }

  @Test("options without profile or files, or with files that cannot be, end the transaction")
  func options() {
    let faults = [
      "7706 940408010100 9000", "7704 82020800 9000", "8002 0800 9000", "8005 0800 080101 9000",
      "8007 0800 0801010000 9000", "8006 0800 00010100 9000", "8006 0800 F8010100 9000",
      "8006 0800 08000100 9000", "8006 0800 08020100 9000", "8006 0800 08010102 9000",
      "7709 820108 940408010100 9000", "8006 0800 08010100 5F3401019000", "9000",
    ]
    for fault in faults {
      let (outcome, bench) = outcome { $0.card.reply("80A8", fault) }
      #expect(outcome?.result == .ended(.format(.initiation)), "\(fault)")
      #expect(outcome?.fallback == .technical)
      #expect(bench.shows(.cardError))
    }
    #expect(
      RecordTests.result { $0.card.reply("80A8", "6A80") }
        == .ended(.status(.initiation, StatusWord(rawValue: 0x6A80))))
  }

  @Test("the reserved bits of a file locator are not looked at, and both formats are read")
  func reserved() {
    for good in ["8006 0800 0F010100 9000", "770A 82020800 94040F010100 9000"] {
      #expect(RecordTests.result { $0.card.reply("80A8", good) } == .approved(.offline))
    }
  }

  @Test("a record that is missing, broken or no template ends the transaction")
  func records() {
    for answer in ["6A83", "6283", "6985"] {
      let (outcome, _) = outcome { $0.card.reply("00B2010C", answer) }
      guard case .ended(.status(.records, _))? = outcome?.result else {
        Issue.record("\(answer)")
        continue
      }
    }
    for answer in ["9000", "77045F2D009000", "7003 5A0899 9000", "7002 5A80 9000"] {
      #expect(RecordTests.result { $0.card.reply("00B2010C", answer) } == .ended(.format(.records)))
    }
  }

  @Test("without number, expiry or either list there is no transaction")
  func mandatory() {
    for tag: UInt32 in [0x5A, 0x5F24, 0x8C, 0x8D] {
      #expect(RecordTests.result { $0.card.set(tag, nil) } == .ended(.format(.records)), "\(tag)")
      #expect(RecordTests.result { $0.card.set(tag, "") } == .ended(.format(.records)), "\(tag)")
    }
    #expect(RecordTests.result { $0.card.set(0x5F34, nil) } == .approved(.offline))
  }

  @Test("an object that comes twice, a bad date, a wrong length or a broken list end it too")
  func formats() {
    #expect(
      RecordTests.result { $0.card.objects.append((0x5A, PlainCard.account)) }
        == .ended(.format(.records)))
    for (tag, value): (UInt32, String) in [
      (0x5F24, "301331"), (0x5F24, "300230"), (0x5F25, "2001"), (0x5F34, "0A"), (0x9F0E, "00"),
      (0x8C, "9F02"), (0x8D, "9F"), (0x5A, "99900112A4"), (0x5F28, "027A"),
    ] {
      #expect(
        RecordTests.result { $0.card.set(tag, value) } == .ended(.format(.records)),
        "\(tag) \(value)")
    }
  }

  @Test(
    "a list that asks for more than a command can hold ends it before a cryptogram is asked for")
  func tooLong() {
    let (outcome, bench) = outcome { $0.card.set(0x8D, "9F7CFF 9501") }
    #expect(outcome?.result == .ended(.format(.records)))
    #expect(bench.cryptogramRequests.isEmpty)
    #expect(RecordTests.result { $0.card.set(0x8D, "9F7CFE 9501") } == .approved(.offline))
  }

  @Test("a name or a log that breaks its format hurts nobody")
  func harmless() {
    for (tag, value): (UInt32, String) in [
      (0x9F4D, "0B"), (0x42, "12"), (0x9F0C, "AA"), (0x5F50, "00"), (0x9F4F, "FF"), (0x5F20, "41"),
    ] {
      #expect(RecordTests.result { $0.card.set(tag, value) } == .approved(.offline), "\(tag)")
    }
  }

  @Test("nothing of a card's can replace what is the terminal's or the issuer's to say")
  func sources() {
    let (outcome, bench) = outcome {
      $0.card.set(0x9F02, "000000000001")
      $0.card.set(0x95, "0000000000")
      $0.card.set(0x9F37, "00000000")
      $0.card.set(0x8A, "3030")
      $0.card.set(0x50, "585858")
      $0.card.set(0x9F36, "FFFF")
      $0.card.set(0x9F1A, "0000")
    }
    #expect(outcome?.isApproved == true)
    #expect(
      bench.listData(0).starts(with: hex("000000012345 000000000000 0276 8000000000 0978")))
    #expect(outcome?.data.value(of: DataTag(0x50)) == Array("POSD TEST".utf8))
    #expect(outcome?.data.value(of: .atc) == hex("002A"))
  }

  @Test("an object without a value is no object")
  func empty() {
    let (outcome, _) = outcome {
      $0.card.set(0x5F25, "")
      $0.card.set(0x9F08, "")
      $0.card.set(0x9F07, "")
    }
    #expect(outcome?.isApproved == true)
    #expect(outcome?.data.value(of: .cardVersion) == nil)
    #expect(outcome?.tvr == .authenticationNotPerformed)
  }

  @Test("a payment system's own object is kept where the acquirer's file names it")
  func further() {
    func value(_ tags: [DataTag]) -> [UInt8]? {
      outcome {
        $0.settings.applications[0].furtherCardObjects = tags
        $0.card.set(0x9F6E, "01020304")
      }.outcome?.data.value(of: DataTag(0x9F6E))
    }
    #expect(value([DataTag(0x9F6E)]) == hex("01020304"))
    #expect(value([]) == nil)
  }

  @Test("files above 10 may hold anything, and are read only when they are a template")
  func proprietaryFiles() {
    for record in ["0102030405", "700401020304", "7003 5F3401"] {
      let (outcome, _) = outcome {
        $0.card.reply("80A8", "800A 0800 08010100 58010100 9000")
        $0.card.reply("00B2015C", record + "9000")
      }
      #expect(outcome?.isApproved == true, "\(record)")
    }
  }

  @Test("a card of ever more authenticating records is left at a bound")
  func bounds() {
    var bench = Bench()
    let plain = PlainCard()
    let entries = (0..<62).flatMap { _ in hex("5801FFFF") }
    let outcome = bench.run { command in
      var card = plain
      if command.starts(with: hex("80A8")) {
        return tlv(0x80, hex("0800") + entries) + hex("9000")
      }
      if command.starts(with: hex("00B2")) {
        return tlv(0x70, [UInt8](repeating: 0, count: 240)) + hex("9000")
      }
      return card.answer(command)
    }
    #expect(outcome?.result == .ended(.limit(.records)))

    var sent = 0
    let many = bench.run { command in
      var card = plain
      sent += 1
      if command.starts(with: hex("80A8")) {
        return tlv(0x80, hex("0800") + (0..<62).flatMap { _ in hex("5801FF00") }) + hex("9000")
      }
      return command.starts(with: hex("00B2")) ? hex("70009000") : card.answer(command)
    }
    #expect(many?.result == .ended(.limit(.records)))
    #expect(sent == KernelLimits.commands)
  }

  @Test("the amount is asked for where the card wants it and the terminal does not know it")
  func amounts() throws {
    let hundred = try #require(Amount(minorUnits: 100))
    let none = try #require(Amount(minorUnits: 0))
    let asked = outcome {
      $0.transaction.amount = nil
      $0.card.proprietary += tlv(0x9F38, hex("9F0206"))
      $0.choices = [.amountEntered(total: hundred, cashback: none)]
    }
    #expect(asked.bench.command("80A8")?.dropFirst(7).prefix(6) == hex("000000000100")[...])
    #expect(asked.outcome?.isApproved == true)

    // Nobody is there to be asked yet; the amount is known before it matters.
    let unattended = outcome {
      $0.transaction.amount = nil
      $0.settings.terminalType = TerminalType(rawValue: 0x25) ?? $0.settings.terminalType
      $0.card.proprietary += tlv(0x9F38, hex("9F0206"))
      $0.choices = [.amountEntered(total: hundred, cashback: none)]
    }
    #expect(unattended.bench.command("80A8")?.dropFirst(7).prefix(6) == hex("000000000000")[...])
    #expect(unattended.bench.listData(0).starts(with: hex("000000000100")))

    let large = outcome {
      $0.amount(4_294_967_296)
      $0.card.proprietary += tlv(0x9F38, hex("8104"))
    }
    #expect(large.outcome?.result == .ended(.amountTooLarge))
    #expect(large.bench.command("80A8") == nil)
    let small = outcome {
      $0.amount(4_294_967_295)
      $0.card.proprietary += tlv(0x9F38, hex("8104"))
    }
    #expect(small.bench.command("80A8")?.dropFirst(7).prefix(4) == hex("FFFFFFFF")[...])
  }
}
