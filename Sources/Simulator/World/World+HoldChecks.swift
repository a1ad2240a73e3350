// SPDX-License-Identifier: Apache-2.0

import TerminalCore
import Wire

extension World {
  /// What every transaction has given to those that follow it is what they have taken: no more, or
  /// the rest is lost to the cardholder, and no less, or it is given twice.
  func checkHolds() -> Violation? {
    for row in ledger.rows {
      guard let record = ledger.record(row.reference), let fields = try? FieldReader(record.body)
      else { return Violation(1, row.reference + " has no record") }
      var given: UInt64 = 0
      var tipped: UInt64 = 0
      for follower in ledger.rows where follower.original == row.reference && holds(follower) {
        switch TransactionKind(name: follower.kind) {
        case .refund, .completion, .completionAdvice: given += follower.amount
        case .tip: tipped += follower.amount
        case .sale, .void, .balance, .preAuthorisation, .preAuthorisationVoid, .completionVoid,
          .offlineSale, .offlineVoid, .scriptNotice, nil:
          break
        }
      }
      // Fields of a record: what was given back or completed of it, and its tip.
      if fields.number(22) ?? 0 != given || fields.number(27) ?? 0 != tipped {
        return Violation(1, row.reference + " holds another amount than what follows it has taken")
      }
    }
    return nil
  }

  /// Whether the acquirer has it, or may have it.
  private func holds(_ row: TransactionRow) -> Bool {
    switch TransactionState.allCases.first(where: { $0.name == row.state }) {
    case .intent, .approved, .reversing, .queued: return true
    case .declined, .cancelled, .reversed, .voided, nil: return false
    case .parked, .closed:
      // Field 30 of its record: the acquirer has refused it.
      let fields = ledger.record(row.reference).flatMap { try? FieldReader($0.body) }
      return fields?.number(30) != 1
    }
  }
}
