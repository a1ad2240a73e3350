// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583

//             due, or asked           one or more         taken, or refused         on disk
//   waiting ───────────────▶ looking ─────────────▶ asking ───────────────▶ journalling ─▶ looking
//      ▲                        │ none                 │ no answer, or "later"
//      ├────────────────────────┘                      ▼
//      └──────────── longer pause ───────── journalling the try ─ too many: parked ─▶ looking
//
// What the acquirer refuses, what was told too often in vain and what a person has settled with the
// acquirer is parked: out of the queue, which goes on, and still in sight.
//
// The queue is in the ledger, where it may have any length; here is only the part that is next. An
// advice keeps its trace number, so an acquirer that has it answers 94, and either answer delivers
// it: at most once.

/// Tells the acquirer what it has not been told yet, the oldest first.
struct AdviceDesk: Machine {
  /// What the desk is told.
  enum Event: Hashable, Sendable {
    /// A start: what an earlier run has queued is in the ledger.
    case began
    /// This was queued, or something that was queued before is again.
    case owed(TransactionRecord?)
    /// A start has found this one sent and without an outcome.
    case recovered(TransactionRecord)
    /// Try now.
    case hurried
    /// A person has settled this one, which waits in the queue, with the acquirer.
    case parked(TransactionRecord)
    /// What the ledger has.
    case ledgerRead(LedgerAnswer)
    /// The acquirer has been asked, while this batch was open.
    case hostEnded(HostResult, openBatch: BatchNumber)
    /// The new state is on disk.
    case journalled
    /// It is not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What the desk asks for.
  enum Effect: Hashable, Sendable {
    /// Read what is next.
    case look(LedgerQuestion)
    /// Send this.
    case ask(TransactionRecord)
    /// Put its new state on disk.
    case journal(TransactionRecord)
    /// Nothing is queued any more, or the first one could not be delivered.
    case ended(cleared: Bool)
    /// What a person wanted parked is, or could not be written and waits as it was.
    case parkingEnded(JournalFault?, was: TransactionRecord)
  }

  private enum Phase: Hashable, Sendable {
    case waiting
    case looking
    case asking
    case journalling(TransactionRecord)
    case journallingTry(TransactionRecord)
    case parking(was: TransactionRecord)
  }

  /// How many are read at once: enough that reading costs little beside asking, few enough to be
  /// held.
  private static let window: UInt16 = 16

  /// So long after a start the devices have come up and nobody waits for the link.
  private static let settlingIn = Interval.seconds(2)

  /// What is next, the oldest first.
  private(set) var next: [TransactionRecord] = []
  /// Whether the ledger may have more.
  private(set) var mayHaveMore = true
  /// Whether the ledger has said what an earlier run left, so that the first is the oldest of all.
  private(set) var hasLooked = false
  /// How often the oldest was tried in vain.
  private(set) var failures: UInt32 = 0
  /// The next moment at which it wants to be woken.
  private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  private(set) var unexpectedEvents: UInt32 = 0
  private var phase = Phase.waiting
  /// Whether the one that is being sent had not left before.
  private var leavesFirst = false
  private let pauses: [Interval]
  private let tries: UInt32
  private let responses: Responses

  /// A desk that waits so long after the first, second … failure; the last pause goes on for ever.
  /// What was sent so many times in vain is parked; 0 is for ever.
  init(pauses: [Interval], tries: UInt32, responses: Responses) {
    precondition(!pauses.isEmpty, "the configuration demands at least one pause")
    self.pauses = pauses
    self.tries = tries
    self.responses = responses
  }

  /// Whether nothing is being sent, read or written at this moment.
  var isWaiting: Bool { phase == .waiting }

  /// Whether nothing is known to be queued.
  var isEmpty: Bool { next.isEmpty && !mayHaveMore }

  /// Whether the entry that is being written changes how many are parked or in which batch.
  var recounts: Bool {
    switch phase {
    case .journalling(let record): record.state == .parked
    case .journallingTry(let record): record.batch != next.first?.batch
    case .waiting, .looking, .asking, .parking: false
    }
  }

  /// A receipt has come further.
  mutating func note(_ receipt: ReceiptState, of reference: String) {
    for index in next.indices where next[index].reference == reference {
      next[index].receipt = receipt
    }
  }

  /// The acquirer may hear of this one from now on, for the first time.
  mutating func noteLeft(_ reference: String) {
    for index in next.indices where next[index].reference == reference {
      next[index].hasLeft = true
      leavesFirst = true
    }
  }

  /// This one is not told any more.
  mutating func forget(_ reference: String) {
    next.removeAll { $0.reference == reference }
  }

  /// Moves by one event.
  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (_, .began):
      if deadline == nil { deadline = now + AdviceDesk.settlingIn }
      if phase != .waiting { return [] }
      phase = .looking
      return [.look(.queue(limit: AdviceDesk.window))]
    case (_, .owed(let record)):
      if let record, isEmpty { next = [record] } else { mayHaveMore = true }
      if phase == .waiting, deadline == nil { deadline = now }
      return []
    case (_, .recovered(let record)):
      next.append(record)
      if deadline == nil { deadline = now }
      return []
    case (.waiting, .hurried):
      return goOn()
    case (.waiting, .parked(var record)):
      phase = .parking(was: record)
      record.state = .parked
      // Settled in another way: no upload may tell of it again.
      record.upload = .none
      return [.journal(record)]
    case (.parking(let record), .journalled):
      next.removeAll { $0.reference == record.reference }
      phase = .waiting
      return [.parkingEnded(nil, was: record)]
    case (.parking(let record), .journalFailed(let fault)):
      phase = .waiting
      return [.parkingEnded(fault, was: record)]
    case (.waiting, .deadlinePassed):
      guard let deadline, now >= deadline else { return [] }
      return goOn()
    case (.looking, .ledgerRead(let answer)):
      return found(answer, at: now)
    case (.asking, .hostEnded(let result, let openBatch)):
      return judge(result, openBatch, at: now)
    case (.journalling, .journalled):
      next.removeFirst()
      failures = 0
      phase = .waiting
      return goOn()
    case (.journallingTry(var record), .journalled):
      // Its receipt may have come further meanwhile.
      record.receipt = next[0].receipt
      next[0] = record
      return failed(at: now)
    case (.journalling, .journalFailed), (.journallingTry, .journalFailed):
      return failed(at: now)
    case (.looking, .hurried), (.asking, .hurried), (.journalling, .hurried),
      (.journallingTry, .hurried), (.parking, .hurried), (.looking, .deadlinePassed),
      (.asking, .deadlinePassed), (.journalling, .deadlinePassed),
      (.journallingTry, .deadlinePassed), (.parking, .deadlinePassed):
      return []
    case (.waiting, .ledgerRead), (.waiting, .hostEnded), (.waiting, .journalled),
      (.waiting, .journalFailed), (.looking, .hostEnded), (.looking, .journalled),
      (.looking, .journalFailed), (.looking, .parked), (.asking, .ledgerRead),
      (.asking, .journalled), (.asking, .journalFailed), (.asking, .parked),
      (.journalling, .ledgerRead), (.journalling, .hostEnded), (.journalling, .parked),
      (.journallingTry, .ledgerRead), (.journallingTry, .hostEnded), (.journallingTry, .parked),
      (.parking, .ledgerRead), (.parking, .hostEnded), (.parking, .parked):
      unexpectedEvents += 1
      return []
    }
  }

  private mutating func goOn() -> [Effect] {
    deadline = nil
    if let first = next.first {
      phase = .asking
      return [.ask(first)]
    }
    if !mayHaveMore {
      phase = .waiting
      return [.ended(cleared: true)]
    }
    phase = .looking
    return [.look(.queue(limit: AdviceDesk.window))]
  }

  private mutating func found(_ answer: LedgerAnswer, at now: Instant) -> [Effect] {
    guard case .records(let records) = answer else { return failed(at: now) }
    phase = .waiting
    next += records.compactMap { TransactionRecord($0.body) }.filter { $0.state == .queued }
    mayHaveMore = records.count == Int(AdviceDesk.window)
    if hasLooked { return goOn() }
    // The first look is there to know what waits; nothing is sent before its time.
    hasLooked = true
    return []
  }

  private mutating func judge(
    _ result: HostResult, _ openBatch: BatchNumber, at now: Instant
  ) -> [Effect] {
    let hadNotLeft = leavesFirst
    leavesFirst = false
    guard var record = next.first else { return failed(at: now) }
    if result.hasNotLeft {
      // What never left was no try. Here that is known at once: where the disk cannot be told so,
      // the next try writes anew that it leaves.
      if !hadNotLeft { return failed(at: now) }
      record.hasLeft = false
      next[0] = record
      phase = .journallingTry(record)
      return [.journal(record)]
    }
    guard case .answered(let message, _) = result else { return triedInVain(record) }
    let answer = HostAnswer(message)
    let code = String(decoding: answer.responseCode, as: UTF8.self)
    if code == "77", record.batch != openBatch {
      // Told under its own batch, so that who has it answers 94; who has not, and has closed that
      // batch, is told under the open one.
      record.batch = openBatch
      record.upload = record.kind.counts ? .owed : .none
      return triedInVain(record, answer.responseCode)
    }
    let kind: ResponseClass = code == "94" ? .approved : responses.response(to: code).kind
    switch kind {
    case .hostTrouble, .signIn:
      // It is not the advice that is refused.
      return triedInVain(record, answer.responseCode)
    case .approved, .approvedInPart:
      record.state = .approved
      record.keep(answer)
      record.eraseCardIfFinal()
    case .declined, .wrongPIN, .callAcquirer, .setUp:
      record.state = .parked
      record.isRefused = true
      record.responseCode = answer.responseCode
      // The acquirer has it not, and its batch is not told of it either.
      record.upload = .none
    }
    record.deliveryCode = answer.responseCode
    phase = .journalling(record)
    return [.journal(record)]
  }

  /// The acquirer may have it or not: after too many tries a person decides, and where the totals
  /// of its batch differ the upload tells of it once more.
  private mutating func triedInVain(
    _ record: TransactionRecord, _ code: [UInt8] = []
  ) -> [Effect] {
    var record = record
    record.attempts = min(record.attempts + 1, 1_000_000)
    if tries == 0 || record.attempts < tries {
      phase = .journallingTry(record)
      return [.journal(record)]
    }
    record.state = .parked
    record.responseCode = code
    record.deliveryCode = code
    phase = .journalling(record)
    return [.journal(record)]
  }

  private mutating func failed(at now: Instant) -> [Effect] {
    phase = .waiting
    let pause = pauses[min(Int(failures), pauses.count - 1)]
    failures = min(failures + 1, 1_000_000)
    deadline = now + pause
    return [.ended(cleared: false)]
  }
}
