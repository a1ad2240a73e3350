// SPDX-License-Identifier: Apache-2.0

import Devices

/// Lines as they are laid out; none is ever wider than the paper.
struct Layout {
  /// Cells of a line.
  let paper: Int

  /// What has been laid out.
  private(set) var lines: [PrintLine] = []

  /// An empty slip.
  init(paper: Int) {
    precondition((24...96).contains(paper), "no receipt paper is that wide or that narrow")
    self.paper = paper
  }

  /// A text that belongs into one column.
  struct Cell {
    var text: [Unicode.Scalar]
    var alignment: TemplateLine.Alignment
  }

  /// A line across the block that the format makes.
  mutating func rule(_ format: LineFormat) {
    var block = Block(paper: paper, format, columns: 1)
    if case .cells(let widths) = format.widths {
      block = Block(paper: paper, format, columns: widths.count)
    }
    add(Layout.blanks(block.offset) + String(repeating: "-", count: block.width), .plain)
  }

  /// A row without text.
  mutating func blank() { add("", .plain) }

  /// Columns side by side.
  mutating func line(_ cells: [Cell], _ format: LineFormat, _ look: TemplateLine.Look) {
    var style: PrintLine.Style =
      switch look {
      case .plain: .plain
      case .bold: .bold
      case .large: .large
      }
    // Large print that needs two rows would be read as two texts, an amount as two amounts.
    if style == .large, cells.reduce(0, { $0 + columns(of: $1.text) + 1 }) - 1 > paper / 2 {
      style = .bold
    }
    let width = style == .large ? paper / 2 : paper
    if case .fitting(let least) = format.widths, cells.count > 1 {
      fit(cells, least, format, width, style)
    } else if cells.count == 1, format.widths.isWhole {
      single(cells[0], format, width, style)
    } else {
      table(cells, format, width, style)
    }
  }

  private mutating func add(_ text: String, _ style: PrintLine.Style) {
    lines.append(PrintLine(text, style: style))
  }

  private mutating func single(
    _ cell: Cell, _ format: LineFormat, _ width: Int, _ style: PrintLine.Style
  ) {
    for row in RowBreaker.rows(of: cell.text, width: width, format.wrap) {
      switch cell.alignment {
      case .left: add(row, style)
      case .centre: lines.append(PrintLine(row, style: style, alignment: .centre))
      case .right: add(Layout.blanks(width - columns(of: row)) + row, style)
      }
    }
  }

  /// The first column at the left edge and the others at the right one; below it if there is no
  /// room for all of them.
  private mutating func fit(
    _ cells: [Cell], _ least: [Int], _ format: LineFormat, _ width: Int, _ style: PrintLine.Style
  ) {
    let gap = [Unicode.Scalar](repeating: " ", count: format.gap)
    var right: [Unicode.Scalar] = []
    for (index, cell) in cells.dropFirst().enumerated() {
      if index > 0 { right += gap }
      let spare = (index < least.count ? least[index] : 0) - columns(of: cell.text)
      let blanks = [Unicode.Scalar](repeating: " ", count: max(0, spare))
      right += cell.alignment == .left ? cell.text + blanks : blanks + cell.text
    }
    let first = cells[0].text
    let spare = width - columns(of: first) - columns(of: right)
    if spare >= max(1, format.gap) {
      let blanks = [Unicode.Scalar](repeating: " ", count: spare)
      for row in RowBreaker.rows(of: first + blanks + right, width: width, format.wrap) {
        add(row, style)
      }
      return
    }
    for row in RowBreaker.rows(of: first, width: width, format.wrap) { add(row, style) }
    for row in RowBreaker.rows(of: right, width: width, format.wrap) {
      add(Layout.blanks(width - columns(of: row)) + row, style)
    }
  }

  /// Columns of the widths that the format gives.
  private mutating func table(
    _ cells: [Cell], _ format: LineFormat, _ width: Int, _ style: PrintLine.Style
  ) {
    let block = Block(paper: width, format, columns: cells.count)
    var columns: [[String]] = []
    for place in block.places {
      let text = place.index < cells.count ? cells[place.index].text : []
      columns.append(RowBreaker.rows(of: text, width: place.width, format.wrap))
    }
    for row in 0..<max(1, columns.map { $0.count }.max() ?? 0) {
      var text = Layout.blanks(block.offset)
      for (number, place) in block.places.enumerated() {
        if number > 0 { text += Layout.blanks(format.gap) }
        let cell = row < columns[number].count ? columns[number][row] : ""
        let alignment = place.index < cells.count ? cells[place.index].alignment : .left
        text += Layout.placed(cell, place.width, alignment)
      }
      while text.utf8.last == 0x20 { text.removeLast() }
      add(text, style)
    }
  }

  private static func placed(
    _ text: String, _ width: Int, _ alignment: TemplateLine.Alignment
  ) -> String {
    let spare = width - columns(of: text)
    let left =
      switch alignment {
      case .left: 0
      // Half a cell counts as a whole one.
      case .centre: (spare + 1) / 2
      case .right: spare
      }
    return blanks(left) + text + blanks(spare - left)
  }

  private static func blanks(_ count: Int) -> String {
    String(repeating: " ", count: max(0, count))
  }

  private func columns(of text: [Unicode.Scalar]) -> Int {
    text.reduce(0) { $0 + Devices.columns(of: $1) }
  }

  private func columns(of text: String) -> Int { Devices.columns(of: text) }

  private static func columns(of text: String) -> Int { Devices.columns(of: text) }
}

extension LineFormat.Widths {
  /// Whether one column alone has the whole paper.
  fileprivate var isWhole: Bool {
    if case .cells = self { return false }
    return true
  }
}
