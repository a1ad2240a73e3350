// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Wire

// The way out: commands, and what becomes of them when no answer comes.

extension NEO2Reader {
  mutating func send(_ command: Command, isSwapped: Bool = false, at now: Instant) -> [Effect] {
    flight = Flight(command: command, isSwapped: isSwapped, until: now + limit(of: command))
    switch command {
    case .ping: return write(NEO2Code.ping, 0x01, [])
    case .enter: return write(NEO2Code.passThrough, 0x01, [0x01])
    case .leave: return write(NEO2Code.passThrough, 0x01, [0x00])
    case .reset: return write(NEO2Code.passThrough, 0x12, [NEO2Code.contactSlot])
    case .powerOff: return write(NEO2Code.passThrough, 0x18, [NEO2Code.contactSlot])
    case .exchange(let command):
      return write(NEO2Code.passThrough, 0x13, [NEO2Code.contactSlot] + command.exposed)
    case .verify(let block): return handOver(block)
    }
  }

  private func limit(of command: Command) -> Interval {
    switch command {
    case .ping, .enter, .leave, .powerOff: timing.control
    case .reset: timing.reset
    case .exchange, .verify: timing.exchange
    }
  }

  private func write(_ command: UInt8, _ subCommand: UInt8, _ data: [UInt8]) -> [Effect] {
    let message = NEO2Frame.command(
      command, subCommand, data,
      isCheckHighFirst: command == NEO2Code.passThrough && isCheckHighFirst)
    return NEO2Report.reports(of: message).map { .link(.write($0)) }
  }

  /// VERIFY, plaintext (EMV Book 3, 6.5.12): 00 20 00 80 08 and the block, in one report.
  private func handOver(_ block: HeldBlock) -> [Effect] {
    var data: [UInt8] = [NEO2Code.contactSlot, 0x00, 0x20, 0x00, 0x80, 0x08]
    data += block.handOver()
    var message = NEO2Frame.command(
      NEO2Code.passThrough, 0x13, data, isCheckHighFirst: isCheckHighFirst)
    var report = NEO2Report.reports(of: message)[0]
    let held = HeldBlock(number: block.number, report)
    for index in data.indices { data[index] = 0 }
    for index in message.indices { message[index] = 0 }
    for index in report.indices { report[index] = 0 }
    return [.link(.handOver(held))]
  }

  /// No answer came, or none that can be read: reader and driver are out of step.
  mutating func lost(_ command: Command, _ reason: ChipFault, at now: Instant) -> [Effect] {
    flight = nil
    isInStep = false
    switch command {
    case .ping:
      pings += 1
      if pings >= NEO2Reader.pingLimit { return fallSilent(at: now) }
    case .enter, .leave, .powerOff:
      losses += 1
      if losses >= NEO2Reader.repeatLimit { return fallSilent(at: now) }
    case .reset(let purpose):
      return resetFailed(purpose, .noATR, at: now)
    case .exchange, .verify:
      suspect(reason)
    }
    return proceed(at: now)
  }

  private mutating func fallSilent(at now: Instant) -> [Effect] {
    let isNews = !isToldSilent
    forget()
    isToldSilent = true
    phase = .silent(until: now + timing.silence)
    return isNews ? [.report(.unavailable(.silent))] : []
  }
}
