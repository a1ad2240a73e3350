// SPDX-License-Identifier: Apache-2.0

import Management
import TerminalCore

extension ControlWords {
  static func queue(
    _ page: QueuePage, nextTry: Int64?, unixMilliseconds: Int64
  ) -> [JSONMember] {
    [
      JSONMember("items", .array(page.items.map { item($0, unixMilliseconds) })),
      JSONMember("next", page.next.map { .integer($0) } ?? .null),
      JSONMember("total", .integer(page.total)),
      JSONMember("nextTry", nextTry.map { .integer($0) } ?? .null),
      JSONMember("delivered", .array(page.delivered.map(delivered))),
    ]
  }

  private static func item(_ item: QueuePage.Item, _ unixMilliseconds: Int64) -> JSON {
    let row = item.row
    // A clock that was set back makes nothing younger than new.
    let age = max(0, (unixMilliseconds - item.began) / 1_000)
    return .object([
      JSONMember("reference", .text(row.reference)), JSONMember("kind", .text(row.kind)),
      JSONMember("state", .text(row.state)),
      JSONMember("amount", .integer(Int64(clamping: row.amount))),
      JSONMember("stan", .integer(Int64(row.stan))), JSONMember("age", .integer(age)),
      JSONMember("reason", .text(reason(row))),
      JSONMember("attempts", .integer(Int64(row.attempts))),
    ])
  }

  private static func delivered(_ row: TransactionRow) -> JSON {
    .object([
      JSONMember("reference", .text(row.reference)), JSONMember("kind", .text(row.kind)),
      JSONMember("state", .text(row.state)),
      JSONMember("amount", .integer(Int64(clamping: row.amount))),
      JSONMember("stan", .integer(Int64(row.stan))),
      JSONMember("code", .text(row.deliveryCode)), JSONMember("at", .text(row.deliveredAt)),
    ])
  }

  /// Why a transaction waits.
  static func reason(_ row: TransactionRow) -> String {
    switch row.state {
    case TransactionState.queued.name: return "the acquirer has still to be told"
    case TransactionState.parked.name:
      let code = row.deliveryCode.isEmpty ? row.responseCode : row.deliveryCode
      return code.isEmpty ? "parked by a person" : "parked: the acquirer answered " + code
    case TransactionState.reversing.name: break
    default: return "asked, and no answer yet"
    }
    let reason = ReversalReason.allCases.first {
      String(decoding: $0.code, as: UTF8.self) == row.reversalReason
    }
    return switch reason {
    case .noAnswer?: "no answer came"
    case .wrongMAC?: "the answer had a wrong MAC"
    case .other?: "the answer could not be used"
    case nil: "it must be taken back"
    }
  }
}
