// SPDX-License-Identifier: Apache-2.0

import Devices

/// Lines as they are laid out; none is ever wider than the paper.
struct Layout {
  /// Cells of a line.
  let columns: Int

  /// What has been laid out.
  private(set) var lines: [PrintLine] = []

  /// An empty slip.
  init(columns: Int) {
    precondition((24...96).contains(columns), "no receipt paper is that wide or that narrow")
    self.columns = columns
  }

  /// A line across the paper.
  mutating func rule() { add(String(repeating: "-", count: columns)) }

  /// Text in the middle, on as many lines as it needs.
  mutating func centre(_ text: String, _ style: PrintLine.Style = .plain) {
    for row in rows(of: text, width: style == .large ? columns / 2 : columns) {
      lines.append(PrintLine(row, style: style, alignment: .centre))
    }
  }

  /// Text at the left edge, on as many lines as it needs.
  mutating func wrapped(_ text: String) {
    for row in rows(of: text, width: columns) { add(row) }
  }

  /// A label on the left with its value at the right edge; below it if both do not fit. A value
  /// that is empty has no line.
  mutating func pair(_ label: String, _ value: String, _ style: PrintLine.Style = .plain) {
    let value = printable(value)
    if value.isEmpty { return }
    let label = printable(label)
    let spare = columns - Devices.columns(of: label) - Devices.columns(of: value)
    if spare > 0 {
      add(label + blanks(spare) + value, style)
      return
    }
    for row in rows(of: label, width: columns) { add(row, style) }
    for row in rows(of: value, width: columns) {
      add(blanks(columns - Devices.columns(of: row)) + row, style)
    }
  }

  /// A place to sign.
  mutating func signature(_ label: String) {
    wrapped(label)
    add("")
    add(String(repeating: "_", count: columns))
  }

  private mutating func add(_ text: String, _ style: PrintLine.Style = .plain) {
    lines.append(PrintLine(text, style: style))
  }

  private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  /// Without what has no width; such characters would only disturb the printer.
  private func printable(_ text: String) -> String {
    var kept = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where Devices.columns(of: scalar) > 0 {
      kept.append(scalar.value == 0x09 ? " " : scalar)
    }
    return String(kept)
  }

  /// Rows of at most `width` cells, broken after a blank if the row has one in its second half,
  /// otherwise between two characters.
  private func rows(of text: String, width: Int) -> [String] {
    let scalars = Array(printable(text).unicodeScalars)
    var rows: [String] = []
    var start = 0
    while start < scalars.count {
      var end = start
      var cells = 0
      while end < scalars.count && cells + Devices.columns(of: scalars[end]) <= width {
        cells += Devices.columns(of: scalars[end])
        end += 1
      }
      if end < scalars.count, let blank = lastBlank(in: scalars, from: start, to: end) {
        end = blank + 1
      }
      var row = String.UnicodeScalarView()
      var last = end
      while last > start && scalars[last - 1].value == 0x20 { last -= 1 }
      for scalar in scalars[start..<last] { row.append(scalar) }
      rows.append(String(row))
      start = end
    }
    return rows
  }

  private func lastBlank(in scalars: [Unicode.Scalar], from start: Int, to end: Int) -> Int? {
    var index = end
    while index > start + (end - start) / 2 {
      index -= 1
      if scalars[index].value == 0x20 { return index }
    }
    return nil
  }
}
