// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// Money back, linked to its sale wherever the sale is known: then never more than the sale in
  /// sum. An advice: a lost answer is asked for again under the same trace number, and nothing is
  /// reversed.
  static var refund: KindRules {
    KindRules(
      side: .credit, delivery: .advice,
      original: .optional([.sale, .offlineSale, .completion, .completionAdvice]), effect: .refunds,
      title: SlipText("退货", "REFUND"))
  }
}
