// SPDX-License-Identifier: Apache-2.0

import Devices

extension Slips {
  /// Columns of the papers of trial slips: 58 mm, and 80 mm at 180 and 203 dpi.
  public static let papers = [32, 42, 48]

  /// Prints trial slips, on paper of so many columns as well. On that, which is the terminal's,
  /// things are missing too: a start has no time to try as much on papers that it does not have.
  func tryOut(columns: Int) throws(TemplateFault) {
    for paper in Slips.papers + (Slips.papers.contains(columns) ? [] : [columns]) {
      try tryMarks(paper)
      for kind in SlipKind.allCases {
        let template = template(of: kind)
        let all = template.absences + Trial.leastPayments(kind)
        for absence in paper == columns ? all : [Absence()] {
          try SlipTrial(
            slips: self, kind: kind, template: template, paper: paper, absence: absence
          ).run()
        }
        _ = try trialRows(template, Trial.crowded(kind), paper)
        try tryTallest(template, Trial.crowded(kind), paper)
      }
    }
  }

  private func tryMarks(_ paper: Int) throws(TemplateFault) {
    var layout = Layout(paper: paper)
    marks.lay(Slips.marking(isTest: true, isCopy: true), in: language, on: &layout)
    let most = Layout.markLines
    if layout.lines.count > most || layout.dots > most * PrintLine.rowDots {
      throw TemplateFault(
        .tooLarge, marks.end, "the marks have more than " + String(most) + " rows")
    }
    let none = try trialRows(marks, Slips.marking(isTest: false, isCopy: false), paper)
    if !none.isEmpty {
      throw TemplateFault(
        .forbidden, marks.end, "the slip shows a mark on what is neither a test nor a copy")
    }
    let test = try trialRows(marks, Slips.marking(isTest: true, isCopy: false), paper)
    let copy = try trialRows(marks, Slips.marking(isTest: false, isCopy: true), paper)
    let both = try trialRows(marks, Slips.marking(isTest: true, isCopy: true), paper)
    // The copy of a test slip says both, and neither mark is taken for the other.
    let hasTest = test.contains { !copy.contains($0) }
    if !hasTest || !test.allSatisfy({ both.contains($0) }) { throw lacks("test", marks, paper) }
    let hasCopy = copy.contains { !test.contains($0) }
    if !hasCopy || !copy.allSatisfy({ both.contains($0) }) { throw lacks("copy", marks, paper) }
  }

  /// The rows of a trial slip that say something to people.
  func trialRows(
    _ template: ReceiptTemplate, _ values: SlipValues, _ paper: Int
  ) throws(TemplateFault) -> [String] {
    var layout = Layout(paper: paper)
    template.lay(values, in: language, on: &layout)
    if let fault = layout.overfull(template) { throw fault }
    if layout.undrawnCodes > 0 { throw TemplateFault.undrawn(template, paper) }
    // A row without words says nothing, and what stands in a code is not read by people.
    return layout.lines.filter { !$0.isCode }.map { $0.text }
      .filter { $0.utf8.contains { $0 != 0x20 && $0 != 0x2D } }
  }

  /// Whatever is there or missing, and whichever flags are set, the slip has room: of each
  /// condition the longer side counts, also where no slip could have both of two long sides.
  private func tryTallest(
    _ template: ReceiptTemplate, _ values: SlipValues, _ paper: Int
  ) throws(TemplateFault) {
    let tallest = template.tallest(values, in: language, columns: paper)
    if tallest.undrawnCodes > 0 { throw TemplateFault.undrawn(template, paper) }
    if tallest.steps > Layout.mostSteps { throw TemplateFault.endless(template, paper) }
    if tallest.lines > Layout.bodyLines || tallest.dots > Layout.bodyDots {
      throw TemplateFault.tooLong(template, paper)
    }
  }

  /// The fault of a template that leaves something out.
  func lacks(
    _ what: String, _ template: ReceiptTemplate, _ paper: Int, _ circumstances: String = ""
  ) -> TemplateFault {
    TemplateFault(
      .lacking, template.end,
      "the slip does not show " + what + ", in one row, on paper of " + String(paper) + " columns"
        + circumstances)
  }
}

extension Layout {
  /// The fault of a template that has not got all of a slip on this paper; nil when it has.
  func overfull(_ template: ReceiptTemplate) -> TemplateFault? {
    if isEndless { return .endless(template, paper) }
    return isOverfull ? .tooLong(template, paper) : nil
  }
}

extension TemplateFault {
  fileprivate static func endless(_ template: ReceiptTemplate, _ paper: Int) -> TemplateFault {
    TemplateFault(
      .tooLarge, template.end,
      "the slip takes more than " + String(Layout.mostSteps) + " steps, on paper of "
        + String(paper) + " columns")
  }

  fileprivate static func tooLong(_ template: ReceiptTemplate, _ paper: Int) -> TemplateFault {
    TemplateFault(
      .tooLarge, template.end,
      "the slip is longer than " + String(Layout.bodyLines) + " rows or "
        + String(Layout.bodyDots / 8) + " mm, on paper of " + String(paper) + " columns")
  }

  fileprivate static func undrawn(_ template: ReceiptTemplate, _ paper: Int) -> TemplateFault {
    TemplateFault(
      .forbidden, template.end,
      "a code that has no room on paper of " + String(paper) + " columns, or cannot be one")
  }
}
