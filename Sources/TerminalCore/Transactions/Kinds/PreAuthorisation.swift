// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// An amount held. It does not count in the batch: a completion does.
  static var preAuthorisation: KindRules {
    KindRules(
      side: .none, delivery: .reversible, title: SlipText("预授权", "PRE-AUTHORISATION"))
  }

  /// An amount let go, in full, whenever.
  static var preAuthorisationVoid: KindRules {
    KindRules(
      side: .none, delivery: .reversible, original: .required([.preAuthorisation]),
      amount: .original, effect: .voids, title: SlipText("预授权撤销", "PRE-AUTH VOID"))
  }
}
