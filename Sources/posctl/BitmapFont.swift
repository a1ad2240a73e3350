// SPDX-License-Identifier: Apache-2.0

import CFreeType
import Devices

/// The fonts of a receipt's picture: those of 24 dots that X has, of the size that receipt printers
/// have in their own. Characters that only GBK has are drawn as a box.
@safe final class BitmapFont {
  /// A character's dots, row by row.
  struct Glyph {
    var width: Int
    var rows: [[Bool]]
  }

  /// Dots of a row of text.
  static let height = 24
  /// Dots of a cell.
  static let cell = 12

  /// The files of Debian's xfonts-base.
  static let latinFile = "12x24.pcf.gz"
  static let chineseFile = "gb24st.pcf.gz"

  private var library: FT_Library?
  private var latin: FT_Face?
  private var chinese: FT_Face?

  /// Opens the fonts of a folder; nil when one is not there.
  init?(folder: String) {
    guard unsafe FT_Init_FreeType(&library) == 0 else { return nil }
    guard unsafe open(folder + "/" + BitmapFont.latinFile, &latin),
      unsafe open(folder + "/" + BitmapFont.chineseFile, &chinese)
    else { return nil }
  }

  deinit {
    unsafe latin.map { unsafe _ = FT_Done_Face($0) }
    unsafe chinese.map { unsafe _ = FT_Done_Face($0) }
    unsafe library.map { unsafe _ = FT_Done_FreeType($0) }
  }

  private func open(_ path: String, _ face: inout FT_Face?) -> Bool {
    guard unsafe FT_New_Face(library, path, 0, &face) == 0, let face = unsafe face else {
      return false
    }
    guard unsafe FT_Select_Size(face, 0) == 0 else { return false }
    // The Chinese font's codes are its own: there is no table of Unicode in it.
    if unsafe face.pointee.num_charmaps > 0 {
      return unsafe FT_Set_Charmap(face, face.pointee.charmaps[0]) == 0
    }
    return false
  }

  /// A character as it is printed.
  func glyph(of scalar: Unicode.Scalar) -> Glyph {
    let width = columns(of: scalar) * BitmapFont.cell
    if scalar.value < 0x7F {
      return unsafe drawn(latin, UInt(scalar.value), width: width)
    }
    // The dashes, which GBK has beside GB 2312.
    if scalar.value == 0x2013 || scalar.value == 0x2014 {
      var glyph = Glyph(width: width, rows: BitmapFont.blank(width: width))
      for row in 11...12 { glyph.rows[row] = [Bool](repeating: true, count: width) }
      return glyph
    }
    // GB 2312 is the part of GBK whose bytes are both above A0; the font leaves the top bits out.
    guard let code = GBK.code(of: scalar), code >> 8 > 0xA0, code & 0xFF > 0xA0 else {
      return BitmapFont.box(width: width)
    }
    return unsafe drawn(chinese, UInt(code & 0x7F7F), width: width)
  }

  private func drawn(_ face: FT_Face?, _ code: UInt, width: Int) -> Glyph {
    guard let face = unsafe face else { return BitmapFont.box(width: width) }
    let index = unsafe FT_Get_Char_Index(face, code)
    guard index != 0, unsafe FT_Load_Glyph(face, index, FT_Int32(FT_LOAD_DEFAULT)) == 0,
      let slot = unsafe face.pointee.glyph, let size = unsafe face.pointee.size
    else { return BitmapFont.box(width: width) }
    let bitmap = unsafe slot.pointee.bitmap
    let top = unsafe Int(size.pointee.metrics.ascender >> 6) - Int(slot.pointee.bitmap_top)
    let left = unsafe Int(slot.pointee.bitmap_left)
    var glyph = Glyph(width: width, rows: BitmapFont.blank(width: width))
    guard let dots = unsafe bitmap.buffer else { return glyph }
    for row in unsafe 0..<Int(bitmap.rows) where (0..<BitmapFont.height).contains(row + top) {
      for column in unsafe 0..<Int(bitmap.width) where (0..<width).contains(column + left) {
        let byte = unsafe dots[row * Int(bitmap.pitch) + column / 8]
        glyph.rows[row + top][column + left] = byte >> (7 - column % 8) & 1 == 1
      }
    }
    return glyph
  }

  private static func blank(width: Int) -> [[Bool]] {
    [[Bool]](repeating: [Bool](repeating: false, count: width), count: height)
  }

  /// What stands for a character that the fonts do not have.
  private static func box(width: Int) -> Glyph {
    var glyph = Glyph(width: width, rows: blank(width: width))
    for row in 3..<height - 3 {
      for column in 1..<max(1, width - 1)
      where row == 3 || row == height - 4 || column == 1 || column == width - 2 {
        glyph.rows[row][column] = true
      }
    }
    return glyph
  }
}
