// SPDX-License-Identifier: Apache-2.0

/// A rule of the cardholder verification method list (8E; EMV 4.4 Book 3, C3).
public struct CVMRule: Hashable, Sendable {
  /// The method, as the card has it: bit 7 says that the next rule is tried when this one fails.
  public let method: UInt8
  /// The condition under which the rule applies.
  public let condition: UInt8

  /// A rule.
  public init(method: UInt8, condition: UInt8) {
    self.method = method
    self.condition = condition
  }

  /// Whether the next rule is tried when this method fails.
  public var continues: Bool { method & 0x40 != 0 }

  /// The method, or nil for one that is not recognised here.
  public var code: CVMCode? { CVMCode(rawValue: method & 0x3F) }
}

/// The methods that are recognised; biometric ones are not (EMV 4.4 Book 3, 10.5.5).
public enum CVMCode: UInt8, Hashable, Sendable, CaseIterable {
  /// Fail cardholder verification.
  case fail = 0x00
  /// Plaintext PIN checked by the card.
  case plaintextPIN = 0x01
  /// Enciphered PIN checked by the issuer.
  case onlinePIN = 0x02
  /// Plaintext PIN checked by the card, and a signature.
  case plaintextPINAndSignature = 0x03
  /// Enciphered PIN checked by the card.
  case encipheredPIN = 0x04
  /// Enciphered PIN checked by the card, and a signature.
  case encipheredPINAndSignature = 0x05
  /// A signature.
  case signature = 0x1E
  /// No verification is needed.
  case none = 0x1F

  /// Whether the card checks a PIN.
  public var isOfflinePIN: Bool {
    switch self {
    case .plaintextPIN, .plaintextPINAndSignature, .encipheredPIN, .encipheredPINAndSignature: true
    case .fail, .onlinePIN, .signature, .none: false
    }
  }

  /// Whether the cardholder signs.
  public var needsSignature: Bool {
    switch self {
    case .plaintextPINAndSignature, .encipheredPINAndSignature, .signature: true
    case .fail, .plaintextPIN, .onlinePIN, .encipheredPIN, .none: false
    }
  }
}

/// Cardholder Verification Method Results (9F34; EMV 4.4 Book 4, A4).
public struct CVMResults: Hashable, Sendable {
  /// How a verification ended.
  public enum Result: UInt8, Hashable, Sendable, CaseIterable {
    /// The terminal cannot know: a signature, an online PIN.
    case unknown = 0
    /// Failed.
    case failed = 1
    /// Successful.
    case successful = 2
  }

  /// The method as the list has it, bit 7 included, or 3F for none.
  public let method: UInt8
  /// The condition as the list has it, or 00 for none.
  public let condition: UInt8
  /// How it ended.
  public let result: Result

  /// The result of a rule.
  public init(_ rule: CVMRule, _ result: Result) {
    method = rule.method
    condition = rule.condition
    self.result = result
  }

  private init(none result: Result) {
    method = 0x3F
    condition = 0x00
    self.result = result
  }

  /// Verification was not performed: 3F 00 00.
  public static var notPerformed: CVMResults { CVMResults(none: .unknown) }

  /// Verification was performed and no method was: 3F 00 01.
  public static var noMethod: CVMResults { CVMResults(none: .failed) }

  /// Three bytes.
  public var bytes: [UInt8] { [method, condition, result.rawValue] }

  /// The method, or nil for none.
  public var code: CVMCode? { CVMRule(method: method, condition: condition).code }
}
