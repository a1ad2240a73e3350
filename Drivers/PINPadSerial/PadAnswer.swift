// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

/// What the pad's messages mean; everything the exclusive-or of the LRC cannot see is checked here:
/// lengths, and that each field holds what it must.
enum PadAnswer: Hashable, Sendable {
  /// 71 with DUKPT: the encrypted PIN block.
  case pin(EncryptedPIN)
  /// 71 and a code.
  case error(UInt8)
  /// 06: the serial number.
  case serial([UInt8])
  /// Anything else.
  case other

  init(_ frame: VISAFrame) {
    let message = frame.message
    if frame.isAdministrative {
      self = PadAnswer.administrative(message)
    } else if message.starts(with: [0x37, 0x31]) {
      self = PadAnswer.pin(message)
    } else {
      self = .other
    }
  }

  private static func administrative(_ message: [UInt8]) -> PadAnswer {
    guard message.starts(with: [0x30, 0x36]) else { return .other }
    let serial = Array(message[2...])
    let isPlain = serial.allSatisfy { (0x20...0x7E).contains($0) }
    return (1...16).contains(serial.count) && isPlain ? .serial(serial) : .other
  }

  /// `71` `0` KSN (10...20 hex digits, leading F stripped) and 16 hex digits; or `71` and a code.
  private static func pin(_ message: [UInt8]) -> PadAnswer {
    if message.count == 3 { return .error(message[2]) }
    let digits = Array(message.dropFirst(3))
    guard message.count > 3, message[2] == 0x30, (26...36).contains(digits.count),
      digits.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x46).contains($0) })
    else { return .other }
    let serialDigits = digits.dropLast(16)
    let filled = [UInt8](repeating: 0x46, count: 20 - serialDigits.count) + serialDigits
    guard let serial = try? Hex.decode(filled),
      let block = try? Hex.decode(Array(digits.suffix(16)))
    else { return .other }
    return .pin(EncryptedPIN(block: SecretBytes(block), keySerialNumber: serial))
  }
}
