// SPDX-License-Identifier: Apache-2.0

/// What the Books call a data object (EMV 4.4 Book 3, annex A).
public enum TagWords {
  /// The name of a tag; nil for one that EMV does not know, as those of payment systems.
  public static func name(of tag: UInt32) -> String? {
    tag > 0xFF ? twoBytes(tag) : oneByte(tag)
  }

  private static func oneByte(_ tag: UInt32) -> String? {
    switch tag {
    case 0x42: "Issuer Identification Number"
    case 0x4F: "Application Identifier - card"
    case 0x50: "Application Label"
    case 0x57: "Track 2 Equivalent Data"
    case 0x5A: "Application Primary Account Number"
    case 0x61: "Application Template"
    case 0x6F: "File Control Information Template"
    case 0x70: "Record Template"
    case 0x71: "Issuer Script Template 1"
    case 0x72: "Issuer Script Template 2"
    case 0x73: "Directory Discretionary Template"
    case 0x77: "Response Message Template Format 2"
    case 0x80: "Response Message Template Format 1"
    case 0x81: "Amount, Authorised (Binary)"
    case 0x82: "Application Interchange Profile"
    case 0x83: "Command Template"
    case 0x84: "Dedicated File Name"
    case 0x86: "Issuer Script Command"
    case 0x87: "Application Priority Indicator"
    case 0x88: "Short File Identifier"
    case 0x89: "Authorisation Code"
    case 0x8A: "Authorisation Response Code"
    case 0x8C: "Card Risk Management Data Object List 1"
    case 0x8D: "Card Risk Management Data Object List 2"
    case 0x8E: "Cardholder Verification Method List"
    case 0x8F: "Certification Authority Public Key Index - card"
    case 0x90: "Issuer Public Key Certificate"
    case 0x91: "Issuer Authentication Data"
    case 0x92: "Issuer Public Key Remainder"
    case 0x93: "Signed Static Application Data"
    case 0x94: "Application File Locator"
    case 0x95: "Terminal Verification Results"
    case 0x97: "Transaction Certificate Data Object List"
    case 0x98: "Transaction Certificate Hash Value"
    case 0x99: "Transaction PIN Data"
    case 0x9A: "Transaction Date"
    case 0x9B: "Transaction Status Information"
    case 0x9C: "Transaction Type"
    case 0x9D: "Directory Definition File Name"
    case 0xA5: "File Control Information Proprietary Template"
    default: nil
    }
  }

  private static func twoBytes(_ tag: UInt32) -> String? {
    switch tag {
    case 0x5F20: "Cardholder Name"
    case 0x5F24: "Application Expiration Date"
    case 0x5F25: "Application Effective Date"
    case 0x5F28: "Issuer Country Code"
    case 0x5F2A: "Transaction Currency Code"
    case 0x5F2D: "Language Preference"
    case 0x5F30: "Service Code"
    case 0x5F34: "Application PAN Sequence Number"
    case 0x5F36: "Transaction Currency Exponent"
    case 0x5F50: "Issuer URL"
    case 0x5F53: "International Bank Account Number"
    case 0x5F54: "Bank Identifier Code"
    case 0x5F55: "Issuer Country Code (two letters)"
    case 0x5F56: "Issuer Country Code (three letters)"
    case 0x5F57: "Account Type"
    case 0xBF0C: "FCI Issuer Discretionary Data"
    default: tag < 0x9F20 ? fromTerminalAndCard(tag) : further(tag)
    }
  }

  private static func fromTerminalAndCard(_ tag: UInt32) -> String? {
    switch tag {
    case 0x9F01: "Acquirer Identifier"
    case 0x9F02: "Amount, Authorised (Numeric)"
    case 0x9F03: "Amount, Other (Numeric)"
    case 0x9F04: "Amount, Other (Binary)"
    case 0x9F05: "Application Discretionary Data"
    case 0x9F06: "Application Identifier - terminal"
    case 0x9F07: "Application Usage Control"
    case 0x9F08: "Application Version Number - card"
    case 0x9F09: "Application Version Number - terminal"
    case 0x9F0A: "Application Selection Registered Proprietary Data"
    case 0x9F0B: "Cardholder Name Extended"
    case 0x9F0C: "Issuer Identification Number Extended"
    case 0x9F0D: "Issuer Action Code - Default"
    case 0x9F0E: "Issuer Action Code - Denial"
    case 0x9F0F: "Issuer Action Code - Online"
    case 0x9F10: "Issuer Application Data"
    case 0x9F11: "Issuer Code Table Index"
    case 0x9F12: "Application Preferred Name"
    case 0x9F13: "Last Online Application Transaction Counter Register"
    case 0x9F14: "Lower Consecutive Offline Limit"
    case 0x9F15: "Merchant Category Code"
    case 0x9F16: "Merchant Identifier"
    case 0x9F17: "PIN Try Counter"
    case 0x9F18: "Issuer Script Identifier"
    case 0x9F19: "Token Requestor ID"
    case 0x9F1A: "Terminal Country Code"
    case 0x9F1B: "Terminal Floor Limit"
    case 0x9F1C: "Terminal Identification"
    case 0x9F1D: "Terminal Risk Management Data"
    case 0x9F1E: "Interface Device Serial Number"
    case 0x9F1F: "Track 1 Discretionary Data"
    default: nil
    }
  }

  private static func further(_ tag: UInt32) -> String? {
    switch tag {
    case 0x9F20: "Track 2 Discretionary Data"
    case 0x9F21: "Transaction Time"
    case 0x9F22: "Certification Authority Public Key Index - terminal"
    case 0x9F23: "Upper Consecutive Offline Limit"
    case 0x9F24: "Payment Account Reference"
    case 0x9F25: "Last 4 Digits of PAN"
    case 0x9F26: "Application Cryptogram"
    case 0x9F27: "Cryptogram Information Data"
    case 0x9F2D: "ICC PIN Encipherment Public Key Certificate"
    case 0x9F2E: "ICC PIN Encipherment Public Key Exponent"
    case 0x9F2F: "ICC PIN Encipherment Public Key Remainder"
    case 0x9F32: "Issuer Public Key Exponent"
    case 0x9F33: "Terminal Capabilities"
    case 0x9F34: "Cardholder Verification Method Results"
    case 0x9F35: "Terminal Type"
    case 0x9F36: "Application Transaction Counter"
    case 0x9F37: "Unpredictable Number"
    case 0x9F38: "Processing Options Data Object List"
    case 0x9F39: "Point-of-Service Entry Mode"
    case 0x9F3A: "Amount, Reference Currency"
    case 0x9F3B: "Application Reference Currency"
    case 0x9F3C: "Transaction Reference Currency Code"
    case 0x9F3D: "Transaction Reference Currency Exponent"
    case 0x9F40: "Additional Terminal Capabilities"
    case 0x9F41: "Transaction Sequence Counter"
    case 0x9F42: "Application Currency Code"
    case 0x9F43: "Application Reference Currency Exponent"
    case 0x9F44: "Application Currency Exponent"
    case 0x9F45: "Data Authentication Code"
    case 0x9F46: "ICC Public Key Certificate"
    case 0x9F47: "ICC Public Key Exponent"
    case 0x9F48: "ICC Public Key Remainder"
    case 0x9F49: "Dynamic Data Authentication Data Object List"
    case 0x9F4A: "Static Data Authentication Tag List"
    case 0x9F4B: "Signed Dynamic Application Data"
    case 0x9F4C: "ICC Dynamic Number"
    case 0x9F4D: "Log Entry"
    case 0x9F4E: "Merchant Name and Location"
    case 0x9F4F: "Log Format"
    default: nil
    }
  }
}
