// SPDX-License-Identifier: Apache-2.0

import Assembly
import Management
import Receipts
import TerminalCore

extension ControlServer {
  /// Answers what needs the terminal's word only, or the ledger's.
  func answer(_ query: TerminalCalls.Query) -> VarlinkReply {
    switch query {
    case .status:
      return .answer([
        JSONMember(
          "status", ControlWords.status(status, serial: house.serial, catalogue)),
        updateMember,
      ])
    case .update: return .answer([updateMember])
    case .states: return .answer([JSONMember("states", ControlWords.states)])
    case .log: return .answer([JSONMember("lines", .array(LogRing.lines.map { .text($0) }))])
    case .counters: return .answer(ControlWords.counters(house.counters))
    case .network:
      let status = house.status
      return .answer([
        JSONMember("committed", ControlWords.endpoint(status.network?.acquirer)),
        JSONMember("committedBackup", ControlWords.endpoint(status.network?.backup)),
        JSONMember("candidate", ControlWords.endpoint(status.candidate?.acquirer)),
        JSONMember("candidateBackup", ControlWords.endpoint(status.candidate?.backup)),
        JSONMember("candidateState", .text(status.candidateState)),
      ])
    default: break
    }
    guard let terminal = house.terminal else { return refusal(.safeMode("")) }
    do throws(LedgerFault) {
      return try answer(query, terminal)
    } catch {
      return refusal(.journal(.failed))
    }
  }

  private func answer(
    _ query: TerminalCalls.Query, _ house: any TerminalHouse
  ) throws(LedgerFault) -> VarlinkReply {
    switch query {
    case .keys:
      return .answer([JSONMember("keys", .array(house.keys.map(ControlWords.key)))])
    case .devices:
      let clock = house.sinceClock
      let devices = house.devices.map { ControlWords.device($0, clock, catalogue) }
      return .answer([JSONMember("devices", .array(devices))])
    case .printer:
      let clock = house.sinceClock
      let printer = house.devices.filter { $0.port == .printer }
      return .answer(
        printer.map { JSONMember("device", ControlWords.device($0, clock, catalogue)) }
          + ControlWords.printer(house.printer, clock))
    case .expiry:
      let report = house.expirySources.report(unixMilliseconds: SystemClock.unixMilliseconds)
      note(report)
      return .answer(ControlWords.expiry(report, catalogue))
    case .downloads: return .answer(ControlWords.downloads(house.downloads, catalogue))
    case .transaction(let reference): return try transaction(reference, house)
    case .receipt(let reference, let isCustomers):
      return try receipt(reference, isCustomers: isCustomers, house)
    case .transactions(let choice, let before, let limit):
      let page = try house.transactions(chosen(choice, house), before: before, limit: limit)
      return .answer([
        JSONMember("transactions", .array(page.rows.map(ControlWords.transaction))),
        JSONMember("next", page.next.map { .integer($0) } ?? .null),
      ])
    case .queue(let after, let limit):
      let page = try house.queue(after: after, limit: limit)
      return .answer(
        ControlWords.queue(
          page, nextTry: house.queueNextTry, unixMilliseconds: SystemClock.unixMilliseconds))
    case .trace:
      let trace = house.trace
      return .answer([
        JSONMember("header", .text(trace.header)),
        JSONMember("lines", .array(trace.lines.map { .text($0) })),
      ])
    case .status, .update, .states, .log, .counters, .network:
      preconditionFailure("answered in every mode")
    }
  }

  private func receipt(
    _ reference: String, isCustomers: Bool, _ house: any TerminalHouse
  ) throws(LedgerFault) -> VarlinkReply {
    switch try house.receipt(reference, for: isCustomers ? .cardholder : .merchant) {
    case .success(let receipt): return .answer(ControlWords.receipt(receipt))
    case .failure(let fault): return refusal(fault.problem)
    }
  }

  private func chosen(
    _ choice: TerminalCalls.Choice, _ house: any TerminalHouse
  ) -> TransactionChoice {
    switch choice {
    case .all: .all
    case .today: .day(house.today)
    case .day(let day): .day(day)
    case .batch(let batch): .batch(batch)
    }
  }

  /// A transaction has a line from the moment at which it may have left; before that only whoever
  /// waits for its end shows that it runs.
  private func transaction(
    _ reference: String, _ house: any TerminalHouse
  ) throws(LedgerFault) -> VarlinkReply {
    let row = try house.transaction(reference)
    let isRunning = isRunning(reference) || row?.state == TransactionState.intent.name
    if row == nil, !isRunning { return refusal(.unknownReference) }
    return .answer([
      JSONMember("transaction", row.map(ControlWords.transaction) ?? .null),
      JSONMember("running", .boolean(isRunning)),
    ])
  }
}
