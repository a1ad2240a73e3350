// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// What an account holds. No money moves, so a lost answer needs no care.
  static var balance: KindRules {
    KindRules(
      side: .none, delivery: .enquiry, amount: .none, title: SlipText("余额查询", "BALANCE"))
  }
}
