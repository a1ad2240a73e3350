// SPDX-License-Identifier: Apache-2.0

import Devices

/// One pass through a template.
struct TemplateRun {
  let steps: [ReceiptTemplate.Step]
  let language: SlipLanguage
  /// The values, those of the innermost list's item last.
  var scopes: [SlipValues]

  mutating func go(from start: Int, to end: Int, _ layout: inout Layout) {
    var index = start
    while index < end, !layout.isFull {
      layout.countStep()
      if layout.isFull { return }
      let step = steps[index]
      index += 1
      switch step {
      case .line(let line): lay(line, &layout)
      case .code(let pieces, let format): lay(pieces, format, &layout)
      case .rule(let format): layout.rule(format)
      case .blank: layout.blank()
      case .unless(let condition, let target):
        if !holds(condition, layout.paper) { index = target }
      case .jump(let target): index = target
      case .each(let list, let target):
        for item in items(list) where !layout.isFull {
          scopes.append(item)
          go(from: index, to: target, &layout)
          scopes.removeLast()
        }
        index = target
      }
    }
  }

  private func holds(_ condition: ReceiptTemplate.Condition, _ paper: Int) -> Bool {
    switch condition {
    case .field(let field): !text(of: field, paper).isEmpty
    case .list(let list): !items(list).isEmpty
    case .flag(let flag): scopes.contains { $0[flag] }
    case .columns(let columns): paper >= columns
    }
  }

  func items(_ list: SlipList) -> [SlipValues] {
    for scope in scopes.reversed() {
      if let items = scope[list] { return items }
    }
    return []
  }

  private func text(of field: SlipField, _ paper: Int) -> String {
    if field == .signatureLine { return String(repeating: "_", count: paper) }
    for scope in scopes.reversed() {
      if let value = scope[field] { return value.text(in: language) }
    }
    return ""
  }

  /// A code without a value is left out.
  func lay(_ code: [TemplateLine.Piece], _ format: LineFormat, _ layout: inout Layout) {
    let column = text(of: code, layout.paper)
    if !column.text.isEmpty, !column.lacksValues { layout.code(column.text, format) }
  }

  /// A line whose fields are all empty is left out, and so is one whose texts are all in the other
  /// language.
  func lay(_ line: TemplateLine, _ layout: inout Layout) {
    var cells: [Layout.Cell] = []
    var seen = Filled()
    for column in line.columns {
      let filled = text(of: column.pieces, layout.paper)
      seen.hasFields = seen.hasFields || filled.hasFields
      seen.hasValues = seen.hasValues || filled.hasValues
      seen.hasSpans = seen.hasSpans || filled.hasSpans
      cells.append(Layout.Cell(text: filled.text, alignment: column.alignment))
    }
    if seen.lacksValues { return }
    if seen.hasSpans, cells.allSatisfy({ $0.text.isEmpty }) { return }
    layout.line(cells, line.format, line.look)
  }

  /// What became of a column's pieces.
  private struct Filled {
    var text = CellText()
    var hasFields = false
    var hasValues = false
    var hasSpans = false

    var lacksValues: Bool { hasFields && !hasValues }
  }

  private func text(of pieces: [TemplateLine.Piece], _ paper: Int) -> Filled {
    var text = ColumnText()
    text.reserve(paper)
    var filled = Filled()
    for piece in pieces {
      switch piece {
      case .text(let words): text.add(words)
      case .field(let field):
        filled.hasFields = true
        if text.put(self.text(of: field, paper)) { filled.hasValues = true }
      case .chinese(let words):
        filled.hasSpans = true
        text.put(language == .english ? CellText() : words)
      case .english(let words):
        filled.hasSpans = true
        text.put(language == .chinese ? CellText() : words)
      }
    }
    filled.text = text.trimmed
    return filled
  }
}

/// The text of a column as it is put together.
private struct ColumnText {
  private var text = CellText()
  /// Whether the next blank would stand beside another or at an end, because nothing came between.
  private var skipsBlank = false

  mutating func reserve(_ count: Int) { text.reserve(count) }

  /// Adds the template's own text.
  mutating func add(_ words: CellText) {
    text += skipsBlank && words.bytes.first == 0x20 ? words.withoutFirst : words
    skipsBlank = false
  }

  /// Adds a text of one language; an empty one is none.
  mutating func put(_ words: CellText) {
    let count = text.bytes.count
    text += words
    filled(from: count)
  }

  /// Adds a value, which is never markup; false when there is none.
  mutating func put(_ value: String) -> Bool {
    let count = text.bytes.count
    if !text.addPlain(value) {
      for scalar in value.unicodeScalars {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D: text.add(" ")
        // What has no width would only disturb the printer.
        default: if columns(of: scalar) > 0 { text.add(scalar) }
        }
      }
    }
    filled(from: count)
    return text.bytes.count > count
  }

  private mutating func filled(from count: Int) {
    let isEmpty = text.bytes.count == count
    skipsBlank = isEmpty && (count == 0 || text.bytes[count - 1] == 0x20)
  }

  /// Without the blanks at its ends.
  var trimmed: CellText {
    var text = text
    text.trim()
    return text
  }
}
