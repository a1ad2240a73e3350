// SPDX-License-Identifier: Apache-2.0

// How wide text is on receipt paper. Layout and encoder share this one rule: a character that GBK
// sends as two bytes takes two cells, every other takes one. Whoever cannot encode a character
// prints as many substitutes as it has cells, so a column never moves.

/// How many cells of a printer's line a text takes.
public func columns(of text: String) -> Int {
  var cells = 0
  for scalar in text.unicodeScalars { cells += columns(of: scalar) }
  return cells
}

/// How many cells a character takes: none if it is not printed, two if GBK has two bytes for it.
public func columns(of scalar: Unicode.Scalar) -> Int {
  switch scalar.value {
  case 0x09, 0x20...0x7E: 1
  case 0x00...0x1F, 0x7F...0x9F, 0x300...0x36F: 0
  case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF: 0
  case 0xA0...0x10FF: isWideAmongNarrow(scalar.value) ? 2 : 1
  case 0xFF61...0xFFDC, 0xFFE8...0xFFEE: 1
  default: 2
  }
}

/// The Latin, Greek and Cyrillic letters and signs that GBK holds; U+00A5 is sent as U+FFE5.
private func isWideAmongNarrow(_ value: UInt32) -> Bool {
  switch value {
  case 0xA4, 0xA5, 0xA7, 0xA8, 0xB0, 0xB1, 0xB7, 0xD7, 0xE0, 0xE1, 0xE8...0xEA, 0xEC, 0xED: true
  case 0xF2, 0xF3, 0xF7, 0xF9, 0xFA, 0xFC, 0x101, 0x113, 0x11B, 0x12B, 0x144, 0x148, 0x14D: true
  case 0x16B, 0x1CE, 0x1D0, 0x1D2, 0x1D4, 0x1D6, 0x1D8, 0x1DA, 0x1DC, 0x251, 0x261: true
  case 0x2C7, 0x2C9...0x2CB, 0x2D9, 0x391...0x3C9, 0x401, 0x410...0x44F, 0x451: true
  default: false
  }
}
