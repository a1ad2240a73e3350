// SPDX-License-Identifier: Apache-2.0

/// What a test card does wrong, or rarely: one thing each, and everything else as it was.
public enum CardFault: UInt8, Hashable, Sendable, CaseIterable {
  // MARK: the directory

  /// SELECT of the directory answers 6A82.
  case directoryAbsent
  /// SELECT of the directory answers 6283.
  case directoryInvalidated
  /// SELECT of the directory answers 6400.
  case directoryFails
  /// The directory's 88 is missing.
  case directoryWithoutFile
  /// The directory's 88 is 00.
  case directoryFileZero
  /// The directory's 88 is 0B.
  case directoryFileEleven
  /// The directory's record does not begin with 70.
  case directoryRecordNotATemplate
  /// The directory's first entry has no 4F.
  case directoryEntryWithoutName
  /// READ RECORD of the directory answers 6985.
  case directoryRecordFails
  /// The directory has an entry for another directory, 9D.
  case directoryInDirectory
  /// The directory's entries hold objects that nobody knows.
  case directoryUnknownObjects
  /// The directory's first record is empty, the entries are in the second.
  case directoryEmptyRecord
  /// The directory's record has its first entry twice.
  case directoryEntryRepeated
  /// Zero bytes stand between the directory's objects.
  case directoryPadding
  /// The directory has a record under every number.
  case directoryEndless

  // MARK: selection

  /// The first SELECT answers 6A81.
  case blockedAtFirstSelect
  /// The second SELECT of an application answers 6A81.
  case secondNameBlocked
  /// The first application answers SELECT with 6283.
  case applicationInvalidated
  /// The first application's name has a byte more than its identifier.
  case longerName
  /// SELECT NEXT answers with the same application again and again.
  case nextRepeats
  /// The first application's 50 is missing, in the directory too.
  case withoutLabel
  /// The first application's 9F11 is 00.
  case codeTableZero
  /// The first application's 9F11 is 11.
  case codeTableEleven
  /// The first application's 9F11 is FF.
  case codeTableUnknown
  /// The first application's 5F2D has three characters that are no language.
  case badLanguage
  /// The first application has a 9F12 in a code table that few terminals have.
  case preferredNameUnreadable
  /// The applications' 87 are 00, 01, 81, 0F and again from the beginning.
  case mixedPriorities
  /// The last SELECT of the first application answers 6283.
  case finalSelectInvalidated
  /// The last SELECT of the first application answers 6A82.
  case finalSelectFails
  /// The last SELECT of the first application answers with another name.
  case finalSelectOtherName
  /// The last SELECT of the first application answers with objects cut short.
  case finalSelectUnreadable

  // MARK: GET PROCESSING OPTIONS and the file locator

  /// GET PROCESSING OPTIONS answers 6985.
  case processingRefused
  /// GET PROCESSING OPTIONS answers 6A80.
  case processingFails
  /// GET PROCESSING OPTIONS answers 77 without 82.
  case processingWithoutProfile
  /// GET PROCESSING OPTIONS answers 77 without 94.
  case processingWithoutLocator
  /// 94 is empty.
  case locatorEmpty
  /// 94 has five bytes.
  case locatorFiveBytes
  /// 94 names file 0.
  case locatorFileZero
  /// 94 names file 31.
  case locatorFileThirtyOne
  /// 94 begins at record 0.
  case locatorFirstZero
  /// 94 ends before it begins.
  case locatorBackwards
  /// 94 flags more records than it names.
  case locatorCountTooBig
  /// 94 has bits set that are reserved.
  case locatorLowBits

  // MARK: records

  /// READ RECORD of file 3 answers 6A83.
  case recordMissing
  /// The second record of file 3 does not begin with 70.
  case recordNotATemplate
  /// The second record of file 3 has an object that goes on behind its end.
  case recordCutShort
  /// 5A is in two records.
  case accountTwice
  /// 5A is missing.
  case withoutAccount
  /// 5F24 is missing.
  case withoutExpiry
  /// 8C is missing.
  case withoutFirstList
  /// 8D is missing.
  case withoutSecondList
  /// 5F24 is 301331.
  case impossibleExpiry
  /// A record has 95, 9F02, 9F37, 8A and 50.
  case terminalDataInRecord
  /// 5F25 has no bytes.
  case emptyEffectiveDate
  /// 9F08 has no bytes.
  case emptyVersion
  /// 8E has no bytes.
  case emptyMethods
  /// A record of file 11 is flagged and does not begin with 70.
  case flaggedRecordNotATemplate

  // MARK: the issuer's certificate

  /// 90 is a byte too short.
  case issuerCertificateLength
  /// 90 recovers to BD at its end.
  case issuerCertificateTrailer
  /// 90 recovers to 6B at its beginning.
  case issuerCertificateHeader
  /// 90 has another format.
  case issuerCertificateFormat
  /// 90 has another hash.
  case issuerCertificateHash
  /// 90 is for other account numbers.
  case issuerCertificateOwner
  /// 90 ended in January 2020.
  case issuerCertificatePast
  /// 90 has the serial number that the tests revoke.
  case issuerCertificateRevoked
  /// 90 has another signature algorithm.
  case issuerCertificateAlgorithm
  /// 90 has another hash algorithm.
  case issuerCertificateHashAlgorithm
  /// 90 names three digits of the account number.
  case issuerDigitsThree
  /// 90 names four digits of the account number.
  case issuerDigitsFour
  /// 90 names five digits of the account number.
  case issuerDigitsFive
  /// 90 names seven digits of the account number.
  case issuerDigitsSeven
  /// 90 names eight digits of the account number.
  case issuerDigitsEight

  // MARK: authentication data

  /// 90 is missing.
  case withoutIssuerCertificate
  /// 8F is missing.
  case withoutAuthorityIndex
  /// 9F32 is missing.
  case withoutIssuerExponent
  /// 92 is missing.
  case withoutIssuerRemainder
  /// 93 is missing.
  case withoutStaticSignature
  /// 9F46 is missing.
  case withoutCardCertificate
  /// 9F47 is missing.
  case withoutCardExponent
  /// 9F48 is missing.
  case withoutCardRemainder
  /// 8F names a key that no terminal has.
  case unknownAuthority
  /// 9F4A is 5A.
  case tagListAccount
  /// 9F4A is 825A.
  case tagListMore
  /// 93 has another hash.
  case staticSignatureHash
  /// 93 has another format.
  case staticSignatureFormat
  /// 93 is a byte too short.
  case staticSignatureLength
  /// 9F46 is a byte too short.
  case cardCertificateLength
  /// 9F46 recovers to BD at its end.
  case cardCertificateTrailer
  /// 9F46 recovers to 6B at its beginning.
  case cardCertificateHeader
  /// 9F46 has another format.
  case cardCertificateFormat
  /// 9F46 has another hash.
  case cardCertificateHash
  /// 9F46 is for another account number.
  case cardCertificateOwner
  /// 9F46 ended in January 2020.
  case cardCertificatePast
  /// 9F46 has another signature algorithm.
  case cardCertificateAlgorithm
  /// 9F2D has another hash.
  case pinCertificateHash

  // MARK: dynamic signatures

  /// 9F49 does not ask for 9F37.
  case dynamicListWithoutNumber
  /// 9F49 is missing.
  case withoutDynamicList
  /// The dynamic signature has another hash.
  case dynamicHash
  /// The dynamic signature is a byte too short.
  case dynamicLength
  /// The dynamic signature has another format.
  case dynamicFormat
  /// The dynamic data have no bytes.
  case dynamicDataNone
  /// The dynamic data have nine bytes.
  case dynamicDataNine
  /// The dynamic data have sixty bytes.
  case dynamicDataSixty
  /// The combined signature has another hash.
  case combinedHash
  /// The combined signature is of another transaction.
  case combinedTransactionHash
  /// The combined signature holds another 9F27.
  case combinedInformation
  /// The combined signature is a byte too short.
  case combinedLength
  /// A combined answer holds an object that nobody knows.
  case combinedMoreObjects
  /// A combined answer has its objects in another order.
  case combinedOtherOrder

  // MARK: restrictions

  /// 9F08 is 00FF.
  case otherVersion
  /// 9F07 allows nothing.
  case usageNowhere
  /// 5F25 is 31 December 2049.
  case notYetEffective
  /// 5F24 is 31 January 2020.
  case expired

  // MARK: cardholder verification

  /// 8E has an odd number of bytes.
  case methodsOdd
  /// 8E is missing.
  case withoutMethods
  /// 8E has amounts and no rule.
  case methodsNone
  /// 8E has rules that nobody knows.
  case methodsUnknown
  /// 8E has the PIN on line alone, which not every terminal takes.
  case methodsUnsupported
  /// 8E has a rule whose condition never holds.
  case methodsNever
  /// 8E fails cardholder verification, with the bit that says to go on.
  case methodsFail
  /// The PIN has no tries left.
  case triesUsedUp
  /// VERIFY answers 63C0.
  case verifyNoTries
  /// VERIFY answers 6983.
  case verifyBlocked
  /// VERIFY answers 6984.
  case verifyInvalidated
  /// VERIFY answers 6A80.
  case verifyFails
  /// The first VERIFY answers 63C2, whatever the PIN.
  case verifyFirstWrong
  /// GET CHALLENGE answers seven bytes.
  case challengeShort
  /// GET CHALLENGE answers 6D00.
  case challengeUnknown

  // MARK: risk management

  /// GET DATA of 9F36 answers 6A88.
  case withoutCounter
  /// GET DATA of 9F13 answers 6A88.
  case withoutLastOnline
  /// 9F13 is above 9F36.
  case lastOnlineAhead
  /// 9F13 is 0000.
  case lastOnlineZero
  /// 9F36 is above 9F13 by 9F14.
  case atLowerLimit
  /// 9F36 is above 9F13 by 9F14 and one.
  case aboveLowerLimit
  /// 9F36 is above 9F13 by 9F23.
  case atUpperLimit
  /// 9F36 is above 9F13 by 9F23 and one.
  case aboveUpperLimit

  // MARK: cryptograms

  /// The first GENERATE AC answers with TC, whatever was asked.
  case firstHigher
  /// The first GENERATE AC answers with the reserved type.
  case firstReserved
  /// The first GENERATE AC answers 6985.
  case firstRefused
  /// The first GENERATE AC answers 77 without 9F36.
  case firstWithoutCounter
  /// The first GENERATE AC answers 80 with ten bytes.
  case firstTenBytes
  /// The first GENERATE AC answers 80 with 44 bytes.
  case firstTooLong
  /// The first GENERATE AC answers with AAC.
  case firstDeclines
  /// The first GENERATE AC answers with AAC in 80.
  case firstDeclinesPlain
  /// The first GENERATE AC answers with AAC in 77.
  case firstDeclinesTagged
  /// The first GENERATE AC answers TC with ARQC.
  case firstWantsOnline
  /// Cryptogram information asks for an advice.
  case adviceWanted
  /// The first GENERATE AC declines: service not allowed.
  case serviceNotAllowed
  /// EXTERNAL AUTHENTICATE answers 6300.
  case issuerNotAuthentic
  /// EXTERNAL AUTHENTICATE answers 6700.
  case issuerWrongLength
  /// EXTERNAL AUTHENTICATE answers 6985.
  case issuerRefused
  /// The second GENERATE AC answers with ARQC.
  case secondOnline
  /// The second GENERATE AC answers with the reserved type.
  case secondReserved
  /// The second GENERATE AC answers with AAC.
  case secondDeclines
  /// The second GENERATE AC answers 6985.
  case secondFails
  /// The second script command answers 6A80.
  case scriptFails
  /// The second script command answers 6200.
  case scriptWarns
  /// The second script command answers 63C1.
  case scriptCounts
}
