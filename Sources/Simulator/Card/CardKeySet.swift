// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Wire

/// All keys behind a test card: of the authority, the issuer and the card, drawn from one seed. They
/// are throw-away keys, and whoever knows the seed has them.
public struct CardKeySet: Hashable, Sendable {
  /// Bytes of the moduli.
  public struct Sizes: Hashable, Sendable {
    /// The authority's.
    public var authority = 144
    /// The issuer's; up to 36 below the authority's it needs no remainder.
    public var issuer = 128
    /// The card's; up to 42 below the issuer's it needs no remainder.
    public var card = 96
    /// That of the key PINs are enciphered for.
    public var pin = 80
    /// The public exponent of all of them.
    public var exponent: [UInt8] = [3]

    /// Small keys, the issuer's and the card's with a remainder and the PIN key without.
    public init() {}

    /// Whether cards can have such keys (EMV 4.4 Book 2, table 43): each is no longer than its
    /// signer's, and the card's leaves room for a combined signature.
    public var arePossible: Bool {
      authority <= 248 && issuer <= authority && card <= issuer && pin <= issuer && pin >= 64
        && card >= 64 && issuer <= 247 && (exponent == [3] || exponent == [1, 0, 1])
    }
  }

  /// The certification authority's.
  public let authority: CardKey
  /// The issuer's.
  public let issuer: CardKey
  /// The card's.
  public let card: CardKey
  /// The card's for PINs.
  public let pin: CardKey
  /// The issuer's master keys.
  public let secrets: CardSecrets

  /// The payment system's identifier of all test cards: nobody has registered it.
  public static var scheme: [UInt8] { [0xF0, 0x50, 0x4F, 0x53, 0x44] }
  /// The index of the authority's key.
  public static var authorityIndex: UInt8 { 0x01 }
  /// The serial number of the issuer's certificate.
  public static var serial: [UInt8] { [0x00, 0x00, 0x01] }
  /// The serial number of the certificate that `CardFault.issuerCertificateRevoked` has.
  public static var revokedSerial: [UInt8] { [0x00, 0x0B, 0xAD] }

  /// The keys of a seed. It takes some tens of milliseconds, so whoever needs many cards makes one
  /// set for all of them.
  public init(seed: UInt64, sizes: Sizes) {
    precondition(sizes.arePossible, "whoever reads sizes from outside has asked")
    var dice = Dice(seed: seed)
    authority = CardKey.drawn(count: sizes.authority, exponent: sizes.exponent, &dice)
    issuer = CardKey.drawn(count: sizes.issuer, exponent: sizes.exponent, &dice)
    card = CardKey.drawn(count: sizes.card, exponent: sizes.exponent, &dice)
    pin = CardKey.drawn(count: sizes.pin, exponent: sizes.exponent, &dice)
    secrets = CardKeySet.secrets(&dice)
  }

  private static func secrets(_ dice: inout Dice) -> CardSecrets {
    while true {
      // Drawn again where the two parts of a key are equal.
      if let drawn = try? CardSecrets(
        cryptogram: dice.bytes(16), authentication: dice.bytes(16), encipherment: dice.bytes(16))
      {
        return drawn
      }
    }
  }
}
