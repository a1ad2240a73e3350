// SPDX-License-Identifier: Apache-2.0

/// What can stand in braces in a message's script.
public enum MessageValue: UInt8, Hashable, Sendable, CaseIterable {
  case pan, account, expiry, track, amount, stan, time, date, moment, entryMode
  case pinBlock, pinSerial, security
  case approval, retrieval, reason, terminal, merchant, currency, batch, tip, code, organisation
  case operatorCode, answerDate
  case originalSTAN, originalBatch, originalDate, originalMoment, originalType
  case originalApproval, originalRetrieval
  case domesticDebitAmount, domesticDebitCount, domesticCreditAmount, domesticCreditCount
  case foreignDebitAmount, foreignDebitCount, foreignCreditAmount, foreignCreditCount
  case debitAmount, debitCount, creditAmount, creditCount
  case uploads, uploadCount, kindOfCard
  case asked, sequence, chipData
  case originalProcessing, originalAcquirer, originalAmount
  case reader, chipCondition

  /// The name between the braces.
  public var name: String {
    switch self {
    case .pan: "pan"
    case .account: "account"
    case .expiry: "expiry"
    case .track: "track"
    case .amount: "amount"
    case .stan: "stan"
    case .time: "time"
    case .date: "date"
    case .moment: "moment"
    case .entryMode: "entry-mode"
    case .pinBlock: "pin-block"
    case .pinSerial: "pin-serial"
    case .security: "security"
    case .approval: "approval"
    case .retrieval: "retrieval"
    case .reason: "reason"
    case .terminal: "terminal"
    case .merchant: "merchant"
    case .currency: "currency"
    case .batch: "batch"
    case .tip: "tip"
    case .code: "code"
    case .organisation: "organisation"
    case .operatorCode: "operator"
    case .answerDate: "answer-date"
    case .originalSTAN: "original-stan"
    case .originalBatch: "original-batch"
    case .originalDate: "original-date"
    case .originalMoment: "original-moment"
    case .originalType: "original-type"
    case .originalApproval: "original-approval"
    case .originalRetrieval: "original-retrieval"
    case .domesticDebitAmount: "domestic-debit-amount"
    case .domesticDebitCount: "domestic-debit-count"
    case .domesticCreditAmount: "domestic-credit-amount"
    case .domesticCreditCount: "domestic-credit-count"
    case .foreignDebitAmount: "foreign-debit-amount"
    case .foreignDebitCount: "foreign-debit-count"
    case .foreignCreditAmount: "foreign-credit-amount"
    case .foreignCreditCount: "foreign-credit-count"
    case .debitAmount: "debit-amount"
    case .debitCount: "debit-count"
    case .creditAmount: "credit-amount"
    case .creditCount: "credit-count"
    case .uploads: "uploads"
    case .uploadCount: "upload-count"
    case .kindOfCard: "kind-of-card"
    case .asked: "asked"
    case .sequence: "sequence"
    case .chipData: "chip-data"
    case .originalProcessing: "original-processing"
    case .originalAcquirer: "original-acquirer"
    case .originalAmount: "original-amount"
    case .reader: "reader"
    case .chipCondition: "chip-condition"
    }
  }

  init?(name: String) {
    guard let value = MessageValue.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// What can stand behind a question mark in a message's script.
public enum MessageCondition: Hashable, Sendable {
  /// The second track is at hand.
  case track
  /// The card was swiped.
  case swiped
  /// A code was scanned instead of a card.
  case scanned
  /// The card's chip was read.
  case chip
  /// There is a PIN.
  case pin
  /// The original is known.
  case linked
  /// An answer came, though its MAC was wrong.
  case answered
  /// The acquirer's totals agreed.
  case agreed
  /// The transaction is of this kind.
  case kind(TransactionKind)

  init?(name: String) {
    switch name {
    case "track": self = .track
    case "swiped": self = .swiped
    case "scanned": self = .scanned
    case "chip": self = .chip
    case "pin": self = .pin
    case "linked": self = .linked
    case "answered": self = .answered
    case "agreed": self = .agreed
    default:
      guard let kind = TransactionKind(name: name) else { return nil }
      self = .kind(kind)
    }
  }
}
