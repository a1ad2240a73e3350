// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// Good frames, and what they mean for the command in flight.

extension PINPadSerial {
  mutating func took(_ frame: VISAFrame, at now: Instant) -> [Effect] {
    let answer = PadAnswer(frame)
    switch phase {
    case .down:
      return []
    case .awaiting(let command, _, _), .sending(let command, _):
      return took(frame, answer, for: command, at: now)
    case .cancelling(let reason, _):
      switch answer {
      case .pin, .error:
        // The answer crossed our cancel: it is taken from the line and dropped.
        return [PINPadSerial.acknowledge] + cancelled(reason, at: now)
      case .serial, .slot, .selected, .keyRefused, .initialKey, .prompted, .mac, .moreData,
        .macError, .nullPIN, .other:
        return late(frame)
      }
    case .resyncing, .idle, .silent, .closing:
      return late(frame)
    }
  }

  /// A good frame that answers nothing. Of a key the acknowledgement would say that it is to be
  /// stored: the pad is told to forget it instead.
  private mutating func late(_ frame: VISAFrame) -> [Effect] {
    counters.lateAnswers += 1
    damagedInARow = 0
    return [isEcho(frame) ? PINPadSerial.end : PINPadSerial.acknowledge]
  }

  private func isEcho(_ frame: VISAFrame) -> Bool {
    frame.isAdministrative && frame.message.starts(with: [0x30, 0x32])
      && frame.message.dropFirst(2).first != 0x3F
  }

  /// An ACK may be lost; the answer says as much.
  private mutating func took(
    _ frame: VISAFrame, _ answer: PadAnswer, for command: PadCommand, at now: Instant
  ) -> [Effect] {
    switch (command, answer) {
    case (.serial, .serial(let serial)):
      self.serial = serial
      return answered(command, at: now)
    case (.query(let slot), .slot(let usage, let mode)):
      slots.removeAll { $0.slot == slot }
      slots.append(PadKeyState(slot: slot, usage: usage, mode: mode))
      hasNewSlots = true
      return answered(command, at: now)
    case (.selectSlot, .selected(true)), (.prompt, .prompted(true)):
      return answered(command, at: now)
    case (.selectSlot, .selected(false)):
      return failed(.refused(code: 0x31), command, at: now)
    case (.prompt, .prompted(false)):
      order = nil
      return [PINPadSerial.acknowledge, .report(.noPIN(.promptUnknown))] + quieten(at: now)
    case (.askPIN, .nullPIN):
      // Not offered; whoever enters nothing has given up.
      order = nil
      return [PINPadSerial.acknowledge, .report(.noPIN(.cancelled))] + quieten(at: now)
    case (.askPIN, .pin(let pin)):
      order = nil
      return [PINPadSerial.acknowledge, .report(.pinEntered(pin))] + quieten(at: now)
    case (.askPIN(let prompt), .error(let code)):
      order = nil
      let trouble = PINPadSerial.trouble(code, isSession: prompt.session != nil)
      if trouble != nil { isReported = false }
      let report = trouble.map { PINPadReport.unavailable($0) } ?? .noPIN(.refused(code: code))
      return [PINPadSerial.acknowledge, .report(report)] + quieten(at: now)
    case (.load(.slot, _), .keyRefused(let code)), (.mac, .macError(let code)):
      return failed(.refused(code: code), command, at: now)
    case (.load(.set, _), .initialKey(let refusal)):
      guard let refusal else { return answered(command, at: now) }
      return failed(.refused(code: refusal), command, at: now)
    case (.load(.slot, _), _):
      return echoed(frame, command, at: now)
    case (.mac(let request, let packet), .moreData):
      if PadCommand.isLast(request, packet) { return late(frame) }
      commands = [.mac(request, packet: packet + 1)]
      return answered(command, at: now)
    case (.mac(let request, let packet), .mac(let code)):
      if !PadCommand.isLast(request, packet) { return late(frame) }
      order = nil
      return [PINPadSerial.acknowledge, .report(.authenticated(code))] + quieten(at: now)
    case (.askPIN, .other) where frame.message.starts(with: [0x37, 0x31]):
      return unreadable(at: now)
    case (.probe, _), (.serial, _), (.query, _), (.selectSlot, _), (.load, _), (.selectSet, _),
      (.prompt, _), (.askPIN, _), (.mac, _):
      return late(frame)
    }
  }

  /// The pad reads back the whole key; only the host can see that it arrived as it was sent, since
  /// the exclusive-or does not see two equal changes.
  private mutating func echoed(
    _ frame: VISAFrame, _ command: PadCommand, at now: Instant
  ) -> [Effect] {
    if frame == command.frame { return answered(command, at: now) }
    if !isEcho(frame) { return late(frame) }
    return [PINPadSerial.end] + giveUpOrder(.echoDiffers) + beginResync(at: now)
  }

  /// A frame that passes the LRC and cannot be an answer: asked for again.
  private mutating func unreadable(at now: Instant) -> [Effect] {
    counters.damagedFrames += 1
    damagedInARow += 1
    if damagedInARow < PINPadSerial.sendLimit { return [PINPadSerial.refuse] }
    return [PINPadSerial.end] + giveUpOrder(.silent) + beginResync(at: now)
  }

  private mutating func failed(
    _ reason: NoKey, _ command: PadCommand, at now: Instant
  ) -> [Effect] {
    commands = []
    let effects = giveUpOrder(reason)
    return [PINPadSerial.acknowledge] + effects + close(command, at: now)
  }

  private mutating func answered(_ command: PadCommand, at now: Instant) -> [Effect] {
    damagedInARow = 0
    return [PINPadSerial.acknowledge] + done(command, at: now)
  }

  /// The command has its answer; a key that lies in a slot now is looked at.
  mutating func done(_ command: PadCommand, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    switch command {
    case .load(let place, _):
      order = nil
      effects.append(.report(.keyLoaded(place)))
      switch place {
      case .slot(let slot):
        if settings.slots.contains(slot) { commands = [.query(slot)] }
      case .set: effects += setsChanged()
      }
    case .selectSet(let number):
      order = nil
      effects.append(.report(.setSelected(number)))
      effects += setsChanged()
    case .probe, .serial, .query, .selectSlot, .prompt, .askPIN, .mac:
      break
    }
    return effects + close(command, at: now)
  }

  private mutating func close(_ command: PadCommand, at now: Instant) -> [Effect] {
    if command.hasTrailingEnd {
      phase = .closing
      due = now + timing.trailingEnd
      return []
    }
    return settle(at: now)
  }

  /// The exchange is over: the next command follows, or the pad is ready.
  mutating func settle(at now: Instant) -> [Effect] {
    phase = .idle
    restsUntil = now + timing.betweenCommands
    if !commands.isEmpty {
      due = restsUntil
      return []
    }
    due = Heartbeat.next(after: now)
    var effects: [Effect] = []
    if isFinding || hasNewSlots { effects += found() }
    isFinding = false
    if let order {
      commands = steps(of: order)
      due = restsUntil
    }
    return effects
  }

  /// Whether every slot that matters has its key.
  private var isComplete: Bool {
    settings.slots.allSatisfy { wanted in
      slots.contains { $0.slot == wanted && $0.isLoaded }
    }
  }

  /// What was found at the pad, told when it is new.
  private mutating func found() -> [Effect] {
    var effects: [Effect] = []
    if hasNewSlots { effects.append(.report(.keys(slots))) }
    hasNewSlots = false
    if isReported == isComplete, isReported { return effects }
    isReported = isComplete
    effects.append(.report(isComplete ? .ready(serial: serial) : .unavailable(.keyMissing)))
    return effects
  }

  /// A pad that had no DUKPT keys, or none any more, may have some now; it does not tell, but for
  /// its answer to the next PIN.
  private mutating func setsChanged() -> [Effect] {
    if isReported || settings.pinSlot != nil || !isComplete { return [] }
    isReported = true
    return [.report(.ready(serial: serial))]
  }

  /// PP791 9.7 and 9.8: no key, or the limit of transactions; the other codes name a field of the
  /// request.
  private static func trouble(_ code: UInt8, isSession: Bool) -> PINPadTrouble? {
    switch (code, isSession) {
    case (0x41, false), (0x31, true), (0x39, true): .keyMissing
    case (0x46, false): .keysExhausted
    default: nil
    }
  }
}
