// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Testing
import Wire

@Suite("Chip data in words")
struct WordsTests {
  private func bits(_ tag: UInt32, _ digits: String) -> [String] {
    BitWords.sentences(of: tag, hex(digits)) ?? ["none"]
  }

  private func words(_ tag: UInt32, _ digits: String) -> [String] {
    ValueWords.sentences(of: tag, hex(digits))
  }

  @Test("a bit has one sentence, another bit another one")
  func everyBit() {
    for (tag, count, reserved) in [
      (0x95, 5, 3), (0x9B, 2, 10), (0x82, 2, 8), (0x9F07, 2, 6), (0x9F33, 3, 8), (0x9F40, 5, 13),
    ] as [(UInt32, Int, Int)] {
      var seen: [String] = []
      for index in 0..<count {
        for bit in 0..<8 {
          var value = [UInt8](repeating: 0, count: count)
          value[index] = 0x80 >> UInt8(bit)
          let sentences = BitWords.sentences(of: tag, value) ?? []
          #expect(sentences.count == 1)
          #expect(!seen.contains(sentences[0]), "\(sentences)")
          seen += sentences
        }
      }
      let unnamed = seen.filter { $0.hasPrefix("reserved") }
      #expect(unnamed.count == reserved, "\(Hex.text([UInt8(tag & 0xFF)])) \(unnamed)")
      #expect(bits(tag, String(repeating: "00", count: count)) == [])
    }
    #expect(bits(0x9F02, "00") == ["none"])
  }

  @Test("bits stand where the Books have them")
  func places() {
    #expect(bits(0x95, "4200000000") == ["SDA failed", "SDA was selected"])
    #expect(bits(0x95, "0440040000").contains("CDA failed"))
    #expect(
      bits(0x95, "0000048010") == [
        "an online PIN was entered", "the amount reaches the floor limit",
        "a script failed after the final cryptogram",
      ])
    #expect(bits(0x9B, "E800").count == 4)
    #expect(bits(0x9B, "0001") == ["reserved bit B2 01"])
    #expect(bits(0x9F33, "E0B8C8").count == 3 + 4 + 3)
    #expect(bits(0x9F40, "0000000001") == ["code table 1"])
    #expect(bits(0x9F40, "0000000102") == ["code table 9", "code table 2"])
  }

  @Test("values are explained: cryptograms, methods, lists, locators")
  func values() {
    #expect(words(0x9F27, "80") == ["ARQC: to be asked online"])
    #expect(
      words(0x9F27, "09")
        == ["AAC: declined", "an advice is wanted", "reason: the service is not allowed"])
    #expect(words(0x9F34, "3F0001") == ["no method was performed: failed"])
    #expect(
      words(0x9F34, "440302")
        == ["enciphered PIN by the chip, if the terminal supports it: successful"])
    #expect(words(0x9F34, "3F00") == [])
    #expect(
      words(0x8E, "0000000000000064 4403 1F00") == [
        "amount X 0, Y 100",
        "enciphered PIN by the chip, if the terminal supports it; else the next",
        "no verification needed, always; else verification fails",
      ])
    #expect(words(0x8E, "00").count == 1)
    #expect(
      words(0x94, "08010100 18010201")
        == ["file 1, records 1 to 1", "file 3, records 1 to 2, 1 of them authenticated"])
    #expect(words(0x94, "0801") == ["its length is no multiple of four"])
    #expect(
      words(0x8C, "9F0206 9A03")
        == ["9F02 6 Amount, Authorised (Numeric)", "9A 3 Transaction Date", "9 bytes in all"])
    #expect(words(0x8C, "9F02").last == "the list ends inside an entry")
    #expect(words(0x8C, "9F") == ["the list ends inside an entry"])
    #expect(words(0x8A, "5933") == ["Y3: unable to go online, approved"])
    #expect(words(0x8A, "3035") == ["of the issuer: \"05\""])
    #expect(words(0x9F35, "22") == ["attended, of a merchant, offline with online capability"])
    #expect(words(0x9F35, "36") == ["unattended, of a cardholder, offline only"])
    for type in ["00", "17", "31", "40"] { #expect(words(0x9F35, type) == []) }
    #expect(words(0x50, "504F530A") == ["\"POS.\""])
    #expect(words(0x9F36, "002A") == ["42"])
    #expect(words(0x9F26, "0102030405060708") == [])
  }

  @Test("objects within objects are set in, and a card number is masked")
  func explained() throws {
    let account = "4111111111" + "111111"
    let lines = try Explanation.lines(
      of: hex("70 21 5A08 \(account) 57 08 \(account) 9F27 01 40 5F20 03 414243 DF01 00"))
    #expect(
      lines == [
        "70 Record Template", "  5A Application Primary Account Number: 411111******1111",
        "  57 Track 2 Equivalent Data: 411111******1111",
        "  9F27 Cryptogram Information Data: 40", "      TC: approved",
        "  5F20 Cardholder Name: (3 bytes)", "  DF01 unknown: (empty)",
      ])
    #expect(throws: WireFault.self) { try Explanation.lines(of: hex("7005 5A")) }
    #expect(
      try Explanation.lines(of: hex("9908 241234FFFFFFFFFF")) == [
        "99 Transaction PIN Data: (8 bytes)"
      ])
  }

  @Test("every object that the kernel's references name has a name, and no two the same")
  func names() {
    var names: [String] = []
    for tag in 0x40...0x9F4F as ClosedRange<UInt32> {
      if let name = TagWords.name(of: tag) { names.append(name) }
    }
    #expect(names.count == Set(names).count)
    #expect(names.count >= 115)
    #expect(TagWords.name(of: 0x9F5B) == nil)
    #expect(TagWords.name(of: 0xBF0C) != nil)
  }
}
