// SPDX-License-Identifier: Apache-2.0

import Management

/// The terminal's transactions beside the acquirer's holds, by trace number and amount.
struct LedgerComparison {
  private(set) var lines: [String] = []
  private(set) var agrees = true

  /// Rows as posctl has them; holds as the shop's `ledger` tells them.
  init(rows: [JSON], holds: [String]) {
    var left = holds.map { $0.split(separator: " ").map(String.init) }
    for row in rows.reversed() {
      let stan = row["stan"]?.integer ?? 0
      let amount = row["amount"]?.integer ?? 0
      let state = row["state"]?.text ?? ""
      let index = left.firstIndex { Int64($0[0]) == stan && Int64($0[2]) == amount }
      let other = index.map { left.remove(at: $0)[3] } ?? "nothing"
      let isSame = LedgerComparison.agree(state, other)
      agrees = agrees && isSame
      lines.append(
        "trace \(stan)  amount \(amount)  terminal: \(state)  acquirer: \(other)"
          + (isSame ? "" : "   DIFFERENT"))
    }
    for hold in left where hold[3] == "approved" {
      agrees = false
      lines.append("trace \(hold[0])  amount \(hold[2])  terminal: nothing  acquirer: approved")
    }
  }

  /// Money is where both say it is: held by both or by neither.
  static func agree(_ terminal: String, _ acquirer: String) -> Bool {
    switch terminal {
    case "approved": acquirer == "approved" || acquirer == "completed"
    case "voided": acquirer == "voided"
    case "declined": acquirer == "declined" || acquirer == "nothing"
    case "reversed": acquirer != "approved"
    case "not sent": acquirer == "nothing"
    default: false
    }
  }
}
