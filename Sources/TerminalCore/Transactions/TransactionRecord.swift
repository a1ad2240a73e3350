// SPDX-License-Identifier: Apache-2.0

public import Devices
import Wire

// reserved ─▶ intent ─┬─ answer, approved ─▶ approved ─▶ receipt printed: final
//                     ├─ answer, declined ─▶ declined: final
//                     ├─ never sent ───────▶ cancelled: final
//                     └─ no valid answer ──▶ reversing ─▶ reversed: final

/// The state of one transaction.
public enum TransactionState: UInt8, Hashable, Sendable, CaseIterable {
  /// The request may have left; nothing is known of an answer.
  case intent
  /// The acquirer approved.
  case approved
  /// The acquirer declined.
  case declined
  /// Nothing ever left.
  case cancelled
  /// The acquirer must be told to forget it.
  case reversing
  /// The acquirer has forgotten it.
  case reversed
  /// It was approved and later taken back by another transaction.
  case voided
  /// It stands, and the acquirer has still to be told.
  case queued
  /// The acquirer does not take it; a person decides.
  case parked

  /// The state's name as people see it.
  public var name: String {
    switch self {
    case .intent: "sent"
    case .approved: "approved"
    case .declined: "declined"
    case .cancelled: "not sent"
    case .reversing: "reversal owed"
    case .reversed: "reversed"
    case .voided: "voided"
    case .queued: "queued"
    case .parked: "parked"
    }
  }
}

/// The state of a transaction's receipt.
public enum ReceiptState: UInt8, Hashable, Sendable, CaseIterable {
  /// There is none to print.
  case none
  /// It must still be printed.
  case owed
  /// Nobody knows whether it is complete on paper; a person decides.
  case doubtful
  /// It is on paper.
  case printed
  /// It is being printed: a start that finds this cannot know how much is on paper.
  case begun

  /// The state's name as people see it.
  public var name: String {
    switch self {
    case .none: "none"
    case .owed: "owed"
    case .doubtful: "doubtful"
    case .printed: "printed"
    case .begun: "printing"
    }
  }
}

/// Why a transaction is reversed: DE39 of the reversal.
public enum ReversalReason: UInt8, Hashable, Sendable, CaseIterable {
  /// No answer came: 98.
  case noAnswer
  /// The answer's MAC was wrong: A0.
  case wrongMAC
  /// Anything else: 06.
  case other

  /// Two characters for DE39.
  public var code: [UInt8] {
    switch self {
    case .noAnswer: [0x39, 0x38]
    case .wrongMAC: [0x41, 0x30]
    case .other: [0x30, 0x36]
    }
  }
}

/// Everything that is kept of one transaction.
public struct TransactionRecord: Hashable, Sendable {
  /// The caller's own reference, 1...64 printable ASCII characters.
  public var reference: String
  /// DE11.
  public var stan: STAN
  /// DE4.
  public var amount: Amount
  /// DE12 and DE13.
  public var localTime: LocalTime
  /// Whether no money moves.
  public var isTest: Bool
  /// First six, last four.
  public var maskedPAN: String
  /// The keyed fingerprint of the account number, 8 bytes.
  public var fingerprint: [UInt8]
  /// The card data a reversal needs, sealed; empty once the transaction is final.
  public var sealedCard: [UInt8]
  /// Whether a PIN was asked for.
  public var hasPIN: Bool
  /// Where the transaction is.
  public var state: TransactionState
  /// Where its receipt is.
  public var receipt: ReceiptState
  /// DE39 of the answer, or empty.
  public var responseCode: [UInt8]
  /// DE38 of the answer, or empty.
  public var approvalCode: [UInt8]
  /// DE37 of the answer, or empty.
  public var retrievalReference: [UInt8]
  /// Why it is reversed.
  public var reversalReason: ReversalReason?

  /// Whether the next start needs the record.
  public var isLive: Bool {
    switch state {
    case .intent, .reversing: true
    case .approved, .declined, .cancelled, .reversed, .voided, .queued, .parked:
      switch receipt {
      case .owed, .begun, .doubtful: true
      case .none, .printed: false
      }
    }
  }

  /// Drops the card data of a transaction that needs it no longer.
  mutating func eraseCardIfFinal() {
    switch state {
    case .intent, .reversing, .queued, .parked: break
    case .approved, .voided, .declined, .cancelled, .reversed: sealedCard = []
    }
  }
}

extension TransactionRecord {
  /// The key of the record.
  var key: String { "transaction/" + reference }

  /// The update that stores the record; the first without a card takes the card out of the earlier
  /// ones too.
  var update: RecordUpdate {
    RecordUpdate(key: key, isLive: isLive, body: encoded, erasesEarlier: sealedCard.isEmpty)
  }

  /// The line of the table of transactions.
  public var row: TransactionRow {
    var row = TransactionRow()
    row.reference = reference
    row.state = state.name
    row.receipt = receipt.name
    row.isTest = isTest
    row.hasPIN = hasPIN
    row.stan = stan.value
    row.amount = amount.minorUnits
    row.localTime = localTime.text
    row.maskedPAN = maskedPAN
    row.responseCode = String(decoding: responseCode, as: UTF8.self)
    row.approvalCode = String(decoding: approvalCode, as: UTF8.self)
    row.retrievalReference = String(decoding: retrievalReference, as: UTF8.self)
    row.reversalReason = String(decoding: reversalReason?.code ?? [], as: UTF8.self)
    return row
  }

  private var encoded: [UInt8] {
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
    return fields.bytes
  }

  /// Reads a record; nil when a field that must be there is missing or impossible.
  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body), let reference = fields.text(1),
      let stan = fields.number(2).flatMap({ STAN(UInt32(truncatingIfNeeded: $0)) }),
      let amount = fields.number(3).flatMap({ Amount(minorUnits: $0) }),
      let localTime = fields.text(4).flatMap({ LocalTime(text: $0) }),
      let state = fields.number(10).flatMap({ TransactionState(rawValue: UInt8($0 & 0xFF)) }),
      let receipt = fields.number(11).flatMap({ ReceiptState(rawValue: UInt8($0 & 0xFF)) })
    else { return nil }
    self.reference = reference
    self.stan = stan
    self.amount = amount
    self.localTime = localTime
    self.isTest = fields.number(5) == 1
    self.maskedPAN = fields.text(6) ?? ""
    self.fingerprint = fields.bytes(7) ?? []
    self.sealedCard = fields.bytes(8) ?? []
    self.hasPIN = fields.number(9) == 1
    self.state = state
    self.receipt = receipt
    self.responseCode = fields.bytes(12) ?? []
    self.approvalCode = fields.bytes(13) ?? []
    self.retrievalReference = fields.bytes(14) ?? []
    self.reversalReason = fields.number(15).flatMap { ReversalReason(rawValue: UInt8($0 & 0xFF)) }
  }
}
