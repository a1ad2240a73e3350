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
    byteDue = scanner.isInside ? now + timing.betweenBytes : nil
    // Noise that never ends must not keep the pad out of use.
    if case .resyncing(let limit) = phase { due = min(now + timing.quiet, limit) }
    return effects
  }

  private mutating func took(_ token: VISAToken, at now: Instant) -> [Effect] {
    switch token {
    case .acknowledged: return acknowledged(at: now)
    case .refused: return refused(at: now)
    case .ended: return ended(at: now)
    case .damaged: return damaged(at: now)
    case .frame(let frame): return took(frame, at: now)
    }
  }

  private mutating func acknowledged(at now: Instant) -> [Effect] {
    switch phase {
    case .sending(let command, let sends):
      if command.endsWithAcknowledgement { return done(command, at: now) }
      return awaitAnswer(command, sends: sends, at: now)
    case .cancelling(let reason, _):
      return cancelled(reason, at: now)
    case .down, .resyncing, .idle, .silent, .awaiting, .closing:
      return []
    }
  }

  /// The pad has given up; what crossed our cancel on the line must not be taken for the answer to
  /// the next command, so the line has to be quiet first.
  mutating func cancelled(_ reason: NoPIN, at now: Instant) -> [Effect] {
    order = nil
    listen(at: now)
    return [.report(.noPIN(reason))]
  }

  /// The pad has understood; its own time-out for a PIN begins now.
  private mutating func awaitAnswer(
    _ command: PadCommand, sends: Int, at now: Instant
  ) -> [Effect] {
    var limit = now + (command.isDoneOnce ? timing.work : timing.answer)
    if case .askPIN(let prompt) = command {
      limit = now + .seconds(Int64(PadCommand.timeoutDigit(prompt)) * 30)
    }
    phase = .awaiting(command, sends: sends, limit: limit)
    due = isPIN(command) ? limit + timing.margin : limit
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
      return giveUpOrder(.format) + beginResync(at: now)
    case .cancelling(let reason, _):
      return cancelled(reason, at: now)
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
    if let byteDue, now >= byteDue {
      self.byteDue = nil
      scanner.reset()
      if case .resyncing = phase {} else { return damaged(at: now) }
    }
    guard let due, now >= due else { return [] }
    self.due = nil
    switch phase {
    case .down: return []
    case .idle:
      // With nothing to do the pad is asked whether it is there still.
      if commands.isEmpty, order == nil { commands = [.probe] }
      return next(at: now)
    case .resyncing: return quietened(at: now)
    case .silent: return beginResync(at: now)
    case .sending(let command, let sends): return again(command, after: sends, at: now)
    case .awaiting(.askPIN, _, _): return sendCancel(.silent, at: now)
    case .awaiting(let command, let sends, _):
      return again(command, after: command.isDoneOnce ? PINPadSerial.sendLimit : sends, at: now)
    case .closing: return settle(at: now)
    case .cancelling(let reason, _):
      order = nil
      return [.report(.noPIN(reason))] + loseTrust(at: now)
    }
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
    due = now + limit
    return [.link(.write(command.frame.bytes))]
  }

  /// Sends the next command, if there is one.
  mutating func next(at now: Instant) -> [Effect] {
    guard !commands.isEmpty else { return [] }
    return send(commands.removeFirst(), sends: 1, at: now)
  }

  mutating func sendCancel(_ reason: NoPIN, at now: Instant) -> [Effect] {
    phase = .cancelling(reason, limit: now + timing.acknowledgement)
    due = now + timing.acknowledgement
    forgetFrame()
    commands = []
    return [.link(.write(VISAFrame(isAdministrative: false, message: [0x37, 0x32]).bytes))]
  }

  /// The pad did not answer as it must: it has to prove again that it is there.
  private mutating func loseTrust(at now: Instant) -> [Effect] {
    isReported = false
    return beginResync(at: now)
  }

  mutating func beginResync(at now: Instant) -> [Effect] {
    listen(at: now)
    return [
      .link(.write(VISAFrame(isAdministrative: false, message: [0x37, 0x32]).bytes))
    ]
  }

  /// Waits until the line is quiet.
  private mutating func listen(at now: Instant) {
    forgetFrame()
    damagedInARow = 0
    commands = []
    isFinding = !isReported
    phase = .resyncing(limit: now + timing.resynchronisation)
    due = now + timing.quiet
  }

  private mutating func forgetFrame() {
    scanner.reset()
    byteDue = nil
  }

  /// The line is quiet: a pad that is known goes on, another one is asked who it is.
  private mutating func quietened(at now: Instant) -> [Effect] {
    forgetFrame()
    if isFinding {
      slots = []
      commands = [.probe, .serial] + settings.slots.map { .query($0) }
    } else {
      commands = order.map { steps(of: $0) } ?? []
    }
    phase = .idle
    return next(at: now)
  }

  private mutating func fallSilent(at now: Instant) -> [Effect] {
    let effects = giveUpOrder(.silent)
    phase = .silent
    commands = []
    isReported = false
    isFinding = false
    due = now + timing.retry
    return effects + [.report(.unavailable(.silent))]
  }

  /// After an order the line is left alone for the gap that pads need between commands.
  mutating func quieten(at now: Instant) -> [Effect] {
    forgetFrame()
    damagedInARow = 0
    commands = []
    phase = .idle
    due = Heartbeat.next(after: now)
    restsUntil = now + timing.betweenCommands
    return []
  }
}
