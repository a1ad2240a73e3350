// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// A purchase: asked for, and reversed when nobody knows what became of it.
  static var sale: KindRules {
    KindRules(side: .debit, delivery: .reversible, title: SlipText("消费", "SALE"))
  }
}
