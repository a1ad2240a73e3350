// SPDX-License-Identifier: Apache-2.0

import Devices

/// Lines as they are laid out; none is ever wider than the paper.
struct Layout {
  /// Cells of a line.
  let paper: Int

  /// Codes that are too long for the paper, or cannot be one, and are printed as text.
  private(set) var undrawnCodes = 0

  /// What has been laid out.
  private(set) var lines: [PrintLine] = []

  /// Whether something was left out because the slip would be longer than a printer takes.
  private(set) var isOverfull = false

  /// Whether there is no room any more for what is being laid out.
  private(set) var isFull = false

  /// Rows of usual height that are kept free for the marks at each end.
  static let markLines = 20
  private static let markDots = markLines * PrintLine.rowDots

  /// Rows that a slip may have between the marks, whether it has marks or none: a copy that had
  /// less room than its original could not be laid out like it.
  static let bodyLines = PrintJob.mostLines - 2 * markLines

  /// Dots that a slip may be long between the marks.
  static let bodyDots = PrintJob.mostDots - 2 * markDots

  /// Steps of templates that a slip may take: many times what its rows need, and few enough that
  /// the trials of a start end in seconds. Steps that print nothing fill no paper and count too.
  static let mostSteps = 20_000

  /// Whether a template took more steps than that.
  private(set) var isEndless = false

  private var stepsLeft = mostSteps
  private var mostLines = bodyLines
  private var mostDots = bodyDots
  private(set) var dots = 0

  /// From here on marks are laid out, for which there is always room at either end.
  mutating func beginsMarks() { begins(Layout.markLines, Layout.markDots) }

  /// From here on the slip itself is laid out; what stands above takes nothing away from it.
  mutating func beginsBody() { begins(Layout.bodyLines, Layout.bodyDots) }

  private mutating func begins(_ lines: Int, _ dots: Int) {
    mostLines = self.lines.count + lines
    mostDots = self.dots + dots
    stepsLeft = Layout.mostSteps
    isFull = false
  }

  /// Counts a step of a template.
  mutating func countStep() {
    if stepsLeft > 0 {
      stepsLeft -= 1
      return
    }
    isEndless = true
    isOverfull = true
    isFull = true
  }

  private mutating func append(_ line: PrintLine) {
    let height = line.heightInDots
    if lines.count == mostLines || dots + height > mostDots {
      isOverfull = true
      isFull = true
      return
    }
    dots += height
    lines.append(line)
  }

  /// An empty slip.
  init(paper: Int) {
    precondition((24...96).contains(paper), "no receipt paper is that wide or that narrow")
    self.paper = paper
    lines.reserveCapacity(64)
  }

  /// A text that belongs into one column.
  struct Cell {
    var text: CellText
    var alignment: TemplateLine.Alignment
  }

  /// A line across the block that the format makes.
  mutating func rule(_ format: LineFormat) {
    var block = Block(paper: paper, format, columns: 1)
    if case .cells(let widths) = format.widths {
      block = Block(paper: paper, format, columns: widths.count)
    }
    var row = [UInt8](repeating: 0x20, count: block.offset)
    row += repeatElement(0x2D, count: block.width)
    add(String(decoding: row, as: UTF8.self), .plain)
  }

  /// A row without text.
  mutating func blank() { add("", .plain) }

  /// A text as a code, in the middle unless the format wants it at the left edge; what cannot be
  /// drawn is printed as text.
  mutating func code(_ text: CellText, _ format: LineFormat) {
    let words = text.text
    let code = format.code
    let dots = paper * PrintLine.cellDots
    var style = PrintLine.Style.plain
    switch code.kind {
    case .bars:
      if let bars = BarCode(words, module: code.module, height: code.height, dots: dots) {
        style = .barCode(bars)
      }
    case .qrCode:
      if let qr = QRCode(words, level: code.level, cell: code.cell, dots: dots) {
        style = .qrCode(qr)
      }
    }
    let alignment: PrintLine.Alignment = format.alignment == .left ? .left : .centre
    if style == .plain {
      undrawnCodes += 1
    } else {
      append(PrintLine(words, style: style, alignment: alignment))
    }
    if style == .plain || code.kind == .bars && code.hasText {
      for row in RowBreaker.rows(of: text, width: paper, .characters) {
        append(PrintLine(row, alignment: alignment))
      }
    }
  }

  /// Columns side by side.
  mutating func line(_ cells: [Cell], _ format: LineFormat, _ look: TemplateLine.Look) {
    var style: PrintLine.Style =
      switch look {
      case .plain: .plain
      case .bold: .bold
      case .large: .large
      }
    // Large print that needs two rows would be read as two texts, an amount as two amounts.
    if style == .large, cells.reduce(0, { $0 + $1.text.cells + 1 }) - 1 > paper / 2 {
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
    append(PrintLine(text, style: style))
  }

  private mutating func single(
    _ cell: Cell, _ format: LineFormat, _ width: Int, _ style: PrintLine.Style
  ) {
    for row in RowBreaker.rows(of: cell.text, width: width, format.wrap) {
      switch cell.alignment {
      case .left: add(row, style)
      case .centre: append(PrintLine(row, style: style, alignment: .centre))
      case .right: add(Layout.blanks(width - columns(of: row)) + row, style)
      }
    }
  }

  /// The first column at the left edge and the others at the right one; below it if there is no
  /// room for all of them.
  private mutating func fit(
    _ cells: [Cell], _ least: [Int], _ format: LineFormat, _ width: Int, _ style: PrintLine.Style
  ) {
    var right = CellText()
    for (index, cell) in cells.dropFirst().enumerated() {
      if index > 0 { right.addBlanks(format.gap) }
      let spare = (index < least.count ? least[index] : 0) - cell.text.cells
      if cell.alignment != .left { right.addBlanks(spare) }
      right += cell.text
      if cell.alignment == .left { right.addBlanks(spare) }
    }
    let first = cells[0].text
    let spare = width - first.cells - right.cells
    if spare >= max(1, format.gap) {
      var whole = CellText()
      whole.reserve(2 * width)
      whole += first
      whole.addBlanks(spare)
      whole += right
      for row in RowBreaker.rows(of: whole, width: width, format.wrap) { add(row, style) }
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
      let text = place.index < cells.count ? cells[place.index].text : CellText()
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
