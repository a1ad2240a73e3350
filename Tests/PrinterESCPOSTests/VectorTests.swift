// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Foundation
import Simulator
import Testing

@testable import PrinterESCPOS

@Suite("Bytes on the wire")
struct VectorTests {
  private func parse(_ chunks: [([UInt8], Int64)]) -> [Reply] {
    var parser = ReplyParser(timing: Timing(), profile: PrinterProfile())
    var now = Instant.start
    var replies: [Reply] = []
    for (bytes, pause) in chunks {
      replies += parser.take(bytes, at: now)
      now = now + .milliseconds(pause)
      replies += parser.wake(at: now)
    }
    return replies
  }

  @Test("every reply of a printer is told apart from every other")
  func replies() {
    let cases: [([UInt8], [Reply])] = [
      ([0x16], [.realTime(0x16)]),
      ([0x14, 0, 0, 0x0F], [.report([0x14, 0, 0, 0x0F])]),
      ([0x14, 0, 0x13, 0, 0], [.flow(maySend: false), .report([0x14, 0, 0, 0])]),
      ([0x38, 0, 0x0C, 0], [.report([0x38, 0, 0x0C, 0])]),
      ([0x00], [.single(0, isBehindReport: false)]),
      (
        [0x14, 0, 0, 0x0F, 0],
        [.report([0x14, 0, 0, 0x0F]), .single(0, isBehindReport: true)]
      ),
      ([0, 0, 0x0F], [.desync(bytes: 3)]),
      ([0x5F, 0x45, 0x50, 0x53, 0], [.block([0x5F, 0x45, 0x50, 0x53])]),
      ([0x37, 0x22, 0x30, 0x30, 0x30, 0x31, 0], [.processID(1)]),
      (
        [0x37, 0x22, 0x30, 0x13, 0x30, 0x30, 0x31, 0],
        [.flow(maySend: false), .processID(1)]
      ),
      ([0x37, 0x25, 0], [.cleared]),
      ([0x3B, 0x30, 0], [.block([0x3B, 0x30])]),
      ([0xFF], [.noise(0xFF)]),
    ]
    for (bytes, expected) in cases {
      #expect(parse([(bytes, 2_000)]) == expected, "\(bytes)")
    }
    let torn = parse([([0x5F, 0x45, 0x50, 0x14, 0, 0, 0x0F, 0x53, 0x4F, 0x4E, 0], 2_000)])
    #expect(Array(torn.prefix(2)) == [.truncated, .report([0x14, 0, 0, 0x0F])])
    #expect(!torn.contains { if case .single = $0 { true } else { false } })
  }

  @Test("silence ends a torn report")
  func silence() {
    #expect(
      parse([([0x14, 0], 60), ([0x14, 0, 0, 0x0F], 60)])
        == [.truncated, .report([0x14, 0, 0, 0x0F])])
    #expect(parse([([0x14, 0], 10), ([0, 0x0F], 60)]) == [.report([0x14, 0, 0, 0x0F])])
    #expect(
      parse([([0], 60), ([0], 60)])
        == [.single(0, isBehindReport: false), .single(0, isBehindReport: false)])
  }

  @Test("a state reads the same from a report and from four answers")
  func conditions() {
    let table: [([UInt8], [UInt8], PrinterHalt?, Bool)] = [
      ([0x12, 0x12, 0x12, 0x12], [0x10, 0, 0, 0x0F], nil, false),
      ([0x12, 0x12, 0x12, 0x1E], [0x10, 0, 0x03, 0x0F], nil, true),
      ([0x1A, 0x16, 0x12, 0x12], [0x38, 0, 0, 0x0F], .coverOpen, false),
      ([0x1A, 0x32, 0x12, 0x7E], [0x18, 0, 0x0F, 0x0F], .paperOut, true),
      ([0x1A, 0x36, 0x12, 0x7E], [0x38, 0, 0x0F, 0x0F], .coverOpen, true),
      ([0x1A, 0x52, 0x1A, 0x12], [0x18, 0x08, 0, 0x0F], .cutterJam, false),
      ([0x1A, 0x52, 0x52, 0x12], [0x18, 0x40, 0, 0x0F], .overheated, false),
      ([0x1A, 0x56, 0x52, 0x12], [0x38, 0x40, 0, 0x0F], .coverOpen, false),
      ([0x3A, 0x52, 0x16, 0x12], [0x18, 0x05, 0, 0x0F], .offline, false),
      ([0x1A, 0x52, 0x32, 0x12], [0x18, 0x20, 0, 0x0F], .broken, false),
      ([0x5A, 0x1A, 0x12, 0x12], [0x58, 0, 0, 0x0F], .offline, false),
    ]
    for (answers, report, halt, isLow) in table {
      for condition in [Condition(answers: answers), Condition(report: report)] {
        #expect(condition.halt == halt)
        #expect(condition.isPaperLow == isLow)
      }
      #expect(Condition(answers: answers) == Condition(report: report))
    }
  }

  @Test("Chinese text goes out as two-byte GBK, the yen sign in its wide form")
  func chineseLine() {
    var encoder = Encoder(profile: PrinterProfile())
    encoder.add(PrintLine("收据 \u{A5}12.00"))
    encoder.flush()
    let wanted: [UInt8] = [
      0x1C, 0x26, 0xCA, 0xD5, 0xBE, 0xDD, 0x20, 0xA3, 0xA4, 0x31, 0x32, 0x2E, 0x30, 0x30, 0x0A,
      0x1C, 0x2E,
    ]
    #expect(encoder.chunks == [wanted])
  }

  @Test("a printer without Chinese is never sent it, and its columns do not move")
  func latinLine() {
    var encoder = Encoder(profile: latin58)
    encoder.add(PrintLine("茶 – ¥3\u{07}\u{1F600}"))
    encoder.flush()
    #expect(encoder.chunks == [Array("?? --  ".utf8) + [0x9D, 0x33, 0x3F, 0x3F, 0x0A]])
  }

  @Test("a QR code and bars go out as the manual has them, and as text where there are none")
  func codes() {
    var encoder = Encoder(profile: PrinterProfile())
    let qr = PrintLine.Style.qrCode(QRCode(level: .medium, cell: 6))
    encoder.add(PrintLine("posd", style: qr, alignment: .centre))
    let bars = PrintLine.Style.barCode(BarCode(module: 2, height: 72))
    encoder.add(PrintLine("1234", style: bars))
    encoder.add(PrintLine("a{", style: bars))
    encoder.flush()
    var wanted: [UInt8] = [
      0x1B, 0x61, 0x01, 0x1B, 0x4A, 24, 0x1D, 0x28, 0x6B, 0x04, 0x00, 0x31, 0x41, 0x32, 0x00,
      0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x43, 0x06, 0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x45,
      0x31, 0x1D, 0x28, 0x6B, 0x07, 0x00, 0x31, 0x50, 0x30,
    ]
    wanted += Array("posd".utf8) + [0x1D, 0x28, 0x6B, 0x03, 0x00, 0x31, 0x51, 0x30, 0x1B, 0x4A, 24]
    let setting: [UInt8] = [0x1D, 0x68, 72, 0x1D, 0x77, 2, 0x1D, 0x48, 0x00, 0x1D, 0x6B, 0x49]
    wanted += [0x1B, 0x61, 0x00] + setting + [4, 0x7B, 0x43, 12, 34, 0x1B, 0x4A, 8]
    wanted += setting + [5, 0x7B, 0x42, 0x61, 0x7B, 0x7B, 0x1B, 0x4A, 8]
    #expect(encoder.chunks == [wanted])
    var plain = Encoder(
      profile: PrinterProfile(columns: 32, hasQRCode: false, hasBarCode: false, pictureRows: 0))
    plain.add(PrintLine(String(repeating: "12345678", count: 5), style: qr))
    plain.flush()
    let rows = String(repeating: "12345678", count: 4) + "\n12345678\n"
    #expect(plain.chunks == [Array(rows.utf8)])
  }

  @Test("the preamble and the end of a document are those of the manual")
  func commands() {
    #expect(Command.processID(1) == [0x1D, 0x28, 0x48, 6, 0, 0x30, 0x30, 0x30, 0x30, 0x30, 0x31])
    #expect(Command.processID(9_876).suffix(4) == [0x39, 0x38, 0x37, 0x36])
    #expect(Command.preamble(PrinterProfile()).prefix(5) == [0x1B, 0x40, 0x1D, 0x61, 0x0F])
    #expect(!Command.preamble(latin58).contains(0x1C))
  }

  @Test("no text can hide a real-time command in the stream")
  func noRealTimeCommands() {
    var dice = Dice(seed: 4)
    for _ in 0..<300 {
      var encoder = Encoder(profile: dice.chance(1, in: 2) ? PrinterProfile() : latin58)
      var text = String.UnicodeScalarView()
      for _ in 0..<dice.below(60) {
        if let scalar = Unicode.Scalar(UInt32(dice.below(dice.chance(1, in: 2) ? 64 : 0x11000))) {
          text.append(scalar)
        }
      }
      let bars = BarCode(module: 2, height: UInt8(dice.within(24...240)))
      let qr = QRCode(level: .low, cell: UInt8(dice.within(3...8)))
      for style in [PrintLine.Style.plain, .barCode(bars), .qrCode(qr)] {
        encoder.add(PrintLine(String(text), style: style))
      }
      let digits = String((0..<6).map { _ in dice.chance(1, in: 2) ? "16" : "04" }.joined())
      encoder.add(PrintLine(digits, style: .barCode(bars)))
      encoder.flush()
      let bytes = encoder.chunks.flatMap { $0 }
      for (first, second) in zip(bytes, bytes.dropFirst()) {
        #expect(!(first == 0x10 && [0x04, 0x05, 0x14].contains(second)))
      }
    }
  }

  @Test("the GBK tables of driver and paper agree with the judge's, and so do the widths")
  func gbk() throws {
    let url = fixtures.appendingPathComponent("escpos/gbk.txt")
    let rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    #expect(rows.count == 126)
    var codes: [UInt32: UInt16] = [:]
    for (index, row) in rows.enumerated() {
      let scalars = Array(row.unicodeScalars.dropFirst(3))
      #expect(scalars.count == 190)
      for (cell, scalar) in scalars.enumerated() where scalar.value != 0xFFFD {
        let trail = cell + 0x40 + (cell >= 0x3F ? 1 : 0)
        codes[scalar.value] = UInt16(index + 0x81) << 8 | UInt16(trail)
      }
    }
    #expect(codes.count == 21_791)
    for value in UInt32(0x80)...0x1_FFFF where value != 0xA5 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      if GBK.code(of: scalar) != codes[value] { Issue.record("U+\(String(value, radix: 16))") }
      if codes[value] != nil && columns(of: scalar) != 2 {
        Issue.record("width of U+\(String(value, radix: 16))")
      }
    }
    #expect(GBK.code(of: "\u{A5}") == 0xA3A4)
    for (value, code) in codes.sorted(by: { $0.key < $1.key }).enumerated().filter({
      $0.offset % 700 == 0
    }).map({ $0.element }) {
      let bytes = [UInt8(code >> 8), UInt8(code & 0xFF)]
      #expect(GBK.text(of: [0x41] + bytes)?.unicodeScalars.last?.value == value)
    }
    #expect(GBK.text(of: [0xCA, 0xBE, 0x20, 0x53]) == "示 S")
    for wrong in [[0xCA], [0xCA, 0x20], [0xFF, 0xFF]] as [[UInt8]] {
      #expect(GBK.text(of: wrong) == nil)
    }
  }

  @Test("every GBK character comes out on paper as it went in")
  func everyCharacter() throws {
    let url = fixtures.appendingPathComponent("escpos/gbk.txt")
    for row in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
      let scalars = row.unicodeScalars.dropFirst(3).filter { $0.value != 0xFFFD }
      let rest = Array(scalars)
      var lines: [String] = []
      for start in stride(from: 0, to: rest.count, by: 24) {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: rest[start..<min(start + 24, rest.count)])
        lines.append(String(view))
      }
      var bench = Bench()
      bench.open()
      bench.print(lines.map { PrintLine($0) })
      bench.run(.seconds(10))
      let paper = bench.model.everythingPrinted.map { Array($0.unicodeScalars) }
      #expect(paper == lines.map { Array($0.unicodeScalars) })
    }
  }
}
