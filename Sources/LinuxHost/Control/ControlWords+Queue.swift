// SPDX-License-Identifier: Apache-2.0

import Devices
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
      JSONMember("closed", .array(page.closed.map(closed))),
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

  private static func closed(_ record: TransactionRecord) -> JSON {
    .object([
      JSONMember("reference", .text(record.reference)),
      JSONMember("kind", .text(record.kind.name)), JSONMember("state", .text(record.state.name)),
      JSONMember("amount", .integer(Int64(clamping: record.amount.minorUnits))),
      JSONMember("stan", .integer(Int64(record.stan.value))),
      JSONMember("reason", .text(record.closing?.reason ?? "")),
      JSONMember("by", .text(record.closing?.by ?? "")),
      JSONMember("at", .text(record.closing?.at?.text ?? "")),
    ])
  }

  /// What a closed batch came to; what is parked is in none of its sums.
  static func batch(_ batch: ClosedBatch) -> JSON {
    .object([
      JSONMember("number", .integer(Int64(batch.batch.value))),
      JSONMember("own", side(batch.totals.domestic)),
      JSONMember("foreign", side(batch.totals.foreign)),
      JSONMember("uploaded", .integer(Int64(batch.uploaded))),
      JSONMember("refused", .integer(Int64(batch.refused))),
      JSONMember("parked", .integer(Int64(batch.parked))),
    ])
  }

  private static func side(_ side: BatchTotals.Side) -> JSON {
    .object([
      JSONMember("debit", .integer(Int64(clamping: side.debitAmount))),
      JSONMember("debits", .integer(Int64(side.debitCount))),
      JSONMember("credit", .integer(Int64(clamping: side.creditAmount))),
      JSONMember("credits", .integer(Int64(side.creditCount))),
      JSONMember("result", .text(side.result.text)),
    ])
  }

  /// What the acquirer's code means, and to whom; nil where it has not answered.
  static func response(_ code: String, _ responses: Responses) -> JSON? {
    if code.isEmpty { return nil }
    let response = responses.response(to: code)
    return .object([
      JSONMember("code", .text(code)), JSONMember("class", .text(response.kind.name)),
      JSONMember("text", .text(response.english)),
      JSONMember("textChinese", .text(response.chinese)),
      JSONMember("advice", .text(response.kind.english)),
      JSONMember("adviceChinese", .text(response.kind.chinese)),
      JSONMember("tellCardholder", .boolean(response.kind.tellsCardholder)),
      JSONMember("who", .text(response.kind.who)),
    ])
  }

  /// Why a transaction waits.
  static func reason(_ row: TransactionRow) -> String {
    switch row.state {
    case TransactionState.queued.name: return "the acquirer has still to be told"
    case TransactionState.parked.name:
      let code = row.deliveryCode.isEmpty ? row.responseCode : row.deliveryCode
      if !code.isEmpty { return "parked: the acquirer answered " + code }
      return row.attempts == 0 ? "parked by a person" : "parked: no answer"
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
