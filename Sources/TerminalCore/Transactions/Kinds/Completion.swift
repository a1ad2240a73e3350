// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// A held amount taken, once, by asking.
  static var completion: KindRules {
    KindRules(
      side: .debit, delivery: .reversible, original: .required([.preAuthorisation]),
      effect: .completes, title: SlipText("预授权完成", "COMPLETION"))
  }

  /// A held amount taken, once, by telling.
  static var completionAdvice: KindRules {
    KindRules(
      side: .debit, delivery: .advice, original: .required([.preAuthorisation]),
      effect: .completes, title: SlipText("预授权完成通知", "COMPLETION ADVICE"))
  }

  /// A completion taken back: as a void of a sale.
  static var completionVoid: KindRules {
    KindRules(
      side: .credit, delivery: .reversible, original: .required([.completion, .completionAdvice]),
      amount: .original, effect: .voids, needsOpenBatch: true,
      title: SlipText("预授权完成撤销", "COMPLETION VOID"))
  }
}
