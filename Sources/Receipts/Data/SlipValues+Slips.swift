// SPDX-License-Identifier: Apache-2.0

// What templates can name of each slip's data.

extension SaleReceiptData {
  /// The values that a template of a payment can name.
  public var values: SlipValues {
    var values = SlipValues()
    values.set(merchantName, merchantNumber, terminalNumber)
    values[.transactionType] = transactionType
    values.set(.card, maskedPAN.text)
    values.set(.cardLastFour, maskedPAN.lastFour)
    values.set(.entryLetter, entryLetter)
    values.set(.batchNumber, batchNumber)
    values.set(.traceNumber, traceNumber)
    values.set(.referenceNumber, referenceNumber)
    values.set(.originalReference, originalReference)
    values.set(.approvalCode, approvalCode)
    values.set(.dateTime, dateTime)
    values.set(.amount, amount)
    values[.response] = response
    addChip(to: &values)
    values[.merchantCopy] = holder == .merchant
    values[.customerCopy] = holder == .cardholder
    values[.pin] = verification == .pin
    values[.signature] = verification == .signature
    values[.noVerification] = verification == .none
    return values
  }

  private func addChip(to values: inout SlipValues) {
    values.set(.applicationIdentifier, applicationIdentifier)
    values.set(.applicationLabel, applicationLabel)
    values.set(.cryptogramKind, cryptogram.isEmpty ? "" : cryptogramKind)
    values.set(.cryptogram, cryptogram)
    values.set(.verificationResults, verificationResults)
    values.set(.statusInformation, statusInformation)
    values.set(.transactionCounter, transactionCounter)
  }
}

extension SettlementSlipData {
  /// The values that a template of a settlement can name.
  public var values: SlipValues {
    var values = SlipValues()
    values.set(merchantName, merchantNumber, terminalNumber)
    values.set(.batchNumber, batchNumber)
    values.set(.dateTime, dateTime)
    values.set(.currency, currency)
    values[.groups] = groups.map { $0.values }
    values.set(.net, net)
    values[.tests] = tests.map { $0.values }
    values[.outcome] = outcome
    if uploaded > 0 {
      values.set(.uploaded, String(uploaded))
      values.set(.refused, String(refused))
    }
    values[.added] = added.map { $0.values }
    values[.leftOut] = leftOut.map { $0.values }
    return values
  }
}

extension SettlementSlipData.Group {
  fileprivate var values: SlipValues {
    var values = SlipValues()
    values[.group] = title
    values[.kinds] = kinds.map { $0.values }
    values[.debit] = debit.label
    values.set(.debitCount, String(debit.count))
    values.set(.debitSum, debit.amount)
    values[.credit] = credit.label
    values.set(.creditCount, String(credit.count))
    values.set(.creditSum, credit.amount)
    values[.verdict] = verdict
    return values
  }
}

extension SettlementSlipData.Sum {
  fileprivate var values: SlipValues {
    var values = SlipValues()
    values[.label] = label
    values.set(.count, String(count))
    values.set(.sum, amount)
    return values
  }
}

extension CommissioningSheetData {
  /// The values that a template of a commissioning sheet can name.
  public var values: SlipValues {
    var values = SlipValues()
    values.set(merchantName, "", "")
    values[.facts] = facts.map { fact in
      var item = SlipValues()
      item[.fact] = fact.label
      item.set(.value, fact.value)
      return item
    }
    values[.checks] = checks.map { check in
      var item = SlipValues()
      item[.check] = check.name
      item.set(.detail, check.detail)
      item[.passed] = check.hasPassed
      return item
    }
    let failed = checks.count { !$0.hasPassed }
    // A sheet without checks has proven nothing.
    values[.allPassed] = failed == 0 && !checks.isEmpty
    values.set(.failedCount, String(failed))
    values.set(.checkCount, String(checks.count))
    return values
  }
}

extension SlipValues {
  fileprivate mutating func set(_ names: [String], _ merchant: String, _ terminal: String) {
    self[.merchantNames] = names.map { name in
      var item = SlipValues()
      item.set(.merchantName, name)
      return item
    }
    set(.merchantNumber, merchant)
    set(.terminalNumber, terminal)
  }
}
