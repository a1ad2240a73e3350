// SPDX-License-Identifier: Apache-2.0

extension KindRules {
  /// A purchase: asked for, and reversed when nobody knows what became of it.
  static var sale: KindRules {
    KindRules(side: .debit, delivery: .reversible, title: "消费 SALE")
  }
}
