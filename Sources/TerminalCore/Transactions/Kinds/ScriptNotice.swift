// SPDX-License-Identifier: Apache-2.0

import Receipts

extension KindRules {
  /// What a card has made of its issuer's scripts: no money moves, and nobody asks for it. It is
  /// told like every advice, at most once.
  static var scriptNotice: KindRules {
    KindRules(
      side: .none, delivery: .advice, original: .required([]), amount: .none,
      title: SlipText("脚本通知", "SCRIPT NOTICE"))
  }
}
