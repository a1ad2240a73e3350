// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import PaymentCrypto
import Wire

extension TestCard {
  /// EXTERNAL AUTHENTICATE (EMV 4.4 Book 3, 6.5.4), once in a transaction.
  mutating func externalAuthenticate(_ command: CommandBytes) -> [UInt8] {
    guard command.first == 0, command.second == 0 else { return status(.wrongParameters) }
    guard let index = session.selected, session.transaction.firstType == .online,
      session.transaction.secondType == nil,
      applications[index].profile.interchange[0] & 0x04 != 0
    else { return status(.conditionsNotMet) }
    guard (8...16).contains(command.data.count), !command.hasExpectedLength else {
      return status(.wrongLength)
    }
    session.transaction.proofs += 1
    if session.transaction.proofs > 1 || has(.issuerRefused) {
      return status(.conditionsNotMet)
    }
    if has(.issuerWrongLength) {
      session.transaction.proof = .failed
      return status(.wrongLength)
    }
    session.transaction.proof = has(.issuerNotAuthentic) ? .failed : proof(command.data, index)
    return status(session.transaction.proof == .failed ? .notAuthentic : .done)
  }

  /// A card without EXTERNAL AUTHENTICATE finds 91 in the data of the second cryptogram.
  mutating func checkProof(in data: [UInt8], _ index: Int) {
    let application = applications[index]
    guard application.profile.interchange[0] & 0x04 == 0,
      let sent = application.secondList.value(0x91, in: data), sent.contains(where: { $0 != 0 })
    else { return }
    session.transaction.proof = proof(sent, index)
  }

  private func proof(_ data: [UInt8], _ index: Int) -> IssuerProof {
    let application = applications[index]
    let key = application.secrets.cryptogramKey(counter: application.counter)
    let cryptogram = session.transaction.cryptogram
    switch application.profile.proof {
    case .code:
      let code = Array(data.dropFirst(8).prefix(2))
      let isRight =
        data.count == 10
        && constantTimeEqual(key.answer(to: cryptogram, code: code), Array(data.prefix(8)))
      return isRight ? .done(update: []) : .failed
    case .update:
      let update = Array(data.dropFirst(4).prefix(4))
      let own = Array(data.dropFirst(8))
      let expected = key.answer(to: cryptogram, update: update, own: own)
      return constantTimeEqual(expected, Array(data.prefix(4))) ? .done(update: update) : .failed
    }
  }

  /// What a completed request changes, and what the issuer has ordered in its card status update
  /// (EMV 4.4 Book 3, C10).
  mutating func completeOnline(_ index: Int) {
    applications[index].lastOnlineNotCompleted = false
    guard case .done(let update) = session.transaction.proof else { return }
    applications[index].lastOnline = applications[index].counter
    applications[index].goesOnlineNext = false
    if update.isEmpty {
      applications[index].offlineCount = 0
      return
    }
    if update[1] & 0x40 != 0 { isBlocked = true }
    if update[1] & 0x20 != 0 { applications[index].isBlocked = true }
    if update[1] & 0x10 != 0 { applications[index].tries = update[0] & 0x0F }
    if update[1] & 0x08 != 0 { applications[index].goesOnlineNext = true }
    switch update[1] & 0x03 {
    case 0x01: applications[index].offlineCount = applications[index].upperLimit
    case 0x02: applications[index].offlineCount = 0
    case 0x03: applications[index].offlineCount &+= 1
    default: break
    }
  }

  /// A command of an issuer's script (EMV 4.4 Book 2, 9; Book 3, 6.5).
  mutating func script(_ command: CommandBytes) -> [UInt8] {
    guard let index = session.selected, session.transaction.firstType != nil else {
      return status(.conditionsNotMet)
    }
    session.transaction.scriptCommands += 1
    applications[index].scriptCommands &+= 1
    let isSecond = session.transaction.scriptCommands == 2
    let word = isSecond && has(.scriptFails) ? .wrongData : perform(command, index)
    if word != .done {
      // A failed command breaks the chain of MACs (EMV 4.4 Book 2, 9.2.3.1).
      session.transaction.chain = nil
      applications[index].scriptFailed = true
      return status(word)
    }
    if isSecond, has(.scriptWarns) { return status(.warning) }
    if isSecond, has(.scriptCounts) { return status(.counted) }
    return status(.done)
  }

  private mutating func perform(_ command: CommandBytes, _ index: Int) -> StatusWord {
    if command.hasExpectedLength { return .wrongLength }
    let isKnown = [0x1E, 0x18, 0x16, 0x24].contains(command.instruction)
    if !isKnown { return .unknownInstruction }
    let keys = applications[index].secrets.scriptKeys(
      cryptogram: session.transaction.cryptogram)
    guard let chain = session.transaction.chain, let parts = SecuredData(command.data) else {
      return .wrongMAC
    }
    let mac = keys.mac(chain: chain, header: command.header, object: parts.object)
    if !constantTimeEqual(Array(mac.prefix(4)), parts.code) { return .wrongMAC }
    session.transaction.chain = mac
    switch command.instruction {
    case 0x1E: applications[index].isBlocked = true
    case 0x18: applications[index].isBlocked = false
    case 0x16: isBlocked = true
    default: return changePIN(command.second, parts, keys, index)
    }
    return .done
  }

  /// PIN CHANGE/UNBLOCK: P2 00 unblocks; 02, left to payment systems, brings a PIN block.
  private mutating func changePIN(
    _ kind: UInt8, _ parts: SecuredData, _ keys: ScriptKeys, _ index: Int
  ) -> StatusWord {
    switch kind {
    case 0x00: break
    case 0x02:
      guard let block = keys.decipher(parts.cipher),
        let pin = try? PINBlock.pin(format: 2, block)
      else { return .wrongData }
      applications[index].pin = pin
    default: return .wrongParameters
    }
    applications[index].tries = applications[index].profile.tries
    return .done
  }
}

/// The data of a command under secure messaging, format 1 (EMV 4.4 Book 2, 9.2.1).
struct SecuredData: Hashable, Sendable {
  /// 81 or 87 as it came, empty without.
  private(set) var object: [UInt8] = []
  /// What 87 holds behind the byte that says how it is filled.
  private(set) var cipher: [UInt8] = []
  /// 8E.
  private(set) var code: [UInt8] = []

  init?(_ data: [UInt8]) {
    guard let slices = try? TLVSlice.all(of: data), let last = slices.last, slices.count <= 2,
      last.tag.rawValue == 0x8E, last.value.count == 4
    else { return nil }
    code = last.value
    if slices.count == 1 { return }
    object = slices[0].bytes
    switch slices[0].tag.rawValue {
    case 0x81: break
    case 0x87:
      if slices[0].value.first != 0x01 { return nil }
      cipher = Array(slices[0].value.dropFirst())
    default: return nil
    }
  }
}
