// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PINPadCrypto
import PaymentCrypto
import Wire

/// A PIN entry under way.
struct PadEntry: Hashable, Sendable {
  /// The account's digits.
  var account: [UInt8]
  /// The key of master and session; without one the pad's DUKPT keys encrypt.
  var session: PINKey?
  /// What has been typed.
  var digits: [UInt8] = []
}

extension PINPadModel {
  /// The prompts of the pad's own table that may ask for a PIN.
  private static let pinPrompts = ["001"]
  /// Those that may ask for something else.
  private static let otherPrompts = ["101"]

  /// Z2 RS: the pad shows a prompt of its own, and may then be asked for a PIN.
  mutating func prompt(_ fields: [UInt8], at now: Instant) -> [Effect] {
    guard let kind = fields.first, kind == 0x1E || kind == 0x1D else {
      return [.send(PINPadModel.acknowledge)]
    }
    let number = String(decoding: fields.dropFirst().prefix(3), as: UTF8.self)
    let known = kind == 0x1E ? PINPadModel.pinPrompts : PINPadModel.otherPrompts
    let isKnown = known.contains(number)
    return answer(
      Array("Z2".utf8) + [isKnown ? 0x30 : 0x31], isAdministrative: false,
      then: isKnown && kind == 0x1E ? .prompted : .nothing, at: now)
  }

  /// Z60: account, perhaps a session key, perhaps a time-out digit of 30 s each.
  mutating func beginEntry(_ fields: [UInt8], at now: Instant) -> [Effect] {
    if !isPrompted { return [.send(PINPadModel.acknowledge), .send(PINPadModel.end)] }
    let parts = fields.split(separator: 0x1C, omittingEmptySubsequences: false).map { Array($0) }
    let account = parts[0]
    let hasSession = parts.count > 1 && parts[1].count >= 16
    let digit = parts.count > (hasSession ? 2 : 1) ? parts[hasSession ? 2 : 1] : [0x39]
    if let refusal = error(account, digit) { return refuse(refusal, at: now) }
    var entry = PadEntry(account: account)
    if hasSession {
      switch session(parts[1]) {
      case .success(let key): entry.session = key
      case .failure(let refusal): return refuse(refusal.code, at: now)
      }
    } else if keys.remaining == nil {
      return refuse(0x41, at: now)
    }
    let until = now + .seconds(Int64(digit[0] - 0x30) * 30)
    phase = .entering(entry, until: until)
    deadline = until
    return [.send(PINPadModel.acknowledge), .awaitingPIN]
  }

  private mutating func refuse(_ code: UInt8, at now: Instant) -> [Effect] {
    answer([0x37, 0x31, code], isAdministrative: false, at: now)
  }

  private func error(_ account: [UInt8], _ timeout: [UInt8]) -> UInt8? {
    if account.isEmpty { return 0x30 }
    if account.count < 8 { return 0x32 }
    if account.count > 19 { return 0x33 }
    if !account.allSatisfy({ (0x30...0x39).contains($0) }) { return 0x34 }
    if timeout.count != 1 || !(0x31...0x39).contains(timeout[0]) { return 0x36 }
    return nil
  }

  /// The key that encrypts the block: the session key under the selected master key, or the
  /// selected PIN key itself, for which the field has zeros.
  private func session(_ digits: [UInt8]) -> Result<PINKey, PadSlots.Refusal> {
    func refusal(_ code: UInt8) -> Result<PINKey, PadSlots.Refusal> {
      .failure(PadSlots.Refusal(code: code))
    }
    guard [16, 32].contains(digits.count), let wrapped = try? Hex.decode(digits),
      let algorithm = KeyLengths.algorithm(wrapped.count)
    else { return refusal(0x35) }
    guard let selected = keys.selected else { return refusal(0x39) }
    guard let slot = keys.slots[selected] else { return refusal(0x39) }
    let isZero = wrapped.allSatisfy { $0 == 0 }
    switch slot.content {
    case .pin(let key): return isZero ? .success(key) : refusal(0x31)
    case .keyEncryption(let master):
      if isZero || algorithm.strength > master.algorithm.strength { return refusal(0x31) }
      guard let key: PINKey = try? master.unwrap(wrapped, algorithm) else { return refusal(0x31) }
      return .success(key)
    case .mac, .data: return refusal(0x31)
    }
  }

  mutating func pressed(_ key: PadKey, at now: Instant) -> [Effect] {
    guard case .entering(var entry, let until) = phase else { return [] }
    switch key {
    case .digit(let digit):
      if entry.digits.count < 12 { entry.digits.append(digit) }
    case .clear:
      entry.digits = []
    case .cancel:
      rest()
      return [.send(PINPadModel.end)]
    case .enter:
      if let pin = ClearPIN(entry.digits) { return encrypt(pin, entry, at: now) }
    }
    phase = .entering(entry, until: until)
    return []
  }

  private mutating func encrypt(
    _ pin: ClearPIN, _ entry: PadEntry, at now: Instant
  ) -> [Effect] {
    isPrompted = false
    guard let block = try? PINBlock.format0(pin, pan: entry.account) else {
      return send([0x37, 0x31, 0x34], isAdministrative: false, at: now)
    }
    if let session = entry.session {
      guard let cipher = try? session.encipher(block) else {
        return send([0x37, 0x31, 0x31], isAdministrative: false, at: now)
      }
      encryptedPINs += 1
      let length = [0x30 + UInt8(pin.count) / 10, 0x30 + UInt8(pin.count) % 10]
      let message = Array("71.0".utf8) + length + Array("01".utf8) + Hex.encode(cipher)
      return send(message, isAdministrative: false, at: now)
    }
    let next: (serial: KeySerialNumber, key: TDESTransactionKey)?
    do throws(CryptoFault) {
      next = try keys.next()
    } catch {
      return send([0x37, 0x31, 0x46], isAdministrative: false, at: now)
    }
    guard let next, let cipher = try? next.key.pinKey.encipher(block) else {
      return send([0x37, 0x31, 0x41], isAdministrative: false, at: now)
    }
    encryptedPINs += 1
    let serialDigits = Array(Hex.encode(next.serial.bytes).drop { $0 == 0x46 })
    let message = [0x37, 0x31, 0x30] + serialDigits + Hex.encode(cipher)
    return send(message, isAdministrative: false, at: now)
  }
}
