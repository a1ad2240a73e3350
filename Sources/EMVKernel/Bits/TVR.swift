// SPDX-License-Identifier: Apache-2.0

/// Terminal Verification Results (95; EMV 4.4 Book 3, C5), and the action codes of the same form.
public struct TVR: OptionSet, Hashable, Sendable {
  /// Five bytes, the first the most significant.
  public let rawValue: UInt64

  /// Five bytes as a number.
  public init(rawValue: UInt64) { self.rawValue = rawValue & 0xFF_FFFF_FFFF }

  /// Five bytes; nil for another number of them.
  public init?(_ bytes: [UInt8]) {
    if bytes.count != 5 { return nil }
    self.init(rawValue: bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }

  private init(_ byte: UInt8, _ mask: UInt8) {
    rawValue = UInt64(mask) << UInt64(8 * (5 - byte))
  }

  /// Five bytes.
  public var bytes: [UInt8] {
    [32, 24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> UInt64($0)) }
  }

  /// All bits: what an absent Issuer Action Code - Online or - Default stands for.
  public static var everything: TVR { TVR(rawValue: .max) }

  /// Offline data authentication was not performed.
  public static var authenticationNotPerformed: TVR { TVR(1, 0x80) }
  /// SDA failed.
  public static var sdaFailed: TVR { TVR(1, 0x40) }
  /// Data of the card's are missing.
  public static var cardDataMissing: TVR { TVR(1, 0x20) }
  /// The card is on the exception file.
  public static var onExceptionFile: TVR { TVR(1, 0x10) }
  /// DDA failed.
  public static var ddaFailed: TVR { TVR(1, 0x08) }
  /// CDA failed.
  public static var cdaFailed: TVR { TVR(1, 0x04) }
  /// SDA was selected.
  public static var sdaSelected: TVR { TVR(1, 0x02) }

  /// Card and terminal have different versions of the application.
  public static var versionsDiffer: TVR { TVR(2, 0x80) }
  /// The application has expired.
  public static var expired: TVR { TVR(2, 0x40) }
  /// The application is not effective yet.
  public static var notYetEffective: TVR { TVR(2, 0x20) }
  /// The service is not allowed for the card.
  public static var serviceNotAllowed: TVR { TVR(2, 0x10) }
  /// The card is new.
  public static var newCard: TVR { TVR(2, 0x08) }

  /// Cardholder verification was not successful.
  public static var verificationFailed: TVR { TVR(3, 0x80) }
  /// A verification method is not recognised.
  public static var unrecognisedCVM: TVR { TVR(3, 0x40) }
  /// The limit of PIN tries is exceeded.
  public static var pinTryLimitExceeded: TVR { TVR(3, 0x20) }
  /// A PIN is needed, and the pad is missing or broken.
  public static var padBroken: TVR { TVR(3, 0x10) }
  /// A PIN is needed, the pad is there, and no PIN was entered.
  public static var pinNotEntered: TVR { TVR(3, 0x08) }
  /// An online PIN was entered.
  public static var onlinePINEntered: TVR { TVR(3, 0x04) }

  /// The floor limit is reached.
  public static var floorLimitExceeded: TVR { TVR(4, 0x80) }
  /// The lower limit of consecutive offline transactions is exceeded.
  public static var lowerLimitExceeded: TVR { TVR(4, 0x40) }
  /// The upper limit of consecutive offline transactions is exceeded.
  public static var upperLimitExceeded: TVR { TVR(4, 0x20) }
  /// The transaction was selected at random to go online.
  public static var selectedAtRandom: TVR { TVR(4, 0x10) }
  /// The merchant forced the transaction online.
  public static var forcedOnline: TVR { TVR(4, 0x08) }

  /// The default TDOL was used.
  public static var defaultTDOLUsed: TVR { TVR(5, 0x80) }
  /// Issuer authentication failed.
  public static var issuerAuthenticationFailed: TVR { TVR(5, 0x40) }
  /// Script processing failed before the final GENERATE AC.
  public static var scriptFailedBefore: TVR { TVR(5, 0x20) }
  /// Script processing failed after the final GENERATE AC.
  public static var scriptFailedAfter: TVR { TVR(5, 0x10) }
}
