// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import Simulator
import Testing
import Wire

@Suite("A test card does what cards do, and refuses what they refuse")
struct CardBehaviourTests {
  /// A card with a transaction begun.
  private func begun(_ change: (inout CardProfile) -> Void = { _ = $0 }) -> CardTill {
    var till = CardTill(CardTill.card([], change))
    till.directory()
    till.send("options", "80A800000383012200")
    return till
  }

  private func word(_ till: inout CardTill, _ command: String) -> String {
    Hex.text(Array(till.card.process(cardHex(command)).suffix(2)))
  }

  @Test("names are found by their beginning, one behind the other, each once")
  func partial() {
    var till = CardTill(CardTill.card())
    _ = till.card.reset()
    let first = till.send("first", "00A4040005F0504F534400")
    let next = till.send("next", "00A4040205F0504F534400")
    #expect(first.starts(with: cardHex("6F")) && next.starts(with: cardHex("6F")))
    #expect(first != next)
    #expect(word(&till, "00A4040205F0504F534400") == "6A82")
    #expect(word(&till, "00A4040005F0504F534500") == "6A82")
    #expect(word(&till, "00A4040204F0504F5300") == "6700")
  }

  @Test("before its processing options a card does nothing but be selected")
  func order() {
    var till = CardTill(CardTill.card())
    till.directory()
    for command in [
      "00B2011C00", "00880000041A2B3C4D00", "0020008008241234FFFFFFFFFF",
      "80AE800023" + CardTill.firstData + "00", "008200000A00000000000000003030",
      "8C240000068E0400000000",
    ] {
      #expect(word(&till, command) == "6985", "\(command)")
    }
    till.send("options", "80A800000383012200")
    #expect(word(&till, "80A800000383012200") == "6985")
  }

  @Test("lengths, parameters, classes and instructions are looked at")
  func forms() {
    var till = begun()
    for (command, answer) in [
      ("00A40400", "6700"), ("00A4040007F0504F53440101", "6700"),
      ("00A4000007F0504F5344010100", "6A86"), ("00B2011C01FF00", "6700"), ("00B2011C", "6700"),
      ("00B2001C00", "6A86"), ("00B2012400", "6A82"), ("00B2031C00", "6A83"),
      ("80CA9F5000", "6A88"), ("80CA9F36", "6700"), ("0020008008241234FFFFFFFFFF00", "6700"),
      ("0020008108241234FFFFFFFFFF", "6A86"), ("80AE800022" + CardTill.firstData + "00", "6700"),
      ("80AE80000100", "6700"), ("80AEC00023" + CardTill.firstData + "00", "6A86"),
      ("00FF000000", "6D00"), ("80FF000000", "6D00"), ("90B2011C00", "6E00"), ("00", "6700"),
      ("00A4040007F050", "6700"), ("0084000000", "9000"),
    ] {
      #expect(word(&till, command) == answer, "\(command)")
    }
    var other = CardTill(CardTill.card())
    other.directory()
    #expect(word(&other, "80A80000028300") == "6A80")
    #expect(word(&other, "80A8000002830000") == "6700")
    #expect(word(&other, "80A800000383022200") == "6A80")
    #expect(word(&other, "80A80000048302222200") == "6700")
  }

  @Test("a PIN has three tries; the right one gives them back, and behind the last nothing helps")
  func tries() {
    var till = begun()
    till.verify("wrong 1", pin: [9, 9, 9, 9])
    #expect(till.word("wrong 1") == "63C2")
    #expect(word(&till, "0020008008249999FFFFFFFFFF") == "63C1")
    till.verify("right", pin: [1, 2, 3, 4])
    #expect(till.word("right") == "9000")
    for answer in ["63C2", "63C1", "63C0", "6983", "6983"] {
      #expect(word(&till, "0020008008249999FFFFFFFFFF") == answer)
    }
    #expect(word(&till, "0020008008241234FFFFFFFFFF") == "6983")
    // A reset gives nothing back.
    till.directory()
    till.send("options", "80A800000383012200")
    #expect(word(&till, "0020008008241234FFFFFFFFFF") == "6983")
  }

  @Test("a PIN block that is none costs no try; a challenge serves one command")
  func blocks() {
    var till = begun()
    for block in ["141234FFFFFFFFFF", "231234FFFFFFFFFF", "24123AFFFFFFFFFF", "241234FFFFFFFFF0"] {
      #expect(word(&till, "0020008008" + block) == "6984")
    }
    till.verify("right")
    #expect(till.word("right") == "9000")
    // The same card and the same bytes, with another command between challenge and PIN.
    let before = till.card
    till.verify("at once")
    #expect(till.word("at once") == "9000")
    var late = CardTill(before)
    late.verify("late", between: "80CA9F1700")
    #expect(late.word("late") == "6984")
    // And twice behind one challenge.
    #expect(till.card.process(till.lastVerify) == cardHex("6984"))
    #expect(till.card.applications[0].tries == 3)
  }

  @Test("two cryptograms a transaction and not three, the second only behind ARQC")
  func cryptograms() {
    var till = begun()
    till.first("80")
    till.online()
    #expect(till.word("external") == "9000")
    #expect(till.word("script 1") == "9000")
    #expect(till.objects("second").first?.value == [0x40])
    #expect(word(&till, "80AE000017" + CardTill.secondData + "00") == "6985")
    for type in ["40", "00"] {
      var other = begun()
      other.first(type)
      #expect(other.objects("first").first?.value == cardHex(type))
      #expect(word(&other, "80AE000017" + CardTill.secondData + "00") == "6985")
      #expect(word(&other, "008200000A00000000000000003030") == "6985")
    }
    // A card never answers ARQC with TC of its own.
    var online = begun()
    online.first("80")
    #expect(word(&online, "80AE800017" + CardTill.secondData + "00") == "6985")
  }

  @Test("the issuer proves itself once; without its proof there is no approval")
  func proof() {
    var till = begun()
    till.first("80")
    #expect(word(&till, "008200000A00000000000000003030") == "6300")
    #expect(word(&till, "008200000A00000000000000003030") == "6985")
    till.second("3030", [UInt8](repeating: 0, count: 10))
    #expect(till.objects("second").first?.value == [0x00])
    // Nobody asked: what the terminal decides stands.
    for (code, type) in [("5933", "40"), ("5A33", "00")] {
      var unable = begun()
      unable.first("80")
      unable.second(code, [UInt8](repeating: 0, count: 10), type: type)
      #expect(unable.objects("second").first?.value == cardHex(type))
    }
    var without = begun()
    without.first("80")
    without.second("3030", [UInt8](repeating: 0, count: 10))
    #expect(without.objects("second").first?.value == [0x00])
    var easy = begun { $0.applications[0].needsProof = false }
    easy.first("80")
    easy.second("3030", [UInt8](repeating: 0, count: 10))
    #expect(easy.objects("second").first?.value == [0x40])
  }

  @Test("a card decides as its policy says")
  func policies() {
    for (policy, asked, answer) in [
      (.online, "40", "80"), (.online, "00", "00"), (.decline, "40", "00"), (.follow, "40", "40"),
    ] as [(CardProfile.Policy, String, String)] {
      var till = begun { $0.applications[0].policy = policy }
      till.first(asked)
      #expect(till.objects("first").first?.value == cardHex(answer))
    }
    var till = CardTill(CardTill.card([]) { $0.applications[0].policy = .counters })
    var kinds: [String] = []
    for _ in 0..<5 {
      till = CardTill(till.card)
      till.directory()
      till.send("options", "80A800000383012200")
      till.first("40")
      kinds.append(Hex.text(till.objects("first").first?.value ?? []))
    }
    // Three off line, then on line; and again, since nothing was completed.
    #expect(kinds == ["40", "40", "40", "80", "80"])
  }

  @Test("the counter has an end")
  func counter() {
    var till = begun { $0.applications[0].counter = 0xFFFE }
    #expect(till.word("options") == "9000")
    till.directory()
    #expect(word(&till, "80A800000383012200") == "6985")
  }

  @Test("the last ten transactions can be read, the newest first")
  func log() {
    var till = CardTill(CardTill.card())
    for _ in 0..<12 {
      till.directory()
      till.send("options", "80A800000383012200")
      till.first("40")
    }
    let newest = till.card.process(cardHex("00B2015C00"))
    #expect(newest == cardHex("261231 000000012345 0156 000D 40 9000"))
    #expect(
      till.card.process(cardHex("00B20A5C00"))
        == cardHex(
          "261231 000000012345 0156 0004 40 9000"))
    #expect(word(&till, "00B20B5C00") == "6A82")
  }

  @Test("a card that is pulled out answers nothing more, one that is disturbed a byte")
  func weather() {
    for command in 1...8 {
      var till = CardTill(CardTill.card([]) { $0.goneAt = command })
      till.directory()
      till.send("options", "80A800000383012200")
      let whole = till.answers.prefix { !$0.bytes.isEmpty }
      #expect(whole.count == min(command - 1, 7))
      var garbled = CardTill(CardTill.card([]) { $0.garbledAt = command })
      garbled.directory()
      garbled.send("options", "80A800000383012200")
      let short = garbled.answers.filter { $0.bytes.count < 2 }
      #expect(short.count == (command <= 7 ? 1 : 0))
    }
  }

  @Test("an answer to reset of either protocol")
  func reset() {
    var card = CardTill.card()
    #expect(Hex.text(card.reset().bytes).hasPrefix("3BE800008131FE45504F5344"))
    #expect(longitudinalRedundancyCheck(card.reset().bytes.dropFirst()) == 0)
    card.link = .t0
    #expect(card.reset().bytes == cardHex("3B680000") + Array("POSDTEST".utf8))
  }
}
