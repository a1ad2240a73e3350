// SPDX-License-Identifier: Apache-2.0

import Devices
import PaymentCrypto
import Wire

// What a SecureMag at level 3 says of a swipe. The clear text that it encrypts has the track's
// check character behind the end sentinel, as "send LRC in secure mode" has it.
// Source: ID TECH 80096504-001; the layout stands at the driver's SecureMagReport.

/// How a simulated SecureMag puts tracks into a report.
public enum SecureMagOutput: Hashable, Sendable, CaseIterable {
  /// Clear tracks with nothing around them.
  case clear
  /// The original structure: both tracks in one run.
  case original
  /// The enhanced structure.
  case enhanced
}

/// A report of a SecureMag: nine bytes, then 512 for tracks or a frame.
enum SecureMagModelReport {
  static let count = 521
  /// Usage page FF00, usage 1, input 521 × 8 bits, feature 24.
  static let reportDescriptor: [UInt8] = [
    0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x09, 0x20,
    0x96, 0x09, 0x02, 0x81, 0x02, 0x09, 0x21, 0x95, 0x18, 0xB1, 0x02, 0xC0,
  ]

  /// The report; nil when the library fails.
  static func bytes(
    _ card: CardSwipe, _ output: SecureMagOutput, key: TDESTransactionKey, serial: [UInt8]
  ) -> [UInt8]? {
    var report = [UInt8](repeating: 0, count: count)
    var readable: [[UInt8]] = []
    for (index, track) in card.tracks.enumerated() {
      switch track {
      case .blank: readable.append([])
      case .undecodable:
        report[index] = 1
        readable.append([])
      case .readable(let text):
        readable.append(text)
        report[3 + index] = UInt8(text.count)
      }
    }
    if readable.allSatisfy({ $0.isEmpty }) {
      report[6] = report[0..<3] == [0, 0, 0] ? 3 : 5
      return report
    }
    var status: UInt8 = 0
    for index in 0..<3 {
      if !readable[index].isEmpty { status |= 0x09 << index }
      if report[index] == 1 { status |= 0x08 << index }
    }
    let data: [UInt8]
    switch output {
    case .clear: data = readable.flatMap { $0 }
    case .original, .enhanced:
      guard
        let body = body(readable, status, isEnhanced: output == .enhanced, key: key, serial: serial)
      else { return nil }
      data = frame(body)
    }
    report[7] = UInt8(truncatingIfNeeded: data.count)
    report[8] = UInt8(truncatingIfNeeded: data.count >> 8)
    report.replaceSubrange(9..<9 + data.count, with: data)
    return report
  }

  static func frame(_ body: [UInt8]) -> [UInt8] {
    let low = UInt8(truncatingIfNeeded: body.count)
    let high = UInt8(truncatingIfNeeded: body.count >> 8)
    var exclusive: UInt8 = 0
    var sum: UInt8 = 0
    for byte in body {
      exclusive ^= byte
      sum = sum &+ byte
    }
    return [0x02, low, high] + body + [exclusive, sum, 0x03]
  }

  private static func body(
    _ tracks: [[UInt8]], _ status: UInt8, isEnhanced: Bool, key: TDESTransactionKey,
    serial: [UInt8]
  ) -> [UInt8]? {
    let clear: [[UInt8]] = tracks.map { $0.isEmpty ? [] : $0 + [check($0)] }
    let lengths = clear.map { UInt8($0.count) }
    let masked = clear.prefix(2).map(mask)
    let cipherKey = key.dataRequestKey
    var body: [UInt8] = [isEnhanced ? 0x80 : 0x00, status] + lengths
    if isEnhanced {
      var sent: UInt8 = 0
      var present: UInt8 = 0x80
      for index in 0..<2 where !clear[index].isEmpty {
        sent |= 1 << index
        present |= 0x09 << index
      }
      body += [sent, present]
    }
    body += masked.flatMap { $0 }
    if isEnhanced {
      for track in clear.prefix(2) where !track.isEmpty {
        guard let cipher = encrypted(track, cipherKey) else { return nil }
        body += cipher
      }
    } else {
      guard let cipher = encrypted(clear[0] + clear[1], cipherKey) else { return nil }
      body += cipher
    }
    for track in clear.prefix(2) where !isEnhanced || !track.isEmpty {
      body += HashAlgorithm.sha1.digest(track)
    }
    return body + serial
  }

  private static func encrypted(_ clear: [UInt8], _ key: DataKey) -> [UInt8]? {
    var padded = clear
    while padded.count % 8 != 0 { padded.append(0) }
    return try? key.encrypt(padded, .cbc([UInt8](repeating: 0, count: 8)))
  }

  /// ISO/IEC 7811-2, 10.4: each column of bits has even parity; track 1 has six, the others four.
  private static func check(_ track: [UInt8]) -> UInt8 {
    let base: UInt8 = track.first == 0x25 ? 0x20 : 0x30
    return track.reduce(0) { $0 ^ ($1 &- base) } + base
  }

  /// Four digits stay at either end of the account number, and the name; format code, service code
  /// and everything behind are masked.
  private static func mask(_ track: [UInt8]) -> [UInt8] {
    guard let first = track.first else { return [] }
    let separator: UInt8 = first == 0x25 ? 0x5E : 0x3D
    guard let end = track.firstIndex(of: separator) else { return track }
    let start = first == 0x25 ? 2 : 1
    var masked = [UInt8](repeating: 0x2A, count: track.count)
    masked[0] = first
    for index in start..<end where index < start + 4 || index >= end - 4 {
      masked[index] = track[index]
    }
    masked[end] = separator
    if first == 0x25, let second = track[(end + 1)...].firstIndex(of: separator) {
      for index in end...second { masked[index] = track[index] }
    }
    if let last = track.lastIndex(of: 0x3F) { masked[last] = 0x3F }
    return masked
  }
}
