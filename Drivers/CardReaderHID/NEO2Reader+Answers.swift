// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Wire

// The way back: what an answer of the reader says of reader and card.

extension NEO2Reader {
  mutating func heard(_ answer: NEO2Answer, _ flight: Flight, at now: Instant) -> [Effect] {
    if !isAnswer(answer, to: flight.command) {
      counters.lateAnswers += 1
      return []
    }
    if answer.status == NEO2Status.wrongCheck { return misheard(flight, at: now) }
    self.flight = nil
    switch flight.command {
    case .ping:
      pings = 0
      isInStep = true
    case .enter: return entered(answer.status, at: now)
    case .leave:
      losses = 0
      isPassing = false
    case .powerOff:
      losses = 0
      isPowered = false
      if answer.status == NEO2Status.notAllowed { isPassing = false }
    case .reset(let purpose): return wasReset(purpose, answer, at: now)
    case .exchange, .verify: return exchanged(answer, at: now)
    }
    return proceed(at: now)
  }

  /// An answer names the command's group alone. What is of another shape than the command's answers
  /// is one to an earlier command.
  private func isAnswer(_ answer: NEO2Answer, to command: Command) -> Bool {
    let group = command == .ping ? NEO2Code.ping : NEO2Code.passThrough
    if answer.command != group { return false }
    if answer.status != NEO2Status.ok { return true }
    switch command {
    case .ping, .enter, .leave, .powerOff: return answer.data.isEmpty
    case .reset, .exchange, .verify: return !answer.data.isEmpty
    }
  }

  /// The reader found the check bytes wrong and has done nothing: once more, the other way round.
  private mutating func misheard(_ flight: Flight, at now: Instant) -> [Effect] {
    if flight.command == .ping { return lost(.ping, .answerLost, at: now) }
    isCheckHighFirst.toggle()
    if !flight.isSwapped { return send(flight.command, isSwapped: true, at: now) }
    switch flight.command {
    case .exchange, .verify:
      self.flight = nil
      hasSession = false
      return finish(.chipFault(.refused(status: NEO2Status.wrongCheck)), at: now)
    case .ping, .enter, .leave, .reset, .powerOff:
      return lost(flight.command, .answerLost, at: now)
    }
  }

  private mutating func entered(_ status: UInt8, at now: Instant) -> [Effect] {
    losses = 0
    if status == NEO2Status.ok {
      isPassing = true
      if isGreeted { return proceed(at: now) }
      isGreeted = true
      isToldSilent = false
      lookAt = now
      return [.report(.ready(identity))] + proceed(at: now)
    }
    if !isGreeted {
      forget()
      phase = .useless
      return [.report(.unavailable(.noPassThrough))]
    }
    lookAt = now + timing.poll
    return job == nil
      ? proceed(at: now) : finish(.chipFault(.refused(status: status)), at: now)
  }

  private mutating func wasReset(
    _ purpose: Reset, _ answer: NEO2Answer, at now: Instant
  ) -> [Effect] {
    // Whatever came of it, the reader has tried to give the card power.
    isPowered = true
    switch answer.status {
    case NEO2Status.failed: return noCard(purpose, at: now)
    case NEO2Status.notAllowed:
      // The reader has forgotten its mode: somebody has reset it.
      isPassing = false
      isPowered = false
      return resetFailed(purpose, .refused(status: answer.status), at: now)
    case NEO2Status.ok: break
    case NEO2Status.timedOut: return resetFailed(purpose, .noATR, at: now)
    default: return resetFailed(purpose, .refused(status: answer.status), at: now)
    }
    if purpose != .order { return seated(purpose, at: now) }
    do throws(AnswerToReset.Refusal) {
      let atr = try AnswerToReset(answer.data)
      hasSession = true
      isTold = true
      return finish(.powered(atr), at: now)
    } catch {
      return resetFailed(purpose, .badATR(error), at: now)
    }
  }

  /// A reset did not end as it should.
  mutating func resetFailed(_ purpose: Reset, _ fault: ChipFault, at now: Instant) -> [Effect] {
    switch purpose {
    case .look:
      // A mute card is a card. What the reader refused or did not answer says nothing.
      if fault == .noATR, isInStep { return seated(.look, at: now) }
      isLookedAt = true
      lookAt = now + timing.poll
      return proceed(at: now)
    case .examine:
      return seated(.examine, at: now)
    case .order:
      guard case .powerOn(let tries) = job else { return proceed(at: now) }
      if tries + 1 < NEO2Reader.resetLimit {
        job = .powerOn(tries: tries + 1)
        return proceed(at: now)
      }
      return finish(.chipFault(fault), at: now)
    }
  }

  /// There is a card in the slot.
  private mutating func seated(_ purpose: Reset, at now: Instant) -> [Effect] {
    lookAt = now + timing.poll
    isLookedAt = true
    if let suspicion {
      self.suspicion = nil
      return finish(.chipFault(suspicion), at: now)
    }
    if isTold || !accepts || purpose != .look { return proceed(at: now) }
    isTold = true
    return [.report(.cardInserted)] + proceed(at: now)
  }

  /// There is none.
  private mutating func noCard(_ purpose: Reset, at now: Instant) -> [Effect] {
    lookAt = now + timing.poll
    let wasTold = isTold
    // Of a reader that has just come the core does not know that its slot is empty: the card of an
    // earlier transaction may have been left in it, and is asked to come out.
    let isNews = wasTold || !isLookedAt && purpose == .look
    isTold = false
    isLookedAt = true
    suspicion = nil
    let removal: [Effect] = isNews ? [.report(.cardRemoved)] : []
    switch purpose {
    case .look: return removal + proceed(at: now)
    case .order, .examine:
      let end = finish(.chipFault(wasTold ? .removed : .noCard), at: now)
      return [end[0]] + removal + end[1...]
    }
  }

  /// What the card did with a command is open: before that is said the slot is looked at.
  mutating func suspect(_ fault: ChipFault) {
    suspicion = fault
    hasSession = false
    // The block is not needed any more.
    if case .verify(let block) = job { job = .verify(HeldBlock(number: block.number, [])) }
  }

  private mutating func exchanged(_ answer: NEO2Answer, at now: Instant) -> [Effect] {
    switch answer.status {
    case NEO2Status.ok: return responded(answer.data, at: now)
    case NEO2Status.timedOut:
      suspect(.mute)
      return proceed(at: now)
    case NEO2Status.failed:
      suspect(.answerLost)
      return proceed(at: now)
    case NEO2Status.notAllowed:
      isPassing = false
      isPowered = false
      hasSession = false
      return finish(.chipFault(.refused(status: answer.status)), at: now)
    default: return finish(.chipFault(.refused(status: answer.status)), at: now)
    }
  }

  /// The card's response: a T=0 card may say first how long it is (ISO/IEC 7816-3, 12.2.1).
  private mutating func responded(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    guard let response = ResponseAPDU(bytes) else { return garbled(at: now) }
    guard case .transmit(var exchange) = job else {
      return finish(.responded(response), at: now)
    }
    let length = UInt8(truncatingIfNeeded: response.statusWord)
    switch response.statusWord >> 8 {
    case 0x61:
      exchange.isCorrected = false
      exchange.gathered = SecretBytes(exchange.gathered.exposed + response.exposed)
      return followUp(exchange, CommandAPDU([0x00, 0xC0, 0x00, 0x00, length]), at: now)
    case 0x6C:
      if exchange.isCorrected { return garbled(at: now) }
      exchange.isCorrected = true
      return followUp(exchange, exchange.command.expecting(length), at: now)
    default:
      if exchange.gathered.count == 0 { return finish(.responded(response), at: now) }
      let whole = ResponseAPDU(exchange.gathered.exposed + bytes)
      return whole.map { finish(.responded($0), at: now) } ?? garbled(at: now)
    }
  }

  private mutating func followUp(
    _ exchange: Exchange, _ command: CommandAPDU?, at now: Instant
  ) -> [Effect] {
    var exchange = exchange
    exchange.rounds += 1
    guard let command, exchange.rounds <= NEO2Reader.roundLimit,
      exchange.gathered.count <= ResponseAPDU.countLimit - 2
    else { return garbled(at: now) }
    exchange.command = command
    job = .transmit(exchange)
    return proceed(at: now)
  }

  /// No card may say that; the card loses its power, since nobody knows what it is at.
  private mutating func garbled(at now: Instant) -> [Effect] {
    hasSession = false
    return finish(.chipFault(.answerLost), at: now)
  }
}
