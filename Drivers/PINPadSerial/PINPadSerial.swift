// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//  down ─opened▶ resyncing ─quiet▶ idle ─command▶ sending ─ACK▶ awaiting ─answer▶ closing ─▶ idle
//                    ▲                               │              │
//                    └── error, cancel (72) ◀────────┴──────────────┴──▶ silent, again later
//
// At first the commands are 11, 06 and 04 for each slot that matters; then those of the order.
// One command is in flight at a time, and after every error the line is made quiet before the next.

/// The driver of serial PIN pads of the "VISA" packet family, UIC PP791 dialect.
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

  enum Phase: Hashable, Sendable {
    case down
    /// Waiting until the line is quiet; `limit` is when it must be.
    case resyncing(limit: Instant)
    /// Nothing is in flight; the next command goes out at the deadline, and when there is none, a
    /// question whether the pad is there.
    case idle
    /// Nobody answers; tried again at the deadline.
    case silent
    /// The command was sent so many times and is not acknowledged.
    case sending(PadCommand, sends: Int)
    /// It is acknowledged; the answer must be there at `limit`.
    case awaiting(PadCommand, sends: Int, limit: Instant)
    /// The answer is there; its EOT may follow.
    case closing
    /// 72 was sent; whatever comes, the entry is over.
    case cancelling(NoPIN, limit: Instant)
  }

  /// What it has counted.
  public internal(set) var counters = Counters()
  /// The next moment at which it wants to be woken.
  public var deadline: Instant? { earlier(due, byteDue) }
  let settings: PadSettings
  let timing: PadTiming
  var phase = Phase.down
  /// When the phase is over, or the next command goes out.
  var due: Instant?
  /// When the next byte of a frame must be there.
  var byteDue: Instant?
  /// Before this the line is left alone.
  var restsUntil = Instant.start
  var scanner = VISAScanner()
  /// The order under way, or that waits for the pad to be ready.
  var order: PINPadOrder?
  /// The commands still to be sent.
  var commands: [PadCommand] = []
  /// What the slots that matter hold, as far as they have been asked.
  var slots: [PadKeyState] = []
  /// Whether that is not told yet.
  var hasNewSlots = false
  /// Whether all of `commands` belongs to finding the pad.
  var isFinding = false
  /// Whether the core believes that the pad works.
  var isReported = false
  var damagedInARow = 0
  var serial: [UInt8] = []

  /// Two repeats after the first, then the session is over (PP791, section 4).
  static let sendLimit = 3

  /// A driver whose link is down.
  public init(settings: PadSettings = PadSettings(), timing: PadTiming = PadTiming()) {
    self.settings = settings
    self.timing = timing
  }

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
    case .ordered(.cancel):
      return cancel(at: now)
    case .ordered(let order):
      return take(order, at: now)
    case .deadlinePassed:
      return wake(at: now)
    }
  }

  private mutating func closed(_ fault: LinkFault) -> [Effect] {
    // The cause first: what it does to an order follows.
    let effects = [.report(.unavailable(.link(fault)))] + giveUpOrder(.silent)
    phase = .down
    due = nil
    byteDue = nil
    commands = []
    isFinding = false
    scanner.reset()
    isReported = false
    return effects
  }

  private mutating func take(_ order: PINPadOrder, at now: Instant) -> [Effect] {
    if self.order != nil {
      // The core orders one thing at a time; whoever waits for this one has to hear of it.
      counters.unexpectedEvents += 1
      return [.report(PINPadSerial.failure(of: order, .silent))]
    }
    switch phase {
    case .down, .silent:
      return [.report(PINPadSerial.failure(of: order, .silent))]
    case .idle where commands.isEmpty:
      self.order = order
      commands = steps(of: order)
      if now >= restsUntil { return next(at: now) }
      due = restsUntil
      return []
    case .idle, .resyncing, .sending, .awaiting, .closing:
      // What is under way is the driver's own, and ends soon.
      self.order = order
      return []
    case .cancelling:
      counters.unexpectedEvents += 1
      return [.report(PINPadSerial.failure(of: order, .silent))]
    }
  }

  /// The commands of an order.
  func steps(of order: PINPadOrder) -> [PadCommand] {
    switch order {
    case .enterPIN(let prompt):
      var prompt = prompt
      prompt.session = prompt.session ?? settings.ownSession
      let select = prompt.session.map { [PadCommand.selectSlot($0.slot)] } ?? []
      return select + [.prompt(settings.prompt), .askPIN(prompt)]
    case .loadKey(let place, let block): return [.load(place, block: block)]
    case .selectSet(let number): return [.selectSet(number)]
    case .authenticate(let request): return [.mac(request, packet: 0)]
    case .cancel: return []
    }
  }

  private mutating func cancel(at now: Instant) -> [Effect] {
    guard case .enterPIN = order else {
      counters.unexpectedEvents += 1
      return []
    }
    switch phase {
    case .sending where !isFinding, .awaiting where !isFinding:
      return sendCancel(.aborted, at: now)
    case .resyncing, .sending, .awaiting, .closing, .idle:
      order = nil
      if !isFinding { commands = [] }
      return [.report(.noPIN(.aborted))]
    case .down, .silent, .cancelling:
      counters.unexpectedEvents += 1
      return []
    }
  }

  /// The report that an order has failed in this way.
  static func failure(of order: PINPadOrder, _ reason: NoKey) -> PINPadReport {
    switch order {
    case .enterPIN, .cancel:
      switch reason {
      case .refused(let code): .noPIN(.refused(code: code))
      case .format, .echoDiffers, .silent: .noPIN(.silent)
      }
    case .loadKey(let place, _): .keyNotLoaded(place, reason)
    case .selectSet(let number): .keyNotLoaded(.set(number), reason)
    case .authenticate: .noMAC(reason)
    }
  }

  /// Ends the order that is under way or waits, if there is one.
  mutating func giveUpOrder(_ reason: NoKey) -> [Effect] {
    guard let order else { return [] }
    self.order = nil
    if case .cancelling(let cause, _) = phase { return [.report(.noPIN(cause))] }
    return [.report(PINPadSerial.failure(of: order, reason))]
  }
}
