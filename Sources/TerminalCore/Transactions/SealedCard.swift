// SPDX-License-Identifier: Apache-2.0

import Devices
import PaymentCrypto
import Wire

/// The card data that a reversal needs and that may therefore lie on disk, sealed, until the
/// transaction is final.
struct SealedCard: Hashable, Sendable {
  var pan: PAN
  var expiry: Expiry?
  /// The card's number among those of its account, where a chip told it.
  var sequence: UInt8?
  /// What a reversal tells of the chip, or nil.
  var chip: SecretBytes?

  /// Nonce, cipher text and tag; bound to the transaction's reference.
  func sealed(with key: SealKey, nonce: [UInt8], reference: String) -> [UInt8]? {
    var fields = FieldWriter()
    fields.write(1, pan.exposed)
    if let expiry { fields.write(2, [expiry.year, expiry.month]) }
    if let sequence { fields.write(3, UInt64(sequence)) }
    if let chip { fields.write(4, chip.exposed) }
    guard
      let sealed = try? key.seal(
        fields.bytes, nonce: nonce, associated: Array(reference.utf8))
    else { return nil }
    return nonce + sealed
  }

  /// Nil when the bytes were not sealed with this key for this reference.
  static func opened(_ sealed: [UInt8], with key: SealKey, reference: String) -> SealedCard? {
    guard sealed.count > 12 else { return nil }
    let nonce = Array(sealed[..<12])
    guard
      let plain = try? key.open(
        Array(sealed[12...]), nonce: nonce, associated: Array(reference.utf8)),
      let fields = try? FieldReader(plain), let digits = fields.bytes(1), let pan = PAN(digits)
    else { return nil }
    var card = SealedCard(pan: pan, expiry: nil)
    if let end = fields.bytes(2), end.count == 2 {
      card.expiry = Expiry([
        0x30 + end[0] / 10, 0x30 + end[0] % 10, 0x30 + end[1] / 10, 0x30 + end[1] % 10,
      ])
    }
    card.sequence = fields.number(3).map { UInt8(truncatingIfNeeded: $0) }
    card.chip = fields.bytes(4).map { SecretBytes($0) }
    return card
  }
}
