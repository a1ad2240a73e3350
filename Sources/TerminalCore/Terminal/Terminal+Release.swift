// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// What the acquirer has forgotten or refused holds nothing of its original any more. Both are
// written at once, and so the original is looked for first:
//
//   reversed, refused ─▶ looking for the original ─▶ writing both ─▶ the desk goes on
//                                  │ not read              │ not written: the original is as it was
//                                  └───────────────────────┴─▶ the desk tries again

extension Terminal {
  /// Writes the new state of what a desk has told, with that of the original of which it lets go.
  mutating func journal(
    _ record: TransactionRecord, for owner: JournalOwner, letsGo: Bool
  ) -> [TerminalEffect] {
    let original = record.heldOn
    guard letsGo, !original.isEmpty else {
      recordChanged(record)
      return write([record], for: owner)
    }
    releases.append(Release(owner: owner, record: record))
    ledgerOwners.append(.release)
    return [.ledger(.transaction(reference: original))]
  }

  /// The original is found, or there is none.
  mutating func release(_ answer: LedgerAnswer, at now: Instant) -> [TerminalEffect] {
    guard let index = releases.firstIndex(where: { $0.isLooking }) else { return [] }
    guard case .records(let found) = answer else {
      let owner = releases.remove(at: index).owner
      return released(owner, .failed, at: now)
    }
    releases[index].isLooking = false
    let release = releases[index]
    recordChanged(release.record)
    guard let body = found.first?.body, var original = TransactionRecord(body) else {
      return write([withReceipt(release.record)], for: release.owner)
    }
    releases[index].was = [original]
    original.release(release.record.amount, for: release.record.kind)
    recordChanged(original)
    return write([release.record, original].map { withReceipt($0) }, for: release.owner)
  }

  /// The entry of a desk is on disk, or it is not: then its original holds what it held.
  mutating func releaseEnded(_ owner: JournalOwner, _ fault: JournalFault?) {
    guard let index = releases.firstIndex(where: { $0.owner == owner && !$0.isLooking }) else {
      return
    }
    let release = releases.remove(at: index)
    if fault != nil { for original in release.was { recordChanged(original) } }
  }

  /// Whether what is held on this transaction may change at this moment, because the acquirer hears
  /// of something that follows it, or something is put back.
  func isMoving(_ reference: String) -> Bool {
    if !advices.isWaiting, advices.next.first?.heldOn == reference { return true }
    return unparking?.was.heldOn == reference
      || releases.contains { $0.record.heldOn == reference }
  }

  private mutating func write(
    _ records: [TransactionRecord], for owner: JournalOwner
  ) -> [TerminalEffect] {
    journalOwners.append(owner)
    return [
      .journal(
        JournalEntry(updates: records.map { $0.update }, rows: records.map { $0.row }))
    ]
  }

  private mutating func released(
    _ owner: JournalOwner, _ fault: JournalFault, at now: Instant
  ) -> [TerminalEffect] {
    if owner == .reversal { return run(reversals.handle(.journalFailed(fault), at: now), at: now) }
    return run(advices.handle(.journalFailed(fault), at: now), at: now)
  }
}

/// What lets go of its original, until that is on disk.
struct Release: Hashable, Sendable {
  /// Whose entry it is.
  var owner: JournalOwner
  var record: TransactionRecord
  /// Whether the original is still being looked for.
  var isLooking = true
  /// The original as it was: one or none.
  var was: [TransactionRecord] = []
}
