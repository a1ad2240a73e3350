// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Wire

//   down ── opened ─▶ draining ── quiet ─▶ running ◀──────────────── every 5 s ───┐
//    ▲                                        │ pings unanswered ────▶ silent ────┘
//    └──────────────── closed ────────────────┤
//                                             └ pass-through refused ▶ useless
//
//   running: one command in flight, and what is next follows from what is known (`proceed`):
//
//     out of step       ping                    after the opening, a silence, an unreadable answer
//     not yet greeted   pass-through on         ready, or no use
//     an answer missing get ATR                 pulled out, or mute
//     power and nobody  power off
//     an order          pass-through on, get ATR │ exchange │ power off
//     a look is due     pass-through on, get ATR, power off           inserted, removed
//     nothing           pass-through off
//
// The guide has no answer without a command and the reader obeys in order; an answer repeats the
// command's group and no more. So behind a silence only a ping is sent: what comes before its
// answer is late and belongs to nobody. A command to the card is never sent twice, since the card
// may have carried it out; only what the reader refused for its check bytes goes out once more.
// Source: ID TECH 80139403-002 rev. 88.1.

/// The machine of ID TECH NEO 2 readers: contact cards by pass-through commands.
struct NEO2Reader: Hashable, Sendable {
  typealias Effect = DriverEffect<CardReaderReport>

  /// Pings after which a reader counts as silent: the guide's advice is one, and a report can be
  /// lost.
  static let pingLimit: UInt8 = 3
  /// Losses of a command that may be repeated.
  static let repeatLimit: UInt8 = 3
  /// Resets of a card that does not answer as it should (EMV Level 1 knows a cold and a warm one;
  /// this reader offers the cold one alone).
  static let resetLimit: UInt8 = 2
  /// Follow-ups of one command: a whole response in pieces of 32 bytes.
  static let roundLimit: UInt8 = 8

  enum Phase: Hashable, Sendable {
    case down
    case draining(quietAt: Instant, limit: Instant)
    case running
    case silent(until: Instant)
    case useless
  }

  /// Why a card is reset.
  enum Reset: Hashable, Sendable {
    /// To see whether there is one.
    case look
    /// Because it was ordered.
    case order
    /// To see whether it is there still.
    case examine
  }

  enum Command: Hashable, Sendable {
    case ping
    case enter
    case leave
    case reset(Reset)
    case exchange(CommandAPDU)
    case verify(HeldBlock)
    case powerOff
  }

  struct Flight: Hashable, Sendable {
    var command: Command
    /// Whether it goes out for the second time, with its check bytes the other way round.
    var isSwapped: Bool
    var until: Instant
  }

  /// A command to the card with its follow-ups.
  struct Exchange: Hashable, Sendable {
    var command: CommandAPDU
    var gathered = SecretBytes([])
    var rounds: UInt8 = 0
    var isCorrected = false
  }

  /// The order that is being followed.
  enum Job: Hashable, Sendable {
    case powerOn(tries: UInt8)
    case transmit(Exchange)
    case verify(HeldBlock)
    case powerOff
  }

  var counters = CardReaderHID.Counters()
  let timing: CardReaderHID.Timing
  let passesPlaintextPIN: Bool
  var phase = Phase.down
  var identity = ReaderIdentity(
    vendor: 0, product: 0, encrypts: false, readsChips: true, readsStripes: false)
  var assembler = NEO2Assembler()
  var flight: Flight?
  /// Whether 2C commands carry their check bytes high byte first; the reader teaches it.
  var isCheckHighFirst = false
  var isInStep = false
  var isGreeted = false
  var isPassing = false
  /// Whether the card may have power, which is so until the reader has said otherwise.
  var isPowered = true
  /// Whether the core has a card that answered to its reset.
  var hasSession = false
  /// Whether the core knows of a card, and is owed its removal.
  var isTold = false
  var accepts = false
  var job: Job?
  var powerOffWaits = false
  /// What an exchange is ended with unless the card turns out to be gone.
  var suspicion: ChipFault?
  /// Whether the core knows that the reader does not answer.
  var isToldSilent = false
  var pings: UInt8 = 0
  var losses: UInt8 = 0
  var lookAt = Instant.start
  /// Whether the slot was looked at since the reader is there.
  var isLookedAt = false
  /// When an idle reader is asked whether it is there.
  var beat: Instant?

  init(timing: CardReaderHID.Timing, passesPlaintextPIN: Bool) {
    self.timing = timing
    self.passesPlaintextPIN = passesPlaintextPIN
  }

  var deadline: Instant? {
    switch phase {
    case .down, .useless: nil
    case .draining(let quietAt, let limit): min(quietAt, limit)
    case .silent(let until): until
    case .running: flight?.until ?? (wantsToLook ? lookAt : isIdle ? beat : nil)
    }
  }

  var wantsToLook: Bool { isGreeted && !hasSession && job == nil && (accepts || isTold) }

  /// Whether the reader has nothing to do, and is asked now and then whether it is there.
  private var isIdle: Bool { isGreeted && !hasSession && job == nil && !wantsToLook }

  mutating func opened(_ facts: HIDFacts, at now: Instant) {
    identity.vendor = facts.vendor
    identity.product = facts.product
    phase = .draining(quietAt: now + timing.drain, limit: now + timing.longestDrain)
  }

  mutating func closed() {
    forget()
    phase = .down
    isToldSilent = false
  }

  mutating func accept(_ accepts: Bool, at now: Instant) -> [Effect] {
    if accepts, !self.accepts { lookAt = now }
    self.accepts = accepts
    return proceed(at: now)
  }

  mutating func follow(_ order: CardReaderOrder, at now: Instant) -> [Effect] {
    if phase != .running || !isGreeted { return [.report(.chipFault(.noReader))] }
    if job != nil {
      if order != .powerOff || powerOffWaits || job == .powerOff {
        return [.report(.chipFault(.busy))]
      }
      powerOffWaits = true
      return []
    }
    switch order {
    case .accept, .ignore:
      counters.unexpectedEvents += 1
      return []
    case .powerOn:
      hasSession = false
      job = .powerOn(tries: 0)
    case .powerOff:
      hasSession = false
      job = .powerOff
    case .transmit(let command):
      if !hasSession { return [.report(.chipFault(.notPowered))] }
      job = .transmit(Exchange(command: command))
    case .verify(let block):
      if !passesPlaintextPIN || block.count != 8 { return [.report(.chipFault(.cannotVerify))] }
      if !hasSession { return [.report(.chipFault(.notPowered))] }
      job = .verify(block)
    }
    return proceed(at: now)
  }

  mutating func wake(at now: Instant) -> [Effect] {
    guard let due = deadline, now >= due else { return [] }
    switch phase {
    case .down, .useless: return []
    case .draining:
      phase = .running
      return proceed(at: now)
    case .silent:
      phase = .running
      // One question at a time: the next pause comes at once if it is not answered.
      pings = NEO2Reader.pingLimit - 1
      return proceed(at: now)
    case .running:
      guard let flight else { return proceed(at: now) }
      counters.silences += 1
      return lost(flight.command, .mute, at: now)
    }
  }

  mutating func received(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    switch phase {
    case .down, .useless:
      counters.unexpectedEvents += 1
      return []
    case .draining(_, let limit):
      counters.drainedBytes += UInt32(clamping: bytes.count)
      phase = .draining(quietAt: now + timing.drain, limit: limit)
      return []
    case .silent, .running: break
    }
    counters.reports += 1
    guard var message = assembler.take(bytes) else { return [] }
    defer { for index in message.indices { message[index] = 0 } }
    guard phase == .running, let flight else {
      counters.lateAnswers += 1
      return []
    }
    do throws(NEO2Answer.Fault) {
      var answer = try NEO2Answer(message)
      defer { for index in answer.data.indices { answer.data[index] = 0 } }
      return heard(answer, flight, at: now)
    } catch {
      counters.unreadableAnswers += 1
      // Before the ping's answer anything may come.
      return flight.command == .ping ? [] : lost(flight.command, .answerLost, at: now)
    }
  }

  /// Sends what is next, when nothing is in flight.
  mutating func proceed(at now: Instant) -> [Effect] {
    if phase != .running || flight != nil { return [] }
    if !isInStep { return send(.ping, at: now) }
    if !isGreeted { return send(.enter, at: now) }
    if suspicion != nil { return send(.reset(.examine), at: now) }
    if isPowered, !hasSession { return send(.powerOff, at: now) }
    switch job {
    case .powerOn: return send(isPassing ? .reset(.order) : .enter, at: now)
    case .transmit(let exchange): return send(.exchange(exchange.command), at: now)
    case .verify(let block): return send(.verify(block), at: now)
    case .powerOff: return finish(.poweredOff, at: now)
    case nil: break
    }
    if wantsToLook {
      return now >= lookAt ? send(isPassing ? .reset(.look) : .enter, at: now) : []
    }
    if isPassing, !hasSession { return send(.leave, at: now) }
    if !isIdle { return [] }
    if let beat, now < beat { return [] }
    let isDue = beat != nil
    beat = Heartbeat.next(after: now)
    return isDue ? send(.ping, at: now) : []
  }

  /// Ends the order with its one report; a power-off that waited is next.
  mutating func finish(_ report: CardReaderReport, at now: Instant) -> [Effect] {
    job = nil
    if powerOffWaits {
      powerOffWaits = false
      hasSession = false
      job = .powerOff
    }
    lookAt = now + timing.poll
    return [.report(report)] + proceed(at: now)
  }

  /// Everything that was known of reader and card.
  mutating func forget() {
    assembler.forget()
    flight = nil
    job = nil
    suspicion = nil
    powerOffWaits = false
    isInStep = false
    isGreeted = false
    isPassing = false
    isPowered = true
    hasSession = false
    isTold = false
    isLookedAt = false
    beat = nil
    pings = 0
    losses = 0
  }
}
