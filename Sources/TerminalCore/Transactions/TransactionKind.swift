// SPDX-License-Identifier: Apache-2.0

/// The kinds of transactions; each has a file of its own in `Kinds/` with its rules.
public enum TransactionKind: UInt8, Hashable, Sendable, CaseIterable {
  /// A purchase.
  case sale
  /// A sale taken back on the day of its batch, in full.
  case void
  /// Money back for a sale of any batch, in full or in part.
  case refund
  /// What the card's account holds.
  case balance
  /// An amount held for a later completion.
  case preAuthorisation
  /// A held amount let go.
  case preAuthorisationVoid
  /// A held amount taken, by asking.
  case completion
  /// A held amount taken, by telling.
  case completionAdvice
  /// A completion taken back.
  case completionVoid
  /// A purchase that the terminal approved itself, told afterwards.
  case offlineSale
  /// A tip added to a purchase that was told afterwards.
  case tip
  /// Such a purchase taken back before the acquirer was told of it.
  case offlineVoid
  /// What a card has made of its issuer's scripts, told afterwards.
  case scriptNotice

  /// Whether anybody can ask for it; the terminal makes a notice by itself.
  public var isAskedFor: Bool { self != .scriptNotice }

  /// The name in journal, control interface and acquirers' files.
  public var name: String {
    switch self {
    case .sale: "sale"
    case .void: "void"
    case .refund: "refund"
    case .balance: "balance"
    case .preAuthorisation: "pre-authorisation"
    case .preAuthorisationVoid: "pre-authorisation-void"
    case .completion: "completion"
    case .completionAdvice: "completion-advice"
    case .completionVoid: "completion-void"
    case .offlineSale: "offline-sale"
    case .tip: "tip"
    case .offlineVoid: "offline-void"
    case .scriptNotice: "script-notice"
    }
  }

  /// The kind with this name.
  public init?(name: String) {
    guard let kind = TransactionKind.allCases.first(where: { $0.name == name }) else { return nil }
    self = kind
  }
}

/// What the acquirer knows of a transaction in its totals.
public enum TotalsSide: UInt8, Hashable, Sendable {
  /// Money for the merchant.
  case debit
  /// Money back.
  case credit
  /// Money for the merchant that makes another transaction larger.
  case adjustment
  /// It does not count.
  case none
}

/// How a transaction reaches the acquirer.
public enum Delivery: UInt8, Hashable, Sendable {
  /// Asked; without a valid answer it is reversed.
  case reversible
  /// Asked; without a valid answer nothing has happened.
  case enquiry
  /// Told until the acquirer has taken it: the same message under the same trace number.
  case advice
}
