// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//  down ─opened▶ resyncing ─quiet▶ probing(11) ─ACK▶ asking serial(06) ─06…▶ idle
//                    ▲  ▲                │ no answer: silent, again later        │ enterPIN
//                    │  └────────────────┘                                      ▼
//                    │                                       sending Z60 ─ACK▶ awaiting 71
//                    └── error, cancel (72), late answer ──────────┴───────────────┘
//
// One command is in flight at a time, and after every error the line is made quiet before the next.

/// The driver of serial PIN pads of the "VISA" packet family, UIC PP791 dialect, with DUKPT.
public struct PINPadSerial: Machine {
  /// What it is told.
  public typealias Event = DriverEvent<PINPadOrder>
  /// What it asks for.
  public typealias Effect = DriverEffect<PINPadReport>

  /// What it has counted.
  public struct Counters: Hashable, Sendable {
    /// Frames with a wrong check byte or wrong ends.
    public internal(set) var damagedFrames: UInt32 = 0
    /// Frames sent again.
    public internal(set) var repeats: UInt32 = 0
    /// Good frames that answered nothing that was asked.
    public internal(set) var lateAnswers: UInt32 = 0
    /// Events that meant nothing where they came.
    public internal(set) var unexpectedEvents: UInt32 = 0
  }

  /// How long it waits for what.
  public struct Timing: Hashable, Sendable {
    /// For the acknowledgement of a frame.
    public var acknowledgement = Interval.seconds(5)
    /// For an administrative answer.
    public var answer = Interval.seconds(2)
    /// For the EOT that follows an administrative answer.
    public var trailingEnd = Interval.milliseconds(500)
    /// Within a frame, between two bytes.
    public var betweenBytes = Interval.milliseconds(500)
    /// Between two commands.
    public var betweenCommands = Interval.milliseconds(50)
    /// Silence that ends a resynchronisation.
    public var quiet = Interval.milliseconds(200)
    /// The longest resynchronisation.
    public var resynchronisation = Interval.seconds(1)
    /// Before a pad that does not answer is tried again.
    public var retry = Interval.seconds(10)
    /// What the pad's own time-out gets on top.
    public var margin = Interval.seconds(5)

    /// The usual times.
    public init() {}
  }

  enum Phase: Hashable, Sendable {
    case down
    /// Waiting until the line is quiet; `limit` is when it must be.
    case resyncing(limit: Instant)
    /// 11 was sent.
    case probing(sends: Int)
    /// 06 was sent; acknowledged or not.
    case askingSerial(sends: Int, isAcknowledged: Bool)
    /// The serial is there; its EOT may follow.
    case closingSerial
    case idle
    /// Nobody answers; tried again at the deadline.
    case silent
    /// Z60 was sent.
    case sendingPrompt(PINPrompt, sends: Int)
    /// Z60 was acknowledged; the cardholder types.
    case awaitingPIN(padGivesUpAt: Instant)
    /// 72 was sent; whatever comes, the entry is over.
    case cancelling(NoPIN, limit: Instant)
  }

  /// What it has counted.
  public internal(set) var counters = Counters()
  /// The next moment at which it wants to be woken.
  public internal(set) var deadline: Instant?
  let timing: Timing
  var phase = Phase.down
  var scanner = VISAScanner()
  /// The order that came while the driver was busy with the line.
  var waiting: PINPrompt?
  /// Whether the core believes that the pad works.
  var isReported = false
  var damagedInARow = 0
  var serial: [UInt8] = []

  /// Two repeats after the first, then the session is over (PP791, section 4).
  static let sendLimit = 3

  /// A driver whose link is down.
  public init(timing: Timing = Timing()) { self.timing = timing }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .link(.opened):
      return beginResync(at: now)
    case .link(.closed(let fault)):
      return closed(fault)
    case .link(.received(let bytes)):
      return received(bytes, at: now)
    case .link(.feature):
      counters.unexpectedEvents += 1
      return []
    case .ordered(.enterPIN(let prompt)):
      return enterPIN(prompt, at: now)
    case .ordered(.cancel):
      return cancel(at: now)
    case .deadlinePassed:
      guard let due = deadline, now >= due else { return [] }
      return wake(at: now)
    }
  }

  private mutating func closed(_ fault: LinkFault) -> [Effect] {
    var effects = endEntry(.silent)
    phase = .down
    deadline = nil
    scanner.reset()
    isReported = false
    effects.append(.report(.unavailable(.link(fault))))
    return effects
  }

  private mutating func enterPIN(_ prompt: PINPrompt, at now: Instant) -> [Effect] {
    switch phase {
    case .idle:
      return sendPrompt(prompt, sends: 1, at: now)
    case .resyncing, .probing, .askingSerial, .closingSerial:
      waiting = prompt
      return []
    case .down, .silent:
      return [.report(.noPIN(.silent))]
    case .sendingPrompt, .awaitingPIN, .cancelling:
      counters.unexpectedEvents += 1
      return []
    }
  }

  private mutating func cancel(at now: Instant) -> [Effect] {
    switch phase {
    case .sendingPrompt, .awaitingPIN:
      return sendCancel(.aborted, at: now)
    case .resyncing, .probing, .askingSerial, .closingSerial:
      if waiting == nil { return [] }
      waiting = nil
      return [.report(.noPIN(.aborted))]
    case .down, .idle, .silent, .cancelling:
      counters.unexpectedEvents += 1
      return []
    }
  }

  mutating func sendPrompt(
    _ prompt: PINPrompt, sends: Int, at now: Instant
  ) -> [Effect] {
    phase = .sendingPrompt(prompt, sends: sends)
    deadline = now + timing.acknowledgement
    return [.link(.write(PINPadSerial.promptFrame(prompt)))]
  }

  /// `Z60.` PAN FS time-out digit, each 30 s.
  static func promptFrame(_ prompt: PINPrompt) -> [UInt8] {
    let digit = 0x30 + UInt8(max(1, min(9, prompt.seconds / 30)))
    let message = [0x5A, 0x36, 0x30, 0x2E] + prompt.pan.exposed + [0x1C, digit]
    return VISAFrame(isAdministrative: false, message: message).bytes
  }

  mutating func sendCancel(_ reason: NoPIN, at now: Instant) -> [Effect] {
    phase = .cancelling(reason, limit: now + timing.resynchronisation)
    deadline = now + timing.resynchronisation
    return [
      .link(.write(VISAFrame(isAdministrative: false, message: [0x37, 0x32]).bytes))
    ]
  }

  mutating func beginResync(at now: Instant) -> [Effect] {
    scanner.reset()
    damagedInARow = 0
    phase = .resyncing(limit: now + timing.resynchronisation)
    deadline = now + timing.quiet
    return [
      .link(.write(VISAFrame(isAdministrative: false, message: [0x37, 0x32]).bytes))
    ]
  }

  /// Ends a PIN entry that is wanted or under way, if there is one.
  mutating func endEntry(_ reason: NoPIN) -> [Effect] {
    switch phase {
    case .sendingPrompt, .awaitingPIN:
      return [.report(.noPIN(reason))]
    case .cancelling(let cause, _):
      return [.report(.noPIN(cause))]
    case .down, .resyncing, .probing, .askingSerial, .closingSerial, .idle, .silent:
      if waiting == nil { return [] }
      waiting = nil
      return [.report(.noPIN(reason))]
    }
  }
}
