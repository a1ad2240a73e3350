// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// The line: single bytes, damaged frames, commands going out, time passing.

extension PINPadSerial {
  static let acknowledge = Effect.link(.write([0x06]))
  static let refuse = Effect.link(.write([0x15]))
  static let end = Effect.link(.write([0x04]))

  mutating func received(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for byte in bytes {
      if let token = scanner.take(byte) { effects += took(token, at: now) }
    }
    switch phase {
    case .resyncing:
      deadline = now + timing.quiet
    case .awaiting, .idle:
      if scanner.isInside { deadline = earlier(deadline, now + timing.betweenBytes) }
    case .down, .silent, .sending, .closing, .cancelling:
      break
    }
    return effects
  }

  private mutating func took(_ token: VISAToken, at now: Instant) -> [Effect] {
    switch token {
    case .acknowledged: return acknowledged(at: now)
    case .refused: return refused(at: now)
    case .ended: return ended(at: now)
    case .damaged: return damaged(at: now)
    case .frame(let frame):
      damagedInARow = 0
      return took(frame, at: now)
    }
  }

  private mutating func acknowledged(at now: Instant) -> [Effect] {
    switch phase {
    case .sending(let command, let sends):
      if command.endsWithAcknowledgement { return done(command, at: now) }
      return awaitAnswer(command, sends: sends, at: now)
    case .cancelling(let reason, _):
      order = nil
      return [.report(.noPIN(reason))] + quieten(at: now)
    case .down, .resyncing, .idle, .silent, .awaiting, .closing:
      return []
    }
  }

  /// The pad has understood; its own time-out for a PIN begins now.
  private mutating func awaitAnswer(
    _ command: PadCommand, sends: Int, at now: Instant
  ) -> [Effect] {
    var limit = now + timing.answer
    if case .askPIN(let prompt) = command {
      limit = now + .seconds(Int64(PadCommand.timeoutDigit(prompt)) * 30)
    }
    phase = .awaiting(command, sends: sends, limit: limit)
    deadline = isPIN(command) ? limit + timing.margin : limit
    return []
  }

  func isPIN(_ command: PadCommand) -> Bool {
    if case .askPIN = command { return true }
    return false
  }

  private mutating func refused(at now: Instant) -> [Effect] {
    guard case .sending(let command, let sends) = phase else { return [] }
    return again(command, after: sends, at: now)
  }

  private mutating func ended(at now: Instant) -> [Effect] {
    switch phase {
    case .awaiting(.askPIN, _, let limit):
      // The pad ends the entry in the same way when the cardholder cancels and when its own time
      // is over; only the moment tells the two apart.
      let reason: NoPIN = now + .seconds(1) >= limit ? .timedOut : .cancelled
      order = nil
      return [.report(.noPIN(reason))] + quieten(at: now)
    case .sending(.askPIN, _):
      order = nil
      return [.report(.noPIN(.cancelled))] + quieten(at: now)
    case .awaiting(.load, _, _), .sending(.load, _), .awaiting(.mac, _, _):
      // PP791, message 02: an EOT in place of the echo says that the format is not taken.
      return giveUpOrder(.format) + quieten(at: now)
    case .cancelling(let reason, _):
      order = nil
      return [.report(.noPIN(reason))] + quieten(at: now)
    case .closing:
      return settle(at: now)
    case .down, .resyncing, .sending, .awaiting, .idle, .silent:
      return []
    }
  }

  mutating func damaged(at now: Instant) -> [Effect] {
    counters.damagedFrames += 1
    damagedInARow += 1
    switch phase {
    case .down, .resyncing, .silent: return []
    case .sending, .awaiting, .closing, .idle, .cancelling: break
    }
    if damagedInARow < PINPadSerial.sendLimit { return [PINPadSerial.refuse] }
    // PP791, section 4: the third bad frame in a row ends the session.
    let effects = giveUpOrder(.silent)
    return [PINPadSerial.end] + effects + beginResync(at: now)
  }

  mutating func wake(at now: Instant) -> [Effect] {
    switch phase {
    case .down, .idle:
      deadline = nil
      if !scanner.isInside { return next(at: now) }
      scanner.reset()
      let effects = damaged(at: now)
      if case .idle = phase, !commands.isEmpty { deadline = now + timing.betweenCommands }
      return effects
    case .resyncing(let limit):
      // Noise that never ends must not keep the pad out of use.
      if now < limit, scanner.isInside { scanner.reset() }
      return quietened(at: now)
    case .silent:
      return beginResync(at: now)
    case .sending(let command, let sends):
      return again(command, after: sends, at: now)
    case .awaiting(let command, let sends, let limit):
      return overdue(command, sends: sends, limit: limit, at: now)
    case .closing:
      return settle(at: now)
    case .cancelling(let reason, _):
      order = nil
      return [.report(.noPIN(reason))] + loseTrust(at: now)
    }
  }

  private mutating func overdue(
    _ command: PadCommand, sends: Int, limit: Instant, at now: Instant
  ) -> [Effect] {
    let end = isPIN(command) ? limit + timing.margin : limit
    if now < end {
      deadline = end
      if !scanner.isInside { return [] }
      scanner.reset()
      return damaged(at: now)
    }
    if isPIN(command) { return sendCancel(.silent, at: now) }
    return again(command, after: sends, at: now)
  }

  /// Sends a command once more, or gives it up.
  private mutating func again(
    _ command: PadCommand, after sends: Int, at now: Instant
  ) -> [Effect] {
    if sends < PINPadSerial.sendLimit {
      counters.repeats += 1
      return send(command, sends: sends + 1, at: now)
    }
    if isFinding { return fallSilent(at: now) }
    return [PINPadSerial.end] + giveUpOrder(.silent) + loseTrust(at: now)
  }

  mutating func send(_ command: PadCommand, sends: Int, at now: Instant) -> [Effect] {
    phase = .sending(command, sends: sends)
    // The answer to 11 is an ACK, and comes as fast as an answer.
    let limit = command == .probe ? timing.answer : timing.acknowledgement
    deadline = now + limit
    return [.link(.write(command.frame.bytes))]
  }

  /// Sends the next command, if there is one.
  mutating func next(at now: Instant) -> [Effect] {
    guard !commands.isEmpty else { return [] }
    return send(commands.removeFirst(), sends: 1, at: now)
  }

  mutating func sendCancel(_ reason: NoPIN, at now: Instant) -> [Effect] {
    phase = .cancelling(reason, limit: now + timing.acknowledgement)
    deadline = now + timing.acknowledgement
    scanner.reset()
    commands = []
    return [.link(.write(VISAFrame(isAdministrative: false, message: [0x37, 0x32]).bytes))]
  }

  /// The pad did not answer as it must: it has to prove again that it is there.
  private mutating func loseTrust(at now: Instant) -> [Effect] {
    isReported = false
    return beginResync(at: now)
  }

  mutating func beginResync(at now: Instant) -> [Effect] {
    scanner.reset()
    damagedInARow = 0
    commands = []
    isFinding = !isReported
    phase = .resyncing(limit: now + timing.resynchronisation)
    deadline = now + timing.quiet
    return [
      .link(.write(VISAFrame(isAdministrative: false, message: [0x37, 0x32]).bytes))
    ]
  }

  /// The line is quiet: a pad that is known goes on, another one is asked who it is.
  private mutating func quietened(at now: Instant) -> [Effect] {
    if isFinding {
      slots = []
      commands = [.probe, .serial] + settings.slots.map { .query($0) }
    } else {
      commands = order.map { steps(of: $0) } ?? []
    }
    phase = .idle
    deadline = nil
    return next(at: now)
  }

  private mutating func fallSilent(at now: Instant) -> [Effect] {
    let effects = giveUpOrder(.silent)
    phase = .silent
    commands = []
    isReported = false
    isFinding = false
    deadline = now + timing.retry
    return effects + [.report(.unavailable(.silent))]
  }

  /// After an order the line is left alone for the gap that pads need between commands.
  mutating func quieten(at now: Instant) -> [Effect] {
    scanner.reset()
    damagedInARow = 0
    commands = []
    phase = .idle
    deadline = nil
    return []
  }
}
