// SPDX-License-Identifier: Apache-2.0

import Devices

// How long a slip can get, whatever stands on it. A trial of each combination would be endless: a
// template may ask for a hundred things. What can be said of all at once is a bound:
//
//     if … else … end   the longer of both sides, as if any flag, field or list could be set
//     each … end        each item's own, with as many items as the values have
//     a line, a code    the longest of it with any of its fields empty
//
// No slip with values of this length is longer; two long sides that exclude each other both count,
// so a template may be refused that would just have fitted.

/// What a slip takes at most.
struct SlipExtent {
  /// Rows, codes and lines across the paper.
  var lines = 0
  /// Rows of dots.
  var dots = 0
  /// Steps of its template.
  var steps = 0
  /// Codes that have no room, or cannot be one.
  var undrawnCodes = 0

  mutating func add(_ other: SlipExtent) {
    lines += other.lines
    dots += other.dots
    steps += other.steps
    undrawnCodes += other.undrawnCodes
  }

  /// The most of either, in each respect.
  mutating func widen(_ other: SlipExtent) {
    lines = max(lines, other.lines)
    dots = max(dots, other.dots)
    steps = max(steps, other.steps)
    undrawnCodes = max(undrawnCodes, other.undrawnCodes)
  }

  init() {}

  init(_ layout: Layout) {
    // One line alone may have more rows than a slip, which no layout takes.
    lines = layout.lines.count + (layout.isOverfull ? Layout.bodyLines : 0)
    dots = layout.dots
    undrawnCodes = layout.undrawnCodes
  }
}

extension ReceiptTemplate {
  /// What a slip takes at most whose fields have these values or none, whose flags are set or not,
  /// and whose lists have these items or none.
  func tallest(_ values: SlipValues, in language: SlipLanguage, columns: Int) -> SlipExtent {
    var run = TemplateRun(steps: steps, language: language, scopes: [values])
    return run.tallest(from: 0, to: steps.count, columns)
  }
}

extension TemplateRun {
  /// A line with so many fields is laid out with each of them there or empty; with more of them,
  /// once, and counted twice: no row but the last is less than half full, so what has less text
  /// takes no more than twice the rows. More would make a start wait for long templates.
  private static let fewFields = 4

  fileprivate mutating func tallest(from start: Int, to end: Int, _ paper: Int) -> SlipExtent {
    var extent = SlipExtent()
    var index = start
    while index < end {
      extent.steps += 1
      let step = steps[index]
      index += 1
      switch step {
      case .line(let line):
        let pieces = line.columns.flatMap { $0.pieces }
        extent.add(tallest(pieces, line.look, paper) { $0.lay(line, &$1) })
      case .code(let pieces, let format):
        extent.add(tallest(pieces, .plain, paper) { $0.lay(pieces, format, &$1) })
      case .rule, .blank:
        extent.lines += 1
        extent.dots += PrintLine.rowDots
      case .unless(.columns(let columns), let target):
        if paper < columns { index = target }
      case .unless(_, let target):
        var side = tallest(from: index, to: target, paper)
        index = target
        // A jump that leads out of the first side leads over the other one.
        if case .jump(let last) = steps[target - 1], last > target {
          side.widen(tallest(from: target, to: last, paper))
          index = last
        }
        extent.add(side)
      case .jump(let target): index = target
      case .each(let list, let target):
        extent.add(tallest(each: items(list), from: index, to: target, paper))
        index = target
      }
    }
    return extent
  }

  private mutating func tallest(
    each items: [SlipValues], from start: Int, to end: Int, _ paper: Int
  ) -> SlipExtent {
    var extent = SlipExtent()
    var one = SlipExtent()
    for (number, item) in items.enumerated() {
      // Items that are the same take the same: they are laid out once.
      if number == 0 || item != items[number - 1] {
        scopes.append(item)
        one = tallest(from: start, to: end, paper)
        scopes.removeLast()
      }
      extent.add(one)
    }
    return extent
  }

  /// The most that these pieces take with any of their fields empty.
  private func tallest(
    _ pieces: [TemplateLine.Piece], _ look: TemplateLine.Look, _ paper: Int,
    _ lay: (TemplateRun, inout Layout) -> Void
  ) -> SlipExtent {
    var fields: [SlipField] = []
    for piece in pieces {
      if case .field(let field) = piece, field != .signatureLine, !fields.contains(field) {
        fields.append(field)
      }
    }
    if fields.count > TemplateRun.fewFields { return twice(look, paper, lay) }
    var extent = SlipExtent()
    for number in 0..<1 << fields.count {
      var run = self
      for (place, field) in fields.enumerated() where number >> place & 1 == 1 {
        for scope in run.scopes.indices { run.scopes[scope][field] = nil }
      }
      var layout = Layout(paper: paper)
      lay(run, &layout)
      extent.widen(SlipExtent(layout))
    }
    return extent
  }

  private func twice(
    _ look: TemplateLine.Look, _ paper: Int, _ lay: (TemplateRun, inout Layout) -> Void
  ) -> SlipExtent {
    var layout = Layout(paper: paper)
    lay(self, &layout)
    var extent = SlipExtent(layout)
    extent.lines = 2 * extent.lines + 1
    // Large print that has no room is bold and half as high: with less text it may be large.
    let height = look == .large ? 2 * PrintLine.rowDots : PrintLine.rowDots
    extent.dots = max(2 * extent.dots, extent.lines * height)
    return extent
  }
}
