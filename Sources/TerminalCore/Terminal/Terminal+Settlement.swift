// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

extension Terminal {
  /// The batch that is open or being closed, and what the one before it came to.
  public var batch: SettlementRecord { settlement.record }

  mutating func settle(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if askers.settlement != nil || !settlement.isWaiting || isLinkTaken || isQueueBusy {
      return [.answer(id, .refused(.busy))]
    }
    if !dialect.knows(.settlement) { return [.answer(id, .refused(.notKnownHere))] }
    askers.settlement = id
    return run(settlement.handle(.started, at: now), at: now)
  }

  mutating func run(_ effects: [SettlementDesk.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .clear: out += clearForSettlement(at: now)
      case .look(let question):
        ledgerOwners.append(.settlement)
        out.append(.ledger(question))
      case .askTotals(let totals):
        out += ask(.settlement, totals, uploaded: 0, at: now)
      case .askEnd(let totals, let uploaded):
        // Where the acquirer hears of no end, its answer to the totals was the end.
        if dialect.knows(.uploadEnd) {
          out += ask(.uploadEnd, totals, uploaded: uploaded, at: now)
        } else {
          out += run(settlement.handle(.endNotNeeded, at: now), at: now)
        }
      case .upload(let records): out += upload(records, at: now)
      case .journal(let record, let transactions):
        out += journal(record, transactions, at: now)
      case .ended(let problem):
        out += settlementEnded(problem)
        if problem == nil { out += signOffAfterSettlement(at: now) }
      }
    }
    return out
  }

  private mutating func settlementEnded(_ problem: Problem?) -> [TerminalEffect] {
    guard problem == nil, let id = askers.settlement, let closed = settlement.record.last else {
      return askers.settlement.take(problem)
    }
    askers.settlement = nil
    return [.answer(id, .settled(closed))]
  }

  /// What is owed leaves first: reversals, then advices.
  private mutating func clearForSettlement(at now: Instant) -> [TerminalEffect] {
    if !reversals.queue.isEmpty { return hurryReversals(at: now) }
    if !advices.isEmpty { return run(advices.handle(.hurried, at: now), at: now) }
    return run(settlement.handle(.cleared(true), at: now), at: now)
  }

  private mutating func ask(
    _ message: Dialect.Management, _ totals: BatchTotals, uploaded: UInt32, at now: Instant
  ) -> [TerminalEffect] {
    var facts = settlementFacts(of: message, at: now)
    facts?.totals = totals
    facts?.uploadCount = UInt64(uploaded)
    return send(message, facts, for: .settlement, at: now)
  }

  /// The facts of a message of the batch, under the trace number that is on disk with its phase.
  private mutating func settlementFacts(
    of message: Dialect.Management, at now: Instant
  ) -> MessageFacts? {
    guard let stan = settlement.record.stan else { return managementFacts(of: message, at: now) }
    return managementFacts(stan: stan, at: now)
  }

  /// Several in one message, or one as it was told before. What cannot be told would not be told
  /// better a minute later: it is passed over, and said to be.
  private mutating func upload(
    _ records: [TransactionRecord], at now: Instant
  ) -> [TerminalEffect] {
    let isAlone =
      records.first?.kind.rules.delivery == .advice || !dialect.knows(.upload)
    if isAlone {
      guard let record = records.first else { return send(nil, for: .settlement, at: now) }
      guard let message = facts(of: record).flatMap({ dialect.uploadRequest($0) }) else {
        return run(settlement.handle(.unreadable(record.reference), at: now), at: now)
      }
      return send(message, for: .settlement, at: now)
    }
    guard var message = settlementFacts(of: .upload, at: now) else {
      return send(.upload, nil, for: .settlement, at: now)
    }
    for record in records {
      guard let facts = facts(of: record), let detail = dialect.uploadRecord(facts) else {
        return run(settlement.handle(.unreadable(record.reference), at: now), at: now)
      }
      message.uploads += detail
    }
    message.uploadCount = UInt64(records.count)
    return send(.upload, message, for: .settlement, at: now)
  }

  private mutating func journal(
    _ record: SettlementRecord, _ transactions: [TransactionRecord], at now: Instant
  ) -> [TerminalEffect] {
    journalOwners.append(.settlement)
    var record = record
    let isNumbered = record.phase.message.map { dialect.isNumbered($0) } == true
    record.stan = isNumbered ? traces.takeWithEntry() : nil
    settlementSTAN = record.stan
    var updates = [record.update, traces.count().update]
    if record.batch != settlement.record.batch, let closed = record.last {
      batchCount = 0
      hasCounted = true
      offlineCount = 0
      offlineSum = 0
      let slip = SettlementSlip(
        closed: closed, lines: settlement.record.lines,
        localTime: clock?.local(at: now).text ?? "",
        state: settings.printsSettlementSlips ? .owed : .none)
      slipBeingWritten = slip
      updates.append(slip.update)
    }
    let current = transactions.map { withReceipt($0) }
    for transaction in current { recordChanged(transaction) }
    return [
      .journal(
        JournalEntry(
          updates: updates + current.map { $0.update }, rows: current.map { $0.row }))
    ]
  }
}
