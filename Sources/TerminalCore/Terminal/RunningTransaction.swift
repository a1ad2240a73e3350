// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

/// A transaction from the request to the final answer.
struct RunningTransaction: Hashable, Sendable {
  /// How many may wait for one transaction: a till, and what it asks again after a broken
  /// connection.
  static let askerLimit = 4
  /// How long the answer to the till waits for the receipt.
  static let receiptLimit = Interval.seconds(30)
  /// How long it waits behind a logo, which may take a minute.
  static let logoLimit = Interval.seconds(5)
  /// How long the answer to the till waits for a storage that refused the outcome.
  static let storageLimit = Interval.seconds(30)

  let request: TransactionRequest
  /// The kind it has become: a void is that of its original's kind.
  let kind: TransactionKind
  let amount: Amount
  let isTest: Bool
  /// Who waits for the end: whoever began it, and who asked again while it runs.
  private(set) var askers: [RequestID]
  /// What was told last.
  private(set) var progress: Progress?
  var machine: CardTransaction
  /// The transaction that it follows, as it is on disk.
  var original: TransactionRecord?
  /// The same as it was before the intent, where that takes it back: one or none.
  var untouched: [TransactionRecord] = []
  /// Whether that one's record was changed by the intent.
  var hasReserved = false
  /// What is known of that one, here or from a receipt.
  var facts: OriginalFacts?
  /// The pre-authorisation of a completion that is voided, as the void leaves it: one or none.
  var held: [TransactionRecord] = []
  /// What the issuer is told of its scripts: one or none.
  var notices: [TransactionRecord] = []
  var record: TransactionRecord?
  /// The record as its intent was written: with the card that a reversal needs, whatever becomes of
  /// the outcome's entry.
  var intent: TransactionRecord?
  /// What is sent once the acquirer's link is free.
  var waiting: WaitingRequest?
  /// Set while it only waits for its receipt.
  var receiptDeadline: Instant?
  /// Whether the receipt had to wait for a logo when it came to be owed.
  var isBehindLogo = false
  /// Set while somebody waits for an outcome that the storage refused.
  var storageDeadline: Instant?

  var awaitsReversals: Bool { machine.awaitsReversals }

  var deadline: Instant? {
    earlier(earlier(machine.deadline, receiptDeadline), storageDeadline)
  }

  var reference: String { request.reference }

  init(
    _ request: TransactionRequest, _ plan: TransactionPlan, isTest: Bool, asker: RequestID,
    machine: CardTransaction
  ) {
    self.request = request
    kind = plan.kind
    amount = plan.amount
    self.isTest = isTest
    askers = [asker]
    self.machine = machine
  }

  mutating func tell(_ progress: Progress) -> [TerminalEffect] {
    self.progress = progress
    return askers.map { .progress($0, progress) }
  }

  /// Whoever asks again waits as well and hears how far it is; refused when too many wait.
  mutating func attach(_ id: RequestID) -> [TerminalEffect] {
    if askers.count >= RunningTransaction.askerLimit {
      return [.answer(id, .refused(.stillRunning))]
    }
    askers.append(id)
    guard let progress else { return [] }
    return [.progress(id, progress)]
  }

  /// Forgets who left; true when nobody waits any more.
  mutating func detach(_ id: RequestID) -> Bool {
    guard let index = askers.firstIndex(of: id) else { return false }
    askers.remove(at: index)
    return askers.isEmpty
  }

  /// Answers everybody who waits, and forgets them.
  mutating func answer(_ answer: ControlAnswer) -> [TerminalEffect] {
    let waiting = askers
    askers = []
    return waiting.map { .answer($0, answer) }
  }
}

/// A request whose intent is on disk and that waits for the acquirer's link.
struct WaitingRequest: Hashable, Sendable {
  var means: PaymentMeans
  var pin: EncryptedPIN?
}
