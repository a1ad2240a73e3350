// SPDX-License-Identifier: Apache-2.0

// Bytes to characters, and characters to lines.

extension PrinterModel {
  /// Adds a text byte to the line.
  mutating func character(_ byte: UInt8) {
    if let lead = line.lead {
      line.lead = nil
      put(glyph(lead, byte), cells: 2)
    } else if settings.isHanzi && (0x81...0xFE).contains(byte) {
      line.lead = byte
    } else if byte < 0x80 {
      put(settings.country == 15 && byte == 0x24 ? "\u{A5}" : Unicode.Scalar(byte), cells: 1)
    } else {
      put(single(byte), cells: 1)
    }
  }

  /// A character that does not fit prints the line and begins the next.
  private mutating func put(_ scalar: Unicode.Scalar, cells: Int) {
    let factor = Int(settings.size >> 4 & 7) + 1
    if line.cells + cells * factor > profile.columns { endLine() }
    if line.cells == 0 {
      line.style = PaperStyle(isBold: settings.isBold, isLarge: settings.size != 0)
    }
    line.text.unicodeScalars.append(scalar)
    line.cells += cells * factor
  }

  /// Moves to a position counted in dots from the left edge; a cell has twelve.
  mutating func moveTo(dots: Int) {
    while line.cells < dots / 12 && line.cells < profile.columns {
      line.text += " "
      line.cells += 1
    }
  }

  /// Hands the line to the mechanism.
  mutating func endLine() {
    motion = .line(placed(line), line.style)
    line = PaperLine()
  }

  /// Feeds paper.
  mutating func feed(lines: Int) {
    if line.cells > 0 { endLine() }
    if motion == nil && lines > 0 { motion = .feed(lines) }
  }

  /// The line with blanks on the left as its alignment wants.
  private func placed(_ line: PaperLine) -> String {
    let spare = max(0, profile.columns - line.cells)
    let blanks = settings.alignment == 1 ? spare / 2 : settings.alignment == 2 ? spare : 0
    return String(repeating: " ", count: line.cells == 0 ? 0 : blanks) + line.text
  }

  /// A character of the GBK table, or U+FFFD.
  private func glyph(_ lead: UInt8, _ trail: UInt8) -> Unicode.Scalar {
    guard (0x81...0xFE).contains(lead), trail >= 0x40, trail != 0x7F, trail != 0xFF else {
      return "\u{FFFD}"
    }
    let cell = Int(trail) - 0x40 - (trail > 0x7F ? 1 : 0)
    let row = paperGlyphs[(Int(lead) - 0x81) * 2 + cell / 95]
    var index = 0
    for scalar in row.description.unicodeScalars {
      if index == cell % 95 { return scalar }
      index += 1
    }
    return "\u{FFFD}"
  }

  /// The characters of the single-byte pages that receipts use.
  private func single(_ byte: UInt8) -> Unicode.Scalar {
    switch (settings.page, byte) {
    case (0, 0x9D), (2, 0xBE), (19, 0xBE), (16, 0xA5): "\u{A5}"
    default: "\u{FFFD}"
    }
  }
}
