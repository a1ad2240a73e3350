// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//                 link up              answers                 order, answers owed by nobody
//      down ───────────────▶ asking ─────────────▶ idle ─────────────────────▶ greeting
//        ▲                     │ ▲ no answer        ▲ ▲                          │ report, fence
//        │ link lost           ▼ │                  │ │ proof, or time is up     ▼
//      (any state)            silent                │ └──────────────────── printing
//                                                   │                         │ ▲
//                                                   │ confirmed or not   stop ▼ │ cured
//                                                clearing ◀─────────────── halted
//                                                          patience ends
//
// A document ends in one of three ways. Printed: the printer proved it. Not printed: no byte of
// the body left, or the buffers are provably empty before its end was reached. Unknown: anything
// else. After the first byte of the body nothing is ever sent again.

/// The driver of a thermal printer that speaks ESC/POS over a serial port.
public struct PrinterESCPOS: Machine {
  /// What it is told.
  public typealias Event = DriverEvent<PrinterOrder>
  /// What it asks for.
  public typealias Effect = DriverEffect<PrinterReport>

  enum State: Hashable, Sendable {
    /// No link.
    case down(LinkFault)
    /// The link is up and the four questions are being asked.
    case asking
    /// Nobody answers; it asks again now and then.
    case silent
    /// The state is known and no document is under way.
    case idle
    /// The preamble is out.
    case greeting(Job)
    /// The parser is being woken: it took the preamble for data.
    case waking(Job)
    /// The body is out and the proof is awaited.
    case printing(Job)
    /// The printer has stopped in the middle and a person must act.
    case halted(Job)
    /// A buffer clear is out and its confirmation is awaited.
    case clearing(Job, PrintObstacle)
  }

  let profile: PrinterProfile
  let timing: Timing
  var state = State.down(.absent)
  var parser: ReplyParser
  var condition: Condition?
  var said: PrinterStatus?
  var questions: Questions?
  var owed: [Owed] = []
  var waiting: PrintJob?
  /// When the state is asked for again because an answer was torn.
  var refreshDue: Instant?
  /// From when on that may be.
  var refreshesFrom = Instant.start
  var until: Instant?
  /// How long a printer that is online may take for what it owes.
  var owedTime = Interval.zero
  /// When what is still owed counts as lost.
  var owedEnds = Instant.start

  /// Whether a program that ran before may have left questions that are not answered yet.
  var mayOweOthers = true

  /// The number the next process ID will have.
  public internal(set) var nextProcessID: UInt16
  /// Events that were legal and meant nothing.
  public internal(set) var ignoredEvents = 0
  /// Replies nobody had asked for, torn reports and noise.
  public internal(set) var strayReplies = 0

  /// A driver whose link is still down.
  public init(profile: PrinterProfile, nextProcessID: UInt16 = 1) {
    self.init(profile: profile, nextProcessID: nextProcessID, timing: Timing())
  }

  init(profile: PrinterProfile, nextProcessID: UInt16, timing: Timing) {
    self.profile = profile
    self.timing = timing
    self.nextProcessID = nextProcessID == 0 || nextProcessID > 9_999 ? 1 : nextProcessID
    parser = ReplyParser(timing: timing, profile: profile)
  }

  /// What it last said of its parts; nil while nothing is known.
  public var parts: PrinterParts? { condition?.parts }

  /// The earliest of silence, an unanswered question and the state's own end.
  public var deadline: Instant? {
    earlier(earlier(parser.deadline, questions?.deadline), earlier(until, refreshDue))
  }

  /// Moves the driver by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    switch event {
    case .link(.opened): opened(at: now, &effects)
    case .link(.closed(let fault)): closed(fault, &effects)
    case .link(.received(let bytes)): received(bytes, at: now, &effects)
    case .link(.feature): ignoredEvents += 1
    case .ordered(.print(let order)): ordered(order, at: now, &effects)
    case .ordered(.abandon): abandoned(at: now, &effects)
    case .deadlinePassed: woken(at: now, &effects)
    }
    return effects
  }

  /// Tells the core the printer's state if it has changed.
  mutating func say(_ status: PrinterStatus, _ effects: inout [Effect]) {
    if said == status { return }
    said = status
    effects.append(.report(.status(status)))
  }

  /// Ends a document; the only place that reports an outcome.
  mutating func finish(_ job: PrintJob, _ outcome: PrintOutcome, _ effects: inout [Effect]) {
    effects.append(.report(.finished(job: job.number, outcome)))
  }

  func write(_ bytes: [UInt8], _ effects: inout [Effect]) {
    effects.append(.link(.write(bytes)))
  }

  /// The parser has its say first: what silence ended was said before anything else times out.
  private mutating func woken(at now: Instant, _ effects: inout [Effect]) {
    for reply in parser.wake(at: now) { take(reply, at: now, &effects) }
    if let refreshDue, refreshDue <= now { refresh(at: now, &effects) }
    if let questions, questions.deadline <= now { missed(at: now, &effects) }
    if let until, until <= now {
      self.until = nil
      timedOut(at: now, &effects)
    }
  }

  private mutating func timedOut(at now: Instant, _ effects: inout [Effect]) {
    switch state {
    case .down, .asking: ignoredEvents += 1
    case .silent: ask(full: true, at: now, &effects)
    case .idle: looked(at: now, &effects)
    case .greeting(let job): greetingOver(job, at: now, &effects)
    case .waking(let job): wakeFailed(job, at: now, &effects)
    case .printing(let job): ranOut(job, at: now, &effects)
    case .halted(let job): stillHalted(job, at: now, &effects)
    case .clearing(let job, let obstacle): endUncleared(job, obstacle, at: now, &effects)
    }
  }
}
