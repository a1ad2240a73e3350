// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import PaymentCrypto

//             due, or asked           keys that verify            on disk
//   waiting ───────────────▶ asking ─────────────────▶ journalling ────────▶ waiting: signed in
//      ▲                        │ no answer, refused, a key that does not verify
//      └──── longer pause ──────┘
//
// The old keys stay until every new one has passed its check and is on disk.

/// Fetches the acquirer's session keys.
struct SignInDesk: Machine {
  /// What the desk is told.
  enum Event: Hashable, Sendable {
    /// New keys are needed.
    case needed
    /// Try now.
    case hurried
    /// The acquirer has been asked; with the keys that are in use.
    case hostEnded(HostResult, KeyHierarchy)
    /// The keys are on disk.
    case journalled
    /// They are not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What the desk asks for.
  enum Effect: Hashable, Sendable {
    /// Send the request.
    case ask
    /// Put the keys on disk, and the batch number where one came.
    case journal(keys: KeyHierarchy, element: [UInt8], batch: BatchNumber?)
    /// Use the keys that were put on disk.
    case adopt(KeyHierarchy, BatchNumber?)
    /// It is over.
    case ended(Problem?)
  }

  private enum Phase: Hashable, Sendable {
    case waiting
    case asking
    case journalling(KeyHierarchy, BatchNumber?)
  }

  /// Whether keys are missing or the acquirer wants new ones.
  private(set) var isNeeded = false
  /// Why the last try failed.
  private(set) var problem: Problem?
  /// The next moment at which it wants to be woken.
  private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  private(set) var unexpectedEvents: UInt32 = 0
  private var phase = Phase.waiting
  private var failures: UInt32 = 0
  private let rules: SignInRules
  private let pauses: [Interval]

  init(rules: SignInRules, pauses: [Interval]) {
    self.rules = rules
    self.pauses = pauses
  }

  /// Whether nothing is being sent or written at this moment.
  var isWaiting: Bool { phase == .waiting }

  /// Moves by one event.
  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (_, .needed):
      isNeeded = true
      if phase == .waiting, deadline == nil { deadline = now }
      return []
    case (.waiting, .hurried):
      return ask()
    case (.waiting, .deadlinePassed):
      guard let deadline, now >= deadline else { return [] }
      return ask()
    case (.asking, .hostEnded(let result, let keys)):
      return judge(result, keys, at: now)
    case (.journalling(let keys, let batch), .journalled):
      phase = .waiting
      isNeeded = false
      problem = nil
      failures = 0
      return [.adopt(keys, batch), .ended(nil)]
    case (.journalling, .journalFailed(let fault)):
      return failed(.journal(fault), at: now)
    case (.asking, .hurried), (.journalling, .hurried), (.asking, .deadlinePassed),
      (.journalling, .deadlinePassed):
      return []
    case (.waiting, .hostEnded), (.waiting, .journalled), (.waiting, .journalFailed),
      (.asking, .journalled), (.asking, .journalFailed), (.journalling, .hostEnded):
      unexpectedEvents += 1
      return []
    }
  }

  private mutating func ask() -> [Effect] {
    deadline = nil
    phase = .asking
    return [.ask]
  }

  private mutating func judge(
    _ result: HostResult, _ keys: KeyHierarchy, at now: Instant
  ) -> [Effect] {
    guard case .answered(let message, _) = result else {
      return failed(SignInDesk.problem(of: result), at: now)
    }
    guard message[39] == ascii("00") else {
      return failed(.signInRefused(code: message[39] ?? []), at: now)
    }
    guard let element = message[62] else { return failed(.signInKeys, at: now) }
    var next = keys
    do throws(SignInFault) {
      try next.signIn(element, rules.layout)
    } catch {
      return failed(.signInKeys, at: now)
    }
    var batch: BatchNumber?
    if let start = rules.batchAt, let digits = message[60], digits.count >= start + 6 {
      batch = Digits.number(Array(digits[start..<start + 6]))
        .flatMap { BatchNumber(UInt32(truncatingIfNeeded: $0)) }
    }
    phase = .journalling(next, batch)
    return [.journal(keys: next, element: element, batch: batch)]
  }

  private static func problem(of result: HostResult) -> Problem {
    switch result {
    case .notSent(let layer, let code): .network(layer, code: code)
    case .notWritten(let fault): .journal(fault)
    case .noAnswer: .network(.read, code: 0)
    case .badAnswer, .answered: .probeAnswer
    }
  }

  private mutating func failed(_ problem: Problem, at now: Instant) -> [Effect] {
    phase = .waiting
    self.problem = problem
    let pause = pauses[min(Int(failures), pauses.count - 1)]
    failures = min(failures + 1, 1_000_000)
    if isNeeded { deadline = now + pause }
    return [.ended(problem)]
  }
}
