// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import ISO8583

//             due, or asked                answer 00, 12, 25             on disk
//   waiting ───────────────▶ asking ───────────────────────▶ journalling ────────▶ waiting
//      ▲                        │ no answer    │ another answer
//      └──── longer pause ──────┴──────────────┴─▶ journalling the try
//
// A person may settle one with the acquirer that it never takes: that one is parked, out of the
// queue and still in sight.
//
// A reversal that the acquirer has refused goes out again as "anything else", 06, and the journal
// says so first. A queue, first in first out: a reversal stays until the acquirer has taken it.

/// Delivers the reversals that are owed to the acquirer.
public struct ReversalDesk: Machine {
  /// What the desk is told.
  public enum Event: Hashable, Sendable {
    /// A transaction must be reversed.
    case owed(TransactionRecord)
    /// Try now.
    case hurried
    /// A person has settled this one with the acquirer.
    case parked(reference: String)
    /// The link is free for the reversal that was asked for.
    case hostEnded(HostResult)
    /// The delivered reversal, or that it was tried in vain, is on disk.
    case journalled
    /// It is not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What the desk asks for.
  public enum Effect: Hashable, Sendable {
    /// Send the reversal of this transaction.
    case ask(TransactionRecord)
    /// Put the delivered reversal, or that it was tried in vain, on disk.
    case journal(TransactionRecord)
    /// All are delivered, or the first one could not be.
    case ended(cleared: Bool)
    /// What was to be parked is, or could not be written.
    case parkingEnded(JournalFault?)
  }

  private enum Phase: Hashable, Sendable {
    case waiting
    case asking
    case journalling(TransactionRecord)
    case journallingTry(TransactionRecord)
    case parking(TransactionRecord)
  }

  /// What is owed, the oldest first.
  public private(set) var queue: [TransactionRecord] = []
  /// How often the oldest was tried in vain since the last success.
  public private(set) var failures: UInt32 = 0
  /// The next moment at which it wants to be woken.
  public private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  public private(set) var unexpectedEvents: UInt32 = 0
  private var phase = Phase.waiting
  private let pauses: [Interval]

  /// A desk that waits so long after the first, second … failure; the last pause goes on for ever.
  public init(pauses: [Interval]) {
    precondition(!pauses.isEmpty, "the configuration demands at least one pause")
    self.pauses = pauses
  }

  /// Whether nothing is being sent or written at this moment.
  public var isWaiting: Bool { phase == .waiting }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (_, .owed(let record)):
      queue.append(record)
      if phase == .waiting, deadline == nil { deadline = now }
      return []
    case (.waiting, .hurried):
      return ask()
    case (.waiting, .parked(let reference)):
      guard var record = queue.first(where: { $0.reference == reference }) else { return [] }
      record.state = .parked
      phase = .parking(record)
      return [.journal(record)]
    case (.parking(let record), .journalled):
      queue.removeAll { $0.reference == record.reference }
      phase = .waiting
      if queue.isEmpty { deadline = nil }
      return [.parkingEnded(nil)]
    case (.parking, .journalFailed(let fault)):
      phase = .waiting
      return [.parkingEnded(fault)]
    case (.waiting, .deadlinePassed):
      guard let deadline, now >= deadline else { return [] }
      return ask()
    case (.asking, .hostEnded(let result)):
      return judge(result, at: now)
    case (.journalling, .journalled):
      queue.removeFirst()
      failures = 0
      phase = .waiting
      return ask()
    case (.journallingTry(let record), .journalled):
      queue[0] = record
      return failed(at: now)
    case (.journalling, .journalFailed), (.journallingTry, .journalFailed):
      return failed(at: now)
    case (.asking, .parked), (.journalling, .parked), (.journallingTry, .parked),
      (.parking, .parked), (.parking, .hurried), (.parking, .deadlinePassed),
      (.asking, .hurried), (.journalling, .hurried), (.asking, .deadlinePassed),
      (.journalling, .deadlinePassed), (.journallingTry, .hurried),
      (.journallingTry, .deadlinePassed):
      return []
    case (.waiting, .hostEnded), (.waiting, .journalled), (.waiting, .journalFailed),
      (.asking, .journalled), (.asking, .journalFailed), (.journalling, .hostEnded),
      (.journallingTry, .hostEnded), (.parking, .hostEnded):
      unexpectedEvents += 1
      return []
    }
  }

  private mutating func ask() -> [Effect] {
    deadline = nil
    guard let first = queue.first else {
      phase = .waiting
      return [.ended(cleared: true)]
    }
    phase = .asking
    return [.ask(first)]
  }

  private mutating func judge(_ result: HostResult, at now: Instant) -> [Effect] {
    // What never left was no try.
    if result.hasNotLeft { return failed(at: now) }
    guard var record = queue.first else { return failed(at: now) }
    var code: [UInt8]?
    if case .answered(let message, _) = result { code = message[39] }
    guard let code, ReversalDesk.isFinal(code) else {
      record.attempts = min(record.attempts + 1, 1_000_000)
      if code != nil { record.reversalReason = .other }
      phase = .journallingTry(record)
      return [.journal(record)]
    }
    record.state = .reversed
    record.deliveryCode = code
    record.eraseCardIfFinal()
    phase = .journalling(record)
    return [.journal(record)]
  }

  /// 00 done; 12 and 25: the acquirer has no such transaction, so it is done as well.
  private static func isFinal(_ code: [UInt8]) -> Bool {
    code == ascii("00") || code == ascii("12") || code == ascii("25")
  }

  private mutating func failed(at now: Instant) -> [Effect] {
    phase = .waiting
    let pause = pauses[min(Int(failures), pauses.count - 1)]
    failures = min(failures + 1, 1_000_000)
    deadline = now + pause
    return [.ended(cleared: false)]
  }
}
