// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583

//  open ─ settle ─▶ clearing ─ nothing owed ─▶ adding up ─▶ totals ─┬ agreed ───────────▶ ending
//   ▲                                                               └ differed ▶ uploading ─▶ │
//   │                                                        each record marked by its answer │
//   └──── erasing the cards of the closed batch, a page at a time ◀── closed, next batch ◀────┘
//
// Each phase is on disk before its first message leaves, and each record's mark before the next
// record's message: a start goes on where the last one was. No answer is asked for again after a
// pause, for ever; nothing is wiped, and no money moves meanwhile.

/// Closes a batch.
struct SettlementDesk: Machine {
  /// What the desk is told.
  enum Event: Hashable, Sendable {
    /// Close the batch.
    case started
    /// What had to be sent first has been, or could not be.
    case cleared(Bool)
    /// What the ledger has.
    case ledgerRead(LedgerAnswer)
    /// The acquirer has been asked.
    case hostEnded(HostResult)
    /// The acquirer hears of no end: its answer to the totals was one.
    case endNotNeeded
    /// One of those to be uploaded cannot be told: its card cannot be opened.
    case unreadable(String)
    /// The new state is on disk, and with it the trace number of the message that follows.
    case journalled(STAN?)
    /// It is not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What the desk asks for.
  enum Effect: Hashable, Sendable {
    /// Deliver what is owed to the acquirer first.
    case clear
    /// Read this.
    case look(LedgerQuestion)
    /// Tell the acquirer the totals.
    case askTotals(BatchTotals)
    /// Tell it of these.
    case upload([TransactionRecord])
    /// Tell it that this is all.
    case askEnd(BatchTotals, uploaded: UInt32)
    /// Put the batch's state and these records on disk.
    case journal(SettlementRecord, [TransactionRecord])
    /// The batch is closed, or could not be yet.
    case ended(Problem?)
  }

  private enum Task: Hashable, Sendable {
    case resting
    case clearing
    case adding
    case askingTotals
    case lookingForUploads(isForeign: Bool)
    case asking([TransactionRecord])
    case askingEnd
    case lookingForCards
    case journalling(SettlementRecord)
  }

  /// How many records are read at once.
  private static let page: UInt16 = 50

  /// The batch and its phase as they are on disk.
  private(set) var record: SettlementRecord
  /// Why it does not go on.
  private(set) var problem: Problem?
  /// The next moment at which it wants to be woken.
  private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  private(set) var unexpectedEvents: UInt32 = 0
  private var task = Task.resting
  private var failures: UInt32 = 0
  private let pauses: [Interval]
  /// How many transactions travel in one upload message.
  private let uploadsInOne: UInt16
  private let result: SettlementResult
  private let hasUploads: Bool

  init(record: SettlementRecord, pauses: [Interval], dialect: Dialect) {
    self.record = record
    self.pauses = pauses
    result = dialect.result
    hasUploads = dialect.knows(.upload) || dialect.uploadsOneByOne
    uploadsInOne = UInt16(clamping: dialect.knows(.upload) ? dialect.uploadsInOne : 1)
    if record.phase != .open { deadline = .start }
  }

  /// The acquirer's number for a batch with nothing in it.
  mutating func renumber(_ batch: BatchNumber) { record.batch = batch }

  /// A receipt has come further.
  mutating func note(_ receipt: ReceiptState, of reference: String) {
    guard case .asking(var records) = task else { return }
    for index in records.indices where records[index].reference == reference {
      records[index].receipt = receipt
    }
    task = .asking(records)
  }

  /// Whether a batch is being closed.
  var isRunning: Bool { record.phase != .open || task != .resting }
  /// Whether nothing is being sent, read or written at this moment.
  var isWaiting: Bool { task == .resting }
  /// Whether what is being written delivers what was parked.
  var recounts: Bool {
    guard case .journalling(let next) = task else { return false }
    return next.parked < record.parked
  }
  /// Whether it waits for what is owed to be delivered.
  var awaitsClearing: Bool { task == .clearing }

  /// Moves by one event.
  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (task, event) {
    case (.resting, .started), (.resting, .deadlinePassed):
      return begin(event, at: now)
    case (.clearing, .cleared(true)):
      task = .adding
      return [.look(.totals(batch: record.batch.value))]
    case (.clearing, .cleared(false)):
      task = .resting
      return [.ended(.settlementBlocked)]
    case (.adding, .ledgerRead(.totals(let lines))):
      var next = record
      next.phase = .totals
      next.totals = BatchTotals(lines)
      next.lines = lines
      next.parked = BatchTotals.parked(lines)
      return journal(next, [])
    case (.askingTotals, .hostEnded(let result)):
      return compared(result, at: now)
    case (.lookingForUploads(let isForeign), .ledgerRead(.records(let records))):
      return found(records, isForeign: isForeign)
    case (.asking(let records), .hostEnded(let result)):
      return uploaded(records, result, at: now)
    case (.asking(let records), .unreadable(let reference)):
      return passOver(reference, among: records)
    case (.askingEnd, .hostEnded(let result)):
      return ended(result, at: now)
    case (.askingEnd, .endNotNeeded):
      return closed()
    case (.lookingForCards, .ledgerRead(.records(let records))):
      return erase(records)
    case (.journalling(let next), .journalled(let stan)):
      record = next
      record.stan = stan
      failures = 0
      problem = nil
      return proceed()
    case (.journalling, .journalFailed(let fault)):
      return failed(.journal(fault), at: now)
    case (.adding, .ledgerRead), (.lookingForUploads, .ledgerRead),
      (.lookingForCards, .ledgerRead):
      return failed(.journal(.failed), at: now)
    case (_, .deadlinePassed):
      return []
    case (.resting, _), (.clearing, _), (.adding, _), (.askingTotals, _), (.asking, _),
      (.lookingForUploads, _), (.askingEnd, _), (.lookingForCards, _), (.journalling, _):
      unexpectedEvents += 1
      return []
    }
  }

  private mutating func begin(_ event: Event, at now: Instant) -> [Effect] {
    if event == .deadlinePassed {
      guard let deadline, now >= deadline else { return [] }
    }
    deadline = nil
    if record.phase != .open { return proceed() }
    if event != .started { return [] }
    task = .clearing
    return [.clear]
  }

  /// The next message or question of the phase that is on disk.
  private mutating func proceed() -> [Effect] {
    switch record.phase {
    case .open:
      task = .resting
      return [.ended(nil)]
    case .totals:
      task = .askingTotals
      return [.askTotals(record.totals)]
    case .uploading:
      return look(isForeign: false)
    case .ending:
      task = .askingEnd
      return [.askEnd(record.totals, uploaded: record.uploaded)]
    case .erasing:
      task = .lookingForCards
      return [.look(.cards(batch: closedBatch.value, limit: SettlementDesk.page))]
    }
  }

  private var closedBatch: BatchNumber { record.last?.batch ?? record.batch }

  private mutating func compared(_ result: HostResult, at now: Instant) -> [Effect] {
    guard case .answered(let answer, _) = result else {
      return failed(SettlementDesk.problem(of: result), at: now)
    }
    let (domestic, foreign) = self.result.read(answer)
    if domestic == .failed || foreign == .failed {
      return failed(.settlementRefused(code: answer[39] ?? []), at: now)
    }
    var next = record
    next.totals.domestic.result = domestic
    next.totals.foreign.result = foreign
    next.phase = next.totals.hasAgreed || !hasUploads ? .ending : .uploading
    return journal(next, [])
  }

  /// Only the side that differs is uploaded.
  private mutating func look(isForeign: Bool) -> [Effect] {
    let side = isForeign ? record.totals.foreign : record.totals.domestic
    if side.result == .agreed {
      if !isForeign { return look(isForeign: true) }
      return allUploaded()
    }
    task = .lookingForUploads(isForeign: isForeign)
    return [
      .look(
        .uploads(batch: record.batch.value, isForeign: isForeign, limit: uploadsInOne))
    ]
  }

  private mutating func found(_ records: [LiveRecord], isForeign: Bool) -> [Effect] {
    var found = records.compactMap { TransactionRecord($0.body) }
    if found.isEmpty { return isForeign ? allUploaded() : look(isForeign: true) }
    // What was told as an advice is uploaded alone, as it was told.
    if let alone = found.firstIndex(where: { $0.kind.rules.delivery == .advice }) {
      found = alone == 0 ? [found[0]] : Array(found[..<alone])
    }
    task = .asking(found)
    return [.upload(found)]
  }

  private mutating func uploaded(
    _ records: [TransactionRecord], _ result: HostResult, at now: Instant
  ) -> [Effect] {
    guard case .answered(let answer, _) = result else {
      return failed(SettlementDesk.problem(of: result), at: now)
    }
    let isTaken = answer[39] == ascii("00") || answer[39] == ascii("94")
    return mark(records, isTaken ? .taken : .refused, answer[39] ?? [])
  }

  /// Those in front of it are told first.
  private mutating func passOver(
    _ reference: String, among records: [TransactionRecord]
  ) -> [Effect] {
    let index = records.firstIndex { $0.reference == reference } ?? 0
    if index == 0 { return mark(Array(records.prefix(1)), .refused) }
    let before = Array(records[..<index])
    task = .asking(before)
    return [.upload(before)]
  }

  private mutating func mark(
    _ records: [TransactionRecord], _ mark: UploadState, _ code: [UInt8] = []
  ) -> [Effect] {
    var next = record
    var marked = records
    for index in marked.indices {
      marked[index].upload = mark
      guard mark == .taken, marked[index].state == .parked else { continue }
      // Nobody knew whether the acquirer had it. Now it has: the upload is the last net.
      marked[index].state = .approved
      marked[index].deliveryCode = code
      next.parked -= min(next.parked, 1)
      next.lines.move(marked[index])
    }
    next.uploaded += UInt32(records.count)
    if mark == .refused { next.refused += UInt32(records.count) }
    return journal(next, marked)
  }

  private mutating func allUploaded() -> [Effect] {
    var next = record
    next.phase = .ending
    return journal(next, [])
  }

  private mutating func ended(_ result: HostResult, at now: Instant) -> [Effect] {
    guard case .answered(let answer, _) = result else {
      return failed(SettlementDesk.problem(of: result), at: now)
    }
    if let code = answer[39], code != ascii("00"), code != ascii("94") {
      return failed(.settlementRefused(code: code), at: now)
    }
    return closed()
  }

  private mutating func closed() -> [Effect] {
    var next = SettlementRecord(batch: record.batch.next)
    next.phase = .erasing
    next.last = ClosedBatch(
      batch: record.batch, totals: record.totals, uploaded: record.uploaded,
      refused: record.refused, parked: record.parked)
    return journal(next, [])
  }

  private mutating func erase(_ records: [LiveRecord]) -> [Effect] {
    var found = records.compactMap { TransactionRecord($0.body) }
    var next = record
    if found.isEmpty {
      next.phase = .open
      return journal(next, [])
    }
    for index in found.indices {
      found[index].sealedCard = []
      if found[index].upload == .owed { found[index].upload = .none }
    }
    return journal(next, found)
  }

  private mutating func journal(
    _ next: SettlementRecord, _ records: [TransactionRecord]
  ) -> [Effect] {
    task = .journalling(next)
    return [.journal(next, records)]
  }

  private static func problem(of result: HostResult) -> Problem {
    switch result {
    case .notSent(let layer, let code): .network(layer, code: code)
    case .notWritten(let fault): .journal(fault)
    case .noAnswer: .network(.read, code: 0)
    case .badAnswer, .answered: .settlementAnswer
    }
  }

  private mutating func failed(_ problem: Problem, at now: Instant) -> [Effect] {
    task = .resting
    self.problem = problem
    let pause = pauses[min(Int(failures), pauses.count - 1)]
    failures = min(failures + 1, 1_000_000)
    if record.phase != .open { deadline = now + pause }
    return [.ended(problem)]
  }
}
