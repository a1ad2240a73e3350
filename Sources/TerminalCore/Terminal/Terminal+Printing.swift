// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import Receipts

extension Terminal {
  mutating func run(_ effects: [PrintDesk.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .printer(let order):
        out.append(.printer(order))
      case .compose(let record, let job):
        let lines = receipt(of: record.row, isCopy: false)
        out.append(.printer(.print(PrintJob(number: job, lines: lines))))
      case .journal(let record):
        out.append(.journal(journalReceipt(record)))
      case .settled(let reference, let problem):
        if sale?.reference == reference, sale?.receiptDeadline != nil {
          if let index = prints.doubtful.firstIndex(where: { $0.reference == reference }) {
            sale?.record = prints.doubtful[index]
          }
          out += closeTransaction(problem)
        }
      case .orderEnded(let problem):
        out += orderEnded(problem)
      }
    }
    return out
  }

  private mutating func write(_ record: TransactionRecord, for owner: JournalOwner) {
    journalOwners.append(owner)
    receiptChanged(record)
    receiptsBeingWritten.append(record)
    // What is written now is newer than what could not be written before.
    receiptsUnwritten.removeAll { $0.reference == record.reference }
  }

  /// What became of a receipt's entry.
  mutating func receiptWritten(_ fault: JournalFault?) {
    var record = receiptsBeingWritten.removeFirst()
    if fault == nil { return }
    // What was not written is not begun.
    if record.receipt == .begun { record.receipt = .owed }
    receiptsUnwritten.append(record)
  }

  /// Writes a receipt's state that did not reach the disk, now that the storage is well.
  mutating func writeReceiptAgain() -> [TerminalEffect] {
    guard ledgerFault == nil, journalOwners.isEmpty, let record = receiptsUnwritten.first else {
      return []
    }
    write(record, for: .receiptAgain)
    return [.journal(JournalEntry(updates: [record.update], rows: [record.row]))]
  }

  /// The outcome's entry says that the receipt is begun; when the printer has become unable since,
  /// the next start must not doubt it.
  mutating func takeBackBegin(_ record: TransactionRecord) -> [TerminalEffect] {
    guard record.receipt == .begun,
      let owed = prints.takeBackBegin(reference: record.reference)
    else { return [] }
    if sale?.reference == owed.reference { sale?.record = owed }
    write(owed, for: .receiptAgain)
    return [.journal(JournalEntry(updates: [owed.update], rows: [owed.row]))]
  }

  /// The receipt's new state; the first printed test receipt is also what commissioning waits for.
  private mutating func journalReceipt(_ record: TransactionRecord) -> JournalEntry {
    write(record, for: .receipt)
    if sale?.reference == record.reference { sale?.record = record }
    var updates = [record.update]
    if record.isTest, record.receipt == .printed, !testSalePassed {
      testSalePassed = true
      updates.append(CommissioningRecord(testSalePassed: true, isCommissioned: false).update)
    }
    return JournalEntry(updates: updates, rows: [record.row])
  }

  private mutating func orderEnded(_ problem: Problem?) -> [TerminalEffect] {
    let reference = reprinted
    reprinted = nil
    var out = askers.paper.take(problem)
    if problem == nil, let reference, var record = prints.resolveDoubt(reference: reference) {
      record.receipt = .printed
      write(record, for: .doubtResolved)
      out.append(.journal(JournalEntry(updates: [record.update], rows: [record.row])))
    }
    return out
  }

  mutating func reprint(
    _ id: RequestID, _ reference: String, _ row: TransactionRow?, at now: Instant
  ) -> [TerminalEffect] {
    guard let row else { return [.answer(id, .refused(.unknownReference))] }
    if askers.paper != nil || reprinted != nil { return [.answer(id, .refused(.busy))] }
    let printed: [TransactionState] = [.approved, .voided, .queued, .parked]
    if !printed.contains(where: { $0.name == row.state }) {
      return [.answer(id, .refused(.nothingToReprint))]
    }
    askers.paper = id
    reprinted = reference
    let lines = PrintLines(lines: receipt(of: row, isCopy: true))
    return run(prints.handle(.ordered(lines), at: now), at: now)
  }

  private func receipt(of row: TransactionRow, isCopy: Bool) -> [PrintLine] {
    var data = SaleReceiptData()
    if case .provisioned(let parameters) = registration.phase {
      data.merchantName = [parameters.merchantName]
      data.merchantNumber = parameters.merchantID
      data.terminalNumber = parameters.terminalID
    }
    data.transactionType = (TransactionKind(name: row.kind) ?? .sale).rules.title
    data.batchNumber = row.batch == 0 ? "" : (BatchNumber(row.batch)?.text ?? "")
    data.originalReference = row.original
    data.maskedPAN = row.maskedPAN
    data.entryLetter = "S"
    data.traceNumber = STAN(row.stan)?.text ?? ""
    data.referenceNumber = row.retrievalReference
    data.approvalCode = row.approvalCode
    data.dateTime = row.localTime
    data.amount = "CNY " + (Amount(minorUnits: row.amount)?.decimalText ?? "")
    let text = settings.responses.response(to: row.responseCode)
    data.response =
      row.kind == TransactionKind.offlineVoid.name
      ? "已撤销 VOIDED"
      : row.responseCode.isEmpty
        ? "待上送 TO BE DELIVERED" : text.chinese + " " + text.english
    data.verification = row.hasPIN ? .pin : .signature
    return Slips.saleReceipt(
      data, columns: settings.columns, isTest: row.isTest, isCopy: isCopy)
  }
}
