// SPDX-License-Identifier: Apache-2.0

//   started ─▶ selection ─▶ initiate ─▶ records ─▶ authentication ─▶ restrictions ─▶ cardholder
//                  ▲            │                                                        │
//                  └── 6985 ────┘                                                        ▼
//   finished ◀─ scripts 72 ◀─ AC 2 ◀─ scripts 71 ◀─ issuer ◀─ online ◀─ AC 1 ◀─ analysis ◀─ risk
//       ▲                                                                 │
//       └──────────────────────── approved or declined offline ───────────┘
//
// One command is outstanding at a time, every loop has a named bound, and whatever influences the
// result comes in by an event; so a transcript replays bit for bit.

public import Clockwork

/// One transaction with a contact chip card (EMV 4.4), from selection to the final outcome.
///
/// A kernel is made for one transaction, told ``Event/started(_:)`` and thrown away after
/// ``Effect/finished(_:)``. No PIN ever enters it.
public struct Kernel: Machine, CustomStringConvertible {
  let settings: KernelSettings
  var step = Step.idle
  var session: Session

  /// Events that came when nobody had asked for them.
  public private(set) var unexpectedEvents: UInt32 = 0

  /// A kernel for one transaction at this terminal.
  public init(settings: KernelSettings) {
    self.settings = settings
    session = Session()
  }

  /// The kernel waits for no moment of its own: how long a card, a person or the host may take is
  /// known by who asks them.
  public var deadline: Instant? { nil }

  /// Whether the transaction is over.
  public var isFinished: Bool { step == .finished }

  /// What it waits for, and nothing of the card's.
  public var description: String {
    switch step {
    case .idle: "a kernel that waits for a transaction"
    case .card: "a kernel that waits for the card, after \(session.commands) commands"
    case .asked: "a kernel that waits for an answer"
    case .finished: "a kernel that is finished"
    }
  }

  /// Moves the transaction by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    guard let effects = react(to: event) else {
      unexpectedEvents &+= 1
      return []
    }
    return effects
  }
}
