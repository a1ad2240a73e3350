// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583

//             due, or asked           one or more                answer             on disk
//   waiting ───────────────▶ looking ─────────────▶ asking ───────────────▶ journalling ─▶ looking
//      ▲                        │ none                 │ no answer
//      └────────────────────────┴──── longer pause ────┘
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
    /// Something was queued.
    case owed
    /// A start has found this one sent and without an outcome.
    case recovered(TransactionRecord)
    /// Try now.
    case hurried
    /// What the ledger has.
    case ledgerRead(LedgerAnswer)
    /// The acquirer has been asked.
    case hostEnded(HostResult)
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
  }

  private enum Phase: Hashable, Sendable {
    case waiting
    case looking
    case asking
    case journalling(TransactionRecord)
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
  /// How often the oldest was tried in vain.
  private(set) var failures: UInt32 = 0
  /// The next moment at which it wants to be woken.
  private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  private(set) var unexpectedEvents: UInt32 = 0
  private var phase = Phase.waiting
  private let pauses: [Interval]
  private let responses: Responses

  /// A desk that waits so long after the first, second … failure; the last pause goes on for ever.
  init(pauses: [Interval], responses: Responses) {
    precondition(!pauses.isEmpty, "the configuration demands at least one pause")
    self.pauses = pauses
    self.responses = responses
  }

  /// Whether nothing is being sent, read or written at this moment.
  var isWaiting: Bool { phase == .waiting }

  /// Whether nothing is known to be queued.
  var isEmpty: Bool { next.isEmpty && !mayHaveMore }

  /// A receipt has come further.
  mutating func note(_ receipt: ReceiptState, of reference: String) {
    for index in next.indices where next[index].reference == reference {
      next[index].receipt = receipt
    }
  }

  /// The acquirer may hear of this one from now on.
  mutating func noteLeft(_ reference: String) {
    for index in next.indices where next[index].reference == reference {
      next[index].hasLeft = true
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
      return []
    case (_, .owed):
      mayHaveMore = true
      if phase == .waiting, deadline == nil { deadline = now }
      return []
    case (_, .recovered(let record)):
      next.append(record)
      if deadline == nil { deadline = now }
      return []
    case (.waiting, .hurried):
      return goOn()
    case (.waiting, .deadlinePassed):
      guard let deadline, now >= deadline else { return [] }
      return goOn()
    case (.looking, .ledgerRead(let answer)):
      return found(answer, at: now)
    case (.asking, .hostEnded(let result)):
      return judge(result, at: now)
    case (.journalling, .journalled):
      next.removeFirst()
      failures = 0
      phase = .waiting
      return goOn()
    case (.journalling, .journalFailed):
      return failed(at: now)
    case (.looking, .hurried), (.asking, .hurried), (.journalling, .hurried),
      (.looking, .deadlinePassed), (.asking, .deadlinePassed), (.journalling, .deadlinePassed):
      return []
    case (.waiting, .ledgerRead), (.waiting, .hostEnded), (.waiting, .journalled),
      (.waiting, .journalFailed), (.looking, .hostEnded), (.looking, .journalled),
      (.looking, .journalFailed), (.asking, .ledgerRead), (.asking, .journalled),
      (.asking, .journalFailed), (.journalling, .ledgerRead), (.journalling, .hostEnded):
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
    next = records.compactMap { TransactionRecord($0.body) }.filter { $0.state == .queued }
    mayHaveMore = records.count == Int(AdviceDesk.window)
    return goOn()
  }

  private mutating func judge(_ result: HostResult, at now: Instant) -> [Effect] {
    guard case .answered(let message, _) = result, var record = next.first else {
      return failed(at: now)
    }
    let answer = HostAnswer(message)
    let code = String(decoding: answer.responseCode, as: UTF8.self)
    let kind: ResponseClass = code == "94" ? .approved : responses.response(to: code).kind
    switch kind {
    case .hostTrouble, .signIn:
      // It is not the advice that is refused.
      return failed(at: now)
    case .approved, .approvedInPart:
      record.state = .approved
      record.keep(answer)
    case .declined, .wrongPIN, .callAcquirer, .setUp:
      record.state = .parked
      record.responseCode = answer.responseCode
    }
    record.deliveryCode = answer.responseCode
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
