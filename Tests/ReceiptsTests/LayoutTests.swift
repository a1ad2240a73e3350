// SPDX-License-Identifier: Apache-2.0

import Devices
import Receipts
import Testing

@Suite("Templates are laid out as ReceiptLine has it")
struct LayoutTests {
  /// A document and what it becomes on 24 columns.
  struct Vector: Sendable, CustomTestStringConvertible {
    var text: String
    var rows: [String]
    var testDescription: String { text }
  }

  /// Recorded from ReceiptLine's reference implementation, 4.0.2, run once; it is not run here.
  static let vectors = [
    Vector(text: "Green tea | 0.99", rows: ["Green tea           0.99"]),
    Vector(
      text: "Sandwich and a very long item name here | 1.99",
      rows: ["Sandwich an         1.99", "d a very lo", "ng item nam", "e here"]),
    Vector(
      text: "{width:* 8}\nSandwich and a very long item name here | 1.99",
      rows: ["Sandwich and a      1.99", "very long item", "name here"]),
    Vector(
      text: "{width:4 * 8; border:none}\n1 | Very long coffee with milk name | 12.50",
      rows: ["1   Very long co   12.50", "    ffee with mi", "       lk name"]),
    Vector(text: "a|b|c", rows: ["      a    b    c"]),
    Vector(text: "a |b| c", rows: ["a          b           c"]),
    Vector(
      text: "{width:10 10; align:center}\nl | r\n---",
      rows: [" l                   r", " ---------------------"]),
    Vector(
      text: "long word wrapping is by character, not by word |",
      rows: ["long word wrapping is by", " character, not by word"]),
    Vector(text: " | b", rows: ["                       b"]),
    Vector(text: "~ | b", rows: ["                       b"]),
  ]

  @Test("what the reference implementation printed is printed here", arguments: vectors)
  func recorded(vector: Vector) throws {
    #expect(try Workshop.rows(vector.text).map(trimmed) == vector.rows)
  }

  @Test("text is drawn to the pipe that it touches and pushed away by a blank")
  func alignment() throws {
    let right = "                       A"
    for (text, row, alignment) in [
      ("A |", "A", PrintLine.Alignment.left), ("|A", "A", .left), ("| A", right, .left),
      ("A|", right, .left), ("| A |", "A", .centre), ("|A|", "A", .centre), ("A", "A", .centre),
    ] {
      let lines = try Workshop.lines(text)
      #expect(lines == [PrintLine(row, alignment: alignment)], "\(text)")
    }
  }

  @Test("a Chinese character takes two cells, and no row is wider than the paper")
  func wide() throws {
    for columns in 24...96 {
      for text in ["汉字测试 | ￥12.00", "{width: fit}\n凭证号 TRACE | 000042", "~汉字 | ^"] {
        guard let rows = try? Workshop.rows(text, columns: columns) else { continue }
        for row in rows { #expect(Devices.columns(of: row) <= columns) }
      }
    }
    #expect(try Workshop.rows("汉字 | 1") == ["汉字                   1"])
    // Half a character fits nowhere: what is wider than its column is left out.
    #expect(try Workshop.rows("{width: 1 *}\n汉a | b") == ["a                      b"])
  }

  @Test("fixed widths give way until the others have a cell each, the widest first")
  func shrinking() throws {
    #expect(
      try Workshop.rows("{width: 30 10 *}\na | b | c").map(trimmed)
        == ["a                b     c"])
  }

  @Test("a label and its value stand on one row where they fit, else below each other")
  func fitting() throws {
    let text = "{width: fit; text: words}\nLABEL OF IT | VALUE"
    #expect(try Workshop.rows(text) == ["LABEL OF IT        VALUE"])
    let long = "{width: fit; text: words}\nA LABEL OF SOME LENGTH | VALUE"
    #expect(try Workshop.rows(long) == ["A LABEL OF SOME LENGTH", "                   VALUE"])
  }

  @Test("numbers of fitting columns stand below each other")
  func leastWidths() throws {
    let rows = try Workshop.rows("{width: fit 3 6}\nA | 1 | 2.00\nBB | 22 | 33.00")
    #expect(rows == ["A               1   2.00", "BB             22  33.00"])
  }

  @Test("what is too long for large print is bold, and never broken")
  func large() throws {
    let fits = try Workshop.lines("^^^123456789012^^^")
    #expect(fits == [PrintLine("123456789012", style: .large, alignment: .centre)])
    let long = try Workshop.lines("^^^1234567890123^^^")
    #expect(long == [PrintLine("1234567890123", style: .bold, alignment: .centre)])
  }

  @Test("an escaped mark is printed, and a text may be broken by hand")
  func escapes() throws {
    #expect(
      try Workshop.rows(#"\\ \| \{ \} \- \= \~ \_ \" \` \^"#) == [#"\ | { } - = ~ _ " ` ^"#])
    #expect(try Workshop.rows(#"a\nb |"#) == ["a", "b"])
    #expect(try Workshop.rows(#"\x41\x62 |"#) == ["Ab"])
  }

  private func trimmed(_ row: String) -> String {
    var row = row[...]
    while row.last == " " { row.removeLast() }
    return String(row)
  }
}
