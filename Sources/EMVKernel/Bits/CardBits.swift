// SPDX-License-Identifier: Apache-2.0

/// Application Interchange Profile (82; EMV 4.4 Book 3, C1): what the application supports. The
/// second byte, and XDA, are not looked at.
public struct AIP: OptionSet, Hashable, Sendable {
  /// The first byte.
  public let rawValue: UInt8

  /// The first byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Static data authentication.
  public static let sda = AIP(rawValue: 0x40)
  /// Dynamic data authentication.
  public static let dda = AIP(rawValue: 0x20)
  /// Cardholder verification.
  public static let cardholderVerification = AIP(rawValue: 0x10)
  /// Terminal risk management is to be performed; it is in any case.
  public static let terminalRiskManagement = AIP(rawValue: 0x08)
  /// Issuer authentication by EXTERNAL AUTHENTICATE.
  public static let issuerAuthentication = AIP(rawValue: 0x04)
  /// Combined dynamic data authentication.
  public static let cda = AIP(rawValue: 0x01)
}

/// Application Usage Control (9F07; EMV 4.4 Book 3, C2).
public struct UsageControl: OptionSet, Hashable, Sendable {
  /// Two bytes, the first the most significant.
  public let rawValue: UInt16

  /// Two bytes as a number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Cash at home.
  public static let domesticCash = UsageControl(rawValue: 0x8000)
  /// Cash abroad.
  public static let internationalCash = UsageControl(rawValue: 0x4000)
  /// Goods at home.
  public static let domesticGoods = UsageControl(rawValue: 0x2000)
  /// Goods abroad.
  public static let internationalGoods = UsageControl(rawValue: 0x1000)
  /// Services at home.
  public static let domesticServices = UsageControl(rawValue: 0x0800)
  /// Services abroad.
  public static let internationalServices = UsageControl(rawValue: 0x0400)
  /// At ATMs.
  public static let atATMs = UsageControl(rawValue: 0x0200)
  /// At terminals other than ATMs.
  public static let elsewhere = UsageControl(rawValue: 0x0100)
  /// Cashback at home.
  public static let domesticCashback = UsageControl(rawValue: 0x0080)
  /// Cashback abroad.
  public static let internationalCashback = UsageControl(rawValue: 0x0040)
}

/// The three cryptograms, from the lowest to the highest wish.
public enum CryptogramType: UInt8, Hashable, Comparable, Sendable, CaseIterable {
  /// Application Authentication Cryptogram: declined.
  case aac = 0x00
  /// Authorisation Request Cryptogram: go online.
  case arqc = 0x80
  /// Transaction Certificate: approved.
  case tc = 0x40

  private var rank: UInt8 {
    switch self {
    case .aac: 0
    case .arqc: 1
    case .tc: 2
    }
  }

  /// Whether one wishes for less than the other (EMV 4.4 Book 3, 9.3).
  public static func < (left: CryptogramType, right: CryptogramType) -> Bool {
    left.rank < right.rank
  }
}

/// Cryptogram Information Data (9F27; EMV 4.4 Book 3, Table 15).
public struct CryptogramInformation: RawRepresentable, Hashable, Sendable {
  /// One byte.
  public let rawValue: UInt8

  /// One byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The cryptogram; nil where the bits mean none.
  public var type: CryptogramType? { CryptogramType(rawValue: rawValue & 0xC0) }

  /// Whether the card asks for an advice.
  public var wantsAdvice: Bool { rawValue & 0x08 != 0 }

  /// Whether the service is not allowed.
  public var isServiceNotAllowed: Bool { rawValue & 0x07 == 0x01 }
}
