// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import TerminalCore

/// What a batch came to by the ledger when the terminal added it up, written down a second time.
struct Expectation: Hashable, Sendable {
  var batch: UInt32
  var totals = HostTotals()
  /// How many were parked, and so in no sum.
  var parked = 0
}

extension World {
  /// The terminal asks for the sums of a batch that is open: these are the right ones.
  mutating func expect(_ question: LedgerQuestion) {
    guard case .totals(let number) = question, firmware?.terminal.batch.phase == .open else {
      return
    }
    var expected = Expectation(batch: number)
    for row in ledger.rows where row.batch == number {
      if row.state == TransactionState.parked.name { expected.parked += 1 }
      let counts = [TransactionState.approved.name, TransactionState.voided.name]
      guard counts.contains(row.state), let kind = TransactionKind(name: row.kind) else { continue }
      switch kind {
      case .sale, .completion, .completionAdvice, .offlineSale:
        expected.totals.add(row.amount, isCredit: false, isForeign: row.isForeign)
      case .void, .refund, .completionVoid:
        expected.totals.add(row.amount, isCredit: true, isForeign: row.isForeign)
      case .tip:
        expected.totals.add(tip: row.amount, isForeign: row.isForeign)
      case .balance, .preAuthorisation, .preAuthorisationVoid, .offlineVoid, .scriptNotice: break
      }
    }
    expectations.removeAll { $0.batch == number }
    expectations.append(expected)
  }

  /// A batch was told as the ledger has it. It agrees, unless the acquirer disputes it for no
  /// reason or something of it is parked, of which nobody knows whether the acquirer has it.
  func check(_ batch: AcquirerBatch) -> Violation? {
    let number = String(batch.number)
    let expected = expectations.first { $0.batch == batch.number }
    if let told = batch.told, let expected, told != expected.totals {
      return Violation(1, "batch " + number + " was told other totals than the ledger's")
    }
    if (expected?.parked ?? 0) > 0 { return nil }
    let isDisputed = batch.told == batch.host
    if batch.domestic == .differs || batch.foreign == .differs, !isDisputed {
      return Violation(1, "the totals of batch " + number + " differ")
    }
    if batch.isClosed, batch.host != acquirer.totals(of: batch.terminalID, batch: batch.number) {
      return Violation(1, "batch " + number + " changed after it was closed")
    }
    if batch.isClosed, batch.settled != batch.host {
      return Violation(1, "the upload of batch " + number + " makes it another one")
    }
    return nil
  }

  /// Whether the acquirer heard of it in the upload of its batch alone.
  func isUploaded(_ row: TransactionRow) -> Bool {
    guard let number = STAN(row.stan) else { return false }
    return acquirer.batches.contains { batch in
      batch.number == row.batch
        && batch.uploaded.contains { $0.stan == Array(number.text.utf8) && $0.amount == row.amount }
    }
  }

  /// No more was approved here than may be, whatever has happened before.
  mutating func checkOffline(_ new: TransactionRow) {
    let open = [TransactionState.queued.name, TransactionState.parked.name]
    let waiting = ledger.rows.filter {
      $0.kind == new.kind && $0.batch == new.batch && open.contains($0.state)
    }
    let limits = World.offlineLimits
    let sum = waiting.reduce(0) { $0 + $1.amount }
    if waiting.count > Int(limits.count) || sum > limits.sum || new.amount > limits.floor {
      excesses.append(new.reference + " was approved here above a limit")
    }
  }
}
