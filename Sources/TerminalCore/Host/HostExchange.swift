// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Devices
import ISO8583

//           started                 connected               idle too long, host closed
//   idle ────────────▶ connecting ────────────▶ open ────────────────────────────────▶ idle
//                      │  ▲   │ both hosts failed: │  ▲                                 ▲
//                      └──┘   │ notSent            └──┘ send, answer, keep-alive        │
//              back-up host   ▼                    │                                    │
//                            idle                  └─ time-out, bad frame, mismatch ─▶ draining
//
// Where the acquirer wants a greeting, the connection is open when the host has answered it; until
// then nothing of a request leaves, and whatever goes wrong is a connection that was never made.
//
// Each request ends once. A connection on which an answer is missing or wrong takes no new request
// and is closed when the last one on it has ended, so what comes late has nowhere to go. A short
// connection is drained from its first request on.

/// The acquirer's link: the connection and the requests on it.
public struct HostExchange: Machine {
  /// Requests beyond this one are more than a terminal has tasks.
  private static let waitingLimit = 8
  /// An answer that comes again does so soon: older requests are not remembered.
  private static let memory = 32
  /// An echo that takes longer is none; a sale may be waiting behind it.
  private static let keepAliveLimit = Interval.seconds(5)

  private var dialect: Dialect
  private let rules: LinkRules
  private var phase = Phase.idle
  /// Not sent yet, the oldest first.
  private var waiting: [HostRequest] = []
  private var inFlight: [Flight] = []
  /// The host that failed last, and until when it is left alone.
  private var resting: Rest?
  /// What broke the connection that was lost last; nil after a time-out.
  public private(set) var lastBreak: Failure?
  /// Answers to requests that had ended already.
  public private(set) var lateAnswers: UInt32 = 0
  /// Answers to nothing.
  public private(set) var unmatchedAnswers: UInt32 = 0
  /// Events that meant nothing where they came.
  public private(set) var unexpectedEvents: UInt32 = 0

  /// A link in this dialect, by these rules.
  public init(dialect: Dialect, rules: LinkRules = LinkRules()) {
    self.dialect = dialect
    self.rules = rules
  }

  /// Whether no request is on its way.
  public var isIdle: Bool { waiting.isEmpty && inFlight.isEmpty }

  /// Whether there is a connection.
  public var isOpen: Bool {
    if case .open = phase { return true }
    return false
  }

  /// The next moment at which it wants to be woken.
  public var deadline: Instant? {
    switch phase {
    case .idle: return nil
    case .connecting(let attempt), .greeting(let attempt, _): return attempt.until
    case .open(let connection):
      if let first = inFlight.map({ $0.until }).min() { return first }
      return earlier(connection.idleUntil, connection.keepAliveAt)
    }
  }

  /// Goes on in this dialect: its keys have changed.
  public mutating func adopt(_ dialect: Dialect) { self.dialect = dialect }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (_, .started(let request)): return started(request, at: now)
    case (_, .abandoned(let ticket)): return abandoned(ticket, at: now)
    case (.connecting(let attempt), .acquirer(.connected)):
      return connected(attempt, at: now)
    case (.greeting(let attempt, let assembler), .acquirer(.received(let bytes))):
      return greeted(attempt, assembler, bytes, at: now)
    case (.greeting(let attempt, _), .acquirer(.closed)):
      return failed(attempt, Failure(.closed), isUp: false, at: now)
    case (.connecting(let attempt), .acquirer(.failed(let layer, let code))),
      (.greeting(let attempt, _), .acquirer(.failed(let layer, let code))):
      return failed(attempt, Failure(layer: layer, code: code), isUp: false, at: now)
    case (.connecting(let attempt), .acquirer(.closed)):
      return failed(attempt, Failure(layer: .tcp, code: 0), isUp: false, at: now)
    case (.open(let connection), .acquirer(.received(let bytes))):
      return received(connection, bytes, at: now)
    case (.open, .acquirer(.failed(let layer, let code))):
      return lost(Failure(layer: layer, code: code), at: now)
    case (.open, .acquirer(.closed)): return lost(Failure(layer: .read, code: 0), at: now)
    case (_, .deadlinePassed): return wake(at: now)
    case (.idle, .acquirer), (.connecting, .acquirer(.received)),
      (.greeting, .acquirer(.connected)), (.open, .acquirer(.connected)):
      unexpectedEvents += 1
      return []
    }
  }
}

extension HostExchange {
  private mutating func started(_ request: HostRequest, at now: Instant) -> [Effect] {
    if request.ticket == HostRequest.keepAlive {
      // It keeps a connection that nobody uses; it never makes one.
      guard case .open(let connection) = phase, isIdle, !connection.isDraining,
        fits(request, connection, at: now)
      else { return [] }
    }
    if waiting.count >= HostExchange.waitingLimit {
      return [.ended(.notSent(.link, code: 0), ticket: request.ticket)]
    }
    waiting.append(request)
    return proceed(at: now)
  }

  private mutating func connected(_ attempt: Attempt, at now: Instant) -> [Effect] {
    let assembler = FrameAssembler(framing: dialect.framing)
    guard let greeting = dialect.framing.greeting else {
      return opened(attempt, assembler, at: now)
    }
    let hello = Effect.acquirer(.send(greeting.request))
    if assembler.isGreeted { return [hello] + opened(attempt, assembler, at: now) }
    phase = .greeting(attempt, assembler)
    return [hello]
  }

  /// What stands behind the greeting's answer could be taken for the answer to the request that
  /// has not left yet.
  private mutating func greeted(
    _ attempt: Attempt, _ assembler: FrameAssembler, _ bytes: [UInt8], at now: Instant
  ) -> [Effect] {
    var assembler = assembler
    assembler.append(bytes)
    var flaw: GreetingFlaw?
    do throws(FrameFault) {
      if try assembler.next() != nil { flaw = .surplus }
    } catch {
      flaw = error == .greeting ? .other : .surplus
    }
    if assembler.isGreeted, !assembler.isEmpty { flaw = .surplus }
    if let flaw { return failed(attempt, Failure(flaw), isUp: true, at: now) }
    if assembler.isGreeted { return opened(attempt, assembler, at: now) }
    phase = .greeting(attempt, assembler)
    return []
  }

  private mutating func opened(
    _ attempt: Attempt, _ assembler: FrameAssembler, at now: Instant
  ) -> [Effect] {
    if attempt.endpoint == resting?.endpoint { resting = nil }
    phase = .open(Connection(attempt, assembler: assembler))
    return proceed(at: now)
  }

  private mutating func abandoned(_ ticket: UInt32, at now: Instant) -> [Effect] {
    if let index = waiting.firstIndex(where: { $0.ticket == ticket }) {
      waiting.remove(at: index)
      var effects = proceed(at: now)
      if waiting.isEmpty, phase.isConnecting {
        phase = .idle
        effects.append(.acquirer(.disconnect))
      }
      return effects + [.ended(.notSent(.tcp, code: 0), ticket: ticket)]
    }
    guard let index = inFlight.firstIndex(where: { $0.request.ticket == ticket }),
      case .open(var connection) = phase
    else {
      unexpectedEvents += 1
      return []
    }
    lastBreak = nil
    let end = end(index, .noAnswer, &connection, at: now)
    phase = .open(connection)
    return proceed(at: now) + end
  }

  private mutating func wake(at now: Instant) -> [Effect] {
    switch phase {
    case .idle: return []
    case .connecting(let attempt):
      if now < attempt.until { return [] }
      return failed(attempt, Failure(layer: .tcp, code: 0), isUp: true, at: now)
    case .greeting(let attempt, _):
      if now < attempt.until { return [] }
      return failed(attempt, Failure(.missing), isUp: true, at: now)
    case .open(var connection):
      var ends: [Effect] = []
      while let index = inFlight.firstIndex(where: { $0.until <= now }) {
        lastBreak = nil
        ends += end(index, .noAnswer, &connection, at: now)
      }
      if inFlight.isEmpty, let limit = connection.idleUntil, now >= limit {
        connection.isDraining = true
      }
      let signs = inFlight.isEmpty ? signOfLife(&connection, at: now) : []
      phase = .open(connection)
      return proceed(at: now) + signs + ends
    }
  }

  private func signOfLife(_ connection: inout Connection, at now: Instant) -> [Effect] {
    guard !connection.isDraining, let due = connection.keepAliveAt, now >= due else { return [] }
    connection.keepAliveAt = now + rules.keepAlivePause
    switch rules.keepAlive {
    case .none: return []
    case .echo: return [.keepAliveDue]
    case .emptyFrame:
      var bare = dialect.framing
      bare.tpdu = []
      return [.acquirer(.send(bare.frame([])))]
    }
  }

  /// Tries the other host, if there is one; otherwise nothing left for whoever waits for this one.
  private mutating func failed(
    _ attempt: Attempt, _ failure: Failure, isUp: Bool, at now: Instant
  ) -> [Effect] {
    phase = .idle
    let orders: [Effect] = isUp ? [.acquirer(.disconnect)] : []
    let isPrimary = attempt.endpoint == attempt.route.primary
    if isPrimary, attempt.route.backup != nil {
      resting = Rest(endpoint: attempt.endpoint, until: now + rules.primaryPause)
    }
    let cause = isPrimary ? failure : attempt.earlier ?? failure
    if !attempt.isSecond, let other = attempt.route.other(than: attempt.endpoint) {
      let next = Attempt(
        route: attempt.route, endpoint: other, isSecond: true, earlier: cause,
        limit: attempt.limit, until: now + attempt.limit)
      phase = .connecting(next)
      return orders + [.acquirer(.connect(other))]
    }
    let ended = waiting.filter { Route($0) == attempt.route }
    waiting.removeAll { Route($0) == attempt.route }
    return orders + proceed(at: now)
      + ended.map { .ended(.notSent(cause.layer, code: cause.code), ticket: $0.ticket) }
  }

  private mutating func lost(_ failure: Failure, at now: Instant) -> [Effect] {
    lastBreak = failure
    phase = .idle
    let ends = inFlight.flatMap { tell($0.request, .noAnswer) }
    inFlight = []
    return [.acquirer(.disconnect)] + proceed(at: now) + ends
  }

  /// Sends what may be sent, closes what is drained and connects where somebody waits. What it
  /// returns comes before any end: whoever hears of an end may start the next request at once.
  private mutating func proceed(at now: Instant) -> [Effect] {
    var orders: [Effect] = []
    if case .open(var connection) = phase {
      orders += send(on: &connection, at: now)
      phase = .open(connection)
      if connection.isDraining, inFlight.isEmpty {
        phase = .idle
        orders.append(.acquirer(.disconnect))
      }
    }
    guard phase == .idle, let first = waiting.first else { return orders }
    let route = Route(first)
    var endpoint = route.primary
    if let backup = route.backup, isResting(endpoint, at: now) { endpoint = backup }
    phase = .connecting(
      Attempt(
        route: route, endpoint: endpoint, isSecond: false, earlier: nil,
        limit: first.connectLimit, until: now + first.connectLimit))
    return orders + [.acquirer(.connect(endpoint))]
  }

  private mutating func send(on connection: inout Connection, at now: Instant) -> [Effect] {
    let limit = rules.idleLimit == nil ? 1 : rules.inFlightLimit
    var orders: [Effect] = []
    while let next = waiting.first, inFlight.count < limit, !connection.isDraining {
      if !fits(next, connection, at: now) {
        connection.isDraining = true
        return orders
      }
      waiting.removeFirst()
      connection.isUsed = true
      if next.isProbe || rules.idleLimit == nil { connection.isDraining = true }
      let isKeepAlive = next.ticket == HostRequest.keepAlive
      let wait = isKeepAlive ? HostExchange.keepAliveLimit : next.answerLimit
      var request = next
      // Who may be believed without a MAC depends on how the host that is asked is reached.
      request.endpoint = connection.endpoint
      inFlight.append(Flight(request: request, until: now + wait))
      orders.append(.acquirer(.send(next.frame)))
    }
    return orders
  }

  /// Whether a request may leave on this connection: it leads where the request must go, and no
  /// answer to an earlier request could be taken for this one's.
  private func fits(_ request: HostRequest, _ connection: Connection, at now: Instant) -> Bool {
    let route = Route(request)
    if route != connection.route { return false }
    if !connection.isUsed { return true }
    if request.isProbe { return false }
    if connection.endpoint != route.primary, !isResting(route.primary, at: now) { return false }
    let ended = connection.ended.filter { $0.hasOwnAnswer }
    return !(ended + inFlight.map { $0.request.expected })
      .contains { $0.collides(with: request.expected) }
  }

  private func isResting(_ endpoint: Endpoint, at now: Instant) -> Bool {
    guard let resting else { return false }
    return resting.endpoint == endpoint && now < resting.until
  }
}

extension HostExchange {
  private mutating func received(
    _ connection: Connection, _ bytes: [UInt8], at now: Instant
  ) -> [Effect] {
    var connection = connection
    connection.assembler.append(bytes)
    var ends: [Effect] = []
    do {
      while let frame = try connection.assembler.next() {
        ends += take(frame.message, order: frame.order, &connection, at: now)
      }
    } catch {
      ends += spoilt(&connection, at: now)
    }
    phase = .open(connection)
    return proceed(at: now) + ends
  }

  private mutating func take(
    _ frame: [UInt8], order: UInt8, _ connection: inout Connection, at now: Instant
  ) -> [Effect] {
    let message = try? Codec(table: dialect.table).decode(frame)
    guard let message else { return spoilt(&connection, at: now) }
    // One request takes whatever comes for its answer, unless it is known to be another's.
    let owner =
      inFlight.firstIndex { $0.request.expected.owns(message) }
      ?? (inFlight.count == 1 && !connection.wasAnswer(message) ? 0 : nil)
    guard let owner else { return stray(message, &connection) }
    var result = dialect.judge(frame, for: inFlight[owner].request)
    if case .answered(let answer, _) = result { result = .answered(answer, order: order) }
    if result == .badAnswer(.mismatch) { unmatchedAnswers += 1 }
    return end(owner, result, &connection, at: now)
  }

  /// An answer for which nobody waits completes nothing. A host that speaks when nobody has asked
  /// is not listened to any longer.
  private mutating func stray(
    _ message: Message, _ connection: inout Connection
  ) -> [Effect] {
    if connection.wasAnswer(message) {
      lateAnswers += 1
    } else {
      unmatchedAnswers += 1
      if inFlight.isEmpty { connection.isDraining = true }
    }
    return []
  }

  /// What cannot be read is the answer to the one request there is; of several nobody knows whose.
  private mutating func spoilt(
    _ connection: inout Connection, at now: Instant
  ) -> [Effect] {
    connection.isDraining = true
    lastBreak = nil
    let result = inFlight.count == 1 ? HostResult.badAnswer(.unreadable) : .noAnswer
    var ends: [Effect] = []
    while !inFlight.isEmpty { ends += end(0, result, &connection, at: now) }
    return ends
  }

  private mutating func end(
    _ index: Int, _ result: HostResult, _ connection: inout Connection, at now: Instant
  ) -> [Effect] {
    let request = inFlight.remove(at: index).request
    connection.ended.append(request.expected)
    if connection.ended.count > HostExchange.memory { connection.ended.removeFirst() }
    if case .answered = result {
      if request.ticket != HostRequest.keepAlive || connection.idleUntil == nil {
        connection.idleUntil = rules.idleLimit.map { now + $0 }
      }
      connection.keepAliveAt = rules.keepAlive == .none ? nil : now + rules.keepAlivePause
    } else {
      connection.isDraining = true
    }
    return tell(request, result)
  }

  private func tell(_ request: HostRequest, _ result: HostResult) -> [Effect] {
    request.ticket == HostRequest.keepAlive ? [] : [.ended(result, ticket: request.ticket)]
  }
}
