// SPDX-License-Identifier: Apache-2.0

import Devices

// A printer that draws codes by itself is sent some eighty bytes, not several thousand. No data
// have a control character in them, and no length is 1040, 1296 or 5136, so nothing here can be
// taken for a real-time command.

extension Encoder {
  /// Adds a QR code, by functions 65, 67, 69, 80 and 81 of `GS ( k`: model 2, dots of a module,
  /// level, data, and print. The quiet zone above and below is ours to keep.
  mutating func draw(_ code: QRCode, _ line: PrintLine) {
    if QRCode.version(line.text, code.level) == nil { return spell(line) }
    let data = Array(line.text.utf8)
    let quiet: [UInt8] = [0x1B, 0x4A, UInt8(QRCode.quiet) * code.cell]
    add(command: changes(to: .plain, line.alignment) + quiet)
    add(command: Encoder.function(0x41, [0x32, 0x00]))
    add(command: Encoder.function(0x43, [code.cell]))
    add(command: Encoder.function(0x45, [0x30 + code.level.rawValue]))
    add(command: Encoder.function(0x50, [0x30] + data))
    add(command: Encoder.function(0x51, [0x30]))
    add(command: quiet)
  }

  private static func function(_ number: UInt8, _ parameters: [UInt8]) -> [UInt8] {
    let length = parameters.count + 2
    return [0x1D, 0x28, 0x6B, UInt8(length & 0xFF), UInt8(length >> 8), 0x31, number] + parameters
  }

  /// Adds bars: height, width, no text of the printer's own, and form B of `GS k`.
  mutating func draw(_ code: BarCode, _ line: PrintLine) {
    guard let data = Encoder.data(ofBars: line.text) else { return spell(line) }
    add(command: changes(to: .plain, line.alignment) + [0x1D, 0x68, code.height])
    add(command: [0x1D, 0x77, code.module, 0x1D, 0x48, 0x00])
    add(command: [0x1D, 0x6B, 0x49, UInt8(data.count)] + data)
    add(command: [0x1B, 0x4A, UInt8(PrintLine.codeGapDots)])
  }

  /// Adds a QR code dot by dot.
  mutating func picture(_ code: QRCode, _ line: PrintLine) {
    guard profile.pictureRows > 0, let dots = Raster(qrCode: line.text, code),
      takes(dots)
    else {
      return spell(line)
    }
    let quiet: [UInt8] = [0x1B, 0x4A, UInt8(QRCode.quiet) * code.cell]
    add(command: quiet)
    draw(dots, line.alignment)
    add(command: quiet)
  }

  /// Adds bars dot by dot.
  mutating func picture(_ code: BarCode, _ line: PrintLine) {
    guard profile.pictureRows > 0, let dots = Raster(bars: line.text, code),
      takes(dots)
    else {
      return spell(line)
    }
    draw(dots, line.alignment)
    add(command: [0x1B, 0x4A, UInt8(PrintLine.codeGapDots)])
  }

  /// Whether a picture still has room in the document; what has none is spelled.
  private mutating func takes(_ dots: Raster) -> Bool {
    if pictureBytes + dots.bytes.count > Encoder.mostPictureBytes { return false }
    pictureBytes += dots.bytes.count
    return true
  }

  /// The set's name and the data; a brace stands for itself only when there are two.
  private static func data(ofBars text: String) -> [UInt8]? {
    guard let code = Code128(text) else { return nil }
    if code.isPairs { return [0x7B, 0x43] + code.symbols.dropFirst().dropLast() }
    var data: [UInt8] = [0x7B, 0x42]
    for byte in text.utf8 { data += byte == 0x7B ? [byte, byte] : [byte] }
    return data
  }

  /// Adds the text of a code in rows of the paper's width.
  mutating func spell(_ line: PrintLine) {
    var row = String.UnicodeScalarView()
    var cells = 0
    for scalar in line.text.unicodeScalars {
      let next = columns(of: scalar)
      if cells + next > profile.columns {
        add(String(row), .plain, line.alignment)
        row = String.UnicodeScalarView()
        cells = 0
      }
      row.append(scalar)
      cells += next
    }
    add(String(row), .plain, line.alignment)
  }
}
