// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

/// What the pad's messages mean; everything the exclusive-or of the LRC cannot see is checked here:
/// lengths, and that each field holds what it must.
enum PadAnswer: Hashable, Sendable {
  /// 71 with DUKPT or a session key: the encrypted PIN block.
  case pin(EncryptedPIN)
  /// 71 and a code.
  case error(UInt8)
  /// 71 with a PIN of no digits.
  case nullPIN
  /// 06: the serial number.
  case serial([UInt8])
  /// 04: what is in the slot; two characters of usage and one of mode, or nothing.
  case slot(usage: [UInt8], mode: UInt8)
  /// 08 and a digit.
  case selected(Bool)
  /// 02? and a code.
  case keyRefused(UInt8)
  /// 91: loaded, or the code of a refusal.
  case initialKey(refusal: UInt8?)
  /// Z2 and a digit.
  case prompted(Bool)
  /// Z67: 1 for more, or the MAC.
  case mac([UInt8])
  case moreData
  /// Z67 and an error.
  case macError(UInt8)
  /// Anything else, the echo of a key among it.
  case other

  init(_ frame: VISAFrame) {
    let message = frame.message
    if frame.isAdministrative {
      self = PadAnswer.administrative(message)
    } else if message.starts(with: [0x37, 0x31]) {
      self = PadAnswer.pin(message)
    } else if message.starts(with: [0x39, 0x31]), message.count <= 4 {
      self = PadAnswer.initial(message)
    } else if message.starts(with: [0x5A, 0x32]), message.count == 3 {
      self = message[2] == 0x30 ? .prompted(true) : message[2] == 0x31 ? .prompted(false) : .other
    } else if message.starts(with: [0x5A, 0x36, 0x37]) {
      self = PadAnswer.code(message)
    } else {
      self = .other
    }
  }

  private static func administrative(_ message: [UInt8]) -> PadAnswer {
    let fields = Array(message.dropFirst(2))
    switch message.first.map({ [$0] + message.dropFirst().prefix(1) }) {
    case [0x30, 0x36]:
      let isPlain = fields.allSatisfy { (0x20...0x7E).contains($0) }
      return (1...16).contains(fields.count) && isPlain ? .serial(fields) : .other
    case [0x30, 0x34]: return slot(fields)
    case [0x30, 0x38]:
      return fields == [0x30] ? .selected(true) : fields == [0x31] ? .selected(false) : .other
    case [0x30, 0x32]:
      return fields.count == 2 && fields[0] == 0x3F ? .keyRefused(fields[1]) : .other
    default: return .other
    }
  }

  /// `0`, or `F` usage FS mode FS algorithm.
  private static func slot(_ fields: [UInt8]) -> PadAnswer {
    if fields == [0x30] { return .slot(usage: [], mode: 0) }
    guard fields.count == 7, fields[0] == 0x46, fields[3] == 0x1C, fields[5] == 0x1C else {
      return .other
    }
    return .slot(usage: Array(fields[1...2]), mode: fields[4])
  }

  /// `910`, or `911` and a code.
  private static func initial(_ message: [UInt8]) -> PadAnswer {
    if message.count == 3, message[2] == 0x30 { return .initialKey(refusal: nil) }
    guard message.count == 4, message[2] == 0x31 else { return .other }
    return .initialKey(refusal: message[3])
  }

  private static func code(_ message: [UInt8]) -> PadAnswer {
    guard message.count >= 4 else { return .other }
    if message.count == 4 { return message[3] == 0x31 ? .moreData : .macError(message[3]) }
    guard message[3] == 0x30, message.count == 20, let mac = try? Hex.decode(Array(message[4...]))
    else { return .other }
    return .mac(mac)
  }

  /// `71` `0` KSN (10...20 hex digits, leading F stripped) and 16 hex digits; `71.0`, length (2),
  /// `01` and 16 hex digits; or `71` and a code.
  private static func pin(_ message: [UInt8]) -> PadAnswer {
    if message.count == 3 { return .error(message[2]) }
    if message.starts(with: Array("71.0".utf8)) { return sessionPIN(message) }
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

  private static func sessionPIN(_ message: [UInt8]) -> PadAnswer {
    if message.count >= 8, message[4...7].elementsEqual(Array("0001".utf8)) { return .nullPIN }
    guard message.count == 24, message[6] == 0x30, message[7] == 0x31,
      (0x30...0x31).contains(message[4]), (0x30...0x39).contains(message[5]),
      (4...12).contains(Int(message[4] - 0x30) * 10 + Int(message[5] - 0x30)),
      let block = try? Hex.decode(Array(message[8...]))
    else { return .other }
    return .pin(EncryptedPIN(block: SecretBytes(block), keySerialNumber: nil))
  }
}
