// SPDX-License-Identifier: Apache-2.0

// A transaction's record may be in the hands of several tasks at once: its receipt is being printed
// while its advice is delivered, or while a void of it is approved. Each task changes its own part
// of the record. What is written is always made of the newest of both, so that no task writes an
// older state of another's part over a newer one.

extension Terminal {
  /// A record whose receipt is as the print desk has it.
  func withReceipt(_ record: TransactionRecord) -> TransactionRecord {
    var record = record
    let unwritten = papersUnwritten + papersBeingWritten
    if let copy = unwritten.last(where: { $0.key == record.key }) {
      record.receipt = copy.state
    } else if let receipt = prints.state(of: record.key) {
      record.receipt = receipt
    }
    return record
  }

  /// Something other than its receipt has changed: the copies that wait for their receipt follow.
  mutating func recordChanged(_ record: TransactionRecord) {
    prints.revise(record)
    for index in papersUnwritten.indices {
      papersUnwritten[index] = papersUnwritten[index].revised(record)
    }
    for index in papersBeingWritten.indices {
      papersBeingWritten[index] = papersBeingWritten[index].revised(record)
    }
  }

  /// Its receipt has changed: the copies of the other tasks follow.
  mutating func receiptChanged(_ record: TransactionRecord) {
    if sale?.original?.reference == record.reference { sale?.original?.receipt = record.receipt }
    advices.note(record.receipt, of: record.reference)
    settlement.note(record.receipt, of: record.reference)
    for index in releases.indices where releases[index].record.reference == record.reference {
      releases[index].record.receipt = record.receipt
    }
    unparking?.note(record.receipt, of: record.reference)
    if !ledgerOwners.isEmpty { receiptsSinceLook.append(record) }
  }

  /// What the ledger has, with the receipts that have come further since it was asked: their
  /// entries may be on their way, or have been refused.
  func withReceipts(_ answer: LedgerAnswer) -> LedgerAnswer {
    guard case .records(let records) = answer else { return answer }
    let waiting = (papersUnwritten + papersBeingWritten).compactMap { $0.record }
    let newer = receiptsSinceLook + waiting
    if newer.isEmpty { return answer }
    return .records(
      records.map { live in
        guard let known = newer.last(where: { $0.key == live.key }),
          var record = TransactionRecord(live.body)
        else { return live }
        record.receipt = known.receipt
        return LiveRecord(key: live.key, body: record.encoded)
      })
  }
}

extension TransactionRecord {
  /// The record in its new state, with the receipt's state that this copy has.
  func revised(_ newer: TransactionRecord) -> TransactionRecord {
    if newer.reference != reference { return self }
    var revised = newer
    revised.receipt = receipt
    return revised
  }
}
