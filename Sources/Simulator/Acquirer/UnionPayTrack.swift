// SPDX-License-Identifier: Apache-2.0

import ISO8583
import PINPadCrypto
import PaymentCrypto
import Wire

// DE53:  0  PIN block: 0 none, 1 without the card's number, 2 with it
//        1  under: 0 DES, 6 TDES, 4 SM4
//        2  1 where tracks are encrypted

/// What is secret in a message of UnionPay's dialect.
enum UnionPaySecrets {
  /// The second track as it is on the card; nil where there is none, or none that can be read.
  static func track(
    _ message: Message, _ session: HostSession, _ rules: HostRules
  ) -> [UInt8]? {
    guard let track = message[35] else { return nil }
    if flag(message, 2) != 0x31 { return rules.wantsEncryptedTracks ? nil : track }
    return session.data.flatMap { decrypted(track, $0) }
  }

  /// The card's number: DE2, or what stands in track 2 before the separator. Nil where a track
  /// cannot be read, or has another number than DE2.
  static func pan(_ message: Message, _ clear: [UInt8]?) -> [UInt8]? {
    if message[35] == nil { return message[2] ?? [] }
    guard let clear, let end = clear.firstIndex(of: 0x3D), (8...19).contains(end) else {
      return nil
    }
    let digits = Array(clear[..<end])
    if !digits.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    if let told = message[2], told != digits { return nil }
    return digits
  }

  /// One block of the track is encrypted, the last whole one before its last byte.
  static func decrypted(_ track: [UInt8], _ key: DataKey) -> [UInt8]? {
    let size = key.algorithm.blockByteCount * 2
    let end = 2 * ((track.count + 1) / 2 - 1)
    let start = end - size
    if start < 0 { return nil }
    // The codec writes D as the separator of a clear track.
    let digits = track[start..<end].map { $0 == 0x3D ? 0x44 : $0 }
    guard let cipher = try? Hex.decode(digits), let plain = try? key.decrypt(cipher, .ecb) else {
      return nil
    }
    let clear = Hex.encode(plain).map { $0 == 0x44 ? 0x3D : $0 }
    return Array(track[..<start]) + clear + Array(track[end...])
  }

  /// Whether a PIN block has the account's PIN, in any of the forms that go with the key.
  static func isPIN(
    _ block: [UInt8], _ message: Message, _ account: IssuerAccount, _ session: HostSession
  ) -> Bool {
    if account.pin.isEmpty { return true }
    guard let key = session.pin, let pin = ClearPIN(account.pin),
      let clear = try? key.decipher(block)
    else { return false }
    let isSM4 = key.algorithm == .sm4
    if (flag(message, 1) == 0x34) != isSM4 { return false }
    let pan: [UInt8]
    switch flag(message, 0) {
    case 0x31: pan = [UInt8](repeating: 0x30, count: 13)
    case 0x32: pan = account.pan
    default: return false
    }
    if !isSM4 { return (try? PINBlock.format0(pin, pan: pan)) == clear }
    return PINBlock.Wide.allCases.contains { (try? PINBlock.wide($0, pin, pan: pan)) == clear }
  }

  private static func flag(_ message: Message, _ place: Int) -> UInt8 {
    message[53].map { $0[place] } ?? 0x30
  }
}
