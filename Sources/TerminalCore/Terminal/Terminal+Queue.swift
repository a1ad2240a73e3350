// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// What waits for the acquirer, as people handle it:
//
//   reversals, then advices ──send──▶ delivered
//        │        ▲
//       park    unpark             a parked one keeps its card, since it may leave again
//        ▼        │
//          parked                  in no batch's totals; named by status and settlement

extension Terminal {
  mutating func sendQueue(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if reversals.queue.isEmpty, advices.isEmpty { return [.answer(id, .done)] }
    if askers.queue != nil || isLinkTaken || isQueueBusy {
      return [.answer(id, .refused(.busy))]
    }
    askers.queue = id
    return hurryQueue(at: now)
  }

  /// Sends what is owed now, if nothing of it is under way.
  mutating func hurryQueue(at now: Instant) -> [TerminalEffect] {
    if isLinkTaken || isQueueBusy { return [] }
    if !reversals.queue.isEmpty { return hurryReversals(at: now) }
    return advices.isEmpty ? [] : run(advices.handle(.hurried, at: now), at: now)
  }

  /// Whether something of the queue is being sent, read or written.
  var isQueueBusy: Bool { !reversals.isWaiting || !advices.isWaiting || releasing != nil }

  mutating func park(
    _ id: RequestID, _ reference: String, _ record: LiveRecord?, at now: Instant
  ) -> [TerminalEffect] {
    if askers.parking != nil || isQueueBusy { return [.answer(id, .refused(.busy))] }
    if reversals.queue.contains(where: { $0.reference == reference }) {
      askers.parking = id
      return run(reversals.handle(.parked(reference: reference), at: now), at: now)
    }
    // One that a start has found without an outcome is queued here, and not yet in the ledger.
    let known = advices.next.first { $0.reference == reference }
    guard let queued = known ?? record.flatMap({ TransactionRecord($0.body) }),
      queued.reference == reference, queued.state == .queued
    else { return [.answer(id, .refused(.unknownReference))] }
    askers.parking = id
    return run(advices.handle(.parked(queued), at: now), at: now)
  }

  /// A person's parking has come to its end; who has waited for the queue meanwhile goes on.
  mutating func parkingEnded(_ fault: JournalFault?, at now: Instant) -> [TerminalEffect] {
    var out = askers.parking.take(fault.map { .journal($0) })
    if fault == nil { out += countParked() }
    let isAwaited =
      sale?.awaitsReversals == true || settlement.awaitsClearing || askers.queue != nil
    return isAwaited ? out + hurryReversals(at: now) : out
  }

  /// What was parked is owed again: a reversal where one was, else an advice.
  mutating func unpark(
    _ id: RequestID, _ record: LiveRecord?, at now: Instant
  ) -> [TerminalEffect] {
    guard let parked = record.flatMap({ TransactionRecord($0.body) }), parked.state == .parked
    else { return [.answer(id, .refused(.unknownReference))] }
    // While a batch is being closed nothing more may come into it.
    if askers.parking != nil || settlement.isRunning { return [.answer(id, .refused(.busy))] }
    askers.parking = id
    let next = withReceipt(owedAgain(parked))
    unparking = Unparking(was: parked, next: next)
    recordChanged(next)
    journalOwners.append(.unpark)
    return [.journal(JournalEntry(updates: [next.update], rows: [next.row]))]
  }

  /// As it was before it was parked, with all its tries before it. Its batch stays its own, though
  /// it be closed: who has the transaction already knows it by that.
  private func owedAgain(_ parked: TransactionRecord) -> TransactionRecord {
    var record = parked
    record.attempts = 0
    if record.reversalReason != nil {
      record.state = .reversing
      return record
    }
    record.state = .queued
    record.upload = record.batch == settlement.record.batch ? .owed : .none
    record.responseCode = []
    record.deliveryCode = []
    return record
  }

  mutating func unparked(_ fault: JournalFault?, at now: Instant) -> [TerminalEffect] {
    guard let record = unparking else { return [] }
    unparking = nil
    if fault != nil {
      recordChanged(record.was)
    } else if record.next.state == .reversing {
      _ = reversals.handle(.owed(record.next), at: now)
    } else {
      _ = advices.handle(.owed(nil), at: now)
    }
    let out = askers.parking.take(fault.map { .journal($0) })
    return fault == nil ? out + recount() : out
  }

  /// Asks the ledger how many are parked.
  mutating func countParked() -> [TerminalEffect] {
    ledgerOwners.append(.parked)
    return [.ledger(.parked)]
  }

  /// Asks the ledger what the open batch holds, and how many are parked.
  mutating func recount() -> [TerminalEffect] {
    ledgerOwners.append(.count)
    return [.ledger(.totals(batch: settlement.record.batch.value))] + countParked()
  }
}

/// What is being put back into its queue, until that is on disk.
struct Unparking: Hashable, Sendable {
  var was: TransactionRecord
  var next: TransactionRecord
}
