// SPDX-License-Identifier: Apache-2.0

//   approved ──reversal──▶ reversed           a void turns its sale into voided, a completion its
//      │  ▲                                   pre-authorisation into completed; their own reversal
//      ▼  │ the void's own reversal           turns it back
//   voided, completed

/// One request as the issuer remembers it, by terminal, trace number and local time; in UnionPay's
/// dialect, whose requests have no time, by terminal, batch and trace number.
public struct Hold: Hashable, Sendable {
  /// What was asked.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// A purchase.
    case sale
    /// A sale taken back, in full.
    case saleVoid
    /// Money back, in full or in part.
    case refund
    /// A question for the balance.
    case balance
    /// An amount held for later.
    case preAuthorisation
    /// A held amount let go.
    case preAuthorisationVoid
    /// A held amount taken, by asking.
    case completion
    /// A held amount taken, by telling.
    case completionAdvice
    /// A completion taken back.
    case completionVoid
    /// A purchase that the terminal approved.
    case offlineSale
    /// A tip on top of a purchase, which replaces an earlier tip.
    case tip
  }

  /// What became of it.
  public enum State: UInt8, Hashable, Sendable {
    /// It is in force: of a sale, money is held.
    case approved
    /// Nothing is held, by the issuer's decision.
    case declined
    /// Nothing is held any more, by the terminal's reversal.
    case reversed
    /// The reversal came before the request; the request will be refused.
    case reversedBeforehand
    /// Nothing is held any more, by a void.
    case voided
    /// What was held for later has been taken by a completion.
    case completed
  }

  /// What was asked.
  public var kind = Kind.sale
  /// The message's type, four ASCII digits.
  public var messageType: [UInt8] = []
  /// DE41.
  public var terminalID: [UInt8]
  /// DE42.
  public var merchantID: [UInt8] = []
  /// DE11.
  public var stan: [UInt8]
  /// DE13 and DE12: the terminal's, or the host's where requests have none.
  public var localTime: [UInt8]
  /// The batch it belongs to.
  public var batch: UInt32 = 0
  /// DE2, ASCII digits; empty where a scanned code paid.
  public var pan: [UInt8]
  /// The code that was scanned, or empty.
  public var code: [UInt8] = []
  /// Minor units, without tip.
  public var amount: UInt64
  /// Minor units that were asked for: more than the amount where a part was approved.
  public var askedAmount: UInt64 = 0
  /// Minor units on top of the amount.
  public var tip: UInt64 = 0
  /// What became of it.
  public var state: State
  /// DE39 of the first answer.
  public var responseCode: [UInt8]
  /// DE38 of the first answer, or empty.
  public var approvalCode: [UInt8]
  /// DE37.
  public var retrievalReference: [UInt8]
  /// Where the transaction that it refers to stands among the holds.
  public var original: Int?
  /// How often its reversal was refused on purpose.
  public var refusedReversals: UInt8 = 0

  /// Minor units that the card has to pay for it at this moment.
  public var held: UInt64 {
    state == .approved && kind.isHeld ? amount + tip : 0
  }
}

extension Hold.Kind {
  /// Whether money of the card is held by it.
  public var isHeld: Bool {
    switch self {
    case .sale, .preAuthorisation, .completion, .completionAdvice, .offlineSale: true
    case .saleVoid, .refund, .balance, .preAuthorisationVoid, .completionVoid, .tip: false
    }
  }

  /// Whether it is told and not asked: a repeat is answered as delivered.
  public var isAdvice: Bool {
    switch self {
    case .refund, .completionAdvice, .offlineSale, .tip: true
    case .sale, .saleVoid, .balance, .preAuthorisation, .preAuthorisationVoid, .completion,
      .completionVoid:
      false
    }
  }

  /// Whether it can be reversed.
  public var isReversible: Bool { !isAdvice && self != .balance }

  /// Whether it counts among a batch's debits, when it is not reversed.
  public var isDebit: Bool {
    switch self {
    case .sale, .completion, .completionAdvice, .offlineSale: true
    case .saleVoid, .refund, .balance, .preAuthorisation, .preAuthorisationVoid, .completionVoid,
      .tip:
      false
    }
  }

  /// Whether it counts among a batch's credits, when it is not reversed.
  public var isCredit: Bool {
    switch self {
    case .saleVoid, .completionVoid, .refund: true
    case .sale, .balance, .preAuthorisation, .preAuthorisationVoid, .completion,
      .completionAdvice, .offlineSale, .tip:
      false
    }
  }

  /// What it may refer to; nothing where it stands for itself.
  var originals: [Hold.Kind] {
    switch self {
    case .sale, .balance, .preAuthorisation, .offlineSale: []
    case .saleVoid: [.sale, .offlineSale]
    case .refund: [.sale, .offlineSale, .completion, .completionAdvice]
    case .preAuthorisationVoid, .completion, .completionAdvice: [.preAuthorisation]
    case .completionVoid: [.completion, .completionAdvice]
    case .tip: [.sale, .offlineSale]
    }
  }
}
