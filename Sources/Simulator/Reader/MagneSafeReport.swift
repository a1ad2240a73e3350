// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

//   0-2 status   3-5 cipher lengths   6 encode type   7/119/231 cipher texts
//   344 MagnePrint status   349 MagnePrint   477 serial   493 encryption status   495 KSN
//   505-507 masked lengths   508/620/732 masked tracks   844 session   852-855 clear lengths
//   856 counter   859 version   867 SHA-1 of track 2
// Source: MagTek 99875475 rev. 10.

/// What a MagneSafe V5 reader at level 3 says of a swipe: 887 bytes, each track encrypted.
struct MagneSafeReport {
  /// The report descriptor of the 887-byte form: input 887, feature 60.
  static let reportDescriptor: [UInt8] = {
    var items: [UInt8] = [
      0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08,
      0x09, 0x20, 0x09, 0x21, 0x09, 0x22, 0x09, 0x28, 0x09, 0x29, 0x09, 0x2A, 0x09, 0x38, 0x95,
      0x07, 0x81, 0x02,
    ]
    for usage in [0x30, 0x31, 0x32] as [UInt8] {
      items += [0x09, usage, 0x95, 0x70, 0x82, 0x02, 0x01]
    }
    items += [
      0x09, 0x39, 0x95, 0x01, 0x81, 0x02, 0x75, 0x20, 0x09, 0x23, 0x95, 0x01, 0x81, 0x02, 0x75,
      0x08, 0x09, 0x2B, 0x95, 0x01, 0x81, 0x02, 0x09, 0x33, 0x95, 0x80, 0x82, 0x02, 0x01, 0x09,
      0x40, 0x95, 0x10, 0x82, 0x02, 0x01, 0x09, 0x42, 0x95, 0x02, 0x82, 0x02, 0x01, 0x09, 0x46,
      0x95, 0x0A, 0x82, 0x02, 0x01, 0x09, 0x47, 0x09, 0x48, 0x09, 0x49, 0x95, 0x03, 0x81, 0x02,
    ]
    for usage in [0x4A, 0x4B, 0x4C] as [UInt8] {
      items += [0x09, usage, 0x95, 0x70, 0x82, 0x02, 0x01]
    }
    items += [
      0x09, 0x50, 0x95, 0x08, 0x82, 0x02, 0x01, 0x09, 0x51, 0x09, 0x52, 0x09, 0x53, 0x09, 0x54,
      0x95, 0x04, 0x81, 0x02, 0x09, 0x55, 0x95, 0x03, 0x82, 0x02, 0x01, 0x09, 0x56, 0x95, 0x08,
      0x82, 0x02, 0x01, 0x09, 0x57, 0x95, 0x14, 0x82, 0x02, 0x01, 0x09, 0x20, 0x95, 0x3C, 0xB2,
      0x02, 0x01, 0xC0,
    ]
    return items
  }()
  static let count = 887
  static let serialNumber = Array("SIM0001".utf8)

  private(set) var bytes = [UInt8](repeating: 0, count: MagneSafeReport.count)

  /// The report of a swipe under this transaction key, whose PIN variant encrypts the tracks; nil
  /// when the library fails.
  init?(_ card: CardSwipe, key: TDESTransactionKey, serial: KeySerialNumber) {
    let cipherKey = key.dataKeyOfPINVariant
    var readable = 0
    for (index, track) in card.tracks.enumerated() {
      switch track {
      case .blank: break
      case .undecodable: bytes[index] = 1
      case .readable(let clear):
        readable += 1
        guard let cipher = MagneSafeReport.encrypted(clear, cipherKey) else { return nil }
        let masked = MagneSafeReport.masked(clear)
        bytes[3 + index] = UInt8(cipher.count)
        put(cipher, at: 7 + index * 112)
        bytes[505 + index] = UInt8(masked.count)
        put(masked, at: 508 + index * 112)
        bytes[852 + index] = UInt8(clear.count)
      }
    }
    bytes[6] = readable > 0 ? 0 : card.tracks.allSatisfy { $0 == .blank } ? 3 : 5
    let print = MagneSafeReport.encrypted((0..<54).map { UInt8($0) }, cipherKey)
    guard let print, let session = try? cipherKey.encrypt(Array("TESTTEST".utf8), .ecb) else {
      return nil
    }
    put([0xA1, 0x05, 0x00, 0x00, UInt8(print.count)] + print, at: 344)
    put(MagneSafeReport.serialNumber, at: 477)
    put([0x00, 0x06] + serial.bytes, at: 493)
    put(session, at: 844)
    bytes[855] = 54
    put([0xFF, 0xFF, 0xFF] + Array("V05".utf8), at: 856)
    if case .readable(let track2) = card.track2 { put(HashAlgorithm.sha1.digest(track2), at: 867) }
  }

  /// What a reader says that has no key left: no card at all.
  static var exhausted: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: MagneSafeReport.count)
    bytes[6] = 6
    bytes[494] = 0x07
    return bytes
  }

  private mutating func put(_ part: [UInt8], at offset: Int) {
    bytes.replaceSubrange(offset..<offset + part.count, with: part)
  }

  private static func encrypted(_ clear: [UInt8], _ key: DataKey) -> [UInt8]? {
    var padded = clear
    while padded.count % 8 != 0 { padded.append(0) }
    return try? key.encrypt(padded, .cbc([UInt8](repeating: 0, count: 8)))
  }

  /// Four digits stay at either end of the account number, name and expiry stay, everything else
  /// is 0; one middle digit makes the check digit right.
  private static func masked(_ clear: [UInt8]) -> [UInt8] {
    let separator: UInt8 = clear.first == 0x25 ? 0x5E : 0x3D
    let start = clear.first == 0x25 ? 2 : 1
    guard let end = clear.firstIndex(of: separator), end - start > 8 else { return clear }
    var masked = clear
    for index in start + 4..<end - 4 { masked[index] = 0x30 }
    let middle = (start + end) / 2
    for digit in UInt8(0x30)...0x39 {
      masked[middle] = digit
      if hasValidCheckDigit(masked[start..<end]) { break }
    }
    var rest = end + 1
    if separator == 0x5E { rest = (clear[rest...].firstIndex(of: separator) ?? rest) + 1 }
    for index in min(rest + 4, clear.count)..<max(clear.count - 1, min(rest + 4, clear.count)) {
      masked[index] = 0x30
    }
    return masked
  }

  private static func hasValidCheckDigit(_ digits: ArraySlice<UInt8>) -> Bool {
    var sum = 0
    for (index, digit) in digits.reversed().enumerated() {
      let value = Int(digit) - 0x30
      sum += index % 2 == 0 ? value : value * 2 - (value > 4 ? 9 : 0)
    }
    return sum % 10 == 0
  }
}
