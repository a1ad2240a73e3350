// SPDX-License-Identifier: Apache-2.0

import Devices

// A template is refused at load for what its slips would lack, not for how it is written: each is
// printed with values of the usual length, and they must be found on the paper, whole and in one
// row: a column that is too narrow hides nothing, nor does a condition that those slips do not
// meet. They have a value in every field; what a template hides where another field is empty is not
// found.

extension Slips {
  /// The papers of trial slips: 58 mm, and 80 mm at 180 and 203 dpi.
  private static let papers = [32, 42, 48]

  /// Prints trial slips.
  func tryOut() throws(TemplateFault) {
    try tryMarks()
    for kind in SlipKind.allCases {
      switch kind {
      case .sale, .refund, .void: try tryPayment(kind)
      case .declined, .reversal: try tryUnpaid(kind)
      case .settlement: try trySettlement()
      case .commissioning: try tryCommissioning()
      }
    }
  }

  private func tryMarks() throws(TemplateFault) {
    for paper in Slips.papers {
      let none = try rows(marks, Slips.marking(isTest: false, isCopy: false), paper)
      if !none.isEmpty { throw shows("a mark on what is neither a test nor a copy", marks) }
      let test = try rows(marks, Slips.marking(isTest: true, isCopy: false), paper)
      let copy = try rows(marks, Slips.marking(isTest: false, isCopy: true), paper)
      let both = try rows(marks, Slips.marking(isTest: true, isCopy: true), paper)
      // The copy of a test slip says both, and neither mark is taken for the other.
      let hasTest = test.contains { !copy.contains($0) }
      if !hasTest || !test.allSatisfy({ both.contains($0) }) { throw lacks("test", marks, paper) }
      let hasCopy = copy.contains { !test.contains($0) }
      if !hasCopy || !copy.allSatisfy({ both.contains($0) }) { throw lacks("copy", marks, paper) }
    }
  }

  private func tryPayment(_ kind: SlipKind) throws(TemplateFault) {
    let template = template(of: kind)
    for paper in Slips.papers {
      for holder in [SaleReceiptData.Holder.merchant, .cardholder] {
        var data = Trial.payment(kind)
        data.holder = holder
        data.verification = .pin
        let withPIN = try rows(template, data.values, paper)
        data.verification = .none
        let withNothing = try rows(template, data.values, paper)
        data.verification = .signature
        let signed = try rows(template, data.values, paper)
        for printed in [withPIN, withNothing, signed] {
          try demand(Trial.approvedFields, data.values, printed, template, paper)
        }
        if kind == .void {
          try demand([.originalReference], data.values, withPIN, template, paper)
        }
        // Brands want it said whether a PIN was verified, and a signature only where it counts.
        if withPIN.allSatisfy({ withNothing.contains($0) || signed.contains($0) }) {
          throw lacks("pin", template, paper)
        }
        if holder == .merchant, !signed.contains(where: Trial.isSignatureLine) {
          throw lacks("signatureLine", template, paper)
        }
        for printed in [withPIN, withNothing] where printed.contains(where: Trial.isSignatureLine) {
          throw shows("a signatureLine where nobody signs", template)
        }
      }
      try tryCopies(template, paper)
    }
  }

  /// A merchant's copy and a customer's can be told apart.
  private func tryCopies(
    _ template: ReceiptTemplate, _ paper: Int
  ) throws(TemplateFault) {
    var data = Trial.payment(.sale)
    let merchant = try rows(template, data.values, paper)
    data.holder = .cardholder
    let customer = try rows(template, data.values, paper)
    if merchant.allSatisfy({ customer.contains($0) }) {
      throw lacks("merchantCopy", template, paper)
    }
    if customer.allSatisfy({ merchant.contains($0) }) {
      throw lacks("customerCopy", template, paper)
    }
  }

  private func tryUnpaid(_ kind: SlipKind) throws(TemplateFault) {
    let template = template(of: kind)
    for paper in Slips.papers {
      var data = Trial.payment(kind)
      data.verification = .signature
      let printed = try rows(template, data.values, paper)
      try demand(Trial.unpaidFields, data.values, printed, template, paper)
      if printed.contains(where: Trial.isSignatureLine) {
        throw shows("a signatureLine where nothing was paid", template)
      }
      try tryCopies(template, paper)
    }
  }

  private func trySettlement() throws(TemplateFault) {
    let template = template(of: .settlement)
    let values = Trial.settlement.values
    for paper in Slips.papers {
      let printed = try rows(template, values, paper)
      try demand(Trial.settlementFields, values, printed, template, paper)
      for group in values[.groups] ?? [] {
        try demand(Trial.groupFields, group, printed, template, paper)
        for kind in group[.kinds] ?? [] {
          try demand([.label, .count, .sum], kind, printed, template, paper)
        }
      }
      for sum in (values[.leftOut] ?? []) + (values[.added] ?? []) + (values[.tests] ?? []) {
        try demand([.label, .count, .sum], sum, printed, template, paper)
      }
    }
  }

  private func tryCommissioning() throws(TemplateFault) {
    let template = template(of: .commissioning)
    for paper in Slips.papers {
      let failed = Trial.commissioning(true, false).values
      let printed = try rows(template, failed, paper)
      for fact in failed[.facts] ?? [] {
        try demand([.fact, .value], fact, printed, template, paper)
      }
      for check in failed[.checks] ?? [] {
        try demand([.check, .detail], check, printed, template, paper)
      }
      // As many have passed on either: what differs is said at the checks themselves.
      let other = try rows(template, Trial.commissioning(false, true).values, paper)
      if printed == other { throw lacks("passed", template, paper) }
      let passed = try rows(template, Trial.commissioning(true, true).values, paper)
      if passed.allSatisfy({ printed.contains($0) || other.contains($0) }) {
        throw lacks("allPassed", template, paper)
      }
      if !printed.contains(where: Trial.isSignatureLine) {
        throw lacks("signatureLine", template, paper)
      }
    }
  }

  private func rows(
    _ template: ReceiptTemplate, _ values: SlipValues, _ paper: Int
  ) throws(TemplateFault) -> [String] {
    var layout = Layout(paper: paper)
    template.lay(values, in: language, on: &layout)
    if layout.undrawnCodes > 0 {
      throw TemplateFault(
        .forbidden, template.end,
        "a code that has no room on paper of " + String(paper) + " columns, or cannot be one")
    }
    // A row without words says nothing, and what stands in a code is not read by people.
    return layout.lines.filter { !$0.isCode }.map { $0.text }
      .filter { $0.utf8.contains { $0 != 0x20 && $0 != 0x2D } }
  }

  private func demand(
    _ fields: [SlipField], _ values: SlipValues, _ rows: [String], _ template: ReceiptTemplate,
    _ paper: Int
  ) throws(TemplateFault) {
    for field in fields {
      let isShown = shown(field, values, rows)
      // Some laws want the last four digits alone.
      if isShown || field == .card && shown(.cardLastFour, values, rows) { continue }
      throw lacks(field.rawValue, template, paper)
    }
  }

  private func shown(_ field: SlipField, _ values: SlipValues, _ rows: [String]) -> Bool {
    var text = values[field]?.text(in: language) ?? ""
    if field == .merchantName {
      text = values[.merchantNames]?.first?[.merchantName]?.text(in: language) ?? ""
    }
    return rows.contains { Trial.contains($0, text) }
  }

  private func lacks(_ what: String, _ template: ReceiptTemplate, _ paper: Int) -> TemplateFault {
    TemplateFault(
      .lacking, template.end,
      "the slip does not show " + what + ", in one row, on paper of " + String(paper) + " columns")
  }

  private func shows(_ what: String, _ template: ReceiptTemplate) -> TemplateFault {
    TemplateFault(.forbidden, template.end, "the slip shows " + what)
  }
}
