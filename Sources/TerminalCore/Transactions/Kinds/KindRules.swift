// SPDX-License-Identifier: Apache-2.0

import Devices
import Receipts

// The rules are computed and not stored: as constants with lists in them they crash the optimiser
// of Embedded Swift 6.3.

/// What is special about a kind of transaction; what all share is in `CardTransaction`.
struct KindRules: Hashable, Sendable {
  /// Whether it follows another transaction.
  enum Original: Hashable, Sendable {
    case none
    /// One of these kinds, where it is known.
    case optional([TransactionKind])
    /// One of these kinds.
    case required([TransactionKind])
  }

  /// Where its amount comes from.
  enum AmountRule: Hashable, Sendable {
    /// Whoever asks says it.
    case given
    /// It is the original's.
    case original
    /// There is none.
    case none
  }

  /// What its approval does to the original.
  enum Effect: Hashable, Sendable {
    case none
    /// The original does not stand any more.
    case voids
    /// So much of it is given back.
    case refunds
    /// What was held is taken, once.
    case completes
    /// So much is put on top of it, once.
    case tips
    /// It is not told to the acquirer any more.
    case withdraws
  }

  var side: TotalsSide
  var delivery: Delivery
  var original = Original.none
  var amount = AmountRule.given
  var effect = Effect.none
  /// Whether the original must be of the open batch.
  var needsOpenBatch = false
  /// Whether the terminal approves by itself, and tells the acquirer afterwards.
  var isOffline = false
  /// Whether it concerns the terminal alone, so that nothing of it is ever sent.
  var isLocal = false
  /// On the receipt, in Chinese and English.
  var title: SlipText
}

extension TransactionKind {
  /// The kind's rules.
  var rules: KindRules {
    switch self {
    case .sale: .sale
    case .void: .void
    case .refund: .refund
    case .balance: .balance
    case .preAuthorisation: .preAuthorisation
    case .preAuthorisationVoid: .preAuthorisationVoid
    case .completion: .completion
    case .completionAdvice: .completionAdvice
    case .completionVoid: .completionVoid
    case .offlineSale: .offlineSale
    case .tip: .tip
    case .offlineVoid: .offlineVoid
    case .scriptNotice: .scriptNotice
    }
  }

  /// The kind that takes a transaction of this kind back, where there is one.
  var voidedBy: TransactionKind? {
    switch self {
    case .sale, .offlineSale: .void
    case .preAuthorisation: .preAuthorisationVoid
    case .completion, .completionAdvice: .completionVoid
    case .void, .refund, .balance, .preAuthorisationVoid, .completionVoid, .tip, .offlineVoid,
      .scriptNotice:
      nil
    }
  }

  /// Whether a transaction of this kind counts in its batch.
  var counts: Bool { rules.side != .none }
}

extension KindRules {
  /// What an original has against a transaction of this kind and amount.
  func objection(
    to original: TransactionRecord, amount: Amount, openBatch: BatchNumber
  ) -> Problem? {
    let kinds: [TransactionKind]
    switch self.original {
    case .none: return nil
    case .optional(let allowed), .required(let allowed): kinds = allowed
    }
    if !kinds.contains(original.kind) { return .originalUnfit(.kind) }
    if effect == .withdraws {
      if original.hasLeft { return .originalUnfit(.told) }
      return original.state == .queued ? nil : .originalUnfit(.state)
    }
    if original.state != .approved {
      return .originalUnfit(original.state == .voided ? .voided : .state)
    }
    if needsOpenBatch, original.batch != openBatch { return .originalUnfit(.batch) }
    switch effect {
    case .none, .withdraws: return nil
    case .voids:
      return original.refunded > 0 ? .originalUnfit(.refunded) : nil
    case .tips:
      if original.refunded > 0 { return .originalUnfit(.refunded) }
      return original.tipped > 0 ? .originalUnfit(.tipped) : nil
    case .refunds:
      let left = original.whole - min(original.whole, original.refunded)
      return amount.minorUnits > left ? .overOriginal(left: left) : nil
    case .completes:
      if original.refunded > 0 { return .originalUnfit(.completed) }
      // 115 %: what a hotel may take beyond what it held. The acquirer has the last word.
      let most = original.amount.minorUnits + original.amount.minorUnits * 15 / 100
      return amount.minorUnits > most ? .overOriginal(left: most) : nil
    }
  }
}

/// Why an original cannot be followed.
public enum OriginalFlaw: UInt8, Hashable, Sendable, CaseIterable {
  /// It is of another kind.
  case kind
  /// It was not approved, or has no end yet.
  case state
  /// It was taken back.
  case voided
  /// Its batch is closed.
  case batch
  /// Money was given back of it.
  case refunded
  /// What was held has been taken.
  case completed
  /// It has a tip.
  case tipped
  /// The acquirer is being told of it, and has not answered yet.
  case told

  /// For people.
  public var text: String {
    switch self {
    case .kind: "another kind of transaction"
    case .state: "not approved"
    case .voided: "already voided"
    case .batch: "its batch is closed"
    case .refunded: "money was given back of it"
    case .completed: "already completed"
    case .tipped: "it has a tip"
    case .told: "the acquirer is being told of it"
    }
  }
}
