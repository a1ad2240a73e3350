// SPDX-License-Identifier: Apache-2.0

import Clockwork
import TerminalCore

/// What the person behind the counter has in mind.
struct Clerk: Hashable, Sendable {
  /// What was asked and not yet answered.
  struct Question: Hashable, Sendable {
    var id: RequestID
    var reference: String?
    var askedAt: Instant
    var start: UInt32
  }

  /// What the terminal said of a sale, the first time it said something final.
  struct Told: Hashable, Sendable {
    var reference: String
    var state: String
  }

  var question: Question?
  var nextID: UInt32 = 1
  var nextReference: UInt32 = 1
  /// The transaction whose end the clerk does not know.
  var unclear: TransactionRequest?
  /// Sales still to be made in the storm.
  var salesLeft: Int
  var told: [Told] = []
  var place: String
  var accountIndex = 0
  /// How many codes were shown by telephones.
  var codesShown = 0
  /// What the clerk has put back into the queue once the storm was over.
  var unparked: [String] = []
  /// How many batches the clerk has asked to be closed in the storm.
  var settlementsAsked = 0
  /// Whether the question is for the last settlement.
  var asksLastSettlement = false
  /// Whether the last batch is closed under a clear sky.
  var finalBatchClosed = false
  /// Whether the final sale under a clear sky has been approved.
  var finalSaleApproved = false

  init(sales: Int, place: String) {
    salesLeft = sales
    self.place = place
  }

  mutating func takeID(at now: Instant, start: UInt32, reference: String? = nil) -> RequestID {
    let id = RequestID(nextID)
    nextID += 1
    question = Question(id: id, reference: reference, askedAt: now, start: start)
    return id
  }

  mutating func takeReference() -> String {
    let number = nextReference
    nextReference += 1
    return "till-1/" + String(number)
  }
}
