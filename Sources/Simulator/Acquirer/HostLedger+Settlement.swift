// SPDX-License-Identifier: Apache-2.0

import Clockwork

extension HostLedger {
  /// A tip that the terminal could never deliver is told by its record in the upload for the first
  /// time: from then on it is as if it had come as an advice.
  mutating func learn(
    tip request: CardRequest, _ batch: UInt32, _ rules: HostRules, at now: Instant
  ) {
    let isKnown = holds.contains {
      $0.kind == .tip && $0.terminalID == request.terminalID && $0.stan == request.stan
    }
    if isKnown { return }
    var request = request
    request.messageType = letters("0220")
    request.batch = batch
    _ = decide(request, rules, at: now)
  }

  /// Compares totals. A batch that is over stays as it is, and is answered as before.
  mutating func compare(
    _ told: HostTotals, _ number: UInt32, of terminalID: [UInt8], _ rules: HostRules
  ) -> AcquirerBatch {
    let index = batchIndex(number, of: terminalID)
    if batches[index].isClosed {
      var batch = batches[index]
      if batch.told != told {
        batch.domestic = .error
        batch.foreign = .error
      }
      return batch
    }
    let host = totals(number, of: terminalID, rules)
    batches[index].told = told
    batches[index].host = host
    let isSame = (told.domestic == host.domestic, told.foreign == host.foreign)
    batches[index].domestic = isSame.0 && !rules.disputesTotals ? .agrees : .differs
    batches[index].foreign = isSame.1 && !rules.disputesTotals ? .agrees : .differs
    return batches[index]
  }

  /// Takes records of an upload: 00, 94 when all of them were there already, 12 when nobody has
  /// asked for totals, 77 when the batch is over.
  mutating func upload(
    _ records: [UploadedRecord], _ number: UInt32, of terminalID: [UInt8]
  ) -> String {
    let index = batchIndex(number, of: terminalID)
    let new = records.filter { record in
      !batches[index].uploaded.contains {
        $0.stan == record.stan && $0.counts == record.counts
      }
    }
    if !records.isEmpty, new.isEmpty { return "94" }
    if batches[index].isClosed { return "77" }
    if batches[index].told == nil { return "12" }
    batches[index].uploaded += new
    return "00"
  }

  /// Ends a batch: 00, 94 when it was over before, 12 when nobody has asked for totals.
  mutating func close(
    _ number: UInt32, of terminalID: [UInt8], announced: UInt64?, _ rules: HostRules
  ) -> String {
    let index = batchIndex(number, of: terminalID)
    if batches[index].isClosed { return "94" }
    if batches[index].told == nil { return "12" }
    batches[index].announcedCount = announced
    settle(index, rules)
    batches[index].isClosed = true
    return "00"
  }

  /// A side that differed is what the terminal has uploaded of it; the record of a tip stands for
  /// its sale, which counts once.
  private mutating func settle(_ index: Int, _ rules: HostRules) {
    var batch = batches[index]
    var settled = totals(batch.number, of: batch.terminalID, rules)
    if batch.domestic == .differs { settled.domestic = BatchSums() }
    if batch.foreign == .differs { settled.foreign = BatchSums() }
    var told: [(sale: Int, record: UploadedRecord)] = []
    for record in batch.uploaded where record.counts {
      guard let sale = sale(record, batch) else {
        batch.unknownHere.append(record.stan)
        batch.add(record, record.isCredit ?? false, to: &settled)
        continue
      }
      told.removeAll { $0.sale == sale }
      told.append((sale, record))
    }
    for (sale, record) in told {
      batch.add(record, record.isCredit ?? holds[sale].kind.isCredit, to: &settled)
    }
    for sale in holds.indices where counts(holds[sale], batch.number, batch.terminalID) {
      let isThere = told.contains { $0.sale == sale }
      let result = isForeign(holds[sale], rules) ? batch.foreign : batch.domestic
      if result == .differs, !isThere { batch.unknownThere.append(holds[sale].stan) }
    }
    batch.settled = settled
    batches[index] = batch
  }

  /// The transaction of a record, if it counts here too.
  private func sale(_ record: UploadedRecord, _ batch: AcquirerBatch) -> Int? {
    let own = holds.firstIndex {
      $0.terminalID == batch.terminalID && $0.batch == batch.number && $0.stan == record.stan
    }
    guard let own else { return nil }
    let sale = holds[own].kind == .tip ? holds[own].original ?? own : own
    return counts(holds[sale], batch.number, batch.terminalID) ? sale : nil
  }
}

extension AcquirerBatch {
  fileprivate func add(
    _ record: UploadedRecord, _ isCredit: Bool, to totals: inout HostTotals
  ) {
    if (record.isForeign ? foreign : domestic) != .differs { return }
    totals.add(record.amount, isCredit: isCredit, isForeign: record.isForeign)
  }
}
