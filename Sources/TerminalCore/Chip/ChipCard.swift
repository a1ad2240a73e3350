// SPDX-License-Identifier: Apache-2.0

import Devices
import EMVKernel
import Wire

/// What a chip has told of its card, as the kernel froze it for the acquirer.
struct ChipCard: Hashable, Sendable {
  /// The account number (5A).
  let pan: PAN
  /// The card's last month (5F24).
  let expiry: Expiry?
  /// The card's number among those of its account (5F34).
  let sequence: UInt8?
  /// What stands for the second track (57).
  let track: Track2?
  /// DE55 of the request.
  let request: SecretBytes
  /// DE55 of a reversal, should there be one.
  let reversal: SecretBytes

  /// Nil where there is no account number, or track and account number are of two cards.
  init?(_ data: DataStore) {
    guard let digits = ChipCard.digits(data.value(of: .pan) ?? []), let pan = PAN(digits) else {
      return nil
    }
    let track = data.value(of: .track2).flatMap { ChipCard.track($0) }
    if let track, track.pan != pan { return nil }
    self.pan = pan
    self.track = track
    let end = data.value(of: .expirationDate).flatMap { ChipCard.digits($0) }
    expiry = end.flatMap { Expiry(Array($0.prefix(4))) }
    sequence = data.value(of: .panSequenceNumber)?.first
    request = SecretBytes(data.encoded(ChipCard.ofRequest))
    reversal = SecretBytes(data.encoded(ChipCard.ofReversal))
  }

  /// UnionPay POS, field 55 of a request.
  private static var ofRequest: [DataTag] {
    [
      .cryptogram, .cryptogramInformation, .issuerApplicationData, .unpredictableNumber, .atc, .tvr,
      .date, .type, .amount, .currency, .aip, .terminalCountry, .otherAmount,
      .terminalCapabilities, .cvmResults, .terminalType, .deviceSerial, .dfName, .terminalVersion,
      .sequenceCounter,
    ]
  }

  /// The same of a reversal.
  static var ofReversal: [DataTag] { [.tvr, .deviceSerial, .issuerApplicationData, .atc] }

  /// Packed digits up to the filling.
  private static func digits(_ packed: [UInt8]) -> [UInt8]? {
    let halves = BCD.unpack(packed).prefix { $0 != 0x0F }
    if !halves.allSatisfy({ $0 <= 9 }) { return nil }
    return halves.map { 0x30 + $0 }
  }

  /// EMV 4.4 Book 3, Annex A, 57: as on the stripe, packed, D for the separator.
  private static func track(_ packed: [UInt8]) -> Track2? {
    let halves = BCD.unpack(packed).prefix { $0 != 0x0F }
    return Track2([0x3B] + halves.map { $0 == 0x0D ? 0x3D : 0x30 + $0 } + [0x3F])
  }
}
