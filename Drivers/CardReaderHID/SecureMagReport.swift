// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

//  the report                            the frame in it, when tracks are encrypted
//    0-2  decode status T1-T3              02  length, low byte first  BODY  LRC  SUM  03
//    3-5  length T1-T3                   original BODY (first byte below 80)
//    6    encode type                      type  status  length T1-T3  masked T1  masked T2
//    7-8  total length                     clear T3  cipher text of T1 and T2 in one run
//    9    frame, or clear tracks           hash T1, T2 (20 each)  key serial number (10)
//         with what was put around       enhanced BODY
//         them                             type  status  length T1-T3  sent  present  masked T1-T3
//                                          cipher text T1-T3  session (8)  hash T1-T3 (20 each)
//                                          serial number (10)  key serial number (10)
//  status: bits 0-2 decoded, 3-5 something was there. present: bits 0-2 cipher text, 3-5 hash,
//  6 session, 7 key serial number.
// Source: ID TECH 80096504-001 (SecureMag), the SecureHead USB and SPI manuals.

/// What the manuals of ID TECH's swipe readers say differently of each other.
public struct SecureMagSettings: Hashable, Sendable {
  /// Whose meaning the byte "sent" of an enhanced frame has.
  public enum Model: Hashable, Sendable {
    /// SecureMag and SecureHead on USB: triple DES; bit 5 says that the card has a chip.
    case usb
    /// SecureHead on SPI: bit 4 says AES, bit 7 that the serial number is there.
    case spi
    /// The UniMag kind: bits 4 and 5 name the cipher, bit 7 as above.
    case uniMag
  }

  /// Whose bits they are.
  public var model: Model
  /// Whether the total length in the report stands with its low byte first.
  public var isLowFirst: Bool
  /// Whether the reader may be asked for its feature report as a sign of life.
  public var isAsked: Bool

  /// Settings; those of the USB manual when nothing is said.
  public init(model: Model = .usb, isLowFirst: Bool = true, isAsked: Bool = false) {
    self.model = model
    self.isLowFirst = isLowFirst
    self.isAsked = isAsked
  }
}

/// One swipe as a SecureMag reports it.
struct SecureMagReport: Hashable, Sendable {
  /// The bytes before the data.
  static let headCount = 9
  private static let hashCount = 20
  private static let serialCount = 10
  private static let sessionCount = 8

  private let bytes: [UInt8]
  private let settings: SecureMagSettings

  init(_ bytes: [UInt8], _ settings: SecureMagSettings) {
    self.bytes = bytes
    self.settings = settings
  }

  /// The card, or why there is none.
  var reading: CardReaderReport {
    let low = Int(bytes[settings.isLowFirst ? 7 : 8])
    let total = low | Int(bytes[settings.isLowFirst ? 8 : 7]) << 8
    if total > bytes.count - SecureMagReport.headCount { return .misread(.malformed) }
    let data = bytes[SecureMagReport.headCount..<SecureMagReport.headCount + total]
    if data.isEmpty { return .misread(isBad ? .undecodable : .blank) }
    if data.first != 0x02 { return clear(Array(data)) }
    guard var body = SecureMagReport.body(Array(data)) else { return .misread(.malformed) }
    defer { for index in body.indices { body[index] = 0 } }
    var fields = Fields(body)
    return body[0] < 0x80 ? original(&fields) : enhanced(&fields)
  }

  private var isBad: Bool { bytes[0..<3].contains { $0 & 0x01 != 0 } }

  /// The body of a frame whose length, both sums and end agree; nil otherwise.
  private static func body(_ frame: [UInt8]) -> [UInt8]? {
    if frame.count < 6 { return nil }
    let count = Int(frame[1]) | Int(frame[2]) << 8
    // Seven bytes name the tracks; what is behind the frame was configured there.
    if count < 7 || frame.count < count + 6 { return nil }
    let body = Array(frame[3..<3 + count])
    var exclusive: UInt8 = 0
    var sum: UInt8 = 0
    for byte in body {
      exclusive ^= byte
      sum = sum &+ byte
    }
    return frame[3 + count] == exclusive && frame[4 + count] == sum && frame[5 + count] == 0x03
      ? body : nil
  }

  /// Tracks between their sentinels; around them may stand what somebody has configured.
  private func clear(_ data: [UInt8]) -> CardReaderReport {
    if isBad, bytes[1] & 0x01 != 0 { return .misread(.undecodable) }
    if bytes[6] != 0 { return .misread(.notAPaymentCard) }
    var rest = data[...]
    var track1: Track1?
    if let start = rest.firstIndex(of: 0x25),
      let end = rest[start...].firstIndex(of: 0x3F)
    {
      track1 = Track1(Array(rest[start...end]))
      rest = rest[(end + 1)...]
    }
    guard let start = rest.firstIndex(of: 0x3B), let end = rest[start...].firstIndex(of: 0x3F),
      let track2 = Track2(Array(rest[start...end]))
    else { return .misread(.notAPaymentCard) }
    return card(track2, track1)
  }

  private func card(_ track2: Track2, _ track1: Track1?) -> CardReaderReport {
    if let track1, track1.pan != track2.pan { return .misread(.tracksDisagree) }
    return .swiped(SwipedCard(tracks: .clear(track2, track1: track1)))
  }

  /// Why there is no track 2, by the status of a frame.
  private func without(_ status: UInt8) -> CardReaderReport {
    .misread(status & 0x12 == 0x10 ? .undecodable : .notAPaymentCard)
  }

  private func original(_ fields: inout Fields) -> CardReaderReport {
    let type = fields.byte()
    let status = fields.byte()
    let lengths = [Int(fields.byte()), Int(fields.byte()), Int(fields.byte())]
    _ = fields.take(lengths[0])
    let masked = fields.take(lengths[1])
    _ = fields.take(lengths[2])
    // Of other cards nothing but clear tracks follows.
    if type != 0 { return .misread(fields.isCut ? .malformed : .notAPaymentCard) }
    let run = fields.left - 2 * SecureMagReport.hashCount - SecureMagReport.serialCount
    let clearCount = lengths[0] + lengths[1]
    let sizes = [padded(clearCount, 8), padded(clearCount, 16)]
    if fields.isCut || !sizes.contains(run) { return .misread(.malformed) }
    if lengths[1] == 0 || status & 0x02 == 0 { return without(status) }
    let cipher = fields.take(run)
    _ = fields.take(2 * SecureMagReport.hashCount)
    let tracks = EncryptedTracks(
      track1: SecretBytes(cipher), track2: SecretBytes([]),
      keySerialNumber: fields.take(SecureMagReport.serialCount),
      maskedTrack2: SecretBytes(masked),
      run: .joined(track1: UInt8(lengths[0]), track2: UInt8(lengths[1])))
    return .swiped(SwipedCard(tracks: .encrypted(tracks)))
  }

  private func enhanced(_ fields: inout Fields) -> CardReaderReport {
    let type = fields.byte()
    let status = fields.byte()
    let lengths = [Int(fields.byte()), Int(fields.byte()), Int(fields.byte())]
    let sent = fields.byte()
    let present = fields.byte()
    guard let block = blockSize(sent) else { return .misread(.malformed) }
    var masked: [[UInt8]] = []
    var ciphers: [[UInt8]] = []
    for track in 0..<3 { masked.append(sent >> track & 1 == 1 ? fields.take(lengths[track]) : []) }
    for track in 0..<3 {
      let isThere = present >> track & 1 == 1
      ciphers.append(isThere ? fields.take(padded(lengths[track], block)) : [])
    }
    if present & 0x40 != 0 { _ = fields.take(SecureMagReport.sessionCount) }
    for track in 0..<3 where present >> (3 + track) & 1 == 1 {
      _ = fields.take(SecureMagReport.hashCount)
    }
    if sent & 0x80 != 0 { _ = fields.take(SecureMagReport.serialCount) }
    let serial = present & 0x80 != 0 ? fields.take(SecureMagReport.serialCount) : []
    if fields.isCut || fields.left > 0 { return .misread(.malformed) }
    if type != 0x80 { return .misread(.notAPaymentCard) }
    if lengths[1] == 0 || status & 0x02 == 0 { return without(status) }
    if ciphers[1].isEmpty {
      // A reader without keys sends the same frame with the tracks clear.
      return Track2(masked[1]).map { card($0, Track1(masked[0])) } ?? .misread(.notAPaymentCard)
    }
    if serial.isEmpty { return .misread(.malformed) }
    let tracks = EncryptedTracks(
      track1: SecretBytes(ciphers[0]), track2: SecretBytes(ciphers[1]), keySerialNumber: serial,
      maskedTrack2: SecretBytes(masked[1]))
    return .swiped(SwipedCard(tracks: .encrypted(tracks)))
  }

  /// Bytes of a block of the cipher that the byte names; nil for bits that mean nothing at this
  /// model: a cipher is never guessed.
  private func blockSize(_ sent: UInt8) -> Int? {
    switch settings.model {
    case .usb: sent & 0xD8 == 0 ? 8 : nil
    case .spi: sent & 0x10 == 0 ? 8 : 16
    case .uniMag:
      switch sent & 0x38 {
      case 0x00: 8
      case 0x10: 16
      default: nil
      }
    }
  }

  private func padded(_ count: Int, _ block: Int) -> Int { (count + block - 1) / block * block }

  /// The parts of a body, one after the other.
  private struct Fields {
    private let body: [UInt8]
    private var offset = 0
    /// Whether more was taken than there is.
    private(set) var isCut = false

    init(_ body: [UInt8]) { self.body = body }

    var left: Int { body.count - offset }

    mutating func byte() -> UInt8 { take(1).first ?? 0 }

    mutating func take(_ count: Int) -> [UInt8] {
      if count > left {
        isCut = true
        return []
      }
      defer { offset += count }
      return Array(body[offset..<offset + count])
    }
  }
}
