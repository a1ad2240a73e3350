// SPDX-License-Identifier: Apache-2.0

/// What a test card does wrong, or rarely: one thing each, and everything else as it was. The names
/// are those of the card's file.
public enum CardFault: String, Hashable, Sendable, CaseIterable {
  // MARK: the directory

  /// SELECT of the directory answers 6A82.
  case directoryAbsent = "directory-absent"
  /// SELECT of the directory answers 6283.
  case directoryInvalidated = "directory-invalidated"
  /// SELECT of the directory answers 6400.
  case directoryFails = "directory-fails"
  /// The directory's 88 is missing.
  case directoryWithoutFile = "directory-without-file"
  /// The directory's 88 is 00.
  case directoryFileZero = "directory-file-zero"
  /// The directory's 88 is 0B.
  case directoryFileEleven = "directory-file-eleven"
  /// The directory's record does not begin with 70.
  case directoryRecordNotATemplate = "directory-record-not-a-template"
  /// The directory's first entry has no 4F.
  case directoryEntryWithoutName = "directory-entry-without-name"
  /// READ RECORD of the directory answers 6985.
  case directoryRecordFails = "directory-record-fails"
  /// The directory has an entry for another directory, 9D.
  case directoryInDirectory = "directory-in-directory"
  /// The directory's entries hold objects that nobody knows.
  case directoryUnknownObjects = "directory-unknown-objects"
  /// The directory's first record is empty, the entries are in the second.
  case directoryEmptyRecord = "directory-empty-record"
  /// The directory's record has its first entry twice.
  case directoryEntryRepeated = "directory-entry-repeated"
  /// Zero bytes stand between the directory's objects.
  case directoryPadding = "directory-padding"
  /// The directory has a record under every number.
  case directoryEndless = "directory-endless"

  // MARK: selection

  /// The first SELECT answers 6A81.
  case blockedAtFirstSelect = "blocked-at-first-select"
  /// The second SELECT of an application answers 6A81.
  case secondNameBlocked = "second-name-blocked"
  /// The first application answers SELECT with 6283.
  case applicationInvalidated = "application-invalidated"
  /// The first application's name has a byte more than its identifier.
  case longerName = "longer-name"
  /// SELECT NEXT answers with the same application again and again.
  case nextRepeats = "next-repeats"
  /// The first application's 50 is missing, in the directory too.
  case withoutLabel = "without-label"
  /// The first application's 9F11 is 00.
  case codeTableZero = "code-table-zero"
  /// The first application's 9F11 is 11.
  case codeTableEleven = "code-table-eleven"
  /// The first application's 9F11 is FF.
  case codeTableUnknown = "code-table-unknown"
  /// The first application's 5F2D has three characters that are no language.
  case badLanguage = "bad-language"
  /// The first application has a 9F12 in a code table that few terminals have.
  case preferredNameUnreadable = "preferred-name-unreadable"
  /// The applications' 87 are 00, 01, 81, 0F and again from the beginning.
  case mixedPriorities = "mixed-priorities"
  /// The last SELECT of the first application answers 6283.
  case finalSelectInvalidated = "final-select-invalidated"
  /// The last SELECT of the first application answers 6A82.
  case finalSelectFails = "final-select-fails"
  /// The last SELECT of the first application answers with another name.
  case finalSelectOtherName = "final-select-other-name"
  /// The last SELECT of the first application answers with objects cut short.
  case finalSelectUnreadable = "final-select-unreadable"

  // MARK: GET PROCESSING OPTIONS and the file locator

  /// GET PROCESSING OPTIONS answers 6985.
  case processingRefused = "processing-refused"
  /// GET PROCESSING OPTIONS answers 6A80.
  case processingFails = "processing-fails"
  /// GET PROCESSING OPTIONS answers 77 without 82.
  case processingWithoutProfile = "processing-without-profile"
  /// GET PROCESSING OPTIONS answers 77 without 94.
  case processingWithoutLocator = "processing-without-locator"
  /// 94 is empty.
  case locatorEmpty = "locator-empty"
  /// 94 has five bytes.
  case locatorFiveBytes = "locator-five-bytes"
  /// 94 names file 0.
  case locatorFileZero = "locator-file-zero"
  /// 94 names file 31.
  case locatorFileThirtyOne = "locator-file-thirty-one"
  /// 94 begins at record 0.
  case locatorFirstZero = "locator-first-zero"
  /// 94 ends before it begins.
  case locatorBackwards = "locator-backwards"
  /// 94 flags more records than it names.
  case locatorCountTooBig = "locator-count-too-big"
  /// 94 has bits set that are reserved.
  case locatorLowBits = "locator-low-bits"

  // MARK: records

  /// READ RECORD of file 3 answers 6A83.
  case recordMissing = "record-missing"
  /// The second record of file 3 does not begin with 70.
  case recordNotATemplate = "record-not-a-template"
  /// The second record of file 3 has an object that goes on behind its end.
  case recordCutShort = "record-cut-short"
  /// 5A is in two records.
  case accountTwice = "account-twice"
  /// 5A is missing.
  case withoutAccount = "without-account"
  /// 5F24 is missing.
  case withoutExpiry = "without-expiry"
  /// 8C is missing.
  case withoutFirstList = "without-first-list"
  /// 8D is missing.
  case withoutSecondList = "without-second-list"
  /// 5F24 is 301331.
  case impossibleExpiry = "impossible-expiry"
  /// A record has 95, 9F02, 9F37, 8A and 50.
  case terminalDataInRecord = "terminal-data-in-record"
  /// 5F25 has no bytes.
  case emptyEffectiveDate = "empty-effective-date"
  /// 9F08 has no bytes.
  case emptyVersion = "empty-version"
  /// 8E has no bytes.
  case emptyMethods = "empty-methods"
  /// A record of file 11 is flagged and does not begin with 70.
  case flaggedRecordNotATemplate = "flagged-record-not-a-template"

  // MARK: the issuer's certificate

  /// 90 is a byte too short.
  case issuerCertificateLength = "issuer-certificate-length"
  /// 90 recovers to BD at its end.
  case issuerCertificateTrailer = "issuer-certificate-trailer"
  /// 90 recovers to 6B at its beginning.
  case issuerCertificateHeader = "issuer-certificate-header"
  /// 90 has another format.
  case issuerCertificateFormat = "issuer-certificate-format"
  /// 90 has another hash.
  case issuerCertificateHash = "issuer-certificate-hash"
  /// 90 is for other account numbers.
  case issuerCertificateOwner = "issuer-certificate-owner"
  /// 90 ended in January 2020.
  case issuerCertificatePast = "issuer-certificate-past"
  /// 90 has the serial number that the tests revoke.
  case issuerCertificateRevoked = "issuer-certificate-revoked"
  /// 90 has another signature algorithm.
  case issuerCertificateAlgorithm = "issuer-certificate-algorithm"
  /// 90 has another hash algorithm.
  case issuerCertificateHashAlgorithm = "issuer-certificate-hash-algorithm"
  /// 90 names three digits of the account number.
  case issuerDigitsThree = "issuer-digits-three"
  /// 90 names four digits of the account number.
  case issuerDigitsFour = "issuer-digits-four"
  /// 90 names five digits of the account number.
  case issuerDigitsFive = "issuer-digits-five"
  /// 90 names seven digits of the account number.
  case issuerDigitsSeven = "issuer-digits-seven"
  /// 90 names eight digits of the account number.
  case issuerDigitsEight = "issuer-digits-eight"

  // MARK: authentication data

  /// 90 is missing.
  case withoutIssuerCertificate = "without-issuer-certificate"
  /// 8F is missing.
  case withoutAuthorityIndex = "without-authority-index"
  /// 9F32 is missing.
  case withoutIssuerExponent = "without-issuer-exponent"
  /// 92 is missing.
  case withoutIssuerRemainder = "without-issuer-remainder"
  /// 93 is missing.
  case withoutStaticSignature = "without-static-signature"
  /// 9F46 is missing.
  case withoutCardCertificate = "without-card-certificate"
  /// 9F47 is missing.
  case withoutCardExponent = "without-card-exponent"
  /// 9F48 is missing.
  case withoutCardRemainder = "without-card-remainder"
  /// 8F names a key that no terminal has.
  case unknownAuthority = "unknown-authority"
  /// 9F4A is 5A.
  case tagListAccount = "tag-list-account"
  /// 9F4A is 825A.
  case tagListMore = "tag-list-more"
  /// 93 has another hash.
  case staticSignatureHash = "static-signature-hash"
  /// 93 has another format.
  case staticSignatureFormat = "static-signature-format"
  /// 93 is a byte too short.
  case staticSignatureLength = "static-signature-length"
  /// 9F46 is a byte too short.
  case cardCertificateLength = "card-certificate-length"
  /// 9F46 recovers to BD at its end.
  case cardCertificateTrailer = "card-certificate-trailer"
  /// 9F46 recovers to 6B at its beginning.
  case cardCertificateHeader = "card-certificate-header"
  /// 9F46 has another format.
  case cardCertificateFormat = "card-certificate-format"
  /// 9F46 has another hash.
  case cardCertificateHash = "card-certificate-hash"
  /// 9F46 is for another account number.
  case cardCertificateOwner = "card-certificate-owner"
  /// 9F46 ended in January 2020.
  case cardCertificatePast = "card-certificate-past"
  /// 9F46 has another signature algorithm.
  case cardCertificateAlgorithm = "card-certificate-algorithm"
  /// 9F2D has another hash.
  case pinCertificateHash = "pin-certificate-hash"

  // MARK: dynamic signatures

  /// 9F49 does not ask for 9F37.
  case dynamicListWithoutNumber = "dynamic-list-without-number"
  /// 9F49 is missing.
  case withoutDynamicList = "without-dynamic-list"
  /// The dynamic signature has another hash.
  case dynamicHash = "dynamic-hash"
  /// The dynamic signature is a byte too short.
  case dynamicLength = "dynamic-length"
  /// The dynamic signature has another format.
  case dynamicFormat = "dynamic-format"
  /// The dynamic data have no bytes.
  case dynamicDataNone = "dynamic-data-none"
  /// The dynamic data have nine bytes.
  case dynamicDataNine = "dynamic-data-nine"
  /// The dynamic data have sixty bytes.
  case dynamicDataSixty = "dynamic-data-sixty"
  /// The combined signature has another hash.
  case combinedHash = "combined-hash"
  /// The combined signature is of another transaction.
  case combinedTransactionHash = "combined-transaction-hash"
  /// The combined signature holds another 9F27.
  case combinedInformation = "combined-information"
  /// The combined signature is a byte too short.
  case combinedLength = "combined-length"
  /// A combined answer holds an object that nobody knows.
  case combinedMoreObjects = "combined-more-objects"
  /// A combined answer has its objects in another order.
  case combinedOtherOrder = "combined-other-order"

  // MARK: restrictions

  /// 9F08 is 00FF.
  case otherVersion = "other-version"
  /// 9F07 allows nothing.
  case usageNowhere = "usage-nowhere"
  /// 5F25 is 31 December 2049.
  case notYetEffective = "not-yet-effective"
  /// 5F24 is 31 January 2020.
  case expired = "expired"

  // MARK: cardholder verification

  /// 8E has an odd number of bytes.
  case methodsOdd = "methods-odd"
  /// 8E is missing.
  case withoutMethods = "without-methods"
  /// 8E has amounts and no rule.
  case methodsNone = "methods-none"
  /// 8E has rules that nobody knows.
  case methodsUnknown = "methods-unknown"
  /// 8E has the PIN on line alone, which not every terminal takes.
  case methodsUnsupported = "methods-unsupported"
  /// 8E has a rule whose condition never holds.
  case methodsNever = "methods-never"
  /// 8E fails cardholder verification, with the bit that says to go on.
  case methodsFail = "methods-fail"
  /// The PIN has no tries left.
  case triesUsedUp = "tries-used-up"
  /// VERIFY answers 63C0.
  case verifyNoTries = "verify-no-tries"
  /// VERIFY answers 6983.
  case verifyBlocked = "verify-blocked"
  /// VERIFY answers 6984.
  case verifyInvalidated = "verify-invalidated"
  /// VERIFY answers 6A80.
  case verifyFails = "verify-fails"
  /// The first VERIFY answers 63C2, whatever the PIN.
  case verifyFirstWrong = "verify-first-wrong"
  /// GET CHALLENGE answers seven bytes.
  case challengeShort = "challenge-short"
  /// GET CHALLENGE answers 6D00.
  case challengeUnknown = "challenge-unknown"

  // MARK: risk management

  /// GET DATA of 9F36 answers 6A88.
  case withoutCounter = "without-counter"
  /// GET DATA of 9F13 answers 6A88.
  case withoutLastOnline = "without-last-online"
  /// 9F13 is above 9F36.
  case lastOnlineAhead = "last-online-ahead"
  /// 9F13 is 0000.
  case lastOnlineZero = "last-online-zero"
  /// 9F36 is above 9F13 by 9F14.
  case atLowerLimit = "at-lower-limit"
  /// 9F36 is above 9F13 by 9F14 and one.
  case aboveLowerLimit = "above-lower-limit"
  /// 9F36 is above 9F13 by 9F23.
  case atUpperLimit = "at-upper-limit"
  /// 9F36 is above 9F13 by 9F23 and one.
  case aboveUpperLimit = "above-upper-limit"

  // MARK: cryptograms

  /// The first GENERATE AC answers with TC, whatever was asked.
  case firstHigher = "first-higher"
  /// The first GENERATE AC answers with the reserved type.
  case firstReserved = "first-reserved"
  /// The first GENERATE AC answers 6985.
  case firstRefused = "first-refused"
  /// The first GENERATE AC answers 77 without 9F36.
  case firstWithoutCounter = "first-without-counter"
  /// The first GENERATE AC answers 80 with ten bytes.
  case firstTenBytes = "first-ten-bytes"
  /// The first GENERATE AC answers 80 with 44 bytes.
  case firstTooLong = "first-too-long"
  /// The first GENERATE AC answers with AAC.
  case firstDeclines = "first-declines"
  /// The first GENERATE AC answers with AAC in 80.
  case firstDeclinesPlain = "first-declines-plain"
  /// The first GENERATE AC answers with AAC in 77.
  case firstDeclinesTagged = "first-declines-tagged"
  /// The first GENERATE AC answers TC with ARQC.
  case firstWantsOnline = "first-wants-online"
  /// Cryptogram information asks for an advice.
  case adviceWanted = "advice-wanted"
  /// The first GENERATE AC declines: service not allowed.
  case serviceNotAllowed = "service-not-allowed"
  /// EXTERNAL AUTHENTICATE answers 6300.
  case issuerNotAuthentic = "issuer-not-authentic"
  /// EXTERNAL AUTHENTICATE answers 6700.
  case issuerWrongLength = "issuer-wrong-length"
  /// EXTERNAL AUTHENTICATE answers 6985.
  case issuerRefused = "issuer-refused"
  /// The second GENERATE AC answers with ARQC.
  case secondOnline = "second-online"
  /// The second GENERATE AC answers with the reserved type.
  case secondReserved = "second-reserved"
  /// The second GENERATE AC answers with AAC.
  case secondDeclines = "second-declines"
  /// The second GENERATE AC answers 6985.
  case secondFails = "second-fails"
  /// The second script command answers 6A80.
  case scriptFails = "script-fails"
  /// The second script command answers 6200.
  case scriptWarns = "script-warns"
  /// The second script command answers 63C1.
  case scriptCounts = "script-counts"
}
