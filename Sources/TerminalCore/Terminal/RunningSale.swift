// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

/// A sale from the request to the final answer.
struct RunningSale: Hashable, Sendable {
  /// How long the answer to the till waits for the receipt.
  static let receiptLimit = Interval.seconds(30)
  /// How long the answer to the till waits for a storage that refused the outcome.
  static let storageLimit = Interval.seconds(30)

  let reference: String
  let amount: Amount
  let isTest: Bool
  var asker: RequestID?
  var purchase: Purchase
  var record: TransactionRecord?
  /// The record as its intent was written: with the card that a reversal needs, whatever becomes of
  /// the outcome's entry.
  var intent: TransactionRecord?
  /// Set while the sale only waits for its receipt.
  var receiptDeadline: Instant?
  /// Set while somebody waits for an outcome that the storage refused.
  var storageDeadline: Instant?

  var awaitsReversals: Bool { purchase.awaitsReversals }

  var deadline: Instant? {
    earlier(earlier(purchase.deadline, receiptDeadline), storageDeadline)
  }

  func tell(_ progress: Progress) -> [TerminalEffect] {
    guard let asker else { return [] }
    return [.progress(asker, progress)]
  }
}
