// SPDX-License-Identifier: Apache-2.0

/// What stands on the slip of a payment; an empty field has no line.
public struct SaleReceiptData: Hashable, Sendable {
  /// How the cardholder was verified.
  public enum Verification: Hashable, Sendable {
    /// By PIN.
    case pin
    /// By signature, which the slip asks for.
    case signature
    /// Not at all, as the rules allow for this amount.
    case none
  }

  /// Whose copy it is.
  public enum Holder: Hashable, Sendable {
    /// The merchant's.
    case merchant
    /// The cardholder's.
    case cardholder
  }

  /// The merchant's names and place, a line each, Chinese and English.
  public var merchantName: [String] = []
  /// The merchant's number, 15 characters.
  public var merchantNumber = ""
  /// The terminal's number, 8 characters.
  public var terminalNumber = ""
  /// In both languages, as in `消费 SALE`.
  public var transactionType = SlipText("")
  /// The card's number, masked.
  public var maskedPAN = MaskedNumber("")
  /// How the card was read, one letter: S swiped, I inserted, C contactless, M manual.
  public var entryLetter = ""
  /// DE11, 6 digits.
  public var traceNumber = ""
  /// The batch, 6 digits.
  public var batchNumber = ""
  /// The reference of the transaction that this one follows.
  public var originalReference = ""
  /// DE37, 12 characters.
  public var referenceNumber = ""
  /// DE38, 6 characters.
  public var approvalCode = ""
  /// The host's date and time, as in `2026-01-31 12:00:00`.
  public var dateTime = ""
  /// With currency, as in `CNY 12.30`.
  public var amount = ""
  /// What the host answered, in both languages.
  public var response = SlipText("")
  /// The chip application's identifier in hexadecimal.
  public var applicationIdentifier = ""
  /// The chip application's label.
  public var applicationLabel = ""
  /// The kind of the application cryptogram: TC, ARQC or AAC.
  public var cryptogramKind = "TC"
  /// The application cryptogram in hexadecimal.
  public var cryptogram = ""
  /// Terminal verification results in hexadecimal.
  public var verificationResults = ""
  /// Transaction status information in hexadecimal.
  public var statusInformation = ""
  /// The chip's transaction counter in hexadecimal.
  public var transactionCounter = ""
  /// How the cardholder was verified.
  public var verification = Verification.none
  /// Whose copy it is.
  public var holder = Holder.merchant

  /// A slip with nothing on it yet.
  public init() {}
}
