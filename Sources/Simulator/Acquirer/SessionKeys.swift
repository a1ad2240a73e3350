// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import PaymentCrypto

//   sign-in ─▶ new keys ─first message under them─▶ the old ones are gone
//      └─ until then the old ones are still taken: the answer may have been lost

/// The session keys of one terminal.
struct TerminalSession: Hashable, Sendable {
  let terminalID: [UInt8]
  /// What the last sign-in handed out.
  var current: HostSession?
  /// Whether a message has come under it.
  var isProven = false
  /// What was in use before it.
  var previous: HostSession?
}

extension AcquirerModel {
  /// The keys under which a message is signed rightly; nil where it is not.
  mutating func session(_ call: HostCall) -> HostSession? {
    let element = HostMAC.element(of: call.message)
    guard let mac = call.message[element] ?? call.message[64] else { return nil }
    let covered = Array(call.frame.message.dropLast(8))
    func isRight(_ session: HostSession?) -> Bool {
      session?.mac?.verifies(mac, rules.mac, over: covered) ?? false
    }
    if keys.master == nil {
      let session = HostSession(mac: keys.mac)
      return isRight(session) ? session : nil
    }
    guard let index = sessionIndex(call.terminalID) else { return nil }
    if isRight(sessions[index].current) {
      sessions[index].isProven = true
      sessions[index].previous = nil
      return sessions[index].current
    }
    return isRight(sessions[index].previous) ? sessions[index].previous : nil
  }

  /// What an answer is signed with that refuses a MAC: the host's only key, or nothing.
  func sessionForRefusals(_ call: HostCall) -> HostSession? {
    if keys.master == nil { return HostSession(mac: keys.mac) }
    guard let index = sessionIndex(call.terminalID) else { return nil }
    return sessions[index].current
  }

  func isSignedIn(_ terminalID: [UInt8]) -> Bool {
    keys.master == nil || sessionIndex(terminalID).map { sessions[$0].current != nil } ?? false
  }

  mutating func signOff(_ terminalID: [UInt8]) {
    sessions.removeAll { $0.terminalID == terminalID }
  }

  /// New keys of a terminal, as they travel; nil where the layout does not go with the keys.
  mutating func signIn(_ terminalID: [UInt8], code: [UInt8]) -> [UInt8]? {
    guard let layout = rules.layouts.first(where: { $0.code == code })?.layout,
      let master = keys.master, let session = newSession(terminalID, layout)
    else { return nil }
    var element: [UInt8] = []
    for (place, item) in layout.items.enumerated() {
      guard let bytes = travelling(item, session, master) else { return nil }
      element += item.hasIndex ? [UInt8(place + 1)] + bytes : bytes
    }
    guard let index = sessionIndex(terminalID) else {
      sessions.append(TerminalSession(terminalID: terminalID, current: session))
      return element
    }
    // Of two sign-ins whose answers were lost, the terminal has neither's keys.
    if sessions[index].isProven { sessions[index].previous = sessions[index].current }
    sessions[index].current = session
    sessions[index].isProven = false
    return element
  }

  private func sessionIndex(_ terminalID: [UInt8]) -> Int? {
    sessions.firstIndex { $0.terminalID == terminalID }
  }

  private mutating func newSession(
    _ terminalID: [UInt8], _ layout: SignInLayout
  ) -> HostSession? {
    ledger.numbers.session += 1
    if !nextSessions.isEmpty { return nextSessions.removeFirst() }
    var session = HostSession()
    for item in layout.items {
      // A made key must not be one whose halves are equal; a digest's never are.
      let seed = letters(item.name.text) + terminalID
      let bytes = Array(
        sha256(seed + Digits.fixed(UInt64(ledger.numbers.session), 10)).prefix(item.keyCount))
      let isPads = item.name == .pin && keys.padMaster != nil
      let algorithm = SessionKeys.algorithm(item.keyCount, isSM4: layout.isSM4 && !isPads)
      switch item.name {
      case .pin: session.pin = try? PINKey(algorithm, bytes)
      case .mac: session.mac = try? MACKey(algorithm, bytes)
      case .data: session.data = try? DataKey(algorithm, bytes)
      }
    }
    return session
  }

  private func travelling(
    _ item: SignInLayout.Item, _ session: HostSession, _ master: KeyEncryptionKey
  ) -> [UInt8]? {
    switch item.name {
    case .pin: SessionKeys.travelling(session.pin, item, keys.padMaster ?? master)
    case .mac: SessionKeys.travelling(session.mac, item, master)
    case .data: SessionKeys.travelling(session.data, item, master)
    }
  }
}

/// Keys in a sign-in answer.
enum SessionKeys {
  static func algorithm(_ count: Int, isSM4: Bool) -> CipherAlgorithm {
    if isSM4 { return .sm4 }
    return count == 8 ? .des : count == 16 ? .tdes2 : .tdes3
  }

  /// Cryptogram, zeros and check value.
  static func travelling<Purpose: WrappedPurpose>(
    _ key: Key<Purpose>?, _ item: SignInLayout.Item, _ master: KeyEncryptionKey
  ) -> [UInt8]? {
    guard let key, key.algorithm.keyByteCount == item.keyCount,
      (key.algorithm == .sm4) == (master.algorithm == .sm4),
      let cryptogram = try? master.wrap(key)
    else { return nil }
    let zeros = [UInt8](repeating: 0, count: item.zeroCount)
    if item.checkCount == 0 { return cryptogram + zeros }
    guard let check = try? key.checkValue(.zeroBlock, count: item.checkCount) else { return nil }
    return cryptogram + zeros + check
  }
}
