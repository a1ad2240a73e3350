// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Foundation
import Simulator
import Testing

@testable import PrinterESCPOS

@Suite("The simulated printer obeys the manual")
struct PaperTests {
  private func printer(_ profile: PrinterModel.Profile, _ bytes: [UInt8]) -> PrinterModel {
    var model = PrinterModel(profile: profile)
    var now = Instant.start
    _ = model.handle(.received(bytes), at: now)
    while let due = model.deadline {
      now = due
      _ = model.handle(.deadlinePassed, at: now)
    }
    return model
  }

  @Test("the receipt of the manual prints as the manual says")
  func skeleton() {
    var bytes: [UInt8] = [
      0x1B, 0x40, 0x1D, 0x61, 0x0F, 0x1C, 0x2E, 0x1B, 0x52, 0x00, 0x1B, 0x74, 0x00, 0x1B, 0x61,
      0x01, 0x1D, 0x21, 0x11,
    ]
    bytes += Array("CORNER SHOP".utf8) + [0x0A, 0x1D, 0x21, 0x00, 0x1B, 0x61, 0x00]
    bytes += Array("Tea".utf8) + [0x1B, 0x24, 0x10, 0x02] + Array("3.00".utf8)
    bytes += [0x0A, 0x1D, 0x56, 0x42, 0x00, 0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30]
    bytes += [0x30, 0x30, 0x30, 0x31, 0x1D, 0x72, 0x01]
    let model = printer(PrinterModel.Profile(), bytes)
    let tea = "Tea" + String(repeating: " ", count: 41) + "3.00"
    #expect(model.receipts == [[String(repeating: " ", count: 13) + "CORNER SHOP", tea]])
    #expect(model.unknownCommands.isEmpty)
  }

  @Test("graphics and codes are taken by their length and leave no text behind")
  func lengths() {
    let commands: [[UInt8]] = [
      [0x1D, 0x38, 0x4C, 0x03, 0, 0, 0, 0x41, 0x42, 0x43],
      [0x1D, 0x28, 0x6B, 0x04, 0, 0x31, 0x41, 0x32, 0],
      [0x1D, 0x6B, 0x43, 0x0C] + Array("590123412345".utf8),
      [0x1D, 0x6B, 0x04, 0x41, 0x42, 0x00],
      [0x1B, 0x2A, 0x21, 2, 0, 0x41, 0, 1, 0x41, 0, 1],
      [0x1B, 0x44, 8, 16, 0],
      [0x1B, 0x70, 0, 0x19, 0xFA],
      [0x1C, 0x32, 0xFE, 0xA1] + [UInt8](repeating: 0x41, count: 72),
    ]
    for command in commands {
      let model = printer(PrinterModel.Profile(), [0x1B, 0x40] + command + [0x2E, 0x0A])
      #expect(model.paper == ["."], "\(command)")
      #expect(model.unknownCommands.isEmpty)
    }
  }

  @Test("a picture comes out dot by dot, twice as wide and high where it says so, and bands join")
  func pictures() {
    let dots: [UInt8] = [0xFF, 0xFF, 0x80, 1, 0x80, 1, 0xFF, 0xFF]
    for mode: UInt8 in 0...3 {
      let band = [0x1D, 0x76, 0x30, mode, 2, 0, 4, 0] + dots
      let model = printer(PrinterModel.Profile(), band + band + [0x2E, 0x0A])
      #expect(model.paper == ["[picture]", "."])
      #expect(model.unknownCommands.isEmpty)
      let (wide, high) = (mode & 1 == 1 ? 2 : 1, mode & 2 == 2 ? 2 : 1)
      #expect(model.pictures.map { $0.height } == [8 * high])
      for y in 0..<8 * high {
        for x in 0..<40 {
          let isEdge = [0, 3].contains(y / high % 4) || [0, 15].contains(x / wide)
          #expect(model.pictures[0][x, y] == (x < 16 * wide && isEdge))
        }
      }
    }
    let none = printer(
      PrinterModel.Profile(hasPictures: false), [0x1D, 0x76, 0x30, 0, 2, 0, 4, 0] + dots + [0x0A])
    #expect(none.paper == [""])
    #expect(none.pictures.isEmpty)
  }

  @Test("a QR code and bars that the driver sends come out of the printer with what is in them")
  func codes() {
    let text = "https://example.com/r?n=000000000001"
    let lines = [
      PrintLine(text, style: .qrCode(QRCode(level: .medium, cell: 5)), alignment: .centre),
      PrintLine("000000000001", style: .barCode(BarCode(module: 2, height: 72))),
      PrintLine("{A} 1", style: .barCode(BarCode(module: 2, height: 72))), PrintLine("."),
    ]
    for isDrawn in [true, false] {
      var bench = Bench(
        PrinterProfile(hasQRCode: isDrawn, hasBarCode: isDrawn, pictureRows: 0),
        printer: PrinterModel.Profile(hasCodes: isDrawn))
      bench.open()
      bench.run(.seconds(5))
      bench.print(lines)
      bench.run(.seconds(60))
      let wanted =
        isDrawn
        ? ["[QR \(text)]", "[128 000000000001]", "[128 {A} 1]", "."]
        : [String(repeating: " ", count: 6) + text, "000000000001", "{A} 1", "."]
      #expect(bench.model.receipts == [wanted])
      #expect(bench.model.unknownCommands.isEmpty)
      #expect(bench.outcomes == [.printed(.processID)])
    }
  }

  @Test("a command nobody knows is counted with its place")
  func unknown() {
    let model = printer(PrinterModel.Profile(), [0x41, 0x1B, 0xFF, 0x42, 0x0A])
    #expect(model.unknownCommands.map(\.offset) == [1])
    #expect(model.unknownCommands.map(\.bytes) == [[0x1B, 0xFF]])
    #expect(model.paper == ["AB"])
  }

  @Test("a Chinese printer shows a yen sign for the dollar unless it is told otherwise")
  func internationalSet() {
    #expect(printer(PrinterModel.Profile(), Array("$1\n".utf8)).paper == ["\u{A5}1"])
    let told = printer(PrinterModel.Profile(), [0x1B, 0x52, 0] + Array("$1\n".utf8))
    #expect(told.paper == ["$1"])
  }

  @Test("bytes beyond the buffer are lost without flow control, and only then")
  func overruns() {
    let text = [UInt8](repeating: 0x41, count: 40) + [0x0A]
    let bytes = Array([[UInt8]](repeating: text, count: 20).joined())
    var profile = PrinterModel.Profile(receiveBuffer: 128)
    #expect(printer(profile, bytes).paper.count == 20)
    profile.hasFlowControl = false
    let model = printer(profile, bytes)
    #expect(model.overruns > 0)
    #expect(model.paper.count < 20)
  }

  @Test("a bilingual slip looks on paper as it always has", arguments: [48, 32])
  func golden(columns: Int) throws {
    var bench = Bench.fitting(PrinterProfile(columns: columns))
    bench.open()
    bench.print([
      PrintLine("街角咖啡 CORNER CAFE", style: .bold, alignment: .centre),
      PrintLine(String(repeating: "-", count: columns)),
      PrintLine("终端号 TID          12345678"),
      PrintLine("CNY 12.30", style: .large, alignment: .centre),
      PrintLine("批准 APPROVED", alignment: .centre),
    ])
    bench.run(.seconds(5))
    let paper = bench.model.receipts.first?.joined(separator: "\n") ?? "nothing"
    try expectGolden("paper-\(columns).txt", paper + "\n")
  }

  private func expectGolden(_ name: String, _ text: String) throws {
    let url = fixtures.appendingPathComponent("receipts").appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["POSD_REWRITE_GOLDEN"] == "1" {
      try text.write(to: url, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == text)
  }
}
