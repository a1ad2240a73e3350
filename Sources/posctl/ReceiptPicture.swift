// SPDX-License-Identifier: Apache-2.0

import CPNG
import Devices

/// A receipt, dot by dot, as a printer of so many columns has it.
struct ReceiptPicture {
  /// Dots between two rows of text, and above and below all of them.
  private static let gap = 6
  private static let margin = 24

  /// Dots of a row: 384 on paper of 58 mm, 576 on paper of 80 mm.
  let width: Int
  /// Row by row, 0 black and 255 white.
  private var dots: [UInt8] = []

  /// Draws a receipt.
  init(_ lines: [PrintLine], columns: Int, font: BitmapFont) {
    width = columns * BitmapFont.cell
    feed(ReceiptPicture.margin)
    for line in lines {
      draw(line, font)
      feed(line.isCode ? 0 : ReceiptPicture.gap)
    }
    feed(ReceiptPicture.margin - ReceiptPicture.gap)
  }

  /// Writes a PNG file; false when the system refuses.
  func write(to file: String) -> Bool {
    var image = unsafe png_image()
    unsafe image.version = UInt32(PNG_IMAGE_VERSION)
    unsafe image.width = UInt32(width)
    unsafe image.height = UInt32(dots.count / width)
    unsafe image.format = UInt32(PNG_FORMAT_GRAY)
    return unsafe dots.withUnsafeBytes {
      unsafe png_image_write_to_file(&image, file, 0, $0.baseAddress, 0, nil) != 0
    }
  }

  private mutating func feed(_ rows: Int) {
    dots += [UInt8](repeating: 255, count: rows * width)
  }

  private mutating func draw(_ line: PrintLine, _ font: BitmapFont) {
    switch line.style {
    case .plain, .bold, .large: write(line, font)
    case .qrCode(let code):
      let quiet = QRCode.quiet * Int(code.cell)
      feed(quiet)
      if let picture = CodePicture(qrCode: line.text, code.level) {
        draw(picture, Int(code.cell), Int(code.cell), line.alignment)
      }
      feed(quiet)
    case .barCode(let code):
      if let picture = CodePicture(bars: line.text) {
        draw(picture, Int(code.module), Int(code.height), line.alignment)
      }
      feed(PrintLine.codeGapDots)
    }
  }

  /// Draws modules of so many dots.
  private mutating func draw(
    _ picture: CodePicture, _ module: Int, _ height: Int, _ alignment: PrintLine.Alignment
  ) {
    for row in picture.rows {
      let spare = max(0, width - row.count * module)
      var dots = [UInt8](repeating: 255, count: alignment == .centre ? spare / 2 : 0)
      for isBlack in row { dots += [UInt8](repeating: isBlack ? 0 : 255, count: module) }
      dots += [UInt8](repeating: 255, count: max(0, width - dots.count))
      for _ in 0..<height { self.dots += dots.prefix(width) }
    }
  }

  private mutating func write(_ line: PrintLine, _ font: BitmapFont) {
    let scale = line.style == .large ? 2 : 1
    let start = dots.count
    feed(BitmapFont.height * scale)
    let taken = Devices.columns(of: line.text) * BitmapFont.cell * scale
    var left = line.alignment == .centre ? max(0, width - taken) / 2 : 0
    for scalar in line.text.unicodeScalars {
      let glyph = font.glyph(of: scalar)
      for (row, bits) in glyph.rows.enumerated() {
        for (column, isBlack) in bits.enumerated() where isBlack {
          for y in 0..<scale {
            // Bold is what is printed again a dot further.
            for x in 0..<(line.style == .bold ? 2 : scale) {
              let across = left + column * scale + x
              if across < width {
                dots[start + (row * scale + y) * width + across] = 0
              }
            }
          }
        }
      }
      left += glyph.width * scale
    }
  }
}
