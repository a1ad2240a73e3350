// SPDX-License-Identifier: Apache-2.0

import Devices
import Management
import TerminalCore
import Wire

// What the terminal says, as the JSON of the control interface; the interface file has the names.

enum ControlWords {
  static func status(_ status: TerminalStatus, serial: String, _ catalogue: Catalogue) -> JSON {
    .object([
      JSONMember("serial", .text(serial)),
      JSONMember("state", .text(status.state.name)),
      JSONMember("testMode", .boolean(status.isTestMode)),
      JSONMember("problems", .array(status.problems.map { problem($0, catalogue) })),
      JSONMember("acquirer", endpoint(status.network?.acquirer)),
      JSONMember("backup", endpoint(status.network?.backup)),
      JSONMember("candidate", endpoint(status.candidate?.acquirer)),
      JSONMember("candidateBackup", endpoint(status.candidate?.backup)),
      JSONMember("candidateState", .text(status.candidateState)),
      JSONMember("application", .text(status.application)),
      JSONMember("rejection", .array(status.rejection.map(reason))),
      JSONMember("terminalId", .text(status.terminalID)),
      JSONMember("merchantId", .text(status.merchantID)),
      JSONMember("merchantName", .text(status.merchantName)),
      JSONMember("reversals", .array(status.reversals.map(transaction))),
      JSONMember("reversalFailures", .integer(Int64(status.reversalFailures))),
      JSONMember("receiptsOwed", .array(status.receiptsOwed.map(transaction))),
      JSONMember("receiptsDoubtful", .array(status.receiptsDoubtful.map(transaction))),
      JSONMember("slipsOwed", .array(status.slipsOwed.map(batch))),
      JSONMember("slipsDoubtful", .array(status.slipsDoubtful.map(batch))),
      JSONMember("parked", .integer(Int64(status.parked))),
    ])
  }

  static func problem(_ problem: Problem, _ catalogue: Catalogue) -> JSON {
    self.problem(problem.code, problem.evidence, catalogue)
  }

  static func problem(_ code: String, _ evidence: String, _ catalogue: Catalogue) -> JSON {
    let entry = catalogue.entry(code)
    return .object([
      JSONMember("code", .text(code)),
      JSONMember("cause", .text(entry?.cause.english ?? "not in the catalogue")),
      JSONMember("causeChinese", .text(entry?.cause.chinese ?? "")),
      JSONMember("evidence", .text(evidence)),
      JSONMember("remedy", .text(entry?.remedy.english ?? "")),
      JSONMember("remedyChinese", .text(entry?.remedy.chinese ?? "")),
      JSONMember("who", .text(entry?.who ?? "maker")),
    ])
  }

  static func endpoint(_ endpoint: Endpoint?) -> JSON {
    guard let endpoint else { return .null }
    return .object([
      JSONMember("host", .text(endpoint.host)), JSONMember("port", .integer(Int64(endpoint.port))),
      JSONMember("tls", .boolean(endpoint.usesTLS)),
    ])
  }

  static func transaction(_ row: TransactionRow) -> JSON {
    .object([
      JSONMember("reference", .text(row.reference)), JSONMember("kind", .text(row.kind)),
      JSONMember("state", .text(row.state)), JSONMember("receipt", .text(row.receipt)),
      JSONMember("test", .boolean(row.isTest)), JSONMember("pin", .boolean(row.hasPIN)),
      JSONMember("stan", .integer(Int64(row.stan))),
      JSONMember("amount", .integer(Int64(clamping: row.amount))),
      JSONMember("localTime", .text(row.localTime)),
      JSONMember("maskedPan", .text(row.maskedPAN)),
      JSONMember("responseCode", .text(row.responseCode)),
      JSONMember("approvalCode", .text(row.approvalCode)),
      JSONMember("retrievalReference", .text(row.retrievalReference)),
      JSONMember("reversalReason", .text(row.reversalReason)),
      JSONMember("batch", .integer(Int64(row.batch))),
      JSONMember("original", .text(row.original)), JSONMember("foreign", .boolean(row.isForeign)),
      JSONMember("upload", .text(row.upload)),
      JSONMember("attempts", .integer(Int64(row.attempts))),
      JSONMember("deliveryCode", .text(row.deliveryCode)),
      JSONMember("deliveredAt", .text(row.deliveredAt)),
    ])
  }

  private static func batch(_ number: BatchNumber) -> JSON { .integer(Int64(number.value)) }

  static func counters(_ counters: ProgramCounters) -> [JSONMember] {
    let kinds = counters.kinds.map { kind, count in
      JSON.object([
        JSONMember("kind", .text(kind)), JSONMember("count", .integer(Int64(clamping: count))),
      ])
    }
    return [
      JSONMember("wakeUps", .integer(Int64(clamping: counters.wakeUps))),
      JSONMember("commits", .integer(Int64(clamping: counters.commits))),
      JSONMember("events", .integer(Int64(clamping: counters.events))),
      JSONMember("unexpectedEvents", .integer(Int64(clamping: counters.unexpectedEvents))),
      JSONMember("lateAnswers", .integer(Int64(clamping: counters.lateAnswers))),
      JSONMember("unmatchedAnswers", .integer(Int64(clamping: counters.unmatchedAnswers))),
      JSONMember("kinds", .array(kinds)),
    ]
  }

  static func key(_ line: KeyLine) -> JSON {
    .object([
      JSONMember("name", .text(line.name)), JSONMember("place", .text(line.place)),
      JSONMember("state", .text(line.state.text)), JSONMember("kind", .text(line.kind)),
      JSONMember("checkValue", .text(Hex.text(line.checkValue))),
      JSONMember("remaining", line.remaining.map { .integer(Int64($0)) } ?? .null),
    ])
  }

  static var states: JSON {
    .array(
      TerminalState.allCases.map { state in
        let allowed = Action.allCases.filter { state.allows($0) }.map { JSON.text($0.name) }
        return .object([
          JSONMember("name", .text(state.name)), JSONMember("allows", .array(allowed)),
          JSONMember("exit", .text(state.exit)),
        ])
      })
  }

  static func progressName(_ progress: Progress) -> String {
    switch progress {
    case .clearingReversals: "clearing reversals"
    case .presentCard: "present card"
    case .swipeAgain: "swipe again"
    case .enterPIN: "enter PIN"
    case .askingAcquirer: "asking acquirer"
    case .printing: "printing"
    case .probing: "probing"
    case .insertCard: "insert card"
    case .readingChip: "reading chip"
    case .swipeInstead: "swipe instead"
    case .swipeCard: "swipe card"
    case .insertInstead: "insert instead"
    case .removeCard: "remove card"
    }
  }

  private static func reason(_ reason: FieldReason) -> JSON {
    .object([
      JSONMember("field", .text(reason.field)), JSONMember("reason", .text(reason.reason)),
    ])
  }
}
