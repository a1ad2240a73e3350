// SPDX-License-Identifier: Apache-2.0

import Devices

/// Breaks text into rows of so many cells.
enum RowBreaker {
  /// A blank that no row is broken at; ReceiptLine's `~`. It is printed as a blank.
  static let hardBlank = Unicode.Scalar(0xA0 as UInt8)

  /// The rows of a text. Without a text there is none; a character wider than a row is left out.
  static func rows(of text: CellText, width: Int, _ wrap: LineFormat.Wrap) -> [String] {
    if text.isEmpty { return [] }
    if text.hasBreak || text.cells > width { return broken(text.scalars, width: width, wrap) }
    var row = text
    if wrap == .words { row.trimEnd() }
    return [row.text]
  }

  private static func broken(
    _ text: [Unicode.Scalar], width: Int, _ wrap: LineFormat.Wrap
  ) -> [String] {
    var rows: [String] = []
    var start = 0
    while start < text.count {
      var end = start
      var cells = 0
      while end < text.count, text[end] != "\n" {
        let next = columns(of: text[end])
        if next > width {
          end += 1
          continue
        }
        if cells + next > width { break }
        cells += next
        end += 1
      }
      let isEnded = end == text.count || text[end] == "\n"
      if !isEnded, wrap == .words, let blank = lastBlank(in: text, from: start, to: end) {
        end = blank + 1
      }
      rows.append(row(text[start..<end], width: width, isTrimmed: wrap == .words))
      if wrap == .none { break }
      start = isEnded ? end + 1 : end
    }
    return rows
  }

  private static func row(
    _ part: ArraySlice<Unicode.Scalar>, width: Int, isTrimmed: Bool
  ) -> String {
    var part = part
    while isTrimmed, part.last == " " { part.removeLast() }
    var row = String.UnicodeScalarView()
    for scalar in part where columns(of: scalar) <= width {
      row.append(scalar == hardBlank ? " " : scalar)
    }
    return String(row)
  }

  /// The last blank in the row's second half: a row that is half empty is no better than a word
  /// that is broken.
  private static func lastBlank(
    in text: [Unicode.Scalar], from start: Int, to end: Int
  ) -> Int? {
    var index = end
    while index > start + (end - start) / 2 {
      index -= 1
      if text[index] == " " { return index }
    }
    return nil
  }
}
