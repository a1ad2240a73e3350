// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator
import Testing

@Suite("The simulated printer, when what it is sent is cut off")
struct CutOffTests {
  /// A picture of 16 × 8 dots, all black, by `GS v 0`.
  private static let head: [UInt8] = [0x1D, 0x76, 0x30, 0x00, 0x02, 0x00, 0x08, 0x00]
  private static let dots = [UInt8](repeating: 0xFF, count: 16)
  private static let initialise: [UInt8] = [0x1B, 0x40]
  private static let clear: [UInt8] = [
    0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08,
  ]

  private static func given(_ bytes: [UInt8], to printer: inout PrinterModel) {
    _ = printer.handle(.received(bytes), at: .start)
    rest(&printer)
  }

  private static func rest(_ printer: inout PrinterModel) {
    while let due = printer.deadline { _ = printer.handle(.deadlinePassed, at: due) }
  }

  /// What may be open when the bytes end, each with as much of it as has come.
  private static let begun: [[UInt8]] = [
    head, head + dots.prefix(5), head + dots.dropLast(), [0x1D, 0x76, 0x30],
    // A size, a code's data, a bar code, a glyph's first half, a tab list, a longer picture.
    [0x1D, 0x21], [0x1D, 0x28, 0x6B, 0x20, 0x00, 0x31, 0x50, 0x30, 0x41],
    [0x1D, 0x6B, 0x49, 0x10, 0x7B, 0x42, 0x41], [0x1B, 0x44, 0x08],
    [0x1D, 0x76, 0x30, 0x00, 0x48, 0x00, 0xFF, 0x00, 0xFF, 0xFF],
    Array("half a row".utf8), Array("half a row".utf8) + [0xC4],
  ]

  @Test("a power cut ends whatever is open, and the next document is printed whole")
  func power() {
    for open in CutOffTests.begun {
      var printer = PrinterModel()
      CutOffTests.given(open, to: &printer)
      _ = printer.handle(.powerCut, at: .start)
      _ = printer.handle(.powerOn, at: .start)
      CutOffTests.given(Array("next\n".utf8), to: &printer)
      #expect(printer.everythingPrinted == ["next"], "\(open)")
      #expect(printer.pictures.isEmpty)
      #expect(printer.unknownCommands.isEmpty)
    }
  }

  @Test("a buffer that is cleared has nothing open, in the middle of dots too")
  func cleared() {
    for open in CutOffTests.begun {
      var printer = PrinterModel()
      CutOffTests.given(open, to: &printer)
      let said = printer.handle(.received(CutOffTests.clear), at: .start)
      #expect(said.contains(.send([0x37, 0x25, 0x00])), "\(open)")
      CutOffTests.rest(&printer)
      CutOffTests.given(Array("next\n".utf8), to: &printer)
      #expect(printer.everythingPrinted == ["next"], "\(open)")
      #expect(printer.pictures.isEmpty)
    }
  }

  @Test("ESC @ is dots inside a picture, and behind one it ends it")
  func initialised() {
    var inside = PrinterModel()
    let body = CutOffTests.head + CutOffTests.initialise + CutOffTests.dots.dropLast(2)
    CutOffTests.given(body, to: &inside)
    #expect(inside.pictures.map { $0.height } == [8])
    #expect(inside.pictures.first.map { Array($0.bytes.prefix(2)) } == CutOffTests.initialise)
    // What touches is one picture, and what a command stands between is two.
    let whole = CutOffTests.head + CutOffTests.dots
    var touching = PrinterModel()
    CutOffTests.given(whole + whole, to: &touching)
    #expect(touching.pictures.map { $0.height } == [16])
    var apart = PrinterModel()
    CutOffTests.given(whole + CutOffTests.initialise + whole, to: &apart)
    #expect(apart.pictures.map { $0.height } == [8, 8])
    #expect(apart.paper == [PrinterModel.pictureLine, PrinterModel.pictureLine])
    // Half a row is dropped, and so are the looks that were set.
    var row = PrinterModel()
    let large: [UInt8] = [0x1D, 0x21, 0x11]
    CutOffTests.given(
      large + Array("half".utf8) + CutOffTests.initialise + Array("next\n".utf8), to: &row)
    #expect(row.paper == ["next"])
    #expect(row.styles == [PrinterModel.PaperStyle()])
  }

  @Test("a power cut and a cleared buffer part a picture from the next one, too")
  func parted() {
    let whole = CutOffTests.head + CutOffTests.dots
    var printer = PrinterModel()
    CutOffTests.given(whole, to: &printer)
    _ = printer.handle(.powerCut, at: .start)
    _ = printer.handle(.powerOn, at: .start)
    CutOffTests.given(whole, to: &printer)
    CutOffTests.given(CutOffTests.clear, to: &printer)
    CutOffTests.given(whole, to: &printer)
    #expect(printer.pictures.map { $0.height } == [8, 8, 8])
  }

  @Test("a line of text that reads like a picture is told as a line")
  func text() {
    var printer = PrinterModel()
    let whole = CutOffTests.head + CutOffTests.dots
    let line = Array((PrinterModel.pictureLine + "\n").utf8)
    var seen = printer.handle(.received(line + whole + line), at: .start)
    while let due = printer.deadline { seen += printer.handle(.deadlinePassed, at: due) }
    let row = PrinterModel.Effect.printed(
      line: PrinterModel.pictureLine, style: PrinterModel.PaperStyle())
    #expect(seen == [row, .drawn(picture: 0), row])
  }
}
