// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto

extension PINPadModel {
  private static let separator: UInt8 = 0x1C

  /// Executes a message; what the pad does not know it does not answer (PP791, section 4).
  mutating func execute(
    _ message: [UInt8], isAdministrative: Bool, at now: Instant
  ) -> [Effect] {
    let number = String(decoding: message.prefix(2), as: UTF8.self)
    if !isAdministrative, message == Array("72".utf8) { return cancelled() }
    if case .entering = phase { return [] }
    keys.noteMessage(isForKeys: ["02", "90", "94", "08", "96"].contains(number), at: now)
    let fields = Array(message.dropFirst(2))
    if isAdministrative { return administer(number, message, fields, at: now) }
    switch number {
    case "Z2": return prompt(fields, at: now)
    case "Z6":
      if message.starts(with: Array("Z60.".utf8)) {
        return beginEntry(Array(message.dropFirst(4)), at: now)
      }
      return message.starts(with: Array("Z66".utf8))
        ? authenticate(Array(message.dropFirst(3)), at: now) : []
    case "90", "94":
      let code = keys.loadInitial(fields, set: number == "90" ? 0 : 1)
      let outcome: [UInt8] = code == 0x30 ? [0x30] : [0x31, code]
      return answer(Array("91".utf8) + outcome, isAdministrative: false, at: now)
    case "96":
      guard fields == [0x30] || fields == [0x31] else { return [] }
      keys.select(set: Int(fields[0] - 0x30))
      return [.send(PINPadModel.acknowledge)]
    default: return []
    }
  }

  private mutating func administer(
    _ number: String, _ message: [UInt8], _ fields: [UInt8], at now: Instant
  ) -> [Effect] {
    switch number {
    case "11": return [.send(PINPadModel.acknowledge)]
    case "06":
      return answer(message + identification, isAdministrative: true, then: .end, at: now)
    case "02": return load(message, fields, at: now)
    case "04":
      guard let slot = fields.first else { return [] }
      return answer(
        Array("04".utf8) + query(slot, isDetailed: fields.count > 1), isAdministrative: true,
        then: .end, at: now)
    case "08":
      guard fields.count == 1 else { return [] }
      // An empty slot is selected as well as a full one.
      let isSlot = (0x30...0x39).contains(fields[0])
      if isSlot { keys.selected = fields[0] }
      return answer(
        Array("08".utf8) + [isSlot ? 0x30 : 0x31], isAdministrative: true, then: .end, at: now)
    default: return []
    }
  }

  private func query(_ slot: UInt8, isDetailed: Bool) -> [UInt8] {
    guard let key = keys.slots[slot] else { return [0x30] }
    if !isDetailed { return [0x46] }
    return [0x46] + key.usage + [PINPadModel.separator, key.mode, PINPadModel.separator, 0x54]
  }

  /// 02: the key's frame goes back as it came, and the key is stored when the host has found it
  /// unchanged.
  private mutating func load(
    _ message: [UInt8], _ fields: [UInt8], at now: Instant
  ) -> [Effect] {
    guard let slot = fields.first else { return [.send(PINPadModel.end)] }
    let content = Array(fields.dropFirst())
    let isBlock =
      content.first.flatMap { KeyBlockVersion(rawValue: $0) } != nil
      && content.count > 48
    do throws(PadSlots.Refusal) {
      let key: PadSlot
      if isBlock {
        key = try keys.slots.opened(content, for: slot)
      } else if keys.isInjecting {
        key = try keys.slots.injected(content, for: slot)
      } else {
        // A clear key outside of the mode for it is a format that is not taken.
        return [.send(PINPadModel.end)]
      }
      return answer(
        message, isAdministrative: true, then: .store(key, slot, isClear: !isBlock), at: now)
    } catch {
      return answer(
        Array("02?".utf8) + [error.code], isAdministrative: true, then: .end, at: now)
    }
  }

  private mutating func cancelled() -> [Effect] {
    macSession = nil
    if case .entering = phase {
      rest()
      return [.send(PINPadModel.end)]
    }
    rest()
    return [.send(PINPadModel.acknowledge)]
  }
}
