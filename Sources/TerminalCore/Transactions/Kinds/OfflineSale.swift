// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// A purchase that the terminal approves within the limits of the acquirer's profile. A sale that
  /// was begun online never becomes one by itself.
  static var offlineSale: KindRules {
    KindRules(
      side: .debit, delivery: .advice, isOffline: true, title: SlipText("离线消费", "OFFLINE SALE"))
  }

  /// A tip on such a purchase, told with the amount it leads to; the purchase counts once. There is
  /// one: acquirers take a second as the whole tip instead of the first, or as a mistake.
  static var tip: KindRules {
    KindRules(
      side: .adjustment, delivery: .advice, original: .required([.offlineSale, .sale]),
      effect: .tips, needsOpenBatch: true, isOffline: true, title: SlipText("小费", "TIP"))
  }
}
