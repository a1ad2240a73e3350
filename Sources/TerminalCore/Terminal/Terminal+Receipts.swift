// SPDX-License-Identifier: Apache-2.0

public import Devices
import Management
public import Receipts
import Wire

/// A receipt: what it says, and as it is laid out.
public struct Receipt: Sendable {
  /// Which template it has.
  public var kind: SlipKind
  /// What the template puts on it; of the card the masked number alone.
  public var values: SlipValues
  /// Whether no money moved.
  public var isTest: Bool
  /// The slips it is laid out by.
  public var slips: Slips
  /// The paper's columns.
  public var columns: Int

  /// A receipt.
  public init(kind: SlipKind, values: SlipValues, isTest: Bool, slips: Slips, columns: Int) {
    self.kind = kind
    self.values = values
    self.isTest = isTest
    self.slips = slips
    self.columns = columns
  }

  /// The receipt as it is printed.
  public func lines(isCopy: Bool) -> [PrintLine] {
    page(isCopy: isCopy).lines
  }

  func page(isCopy: Bool) -> SlipPage {
    slips.page(kind, values, columns: columns, isTest: isTest, isCopy: isCopy)
  }
}

extension Terminal {
  /// The receipt of a transaction for a person who wants to see it; who may have it printed again
  /// may see it.
  public func receipt(
    of record: LiveRecord?, for holder: SaleReceiptData.Holder
  ) -> Result<Receipt, ReceiptProblem> {
    if !state.allows(.reprint) {
      return .failure(
        ReceiptProblem(state == .busy ? .busy : .notAllowed(.reprint, in: state)))
    }
    guard let record else { return .failure(ReceiptProblem(.unknownReference)) }
    guard let record = TransactionRecord(record.body) else {
      return .failure(ReceiptProblem(.journal(.failed)))
    }
    if !Terminal.hasReceipt(record.row) { return .failure(ReceiptProblem(.nothingToReprint)) }
    return .success(receipt(of: record, for: holder))
  }

  /// Whether a transaction's receipt can be printed again: of what is parked or closed only what
  /// was printed or owed before, since a copy is no new paper.
  static func hasReceipt(_ row: TransactionRow) -> Bool {
    let printed: [TransactionState] = [.approved, .voided, .queued]
    let perhaps: [TransactionState] = [.parked, .closed]
    return printed.contains { $0.name == row.state }
      || perhaps.contains { $0.name == row.state } && row.receipt != ReceiptState.none.name
  }

  /// The merchant's copy as it is printed.
  mutating func lines(of record: TransactionRecord, isCopy: Bool) -> [PrintLine] {
    let page = receipt(of: record, for: .merchant).page(isCopy: isCopy)
    return overfullSlips.lines(of: page, record.reference)
  }

  private func receipt(
    of record: TransactionRecord, for holder: SaleReceiptData.Holder
  ) -> Receipt {
    let row = record.row
    let kind = TransactionKind(name: row.kind) ?? .sale
    var data = SaleReceiptData()
    data.holder = holder
    let head = paperHead
    data.merchantName = head.names
    data.merchantNumber = head.merchant
    data.terminalNumber = head.terminal
    data.transactionType = kind.rules.title
    data.batchNumber = row.batch == 0 ? "" : (BatchNumber(row.batch)?.text ?? "")
    data.originalReference = row.original
    data.maskedPAN = MaskedNumber(row.maskedPAN)
    data.entryLetter = record.entry == .chip ? "I" : "S"
    data.traceNumber = STAN(row.stan)?.text ?? ""
    data.referenceNumber = row.retrievalReference
    data.approvalCode = row.approvalCode
    data.dateTime = row.localTime
    data.amount = "CNY " + (Amount(minorUnits: row.amount)?.decimalText ?? "")
    data.response = response(to: row)
    data.verification = row.hasPIN ? .pin : .signature
    if let chip = record.chip {
      data.add(chip)
      if !row.hasPIN, !chip.needsSignature { data.verification = .none }
    }
    return Receipt(
      kind: kind.slip, values: data.values, isTest: row.isTest, slips: settings.slips,
      columns: settings.columns)
  }

  private func response(to row: TransactionRow) -> SlipText {
    if row.kind == TransactionKind.offlineVoid.name { return SlipText("已撤销", "VOIDED") }
    if row.responseCode.isEmpty { return SlipText("待上送", "TO BE DELIVERED") }
    let text = settings.responses.response(to: row.responseCode)
    return SlipText(text.chinese, text.english)
  }
}

/// Why a receipt is not shown.
public struct ReceiptProblem: Error {
  /// Why.
  public var problem: Problem

  init(_ problem: Problem) { self.problem = problem }
}

extension TransactionKind {
  /// The slip that it is printed on.
  fileprivate var slip: SlipKind {
    switch self {
    case .refund: .refund
    case .void, .preAuthorisationVoid, .completionVoid, .offlineVoid: .void
    case .sale, .balance, .preAuthorisation, .completion, .completionAdvice, .offlineSale, .tip,
      .scriptNotice:
      .sale
    }
  }
}

extension SaleReceiptData {
  /// What EMV 4.4 Book 4, 11.4 wants of the chip, and what is usual beside it.
  fileprivate mutating func add(_ chip: ChipFacts) {
    applicationIdentifier = Hex.text(chip.application)
    applicationLabel = String(decoding: chip.label, as: UTF8.self)
    cryptogramKind = chip.kind
    cryptogram = Hex.text(chip.cryptogram)
    verificationResults = Hex.text(chip.tvr)
    statusInformation = Hex.text(chip.tsi)
    transactionCounter = Hex.text(chip.counter)
  }
}
