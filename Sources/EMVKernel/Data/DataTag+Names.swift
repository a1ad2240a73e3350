// SPDX-License-Identifier: Apache-2.0

// The tags that the kernel names (EMV 4.4 Book 3, Annex A).
extension DataTag {
  /// Application identifier in a directory.
  public static let aid = DataTag(0x4F)
  /// Application label.
  public static let label = DataTag(0x50)
  /// Track 2 equivalent data.
  public static let track2 = DataTag(0x57)
  /// The card's number.
  public static let pan = DataTag(0x5A)
  /// The cardholder's name.
  public static let cardholderName = DataTag(0x5F20)
  /// The application's last day.
  public static let expirationDate = DataTag(0x5F24)
  /// The application's first day.
  public static let effectiveDate = DataTag(0x5F25)
  /// The issuer's country.
  public static let issuerCountry = DataTag(0x5F28)
  /// The transaction's currency.
  public static let currency = DataTag(0x5F2A)
  /// The cardholder's languages.
  public static let languagePreference = DataTag(0x5F2D)
  /// Service code.
  public static let serviceCode = DataTag(0x5F30)
  /// Sequence number of the card's number.
  public static let panSequenceNumber = DataTag(0x5F34)
  /// Exponent of the transaction's currency.
  public static let currencyExponent = DataTag(0x5F36)
  /// Account type.
  public static let accountType = DataTag(0x5F57)
  /// Application template of a directory.
  public static let applicationTemplate = DataTag(0x61)
  /// File control information.
  public static let fciTemplate = DataTag(0x6F)
  /// Record template.
  public static let recordTemplate = DataTag(0x70)
  /// Issuer script before the final GENERATE AC.
  public static let scriptBefore = DataTag(0x71)
  /// Issuer script after the final GENERATE AC.
  public static let scriptAfter = DataTag(0x72)
  /// Answer of format 2.
  public static let format2 = DataTag(0x77)
  /// Answer of format 1.
  public static let format1 = DataTag(0x80)
  /// Amount, binary.
  public static let amountBinary = DataTag(0x81)
  /// Application Interchange Profile.
  public static let aip = DataTag(0x82)
  /// Command template.
  public static let commandTemplate = DataTag(0x83)
  /// Name of the selected file.
  public static let dfName = DataTag(0x84)
  /// Command of an issuer script.
  public static let scriptCommand = DataTag(0x86)
  /// Application priority indicator.
  public static let priority = DataTag(0x87)
  /// File of the directory.
  public static let directoryFile = DataTag(0x88)
  /// Authorisation code.
  public static let authorisationCode = DataTag(0x89)
  /// Authorisation response code.
  public static let responseCode = DataTag(0x8A)
  /// List of data for the first GENERATE AC.
  public static let cdol1 = DataTag(0x8C)
  /// List of data for the second GENERATE AC.
  public static let cdol2 = DataTag(0x8D)
  /// Cardholder verification method list.
  public static let cvmList = DataTag(0x8E)
  /// Index of the certification authority's key.
  public static let caKeyIndex = DataTag(0x8F)
  /// Issuer's public key certificate.
  public static let issuerCertificate = DataTag(0x90)
  /// Issuer authentication data.
  public static let issuerAuthenticationData = DataTag(0x91)
  /// Issuer's public key remainder.
  public static let issuerRemainder = DataTag(0x92)
  /// Signed static application data.
  public static let signedStaticData = DataTag(0x93)
  /// Application file locator.
  public static let afl = DataTag(0x94)
  /// Terminal Verification Results.
  public static let tvr = DataTag(0x95)
  /// List of data for the TC hash.
  public static let tdol = DataTag(0x97)
  /// TC hash value.
  public static let tcHash = DataTag(0x98)
  /// Transaction date.
  public static let date = DataTag(0x9A)
  /// Transaction Status Information.
  public static let tsi = DataTag(0x9B)
  /// Transaction type.
  public static let type = DataTag(0x9C)
  /// Name of a directory.
  public static let ddfName = DataTag(0x9D)
  /// Proprietary part of the file control information.
  public static let proprietaryFCI = DataTag(0xA5)
  /// Acquirer identifier.
  public static let acquirer = DataTag(0x9F01)
  /// Amount, numeric.
  public static let amount = DataTag(0x9F02)
  /// Cashback, numeric.
  public static let otherAmount = DataTag(0x9F03)
  /// Cashback, binary.
  public static let otherAmountBinary = DataTag(0x9F04)
  /// Application identifier of the terminal.
  public static let terminalAID = DataTag(0x9F06)
  /// Application Usage Control.
  public static let usageControl = DataTag(0x9F07)
  /// Version of the card's application.
  public static let cardVersion = DataTag(0x9F08)
  /// Version of the terminal's application.
  public static let terminalVersion = DataTag(0x9F09)
  /// Issuer Action Code - Default.
  public static let iacDefault = DataTag(0x9F0D)
  /// Issuer Action Code - Denial.
  public static let iacDenial = DataTag(0x9F0E)
  /// Issuer Action Code - Online.
  public static let iacOnline = DataTag(0x9F0F)
  /// Issuer application data.
  public static let issuerApplicationData = DataTag(0x9F10)
  /// Issuer code table index.
  public static let codeTable = DataTag(0x9F11)
  /// Preferred name of the application.
  public static let preferredName = DataTag(0x9F12)
  /// Register of the last online transaction.
  public static let lastOnlineATC = DataTag(0x9F13)
  /// Lower consecutive offline limit.
  public static let lowerOfflineLimit = DataTag(0x9F14)
  /// Merchant category code.
  public static let merchantCategory = DataTag(0x9F15)
  /// Merchant identifier.
  public static let merchant = DataTag(0x9F16)
  /// PIN try counter.
  public static let pinTryCounter = DataTag(0x9F17)
  /// Issuer script identifier.
  public static let scriptIdentifier = DataTag(0x9F18)
  /// Terminal country code.
  public static let terminalCountry = DataTag(0x9F1A)
  /// Terminal floor limit.
  public static let floorLimit = DataTag(0x9F1B)
  /// Terminal identification.
  public static let terminal = DataTag(0x9F1C)
  /// Serial number of the interface device.
  public static let deviceSerial = DataTag(0x9F1E)
  /// Transaction time.
  public static let time = DataTag(0x9F21)
  /// Index of the certification authority's key, of the terminal.
  public static let terminalKeyIndex = DataTag(0x9F22)
  /// Upper consecutive offline limit.
  public static let upperOfflineLimit = DataTag(0x9F23)
  /// Application cryptogram.
  public static let cryptogram = DataTag(0x9F26)
  /// Cryptogram Information Data.
  public static let cryptogramInformation = DataTag(0x9F27)
  /// Certificate of the card's key for PINs.
  public static let pinCertificate = DataTag(0x9F2D)
  /// Exponent of the card's key for PINs.
  public static let pinExponent = DataTag(0x9F2E)
  /// Remainder of the card's key for PINs.
  public static let pinRemainder = DataTag(0x9F2F)
  /// Issuer's public key exponent.
  public static let issuerExponent = DataTag(0x9F32)
  /// Terminal capabilities.
  public static let terminalCapabilities = DataTag(0x9F33)
  /// Cardholder verification method results.
  public static let cvmResults = DataTag(0x9F34)
  /// Terminal type.
  public static let terminalType = DataTag(0x9F35)
  /// Application Transaction Counter.
  public static let atc = DataTag(0x9F36)
  /// Unpredictable number.
  public static let unpredictableNumber = DataTag(0x9F37)
  /// List of data for GET PROCESSING OPTIONS.
  public static let pdol = DataTag(0x9F38)
  /// Point-of-service entry mode.
  public static let entryMode = DataTag(0x9F39)
  /// Additional terminal capabilities.
  public static let additionalCapabilities = DataTag(0x9F40)
  /// Transaction sequence counter.
  public static let sequenceCounter = DataTag(0x9F41)
  /// Currency of the application.
  public static let applicationCurrency = DataTag(0x9F42)
  /// Data authentication code.
  public static let dataAuthenticationCode = DataTag(0x9F45)
  /// Certificate of the card's key.
  public static let cardCertificate = DataTag(0x9F46)
  /// Exponent of the card's key.
  public static let cardExponent = DataTag(0x9F47)
  /// Remainder of the card's key.
  public static let cardRemainder = DataTag(0x9F48)
  /// List of data for INTERNAL AUTHENTICATE.
  public static let ddol = DataTag(0x9F49)
  /// Static data authentication tag list.
  public static let staticDataTags = DataTag(0x9F4A)
  /// Signed dynamic application data.
  public static let signedDynamicData = DataTag(0x9F4B)
  /// Dynamic number of the card.
  public static let dynamicNumber = DataTag(0x9F4C)
  /// Issuer's part of the file control information.
  public static let issuerDiscretionaryFCI = DataTag(0xBF0C)
}
