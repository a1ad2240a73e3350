// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

// The fields of a record on disk. A number is never given a second meaning, and a field that an
// older program did not write has a value that says so: every program reads what every older one
// has written.

extension TransactionRecord {
  var encoded: [UInt8] {
    var fields = FieldWriter()
    fields.write(1, reference)
    fields.write(2, UInt64(stan.value))
    fields.write(3, amount.minorUnits)
    fields.write(4, localTime.text)
    fields.write(5, isTest ? 1 : 0)
    fields.write(6, maskedPAN)
    fields.write(7, fingerprint)
    fields.write(8, sealedCard)
    fields.write(9, hasPIN ? 1 : 0)
    fields.write(10, UInt64(state.rawValue))
    fields.write(11, UInt64(receipt.rawValue))
    fields.write(12, responseCode)
    fields.write(13, approvalCode)
    fields.write(14, retrievalReference)
    if let reversalReason { fields.write(15, UInt64(reversalReason.rawValue)) }
    fields.write(16, UInt64(kind.rawValue))
    fields.write(17, UInt64(batch.value))
    fields.write(18, UInt64(entry.rawValue))
    if isForeign { fields.write(19, 1) }
    if !answerDate.isEmpty { fields.write(20, answerDate) }
    if let original { fields.write(21, original.encoded) }
    if refunded > 0 { fields.write(22, refunded) }
    if upload != .none { fields.write(23, UInt64(upload.rawValue)) }
    if attempts > 0 { fields.write(24, UInt64(attempts)) }
    if !deliveryCode.isEmpty { fields.write(25, deliveryCode) }
    if let deliveredAt { fields.write(26, deliveredAt.text) }
    if tipped > 0 { fields.write(27, tipped) }
    if hasLeft { fields.write(28, 1) }
    if let chip { fields.write(29, chip.encoded) }
    if isRefused { fields.write(30, 1) }
    if let closing { fields.write(31, closing.encoded) }
    if readsChips { fields.write(32, 1) }
    if isFallback { fields.write(33, 1) }
    return fields.bytes
  }

  /// Reads a record; nil when a field that must be there is missing or impossible.
  public init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body), let reference = fields.text(1),
      let stan = fields.number(2).flatMap({ STAN(UInt32(truncatingIfNeeded: $0)) }),
      let amount = fields.number(3).flatMap({ Amount(minorUnits: $0) }),
      let localTime = fields.text(4).flatMap({ LocalTime(text: $0) }),
      let state = fields.number(10).flatMap({ TransactionState(rawValue: UInt8($0 & 0xFF)) }),
      let receipt = fields.number(11).flatMap({ ReceiptState(rawValue: UInt8($0 & 0xFF)) }),
      // The first program knew sales alone, of the first batch.
      let kind = TransactionKind(rawValue: UInt8((fields.number(16) ?? 0) & 0xFF)),
      let batch = BatchNumber(UInt32(truncatingIfNeeded: fields.number(17) ?? 1)),
      let entry = EntryMode(rawValue: UInt8((fields.number(18) ?? 1) & 0xFF)),
      let upload = UploadState(rawValue: UInt8((fields.number(23) ?? 0) & 0xFF))
    else { return nil }
    self.init(
      reference: reference, kind: kind, stan: stan, amount: amount, localTime: localTime,
      batch: batch, isTest: fields.number(5) == 1, maskedPAN: fields.text(6) ?? "",
      fingerprint: fields.bytes(7) ?? [], sealedCard: fields.bytes(8) ?? [], entry: entry,
      hasPIN: fields.number(9) == 1, state: state, receipt: receipt)
    isForeign = fields.number(19) == 1
    responseCode = fields.bytes(12) ?? []
    approvalCode = fields.bytes(13) ?? []
    retrievalReference = fields.bytes(14) ?? []
    answerDate = fields.bytes(20) ?? []
    reversalReason = fields.number(15).flatMap { ReversalReason(rawValue: UInt8($0 & 0xFF)) }
    if let bytes = fields.bytes(21) {
      guard let facts = OriginalFacts(bytes) else { return nil }
      original = facts
    }
    refunded = fields.number(22) ?? 0
    self.upload = upload
    attempts = UInt32(truncatingIfNeeded: fields.number(24) ?? 0)
    deliveryCode = fields.bytes(25) ?? []
    deliveredAt = fields.text(26).flatMap { LocalTime(text: $0) }
    tipped = fields.number(27) ?? 0
    hasLeft = fields.number(28) == 1
    chip = fields.bytes(29).flatMap { ChipFacts($0) }
    isRefused = fields.number(30) == 1
    closings = fields.bytes(31).flatMap { Closing($0) }.map { [$0] } ?? []
    readsChips = fields.number(32) == 1
    isFallback = fields.number(33) == 1
  }
}

extension OriginalFacts {
  fileprivate var encoded: [UInt8] {
    var fields = FieldWriter()
    fields.write(1, reference)
    fields.write(2, messageType)
    fields.write(3, stan)
    fields.write(4, batch)
    fields.write(5, moment)
    fields.write(6, approvalCode)
    fields.write(7, retrievalReference)
    fields.write(8, amount)
    if !date.isEmpty { fields.write(9, date) }
    if !processing.isEmpty { fields.write(10, processing) }
    if !acquirer.isEmpty { fields.write(11, acquirer) }
    return fields.bytes
  }

  fileprivate init?(_ bytes: [UInt8]) {
    guard let fields = try? FieldReader(bytes) else { return nil }
    reference = fields.text(1) ?? ""
    messageType = fields.bytes(2) ?? []
    stan = fields.bytes(3) ?? []
    batch = fields.bytes(4) ?? []
    moment = fields.bytes(5) ?? []
    approvalCode = fields.bytes(6) ?? []
    retrievalReference = fields.bytes(7) ?? []
    amount = fields.number(8) ?? 0
    date = fields.bytes(9) ?? []
    processing = fields.bytes(10) ?? []
    acquirer = fields.bytes(11) ?? []
  }
}
