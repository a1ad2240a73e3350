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
//             │ close
//             ▼
//          closed                  settled by hand: without its card, it never leaves again

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
  var isQueueBusy: Bool {
    !reversals.isWaiting || !advices.isWaiting || !releases.isEmpty || unparking != nil
  }

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

  /// What was parked is owed again: a reversal where one was, else an advice. What the acquirer has
  /// refused has let go of its original, and must find its part there again.
  mutating func unpark(
    _ id: RequestID, _ record: LiveRecord?, at now: Instant
  ) -> [TerminalEffect] {
    guard let parked = record.flatMap({ TransactionRecord($0.body) }), parked.state == .parked
    else { return [.answer(id, .refused(.unknownReference))] }
    if mayNotLeaveParked { return [.answer(id, .refused(.busy))] }
    let original = parked.heldOn
    guard parked.isRefused, !original.isEmpty else {
      askers.parking = id
      unparking = Unparking(was: parked, next: owedAgain(parked))
      return writeUnparking()
    }
    if sale != nil || isMoving(original) { return [.answer(id, .refused(.busy))] }
    askers.parking = id
    unparking = Unparking(was: parked, next: owedAgain(parked))
    ledgerOwners.append(.unpark)
    return [.ledger(.transaction(reference: original))]
  }

  /// The original is found: it bears what is put back, or that stays parked.
  mutating func reserveAgain(_ answer: LedgerAnswer) -> [TerminalEffect] {
    guard var running = unparking else { return [] }
    let parked = running.was
    guard case .records(let found) = answer else { return stayParked(.journal(.failed)) }
    guard let original = found.first.flatMap({ TransactionRecord($0.body) }) else {
      return stayParked(.unknownReference)
    }
    if reversals.queue.contains(where: { $0.originalReference == original.reference }) {
      return stayParked(.reversalPending)
    }
    let problem = parked.kind.rules.objection(
      to: original, amount: parked.amount, openBatch: settlement.record.batch)
    if let problem { return stayParked(problem) }
    running.original = [original]
    unparking = running
    return writeUnparking()
  }

  private mutating func stayParked(_ problem: Problem) -> [TerminalEffect] {
    unparking = nil
    return askers.parking.take(problem)
  }

  private mutating func writeUnparking() -> [TerminalEffect] {
    guard let running = unparking else { return [] }
    var changed = [running.next]
    for var original in running.original {
      original.hold(running.was.amount, for: running.was.kind)
      changed.append(original)
    }
    for record in changed { recordChanged(record) }
    changed = changed.map { withReceipt($0) }
    journalOwners.append(.unpark)
    return [
      .journal(
        JournalEntry(updates: changed.map { $0.update }, rows: changed.map { $0.row }))
    ]
  }

  /// While a batch is being closed nothing more may come into it, nor leave it.
  private var mayNotLeaveParked: Bool {
    askers.parking != nil || unparking != nil || settlement.isRunning
  }

  /// A person closes for good what was parked. What it holds of its original it holds on: whether
  /// the money is taken is what was settled by hand; what the acquirer has refused holds nothing.
  mutating func close(
    _ id: RequestID, _ record: LiveRecord?, _ closing: Closing, at now: Instant
  ) -> [TerminalEffect] {
    if let flaw = closing.flaw { return [.answer(id, .refused(.invalid(field: flaw)))] }
    guard let parked = record.flatMap({ TransactionRecord($0.body) }), parked.state == .parked
    else { return [.answer(id, .refused(.unknownReference))] }
    if mayNotLeaveParked { return [.answer(id, .refused(.busy))] }
    askers.parking = id
    var closed = parked
    closed.state = .closed
    closed.upload = .none
    closed.closings = [closing]
    closed.closings[0].at = clock?.local(at: now)
    closed.eraseCardIfFinal()
    unparking = Unparking(was: parked, next: closed)
    return writeUnparking()
  }

  /// As it was before it was parked, with all its tries before it. Its batch stays its own, though
  /// it be closed: who has the transaction already knows it by that.
  private func owedAgain(_ parked: TransactionRecord) -> TransactionRecord {
    var record = parked
    record.attempts = 0
    record.isRefused = false
    if record.reversalReason != nil {
      record.state = .reversing
      return record
    }
    record.state = .queued
    let counts = record.kind.counts && record.batch == settlement.record.batch
    record.upload = counts ? .owed : .none
    record.responseCode = []
    record.deliveryCode = []
    return record
  }

  mutating func unparked(_ fault: JournalFault?, at now: Instant) -> [TerminalEffect] {
    guard let record = unparking else { return [] }
    unparking = nil
    if fault != nil {
      for record in [record.was] + record.original { recordChanged(record) }
    } else if record.next.state == .reversing {
      _ = reversals.handle(.owed(record.next), at: now)
    } else if record.next.state == .queued {
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

/// What was parked and is being put back into its queue or closed, until that is on disk.
struct Unparking: Hashable, Sendable {
  var was: TransactionRecord
  var next: TransactionRecord
  /// The original that it holds its part on again, as it was: one or none.
  var original: [TransactionRecord] = []

  /// A receipt has come further.
  mutating func note(_ receipt: ReceiptState, of reference: String) {
    if next.reference != reference { return }
    was.receipt = receipt
    next.receipt = receipt
  }
}
