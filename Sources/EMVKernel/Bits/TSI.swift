// SPDX-License-Identifier: Apache-2.0

/// Transaction Status Information (9B; EMV 4.4 Book 3, C6): what has been performed.
public struct TSI: OptionSet, Hashable, Sendable {
  /// Two bytes, the first the most significant.
  public let rawValue: UInt16

  /// Two bytes as a number.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Two bytes.
  public var bytes: [UInt8] {
    [UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)]
  }

  /// Offline data authentication.
  public static let dataAuthentication = TSI(rawValue: 0x8000)
  /// Cardholder verification.
  public static let cardholderVerification = TSI(rawValue: 0x4000)
  /// Card risk management.
  public static let cardRiskManagement = TSI(rawValue: 0x2000)
  /// Issuer authentication.
  public static let issuerAuthentication = TSI(rawValue: 0x1000)
  /// Terminal risk management.
  public static let terminalRiskManagement = TSI(rawValue: 0x0800)
  /// Script processing.
  public static let scripts = TSI(rawValue: 0x0400)
}
