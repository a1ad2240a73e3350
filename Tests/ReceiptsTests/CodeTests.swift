// SPDX-License-Identifier: Apache-2.0

import Devices
import Receipts
import Testing

@Suite("Codes on a slip")
struct CodeTests {
  private func qr(_ level: QRCode.Level, _ cell: UInt8) -> PrintLine.Style {
    .qrCode(QRCode(level: level, cell: cell))
  }

  private func bars(_ module: UInt8, _ height: UInt8) -> PrintLine.Style {
    .barCode(BarCode(module: module, height: height))
  }

  @Test("a code has ReceiptLine's defaults, and its option holds for the lines below")
  func options() throws {
    for (text, lines) in [
      ("{code: 1234}", [PrintLine("1234", style: bars(2, 72), alignment: .centre)]),
      ("{c: 12; o: 3 100}", [PrintLine("12", style: bars(3, 100), alignment: .centre)]),
      (
        "{option: HRI, code128}\n{align: left; code: a\\x20\\}\\;}",
        [PrintLine("a };", style: bars(2, 72)), PrintLine("a };")]
      ),
      ("{code: x; option: qrcode}", [PrintLine("x", style: qr(.low, 3), alignment: .centre)]),
      (
        "{option: qrcode 4 m}\n{code: x}\n{option: qrcode h 5}\n{code: y}",
        [
          PrintLine("x", style: qr(.medium, 4), alignment: .centre),
          PrintLine("y", style: qr(.high, 5), alignment: .centre),
        ]
      ),
    ] {
      #expect(try Workshop.lines(text, columns: 48) == lines, "\(text)")
    }
  }

  @Test("a code holds values as they are, and is left out where there is none")
  func values() throws {
    var values = SlipValues()
    #expect(try Workshop.lines("{code: R[[approvalCode]]}", values) == [])
    values[.approvalCode] = "{}|;^\"\\"
    let drawn = try Workshop.lines("{code: R[[approvalCode]]}", values, columns: 48)
    #expect(drawn.map { $0.text } == ["R{}|;^\"\\"])
    values[.approvalCode] = SlipText("码", "CODE")
    let spoken = try Workshop.lines(
      "{code: [[approvalCode]]; option: qrcode}", values, language: .english)
    #expect(spoken.map { $0.text } == ["CODE"])
  }

  @Test("modules become smaller until a code fits, and what fits nowhere is printed as text")
  func fitting() throws {
    // 12 digits are 101 modules, and 20 of quiet zone: 484 dots of 4, 363 of 3, 242 of 2.
    let digits = "{code: 123456789012; option: 4}"
    for (columns, style) in [(48, bars(4, 72)), (40, bars(3, 72)), (24, bars(2, 72))] {
      #expect(try Workshop.lines(digits, columns: columns).map { $0.style } == [style])
    }
    // 14 letters in set B need 2 times 209 dots, and paper of 32 columns has 384.
    let letters = "{code: ABCDEFGHIJKLMN}"
    let rows = try Workshop.lines(letters, columns: 32)
    #expect(rows == [PrintLine("ABCDEFGHIJKLMN", alignment: .centre)])
    #expect(try Workshop.lines(letters, columns: 48).map { $0.style } == [bars(2, 72)])
    #expect(try Workshop.lines("{code: 茶}", columns: 48) == [PrintLine("茶", alignment: .centre)])
    // 230 bytes at level L are version 9: 53 modules and 8.
    let long = String(repeating: "0123456789", count: 23)
    let code = "{option: qrcode 8 l; code: \(long)}"
    #expect(try Workshop.lines(code, columns: 48).map { $0.style } == [qr(.low, 8)])
    #expect(try Workshop.lines(code, columns: 32).map { $0.style } == [qr(.low, 6)])
    let more = try Workshop.lines("{option: qrcode; code: \(long)0}", columns: 48)
    #expect(more.count == 5 && more.allSatisfy { $0.style == .plain })
    #expect(more.map { $0.text }.joined() == long + "0")
  }

  @Test("a code that is wrong is refused with its line and column")
  func faults() {
    for (text, fault) in [
      ("{code: }", "syntax 1:2 a code of nothing"),
      ("{code: [[pan]]}", "forbidden 1:8 pan may stand on no slip"),
      ("{code: [[nothing]]}", "syntax 1:8 there is no field nothing"),
      ("{code: a|b}", "syntax 1:9 \\ must stand before | { } ; in a property"),
      ("{option: ean}", "forbidden 1:2 the codes printed here are code128 and qrcode"),
      (
        "a\n{option: qrcode 9}",
        "syntax 2:2 an option is code128 or qrcode, 2 to 8 dots, 24 to 240 dots of height, hri, "
          + "nohri, l, m, q or h"
      ),
      ("{image: aGk=}", "forbidden 1:2 no pictures are printed here"),
    ] {
      #expect(Workshop.fault(text) == fault, "\(text)")
    }
  }

  @Test("a template whose code has no room on a paper is refused, unless it asks for the paper")
  func trial() throws {
    // 15 digits and a letter: 231 modules with the quiet zone, 462 dots.
    let wide = "{code: [[merchantNumber]][[entryLetter]]}"
    let shipped = try Workshop.changed("sale", "[[include payment]]", "[[include payment]]\n")
    let fault = try Workshop.refusal("sale", shipped + wide + "\n")
    #expect(fault?.kind == .forbidden)
    #expect(
      fault?.message == "a code that has no room on paper of 32 columns, or cannot be one")
    let asking = shipped + "[[if columns 42]]\n" + wide + "\n[[end]]\n"
    let refused = try Workshop.refusal("sale", asking)
    #expect(refused == nil, "\(String(describing: refused))")
  }

  @Test("what stands in a code alone does not count as shown")
  func unread() throws {
    let text = try Workshop.changed(
      "facts", "[[referenceNumber]]\n", "~\n{code: [[referenceNumber]]}\n")
    let fault = try Workshop.refusal("facts", text)
    #expect(fault?.kind == .lacking)
    #expect(fault?.message.contains("referenceNumber") == true)
  }

  @Test("Code 128 has digits in pairs, everything else letter by letter, and a check symbol")
  func symbols() {
    // ISO/IEC 15417's rule: start plus each value times its place, modulo 103.
    #expect(Code128("PJJ123C")?.symbols == [104, 48, 42, 42, 17, 18, 19, 35, 55])
    #expect(Code128("123456")?.symbols == [105, 12, 34, 56, 44])
    #expect(Code128("12345")?.symbols.first == 104)
    #expect(Code128("茶") == nil)
    #expect(Code128("") == nil)
    #expect(Code128("a\u{10}") == nil)
    // What the printer could take for a command of its own stays letter by letter.
    for digits in ["1604", "1605", "1620", "00162001"] {
      #expect(Code128(digits)?.isPairs == false, "\(digits)")
    }
    for digits in ["1606", "0416", "6160"] { #expect(Code128(digits)?.isPairs == true) }
  }
}
