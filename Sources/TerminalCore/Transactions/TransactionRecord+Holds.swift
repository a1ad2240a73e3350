// SPDX-License-Identifier: Apache-2.0

import Devices

// A refund, a completion and a tip hold their amount on the original from their intent on, so that
// two of them never take more than there is. The hold ends when the acquirer is known to have none
// of it: it was never sent, was declined, refused, or reversed. While nobody knows, it stays.

extension TransactionRecord {
  /// The transaction on which this one holds its amount; empty where this terminal has none.
  var heldOn: String {
    switch kind.rules.effect {
    case .refunds, .completes, .tips: originalReference
    case .none, .voids, .withdraws: ""
    }
  }

  /// A transaction of this kind that follows takes so much.
  mutating func hold(_ amount: Amount, for kind: TransactionKind) {
    switch kind.rules.effect {
    case .refunds, .completes: refunded += amount.minorUnits
    case .tips: tipped += amount.minorUnits
    case .none, .voids, .withdraws: break
    }
  }

  /// A transaction of this kind that follows has taken nothing after all.
  mutating func release(_ amount: Amount, for kind: TransactionKind) {
    switch kind.rules.effect {
    case .refunds, .completes: refunded -= min(refunded, amount.minorUnits)
    case .tips: tipped -= min(tipped, amount.minorUnits)
    case .none, .voids, .withdraws: break
    }
  }
}
