// SPDX-License-Identifier: Apache-2.0

import Devices

// A template is refused at load for what its slips would lack, not for how it is written: each is
// printed with values of the usual length, and they must be found on the paper, whole and in one
// row: a column that is too narrow hides nothing, nor does a condition, whatever else is missing on
// the slip.

/// One kind of slip on one paper, with some things missing.
struct SlipTrial {
  let slips: Slips
  let kind: SlipKind
  let template: ReceiptTemplate
  let paper: Int
  let absence: Absence

  /// Prints what slips of this kind there are and looks for what they must show.
  func run() throws(TemplateFault) {
    switch kind {
    case .sale, .refund, .void:
      try tryPayment(.merchant)
      try tryPayment(.cardholder)
      try tryCopies()
    case .declined, .reversal: try tryUnpaid()
    case .settlement: try trySettlement()
    case .commissioning: try tryCommissioning()
    }
  }

  private func tryPayment(_ holder: SaleReceiptData.Holder) throws(TemplateFault) {
    var data = Trial.payment(kind)
    data.holder = holder
    data.verification = .pin
    let withPIN = try rows(data.values)
    data.verification = .none
    let withNothing = try rows(data.values)
    data.verification = .signature
    let signed = try rows(data.values)
    for printed in [withPIN, withNothing, signed] {
      try demand(Trial.approvedFields, data.values, printed)
    }
    if kind == .void { try demand([.originalReference], data.values, withPIN) }
    // Brands want it said whether a PIN was verified, and a signature only where it counts.
    if withPIN.allSatisfy({ withNothing.contains($0) || signed.contains($0) }) {
      throw lacks("pin")
    }
    if holder == .merchant, !signed.contains(where: Trial.isSignatureLine) {
      throw lacks("signatureLine")
    }
    for printed in [withPIN, withNothing] where printed.contains(where: Trial.isSignatureLine) {
      throw shows("a signatureLine where nobody signs")
    }
  }

  /// A merchant's copy and a customer's can be told apart.
  private func tryCopies() throws(TemplateFault) {
    var data = Trial.payment(.sale)
    let merchant = try rows(data.values)
    data.holder = .cardholder
    let customer = try rows(data.values)
    if merchant.allSatisfy({ customer.contains($0) }) { throw lacks("merchantCopy") }
    if customer.allSatisfy({ merchant.contains($0) }) { throw lacks("customerCopy") }
  }

  private func tryUnpaid() throws(TemplateFault) {
    var data = Trial.payment(kind)
    data.verification = .signature
    let printed = try rows(data.values)
    try demand(Trial.unpaidFields, data.values, printed)
    if printed.contains(where: Trial.isSignatureLine) {
      throw shows("a signatureLine where nothing was paid")
    }
    try tryCopies()
  }

  private func trySettlement() throws(TemplateFault) {
    let values = Trial.settlement.values
    let shown = values.lacking(absence)
    let printed = try rows(values)
    try demand(Trial.settlementFields, values, printed)
    for group in shown[.groups] ?? [] {
      try demand(Trial.groupFields, group, printed)
      for kind in group[.kinds] ?? [] { try demand(Trial.sumFields, kind, printed) }
    }
    for list in [SlipList.leftOut, .added, .tests] {
      for sum in shown[list] ?? [] { try demand(Trial.sumFields, sum, printed) }
    }
  }

  private func tryCommissioning() throws(TemplateFault) {
    let failed = Trial.commissioning(true, false).values
    let shown = failed.lacking(absence)
    let printed = try rows(failed)
    for fact in shown[.facts] ?? [] where !absence.has(.value) {
      try demand([.fact, .value], fact, printed)
    }
    for check in shown[.checks] ?? [] { try demand([.check, .detail], check, printed) }
    // As many have passed on either: what differs is said at the checks themselves.
    let other = try rows(Trial.commissioning(false, true).values)
    let hasChecks = shown[.checks]?.isEmpty == false
    if hasChecks, printed == other { throw lacks("passed") }
    let passed = try rows(Trial.commissioning(true, true).values)
    if passed.allSatisfy({ printed.contains($0) || other.contains($0) }) {
      throw lacks("allPassed")
    }
    if !printed.contains(where: Trial.isSignatureLine) { throw lacks("signatureLine") }
  }

  private func rows(_ values: SlipValues) throws(TemplateFault) -> [String] {
    try slips.trialRows(template, values.lacking(absence), paper)
  }

  private func demand(
    _ fields: [SlipField], _ values: SlipValues, _ rows: [String]
  ) throws(TemplateFault) {
    let page = Trial.page(rows)
    for field in fields where !absence.has(field) {
      let isShown = shown(field, values, page)
      // Some laws want the last four digits alone.
      if isShown || field == .card && shown(.cardLastFour, values, page) { continue }
      throw lacks(field.rawValue)
    }
  }

  private func shown(_ field: SlipField, _ values: SlipValues, _ page: [UInt8]) -> Bool {
    var text = values[field]?.text(in: slips.language) ?? ""
    if field == .merchantName {
      text = values[.merchantNames]?.first?[.merchantName]?.text(in: slips.language) ?? ""
    }
    return Trial.has(page, text)
  }

  private var circumstances: String {
    let missing = absence.text
    return missing.isEmpty ? "" : ", where there is no " + missing
  }

  private func lacks(_ what: String) -> TemplateFault {
    slips.lacks(what, template, paper, circumstances)
  }

  private func shows(_ what: String) -> TemplateFault {
    TemplateFault(.forbidden, template.end, "the slip shows " + what + circumstances)
  }
}
