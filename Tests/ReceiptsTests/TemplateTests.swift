// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Receipts
import Testing

@Suite("Templates")
struct TemplateTests {
  @Test("a template that is wrong is refused with its line and column")
  func faults() {
    for (text, fault) in [
      ("a\n[[merchant]]", "syntax 2:1 there is no field merchant"),
      ("  a [[amount", "syntax 1:5 [[ without ]]"),
      ("a { b", "syntax 1:3 a brace inside text; \\{ and \\} print one"),
      ("a\\q", "syntax 1:2 an escape that ReceiptLine does not have"),
      ("a\\x07", "syntax 1:2 an escape that ReceiptLine does not have"),
      ("a\\", "syntax 1:2 nothing behind a \\"),
      ("a\u{200B}", "syntax 1:2 a character that is not printed"),
      ("{width 3}", "syntax 1:2 a property is {key: value}"),
      ("{widths: 3}", "syntax 1:2 there is no property widths"),
      ("{width: 3", "syntax 1:10 { without }"),
      ("{text: words; align: middle}", "syntax 1:14 the value is one of left, center, right"),
      ("{comment: a} b", "syntax 1:13 text behind }"),
      ("[[if amount]]\na", "syntax 1:1 has no [[end]]"),
      ("[[end]]", "syntax 1:1 end without an if or each"),
      ("[[else]]", "syntax 1:1 else without an if"),
      (
        "[[each amount]]",
        "syntax 1:1 each takes one of merchantNames, groups, kinds, tests, added, "
          + "leftOut, facts, checks"
      ),
      ("[[if amount]] a", "syntax 1:14 text behind [[if]]"),
      ("[[zh:a|b]]", "syntax 1:7 a mark inside a text of one language"),
      ("[[include other]]", "missing 1:1 there is no template other"),
      ("[[include drawn]]", "tooLarge 1:1 templates include each other more than 4 deep"),
      ("\"a\" b", "forbidden 1:5 a line's text is all plain, bold or large"),
      ("^^a^^", "forbidden 1:1 the one large size is ^^^"),
      ("=", "forbidden 1:1 the printer cuts behind a slip by itself"),
      ("{command: a}", "forbidden 1:2 command is never taken"),
      ("{border: line}", "forbidden 1:2 no frames are printed here"),
      ("[[expiry]]", "forbidden 1:1 expiry may stand on no slip"),
      ("[[pan]]", "forbidden 1:1 pan may stand on no slip"),
    ] {
      #expect(Workshop.fault(text) == fault, "\(text)")
    }
    let long = String(repeating: "a\n", count: 401)
    #expect(Workshop.fault(long) == "tooLarge 1:1 longer than 400 lines")
    let many = String(repeating: "a|", count: 17)
    #expect(Workshop.fault(many) == "tooLarge 1:1 more than 16 columns")
    let deep = String(repeating: "[[if amount]]\n", count: 5)
    #expect(Workshop.fault(deep) == "tooLarge 5:1 more than 4 blocks inside each other")
    #expect(Workshop.fault("\u{FEFF}{comment: a}\r\na|b\r[[if columns 24]]\n---\n[[end]]\n") == nil)
  }

  @Test("what is no UTF-8 is refused")
  func encoding() {
    let file = TemplateFile(name: "drawn", text: [0x61, 0xFF])
    #expect(throws: TemplateFault.self) { try ReceiptTemplate("drawn", of: [file]) }
  }

  @Test("no value becomes markup, in whatever column it stands", arguments: 0..<300)
  func literal(seed: Int) throws {
    var dice = Dice(seed: UInt64(seed))
    let pool = Array("A|B{}\\\"^_~`-=[]:;x \n\u{7}汉￥".unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<dice.within(1...10) { text.append(pool[dice.below(pool.count)]) }
    var data = SaleReceiptData()
    data.response = SlipText(String(text))
    data.amount = "END"
    let line = try Workshop.lines("[[response]] | [[amount]]", data.values, columns: 48)
    #expect(line.count == 1)
    #expect(line.first?.style == .plain)
    #expect(line.first?.text.hasSuffix("END") == true)
    // A line break is a blank; blanks at the ends, and what has no width, are not printed.
    var wanted = String.UnicodeScalarView()
    for scalar in text where scalar != "\u{7}" { wanted.append(scalar == "\n" ? " " : scalar) }
    var trimmed = wanted[...]
    while trimmed.first == " " { trimmed.removeFirst() }
    while trimmed.last == " " { trimmed.removeLast() }
    #expect(line.first?.text.hasPrefix(String(trimmed)) == true)
  }

  @Test("a merchant's name of marks is printed as it is written")
  func merchant() throws {
    var data = SaleReceiptData()
    data.merchantName = [#"A|B {x} "y" \z ^^^ [[amount]]"#]
    let lines = Slips.builtIn().lines(
      .sale, data.values, columns: 48, isTest: false, isCopy: false)
    #expect(lines.first?.text == #"A|B {x} "y" \z ^^^ [[amount]]"#)
    #expect(lines.first?.style == .bold)
  }

  @Test("a line whose fields are all empty is left out, one with a value is not")
  func emptyLines() throws {
    var data = SaleReceiptData()
    let text = "CARD | [[card]] [[entryLetter]]"
    #expect(try Workshop.rows(text, data.values) == [])
    data.entryLetter = "I"
    #expect(try Workshop.rows(text, data.values) == ["CARD                   I"])
    #expect(try Workshop.rows("CARD", data.values) == ["CARD"])
  }

  @Test("each language has its words alone, and both have both")
  func languages() throws {
    var data = SaleReceiptData()
    data.transactionType = SlipText("消费", "SALE")
    let text = "[[zh:类型]] [[en:TYPE]]: | [[transactionType]]\n[[en:English alone]]"
    func rows(_ language: SlipLanguage) throws -> [String] {
      try Workshop.rows(text, data.values, columns: 32, language: language)
    }
    #expect(try rows(.chinese) == ["类型 :                      消费"])
    #expect(try rows(.english) == ["TYPE:                       SALE", "English alone"])
    #expect(try rows(.both) == ["类型 TYPE:             消费 SALE", "English alone"])
  }

  @Test("conditions and lists choose what is printed")
  func directives() throws {
    var data = SettlementSlipData()
    data.leftOut = [.init("A", count: 1, amount: "2"), .init("B", count: 3, amount: "4")]
    let text = """
      [[if leftOut]]
      [[each leftOut]]
      [[label]] |
      [[end]]
      [[else]]
      none |
      [[end]]
      [[if columns 25]]
      wide |
      [[end]]
      """
    #expect(try Workshop.rows(text, data.values) == ["A", "B"])
    data.leftOut = []
    #expect(try Workshop.rows(text, data.values, columns: 25) == ["none", "wide"])
  }

  @Test("no slip can be given a whole card number")
  func masked() {
    var data = SaleReceiptData()
    data.maskedPAN = MaskedNumber("4111111111111111")
    #expect(data.maskedPAN.text == "411111******1111")
    #expect(data.values[.card]?.text(in: .both) == "411111******1111")
    #expect(data.values[.cardLastFour]?.text(in: .both) == "************1111")
    #expect(MaskedNumber("411111******1111").text == "411111******1111")
  }
}
