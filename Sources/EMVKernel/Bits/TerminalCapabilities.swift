// SPDX-License-Identifier: Apache-2.0

/// What a terminal can do with cards, persons and signatures (9F33; EMV 4.4 Book 4, A2).
public struct TerminalCapabilities: OptionSet, Hashable, Sendable {
  /// Three bytes, the first the most significant.
  public let rawValue: UInt32

  /// Three bytes as a number: 0xE0B8C8.
  public init(rawValue: UInt32) { self.rawValue = rawValue & 0xFF_FFFF }

  /// Keys for the card's number.
  public static let manualEntry = TerminalCapabilities(rawValue: 0x80_0000)
  /// A reader of magnetic stripes.
  public static let magneticStripe = TerminalCapabilities(rawValue: 0x40_0000)
  /// A reader of chips with contacts.
  public static let contactChip = TerminalCapabilities(rawValue: 0x20_0000)
  /// Plaintext PIN checked by the card.
  public static let plaintextPIN = TerminalCapabilities(rawValue: 0x00_8000)
  /// Enciphered PIN checked by the issuer.
  public static let onlinePIN = TerminalCapabilities(rawValue: 0x00_4000)
  /// A signature.
  public static let signature = TerminalCapabilities(rawValue: 0x00_2000)
  /// Enciphered PIN checked by the card, with RSA.
  public static let encipheredPIN = TerminalCapabilities(rawValue: 0x00_1000)
  /// No cardholder verification.
  public static let noCVM = TerminalCapabilities(rawValue: 0x00_0800)
  /// Static data authentication.
  public static let sda = TerminalCapabilities(rawValue: 0x00_0080)
  /// Dynamic data authentication.
  public static let dda = TerminalCapabilities(rawValue: 0x00_0040)
  /// Keeping a card.
  public static let cardCapture = TerminalCapabilities(rawValue: 0x00_0020)
  /// Combined dynamic data authentication.
  public static let cda = TerminalCapabilities(rawValue: 0x00_0008)

  /// Three bytes.
  public var bytes: [UInt8] {
    [16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> UInt32($0)) }
  }
}

/// What a terminal can do beside that (9F40; EMV 4.4 Book 4, A3).
public struct AdditionalCapabilities: Hashable, Sendable {
  /// Five bytes.
  public let bytes: [UInt8]

  /// Nil when there are not five bytes.
  public init?(_ bytes: [UInt8]) {
    if bytes.count != 5 { return nil }
    self.bytes = bytes
  }

  /// Whether cash is paid out.
  public var hasCash: Bool { bytes[0] & 0x80 != 0 }

  /// Whether a part of ISO 8859 can be shown: 1...10.
  public func hasCodeTable(_ part: UInt8) -> Bool {
    switch part {
    case 1...8: bytes[4] & (1 << (part - 1)) != 0
    case 9: bytes[3] & 0x01 != 0
    case 10: bytes[3] & 0x02 != 0
    default: false
    }
  }
}
