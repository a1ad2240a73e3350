// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

extension PINPadSerial {
  private static let acknowledge = Effect.link(.write([0x06]))
  private static let refuse = Effect.link(.write([0x15]))
  private static let end = Effect.link(.write([0x04]))

  mutating func received(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for byte in bytes {
      if let token = scanner.take(byte) { effects += took(token, at: now) }
    }
    switch phase {
    case .resyncing:
      deadline = now + timing.quiet
    case .awaitingPIN, .idle:
      if scanner.isInside { deadline = earlier(deadline, now + timing.betweenBytes) }
    case .down, .probing, .askingSerial, .closingSerial, .silent, .sendingPrompt, .cancelling:
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
    case .probing:
      return sendSerialRequest(sends: 1, at: now)
    case .askingSerial(let sends, false):
      phase = .askingSerial(sends: sends, isAcknowledged: true)
      deadline = now + timing.answer
      return []
    case .sendingPrompt(let prompt, _):
      let digit = max(1, min(9, Int64(prompt.seconds / 30)))
      let padLimit = now + .seconds(digit * 30)
      phase = .awaitingPIN(padGivesUpAt: padLimit)
      deadline = padLimit + timing.margin
      return []
    case .cancelling(let reason, _):
      return [.report(.noPIN(reason))] + quieten(at: now)
    case .down, .resyncing, .askingSerial, .closingSerial, .idle, .silent, .awaitingPIN:
      return []
    }
  }

  private mutating func refused(at now: Instant) -> [Effect] {
    switch phase {
    case .probing(let sends): return sendProbe(sends: sends + 1, at: now)
    case .askingSerial(let sends, false): return sendSerialRequest(sends: sends + 1, at: now)
    case .sendingPrompt(let prompt, let sends): return resend(prompt, sends, at: now)
    case .down, .resyncing, .askingSerial, .closingSerial, .idle, .silent, .awaitingPIN,
      .cancelling:
      return []
    }
  }

  private mutating func ended(at now: Instant) -> [Effect] {
    switch phase {
    case .awaitingPIN(let padLimit):
      // The pad ends the entry in the same way when the cardholder cancels and when its own time
      // is over; only the moment tells the two apart.
      let reason: NoPIN = now + .seconds(1) >= padLimit ? .timedOut : .cancelled
      return [.report(.noPIN(reason))] + quieten(at: now)
    case .sendingPrompt:
      return [.report(.noPIN(.cancelled))] + quieten(at: now)
    case .cancelling(let reason, _):
      return [.report(.noPIN(reason))] + quieten(at: now)
    case .closingSerial:
      return becomeIdle(at: now)
    case .down, .resyncing, .probing, .askingSerial, .idle, .silent:
      return []
    }
  }

  private mutating func damaged(at now: Instant) -> [Effect] {
    counters.damagedFrames += 1
    damagedInARow += 1
    switch phase {
    case .down, .resyncing, .silent: return []
    case .probing, .askingSerial, .closingSerial, .idle, .sendingPrompt, .awaitingPIN,
      .cancelling:
      break
    }
    if damagedInARow < PINPadSerial.sendLimit { return [PINPadSerial.refuse] }
    // PP791, section 4: the third bad frame in a row ends the session.
    let effects = endEntry(.silent)
    return [PINPadSerial.end] + effects + beginResync(at: now)
  }

  private mutating func took(_ frame: VISAFrame, at now: Instant) -> [Effect] {
    let answer = PadAnswer(frame)
    switch (phase, answer) {
    case (.askingSerial, .serial(let serial)):
      self.serial = serial
      phase = .closingSerial
      deadline = now + timing.trailingEnd
      return [PINPadSerial.acknowledge]
    case (.awaitingPIN, .pin(let pin)), (.sendingPrompt, .pin(let pin)):
      return [PINPadSerial.acknowledge, .report(.pinEntered(pin))] + quieten(at: now)
    case (.awaitingPIN, .error(let code)), (.sendingPrompt, .error(let code)):
      return [PINPadSerial.acknowledge] + failed(code) + quieten(at: now)
    case (.cancelling(let reason, _), .pin), (.cancelling(let reason, _), .error):
      // The answer crossed our cancel: it is taken from the line and dropped.
      return [PINPadSerial.acknowledge, .report(.noPIN(reason))] + quieten(at: now)
    case (.down, _):
      return []
    case (.awaitingPIN, .other) where frame.message.starts(with: [0x37, 0x31]):
      // A frame that passes the LRC and cannot be an answer: asked for again.
      counters.damagedFrames += 1
      damagedInARow += 1
      if damagedInARow < PINPadSerial.sendLimit { return [PINPadSerial.refuse] }
      return [PINPadSerial.end, .report(.noPIN(.silent))] + beginResync(at: now)
    case (.resyncing, _), (.probing, _), (.askingSerial, _), (.closingSerial, _), (.idle, _),
      (.silent, _), (.sendingPrompt, _), (.awaitingPIN, _), (.cancelling, _):
      counters.lateAnswers += 1
      return [PINPadSerial.acknowledge]
    }
  }

  /// PP791 9.8: A no key, F the limit of transactions; the others name a field of the request.
  private func failed(_ code: UInt8) -> [Effect] {
    switch code {
    case 0x41: [.report(.noPIN(.refused(code: code))), .report(.unavailable(.keyMissing))]
    case 0x46: [.report(.noPIN(.refused(code: code))), .report(.unavailable(.keysExhausted))]
    default: [.report(.noPIN(.refused(code: code)))]
    }
  }

  mutating func wake(at now: Instant) -> [Effect] {
    switch phase {
    case .down, .idle:
      deadline = nil
      if scanner.isInside {
        scanner.reset()
        return damaged(at: now)
      }
      if let prompt = waiting {
        waiting = nil
        return sendPrompt(prompt, sends: 1, at: now)
      }
      return []
    case .resyncing(let limit):
      // Noise that never ends must not keep the pad out of use.
      if now < limit, scanner.isInside { scanner.reset() }
      return isReported ? becomeIdle(at: now) : sendProbe(sends: 1, at: now)
    case .probing(let sends):
      return sendProbe(sends: sends + 1, at: now)
    case .askingSerial(let sends, _):
      return sendSerialRequest(sends: sends + 1, at: now)
    case .closingSerial:
      return becomeIdle(at: now)
    case .silent:
      return beginResync(at: now)
    case .sendingPrompt(let prompt, let sends):
      return resend(prompt, sends, at: now)
    case .awaitingPIN(let padLimit):
      if now < padLimit + timing.margin {
        deadline = padLimit + timing.margin
        if !scanner.isInside { return [] }
        scanner.reset()
        return damaged(at: now)
      }
      return sendCancel(.silent, at: now)
    case .cancelling(let reason, _):
      return [.report(.noPIN(reason))] + loseTrust(at: now)
    }
  }

  private mutating func resend(
    _ prompt: PINPrompt, _ sends: Int, at now: Instant
  ) -> [Effect] {
    if sends < PINPadSerial.sendLimit {
      counters.repeats += 1
      return sendPrompt(prompt, sends: sends + 1, at: now)
    }
    return [PINPadSerial.end, .report(.noPIN(.silent))] + loseTrust(at: now)
  }

  /// The pad did not answer as it must: it has to prove again that it is there.
  private mutating func loseTrust(at now: Instant) -> [Effect] {
    isReported = false
    return beginResync(at: now)
  }

  /// After an entry the line is left alone for the gap that pads need between commands.
  private mutating func quieten(at now: Instant) -> [Effect] {
    scanner.reset()
    damagedInARow = 0
    phase = .idle
    deadline = waiting == nil ? nil : now + timing.betweenCommands
    return []
  }

  private mutating func sendProbe(sends: Int, at now: Instant) -> [Effect] {
    if sends > PINPadSerial.sendLimit { return fallSilent(at: now) }
    phase = .probing(sends: sends)
    deadline = now + timing.answer
    return [.link(.write(VISAFrame(isAdministrative: true, message: [0x31, 0x31]).bytes))]
  }

  private mutating func sendSerialRequest(sends: Int, at now: Instant) -> [Effect] {
    if sends > PINPadSerial.sendLimit { return fallSilent(at: now) }
    phase = .askingSerial(sends: sends, isAcknowledged: false)
    deadline = now + timing.acknowledgement
    return [.link(.write(VISAFrame(isAdministrative: true, message: [0x30, 0x36]).bytes))]
  }

  private mutating func fallSilent(at now: Instant) -> [Effect] {
    let effects = endEntry(.silent)
    phase = .silent
    isReported = false
    deadline = now + timing.retry
    return effects + [.report(.unavailable(.silent))]
  }

  private mutating func becomeIdle(at now: Instant) -> [Effect] {
    phase = .idle
    deadline = waiting == nil ? nil : now + timing.betweenCommands
    if isReported { return [] }
    isReported = true
    return [.report(.ready(serial: serial))]
  }
}
