// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Wire

/// A MAC that the pad is told in several packets.
struct PadMACSession: Hashable, Sendable {
  var isBinary: Bool
  var next: Int
  var slot: UInt8
  var sessionKey: [UInt8]
  var secondSlot: [UInt8]
  var data: [UInt8]
}

extension PINPadModel {
  private enum MACFault {
    static let sequence: UInt8 = 0x32
    static let slot: UInt8 = 0x33
    static let second: UInt8 = 0x34
    static let length: UInt8 = 0x35
    static let type: UInt8 = 0x36
    static let content: UInt8 = 0x37
    static let sessionKey: UInt8 = 0x38
    static let attributes: UInt8 = 0x39
  }

  /// Z66: type, sequence (2), slot, FS, session key, FS, second slot, FS, data.
  mutating func authenticate(_ fields: [UInt8], at now: Instant) -> [Effect] {
    let (code, mac) = macStep(fields)
    if code != 0x31 { macSession = nil }
    return answer(Array("Z67".utf8) + [code] + mac, isAdministrative: false, at: now)
  }

  private mutating func macStep(_ fields: [UInt8]) -> (UInt8, [UInt8]) {
    guard let type = fields.first, (0x34...0x37).contains(type) else {
      return (MACFault.type, [])
    }
    let parts = fields.split(
      separator: 0x1C, maxSplits: 3, omittingEmptySubsequences: false
    ).map { Array($0) }
    guard parts.count >= 3, parts[0].count == 4 else { return (MACFault.length, []) }
    // Without a second slot its separator may be left out.
    let second = parts.count == 4 ? parts[2] : []
    let content = parts[parts.count - 1]
    let isBinary = type >= 0x36
    let isLast = type == 0x34 || type == 0x36
    guard parts[0][1...2].allSatisfy({ (0x30...0x39).contains($0) }) else {
      return (MACFault.sequence, [])
    }
    let sequence = Int(parts[0][1] &- 0x30) * 10 + Int(parts[0][2] &- 0x30)
    guard content.count <= 224, !content.isEmpty else { return (MACFault.length, []) }
    if !isLast, content.count % (isBinary ? 16 : 8) != 0 { return (MACFault.length, []) }
    var data = content
    if isBinary {
      guard let bytes = try? Hex.decode(content) else { return (MACFault.content, []) }
      data = bytes
    }
    var session =
      macSession
      ?? PadMACSession(
        isBinary: isBinary, next: sequence, slot: parts[0][3], sessionKey: parts[1],
        secondSlot: second, data: [])
    guard session.next == sequence else { return (MACFault.sequence, []) }
    guard session.slot == parts[0][3], session.sessionKey == parts[1],
      session.secondSlot == second, session.isBinary == isBinary
    else { return (MACFault.slot, []) }
    session.data += data
    session.next = (sequence + 1) % 100
    macSession = session
    switch macKey(session) {
    case .failure(let fault): return (fault.code, [])
    case .success(let key):
      if !isLast { return (0x31, []) }
      guard let mac = try? key.mac(.retail(.zeros), over: session.data) else {
        return (MACFault.attributes, [])
      }
      return (0x30, Hex.encode(mac))
    }
  }

  private func macKey(_ session: PadMACSession) -> Result<MACKey, PadSlots.Refusal> {
    func refusal(_ code: UInt8) -> Result<MACKey, PadSlots.Refusal> {
      .failure(PadSlots.Refusal(code: code))
    }
    guard (0x42...0x45).contains(session.slot), let slot = keys.slots[session.slot] else {
      return refusal(MACFault.slot)
    }
    let isZero = session.sessionKey.allSatisfy { $0 == 0x30 }
    switch slot.content {
    case .mac(let key):
      if !isZero { return refusal(0x41) }
      if slot.mode == 0x56 || key.algorithm != .tdes2 { return refusal(MACFault.attributes) }
      return .success(key)
    case .keyEncryption(let master):
      guard session.sessionKey.count == 32, let wrapped = try? Hex.decode(session.sessionKey),
        !isZero, let key: MACKey = try? master.unwrap(wrapped, .tdes2)
      else { return refusal(MACFault.sessionKey) }
      return .success(key)
    case .pin, .data: return refusal(MACFault.slot)
    }
  }
}
