// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//                        ┌─ 0801:0002, 0003, 0011, 0013
//                        ├─ 0ACD:2010, 2020 ──────────────▶ SwipeReader   stripe reports
//   opened ── identify ──┼─ 0ACD, numbered 64-byte reports ▶ NEO2Reader   commands and answers
//                        └─ anything else ────────────────▶ unavailable, and why

/// The driver of card readers over USB HID: a machine for each protocol, chosen by what is plugged
/// in.
public struct CardReaderHID: Machine {
  /// What it is told.
  public typealias Event = DriverEvent<CardReaderOrder>
  /// What it asks for.
  public typealias Effect = DriverEffect<CardReaderReport>

  /// What it has counted.
  public struct Counters: Hashable, Sendable {
    /// Whole reports.
    public internal(set) var reports: UInt32 = 0
    /// Reports that stayed in part.
    public internal(set) var partialReports: UInt32 = 0
    /// Bytes left from before the link was opened.
    public internal(set) var drainedBytes: UInt32 = 0
    /// Events that meant nothing where they came.
    public internal(set) var unexpectedEvents: UInt32 = 0
    /// Answers to a command that is not under way any more.
    public internal(set) var lateAnswers: UInt32 = 0
    /// Answers that could not be read.
    public internal(set) var unreadableAnswers: UInt32 = 0
    /// Commands that were not answered in time.
    public internal(set) var silences: UInt32 = 0
  }

  /// How long it waits for what.
  public struct Timing: Hashable, Sendable {
    /// Silence after the opening in which stale bytes are thrown away.
    public var drain = Interval.milliseconds(60)
    /// The longest that silence is waited for: somebody may be swiping all the while.
    public var longestDrain = Interval.milliseconds(600)
    /// Silence after which half a report is dropped.
    public var partialReport = Interval.milliseconds(250)
    /// For the reader's own commands.
    public var control = Interval.seconds(2)
    /// For the reset of a card.
    public var reset = Interval.seconds(10)
    /// For a card's answer to a command.
    public var exchange = Interval.seconds(30)
    /// Between two looks whether a card is in the slot.
    public var poll = Interval.milliseconds(500)
    /// Between two questions whether a silent reader is there again.
    public var silence = Interval.seconds(5)

    /// The usual times.
    public init() {}
  }

  private enum Active: Hashable, Sendable { case none, swipe, neo2 }

  private var active = Active.none
  private var swipe: SwipeReader
  private var neo2: NEO2Reader
  private var unexpectedEvents: UInt32 = 0

  /// A driver whose link is down. `passesPlaintextPIN` is for a reader and a pad in one secure
  /// housing alone.
  public init(
    timing: Timing = Timing(), secureMag: SecureMagSettings = SecureMagSettings(),
    passesPlaintextPIN: Bool = false
  ) {
    swipe = SwipeReader(timing: timing, secureMag: secureMag)
    neo2 = NEO2Reader(timing: timing, passesPlaintextPIN: passesPlaintextPIN)
  }

  /// What this driver has against a device; nil for one that it drives.
  public static func objection(to facts: HIDFacts) -> ReaderTrouble? {
    switch ReaderProduct.identify(facts) {
    case .usable: nil
    case .unusable(let trouble): trouble
    }
  }

  /// Whether readers of this USB vendor are driven: one that is not is worth a word.
  public static func isMaker(_ vendor: UInt16) -> Bool { vendor == 0x0801 || vendor == 0x0ACD }

  /// What it has counted.
  public var counters: Counters {
    var counters = swipe.counters
    counters.reports += neo2.counters.reports
    counters.drainedBytes += neo2.counters.drainedBytes
    counters.unexpectedEvents += neo2.counters.unexpectedEvents + unexpectedEvents
    counters.lateAnswers = neo2.counters.lateAnswers
    counters.unreadableAnswers = neo2.counters.unreadableAnswers
    counters.silences += neo2.counters.silences
    return counters
  }

  /// The next moment at which it wants to be woken.
  public var deadline: Instant? {
    switch active {
    case .none: nil
    case .swipe: swipe.deadline
    case .neo2: neo2.deadline
    }
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .ordered(.accept):
      swipe.accepts = true
      return neo2.accept(true, at: now)
    case .ordered(.ignore):
      swipe.accepts = false
      return neo2.accept(false, at: now)
    case .ordered(let order):
      return active == .neo2
        ? neo2.follow(order, at: now) : [.report(.chipFault(.noReader))]
    case .link(.opened(let facts)):
      return opened(facts, at: now)
    case .link(.received(let bytes)):
      return received(bytes, at: now)
    case .link(.closed(let fault)):
      forget()
      return [.report(.unavailable(.link(fault)))]
    case .link(.feature):
      if active == .swipe { swipe.answered(at: now) } else { unexpectedEvents += 1 }
      return []
    case .deadlinePassed:
      return wake(at: now)
    }
  }

  private mutating func opened(_ facts: LinkFacts, at now: Instant) -> [Effect] {
    forget()
    guard case .hid(let facts) = facts else {
      return [.report(.unavailable(.link(.failed(code: 0))))]
    }
    switch ReaderProduct.identify(facts) {
    case .unusable(let trouble):
      return [.report(.unavailable(trouble))]
    case .usable(.neo2, _):
      active = .neo2
      neo2.opened(facts, at: now)
    case .usable(let product, let inputBytes):
      active = .swipe
      swipe.opened(product, facts, inputBytes: inputBytes, at: now)
    }
    return []
  }

  private mutating func received(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    switch active {
    case .none:
      unexpectedEvents += 1
      return []
    case .swipe: return swipe.received(bytes, at: now)
    case .neo2: return neo2.received(bytes, at: now)
    }
  }

  private mutating func wake(at now: Instant) -> [Effect] {
    switch active {
    case .none: []
    case .swipe: swipe.wake(at: now)
    case .neo2: neo2.wake(at: now)
    }
  }

  private mutating func forget() {
    active = .none
    swipe.closed()
    neo2.closed()
  }
}
