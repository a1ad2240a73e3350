// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

//  SureSwipe                         MagneSafe V5
//    0-2   decode status T1-T3         0-2   decode status T1-T3
//    3-5   length T1-T3                3-5   length T1-T3 (cipher text at level 3 and 4)
//    6     encode type                 6     encode type
//    7     T1, 110 bytes               7     T1, 112 bytes
//    117   T2, 110 bytes               119   T2, 112 bytes
//    227   T3, 110 bytes               231   T3, 112 bytes
//                                      493   reader encryption status, 2, big-endian
//                                      495   key serial number, 10
//                                      505-507 masked lengths    508/620/732 masked tracks
// Source: MagTek 99875191 rev. 13 and 99875475 rev. 10.

/// One swipe as the reader reports it.
struct SwipeReport: Hashable, Sendable {
  private let bytes: [UInt8]
  private let product: ReaderProduct

  init(_ bytes: [UInt8], _ product: ReaderProduct) {
    self.bytes = bytes
    self.product = product
  }

  /// Whether the reader has used up its keys; such a report has no card in it.
  var keysExhausted: Bool { product == .magneSafe && bytes[494] & 0x01 != 0 }

  /// The card, or why there is none.
  var reading: CardReaderReport {
    if let fault = contradiction { return .misread(fault) }
    if lengths.allSatisfy({ $0 == 0 }) { return .misread(withoutData) }
    if isEncrypted { return encrypted }
    return clear
  }

  private var fieldSize: Int { product == .sureSwipe ? 110 : 112 }
  private var lengths: [Int] { bytes[3...5].map { Int($0) } }
  private var encodeType: UInt8 { bytes[6] }

  /// V5: bits 1 and 2 say that a key is loaded and encryption is on.
  private var isEncrypted: Bool { product == .magneSafe && bytes[494] & 0x06 == 0x06 }

  private func isBad(_ track: Int) -> Bool { bytes[track] & 0x01 != 0 }

  private func data(_ track: Int) -> [UInt8] {
    let start = 7 + track * fieldSize
    return Array(bytes[start..<start + lengths[track]])
  }

  /// A report that contradicts itself is refused, not mended.
  private var contradiction: Misread? {
    for track in 0..<3 {
      if lengths[track] > fieldSize { return .malformed }
      if isBad(track), lengths[track] > 0 { return .malformed }
      if isEncrypted, lengths[track] % 8 != 0 { return .malformed }
    }
    if encodeType > 6 { return .malformed }
    return nil
  }

  private var withoutData: Misread {
    if encodeType == 3, !isBad(0), !isBad(1), !isBad(2) { return .blank }
    return isBad(0) || isBad(1) || isBad(2) || encodeType == 5 ? .undecodable : .blank
  }

  private var clear: CardReaderReport {
    // Only encode type 0 is a bank card; 1 and 2 are driving licences, 4 is anything else.
    if encodeType != 0 { return .misread(encodeType == 5 ? .undecodable : .notAPaymentCard) }
    if lengths[1] == 0 { return .misread(isBad(1) ? .undecodable : .notAPaymentCard) }
    guard let track2 = Track2(data(1)) else { return .misread(.notAPaymentCard) }
    var track1: Track1?
    if lengths[0] > 0 {
      track1 = Track1(data(0))
      if let track1, track1.pan != track2.pan { return .misread(.tracksDisagree) }
    }
    return .swiped(SwipedCard(tracks: .clear(track2, track1: track1)))
  }

  private var encrypted: CardReaderReport {
    if lengths[1] == 0 { return .misread(isBad(1) ? .undecodable : .notAPaymentCard) }
    let maskedLength = Int(bytes[506])
    if maskedLength > fieldSize { return .misread(.malformed) }
    let tracks = EncryptedTracks(
      track1: SecretBytes(data(0)), track2: SecretBytes(data(1)),
      keySerialNumber: Array(bytes[495..<505]),
      maskedTrack2: SecretBytes(Array(bytes[620..<620 + maskedLength])))
    return .swiped(SwipedCard(tracks: .encrypted(tracks)))
  }
}
