// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// A sale taken back: in full, and on the day of its batch alone. What comes later is a refund,
  /// since the money has left the issuer by then. A void of which nobody knows is reversed like a
  /// sale: then the sale stands.
  static var void: KindRules {
    KindRules(
      side: .credit, delivery: .reversible, original: .required([.sale, .offlineSale]),
      amount: .original, effect: .voids, needsOpenBatch: true, title: SlipText("消费撤销", "VOID"))
  }
  /// A sale taken back of which the acquirer has never heard: by the terminal alone, and neither
  /// counts. UnionPay's rules want no message for it.
  static var offlineVoid: KindRules {
    KindRules(
      side: .none, delivery: .advice, original: .required([.offlineSale]), amount: .original,
      effect: .withdraws, isLocal: true, title: SlipText("离线消费撤销", "OFFLINE VOID"))
  }
}
