// SPDX-License-Identifier: Apache-2.0

import CQREncode
import Clockwork
import Devices
import Simulator
import Testing

@testable import PrinterESCPOS

@Suite("Pictures")
struct PictureTests {
  /// Whether bytes hold what a printer obeys wherever it stands.
  private func hidesCommand(_ bytes: [UInt8]) -> Bool {
    zip(bytes, bytes.dropFirst()).contains { $0 == 0x10 && [0x04, 0x05, 0x14].contains($1) }
  }

  private func drawn(_ dice: inout Dice, width: Int, height: Int) -> Raster {
    // What is drawn of few values meets real-time commands often.
    let pool: [UInt8] = [0x10, 0x04, 0x05, 0x14, 0x01, 0x00, 0xFF]
    var raster = Raster(width: width)
    let count = raster.bytesPerRow * height
    let bytes = (0..<count).map { _ in pool[dice.below(pool.count)] }
    raster.add(rows: bytes[...])
    return raster
  }

  @Test("no picture hides a command, and every dot that was there is on paper", arguments: 0..<12)
  func harmless(seed: Int) throws {
    var dice = Dice(seed: UInt64(seed))
    let width = dice.within(1...72) * 8
    let picture = drawn(&dice, width: width, height: dice.within(1...60))
    let profile = PrinterProfile(pictureRows: dice.chance(1, in: 2) ? 255 : dice.within(1...24))
    let writes = profile.writes(of: picture, .left)
    let bytes = writes.flatMap { $0 }
    #expect(!hidesCommand(bytes))
    #expect(writes.allSatisfy { $0.count <= Limits.chunkBytes })
    var printer = PrinterModel()
    #expect(printer.handle(.received(bytes), at: .start).allSatisfy { $0 == .cut || !sends($0) })
    while let due = printer.deadline {
      #expect(!printer.handle(.deadlinePassed, at: due).contains(where: sends))
    }
    #expect(printer.paper == [PrinterModel.pictureLine])
    let paper = try #require(printer.pictures.first)
    #expect(paper.height == picture.height)
    var added = 0
    for y in 0..<picture.height {
      for x in 0..<paper.width {
        let isBlack = x < width && picture[x, y]
        if isBlack && !paper[x, y] { Issue.record("a dot is lost at \(x), \(y)") }
        if !isBlack && paper[x, y] {
          added += 1
          // Only ever at the left of a dot that was there.
          if x + 1 >= width || !picture[x + 1, y] { Issue.record("a dot at \(x), \(y)") }
        }
      }
    }
    #expect(added < picture.height * width / 8)
  }

  private func sends(_ effect: PrinterModel.Effect) -> Bool {
    if case .send = effect { return true }
    return false
  }

  @Test("bands are no larger than the printer takes, and a row wider than a band is one by itself")
  func bands() {
    var picture = Raster(width: 576)
    let rows = [UInt8](repeating: 0xFF, count: 72 * 100)
    picture.add(rows: rows[...])
    func heights(_ rows: Int) -> [UInt8] {
      let bytes = PrinterProfile(pictureRows: rows).writes(of: picture, .left).flatMap { $0 }
      var heights: [UInt8] = []
      var place = 0
      while place < bytes.count {
        #expect(Array(bytes[place..<place + 6]) == [0x1D, 0x76, 0x30, 0, 72, 0])
        #expect(bytes[place + 7] == 0)
        heights.append(bytes[place + 6])
        place += 8 + 72 * Int(bytes[place + 6])
      }
      return heights
    }
    #expect(heights(4_095) == [28, 28, 28, 16])
    #expect(heights(10) == [UInt8](repeating: 10, count: 10))
    #expect(heights(0) == [UInt8](repeating: 1, count: 100))
  }

  @Test(
    "the modules of a QR code are those of libqrencode, in every version and level that is printed",
    arguments: QRCode.Level.allCases)
  func modules(level: QRCode.Level) throws {
    let names: [QRecLevel] = [QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H]
    var versions: Set<Int> = []
    for count in stride(from: 1, through: 230, by: 4) {
      let text = String((0..<count).map { Character(Unicode.Scalar(UInt8(0x21 + $0 * 7 % 90))) })
      guard let version = QRCode.version(text, level) else { break }
      versions.insert(version)
      let data = Array(text.utf8)
      guard
        let code = unsafe QRcode_encodeData(
          Int32(count), data, Int32(version), names[Int(level.rawValue)])
      else {
        Issue.record("libqrencode refuses \(count) bytes")
        return
      }
      defer { unsafe QRcode_free(code) }
      let side = unsafe Int(code.pointee.width)
      func isBlack(_ x: Int, _ y: Int) -> Bool { unsafe code.pointee.data[y * side + x] & 1 == 1 }
      // The mask stands beside the upper left finder pattern, itself masked by 101.
      let bits = [2, 3, 4].map { isBlack($0, 8) ? 1 : 0 }
      let mask = (bits[0] << 2 | bits[1] << 1 | bits[2]) ^ 0b101
      let own = try #require(QRSymbol(text, level: level, mask: mask))
      #expect(own.side == side)
      for y in 0..<side {
        for x in 0..<side where own[x, y] != isBlack(x, y) {
          Issue.record("\(count) bytes: the module at \(x), \(y)")
          return
        }
      }
    }
    #expect(versions.count == (level == .low ? 9 : 10))
  }

  @Test("what a document has no room for as a picture is spelled, and stays below the port's queue")
  func manyPictures() throws {
    let text = String(repeating: "a", count: 90)
    let code = QRCode(level: .high, cell: 8)
    var encoder = Encoder(profile: PrinterProfile(hasQRCode: false, pictureRows: 255))
    for _ in 0..<40 { encoder.add(PrintLine(text, style: .qrCode(code), alignment: .centre)) }
    encoder.flush()
    let bytes = encoder.chunks.flatMap { $0 }
    #expect(bytes.count < 262_144 / 2 + 16_384)
    #expect(bytes.count > Encoder.mostPictureBytes / 2)
    var printer = PrinterModel()
    _ = printer.handle(.received(bytes), at: .start)
    while let due = printer.deadline { _ = printer.handle(.deadlinePassed, at: due) }
    #expect(printer.paper.contains(PrinterModel.pictureLine))
    #expect(printer.paper.contains(String(repeating: "a", count: 48)))
    #expect(printer.unknownCommands.isEmpty)
  }

  @Test("of the eight masks one is chosen, and what cannot be a code has no modules")
  func masks() throws {
    let chosen = try #require(QRSymbol("https://example.com/r?n=1", level: .medium))
    let all = (0..<8).map { QRSymbol("https://example.com/r?n=1", level: .medium, mask: $0) }
    #expect(all.filter { $0 == chosen }.count == 1)
    #expect(Set(all).count == 8)
    #expect(QRSymbol("", level: .low) == nil)
    #expect(QRSymbol("a\u{10}b", level: .low) == nil)
    #expect(QRSymbol(String(repeating: "a", count: 231), level: .low) == nil)
  }

  @Test("a printer that draws no codes is sent their dots, and the document is proven as ever")
  func codes() throws {
    let text = "https://example.com/r?n=000000000001"
    let qr = QRCode(level: .medium, cell: 5)
    let bars = BarCode(module: 2, height: 72)
    let lines = [
      PrintLine("."), PrintLine(text, style: .qrCode(qr), alignment: .centre),
      PrintLine("000000000001", style: .barCode(bars)), PrintLine("."),
    ]
    var bench = Bench(
      PrinterProfile(hasQRCode: false, hasBarCode: false),
      printer: PrinterModel.Profile(hasCodes: false))
    bench.open()
    bench.run(.seconds(5))
    bench.print(lines)
    bench.run(.seconds(60))
    let line = PrinterModel.pictureLine
    #expect(bench.model.receipts == [[".", line, line, "."]])
    #expect(bench.model.unknownCommands.isEmpty)
    #expect(bench.outcomes == [.printed(.processID)])
    let pictures = bench.model.pictures
    #expect(pictures.count == 2)
    let symbol = try #require(QRSymbol(text, level: .medium))
    // Whole bytes of a row stand in the middle.
    let left = (576 - (symbol.side * 5 + 7) / 8 * 8) / 2
    #expect(pictures[0].height == symbol.side * 5)
    for y in 0..<symbol.side {
      for x in 0..<symbol.side {
        #expect(pictures[0][left + x * 5 + 3, y * 5 + 3] == symbol[x, y])
      }
    }
    let modules = try #require(Code128("000000000001")?.bars)
    #expect(pictures[1].height == 72)
    for (place, isBar) in modules.enumerated() { #expect(pictures[1][place * 2, 40] == isBar) }
  }

  @Test("grey values become dots by their upper half, and a row ends in blank dots")
  func grey() {
    let raster = Raster(grey: [0, 127, 128, 255, 0, 255, 255, 255, 0, 255, 0] + [0, 0], width: 11)
    #expect(raster.height == 1)
    #expect(raster.bytes == [0b1100_1000, 0b1010_0000])
  }
}
