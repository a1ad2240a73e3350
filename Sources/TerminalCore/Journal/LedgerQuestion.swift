// SPDX-License-Identifier: Apache-2.0

// What is not live does not lie in memory: a batch may have any number of transactions and the
// queue any number of advices. The core asks the ledger for the few it needs next.

/// What the core asks the ledger.
public enum LedgerQuestion: Hashable, Sendable {
  /// The records of the oldest transactions that are queued for the acquirer, the oldest first.
  case queue(limit: UInt16)
  /// The sums of a batch, by kind, state, organisation and whether they are tests. The acquirer
  /// counts test transactions as well, since it does not know that they are tests.
  case totals(batch: UInt32)
  /// The records of a batch whose upload is owed, in the order of their beginning: of the
  /// organisations asked for, and of what the acquirer is told one message each or several in one.
  case uploads(batch: UInt32, isForeign: Bool, limit: UInt16)
  /// The records of a batch that hold a card and will not leave again: what is parked or owed keeps
  /// its card until it is final, whatever becomes of its batch.
  case cards(batch: UInt32, limit: UInt16)
  /// The records of the transactions whose answer had this DE37, the oldest first.
  case retrieval(reference: String, limit: UInt16)
  /// The sums of what is parked, of all batches.
  case parked
  /// The record of one transaction, or none.
  case transaction(reference: String)
  /// The slip of a closed batch, or none.
  case slip(batch: UInt32)

  /// One number a kind of question.
  public var kindNumber: UInt8 {
    switch self {
    case .queue: 0
    case .totals: 1
    case .uploads: 2
    case .cards: 3
    case .transaction: 4
    case .slip: 5
    case .retrieval: 6
    case .parked: 7
    }
  }
}

/// What the ledger answers.
public enum LedgerAnswer: Hashable, Sendable {
  /// Records, at most as many as were asked for.
  case records([LiveRecord])
  /// Sums.
  case totals([BatchLine])
  /// It could not be read.
  case failed
}

/// One sum of a batch.
public struct BatchLine: Hashable, Sendable {
  /// The name of the kind.
  public var kind: String
  /// The name of the state.
  public var state: String
  /// Whether the cards are of another organisation than the acquirer's own.
  public var isForeign: Bool
  /// Whether no money moved.
  public var isTest: Bool
  /// How many.
  public var count: UInt32
  /// Minor units.
  public var amount: UInt64

  /// A sum.
  public init(
    kind: String, state: String, isForeign: Bool, isTest: Bool, count: UInt32, amount: UInt64
  ) {
    self.kind = kind
    self.state = state
    self.isForeign = isForeign
    self.isTest = isTest
    self.count = count
    self.amount = amount
  }
}
