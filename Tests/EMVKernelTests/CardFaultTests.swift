// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Simulator
import Testing

@Suite("A whole card with each of its faults shows the terminal what the Books want to be seen")
struct CardFaultTests {
  /// How a transaction ends.
  enum End: String { case offline, online, declined, refused, ended }

  struct Expected: Equatable {
    var bits: TVR
    var end: End
    init(_ bits: TVR, _ end: End) {
      self.bits = bits
      self.end = end
    }
  }

  private static func end(_ outcome: Outcome) -> End {
    switch outcome.result {
    case .approved(.offline): .offline
    case .approved: .online
    case .declined: .declined
    case .notAccepted: .refused
    case .ended: .ended
    }
  }

  private static func run(
    _ faults: [CardFault], _ prepare: (inout CardLab) -> Void = { _ in }
  ) -> (outcome: Outcome?, lab: CardLab) {
    var lab = CardLab()
    lab.profile.faults = faults
    prepare(&lab)
    let outcome = lab.run()
    return (outcome, lab)
  }

  private static let accepted = Expected([], .offline)
  private static let broken = Expected([], .ended)

  /// What a sale of 123.45 comes to with a card that has everything, at a terminal that can do
  /// everything and would approve off line.
  private static func expected(_ fault: CardFault) -> Expected? {
    switch fault {
    case .directoryAbsent, .directoryInvalidated, .directoryFails, .directoryWithoutFile,
      .directoryFileZero, .directoryFileEleven, .directoryRecordNotATemplate,
      .directoryEntryWithoutName, .directoryRecordFails, .directoryInDirectory,
      .directoryUnknownObjects, .directoryEmptyRecord, .directoryEntryRepeated,
      .directoryPadding, .directoryEndless, .secondNameBlocked, .longerName, .nextRepeats,
      .withoutLabel, .codeTableZero, .codeTableEleven, .codeTableUnknown, .badLanguage,
      .preferredNameUnreadable, .mixedPriorities, .locatorLowBits, .terminalDataInRecord,
      .emptyEffectiveDate, .emptyVersion, .issuerDigitsThree, .issuerDigitsFour,
      .issuerDigitsFive, .issuerDigitsSeven, .issuerDigitsEight, .combinedMoreObjects,
      .combinedOtherOrder, .verifyFirstWrong, .atLowerLimit, .adviceWanted:
      accepted
    case .blockedAtFirstSelect, .applicationInvalidated, .finalSelectInvalidated,
      .finalSelectFails, .finalSelectOtherName, .finalSelectUnreadable, .processingRefused:
      Expected([], .refused)
    case .processingFails, .processingWithoutProfile, .processingWithoutLocator, .locatorEmpty,
      .locatorFiveBytes, .locatorFileZero, .locatorFileThirtyOne, .locatorFirstZero,
      .locatorBackwards, .locatorCountTooBig, .recordMissing, .recordNotATemplate,
      .recordCutShort, .accountTwice, .withoutAccount, .withoutExpiry, .withoutFirstList,
      .withoutSecondList, .impossibleExpiry, .methodsOdd, .verifyFails, .firstReserved,
      .firstRefused, .firstWithoutCounter:
      broken
    default: expectedOfMethods(fault) ?? expectedOfRisk(fault)
    }
  }

  private static func expectedOfMethods(_ fault: CardFault) -> Expected? {
    switch fault {
    case .issuerCertificateLength, .issuerCertificateTrailer, .issuerCertificateHeader,
      .issuerCertificateFormat, .issuerCertificateHash, .issuerCertificateOwner,
      .issuerCertificatePast, .issuerCertificateRevoked, .issuerCertificateAlgorithm,
      .issuerCertificateHashAlgorithm, .cardCertificateLength, .cardCertificateTrailer,
      .cardCertificateHeader, .cardCertificateFormat, .cardCertificateHash,
      .cardCertificateOwner, .cardCertificatePast, .cardCertificateAlgorithm,
      .unknownAuthority, .tagListAccount, .tagListMore, .flaggedRecordNotATemplate:
      Expected(.cdaFailed, .online)
    case .withoutIssuerCertificate, .withoutAuthorityIndex, .withoutIssuerExponent,
      .withoutIssuerRemainder, .withoutCardCertificate, .withoutCardExponent,
      .withoutCardRemainder:
      Expected([.cdaFailed, .cardDataMissing], .online)
    case .combinedHash, .combinedTransactionHash, .combinedLength:
      Expected(.cdaFailed, .declined)
    // The signature says ARQC: the terminal asks for an AAC, which this card has no more to give.
    case .combinedInformation: Expected(.cdaFailed, .ended)
    // What SDA and DDA are for is not looked at where there is CDA, and a PIN is checked in clear
    // where it cannot be enciphered.
    case .withoutStaticSignature, .staticSignatureHash, .staticSignatureFormat,
      .staticSignatureLength, .dynamicListWithoutNumber, .withoutDynamicList,
      .pinCertificateHash, .challengeShort, .challengeUnknown:
      accepted
    default: nil
    }
  }

  private static func expectedOfRisk(_ fault: CardFault) -> Expected? {
    switch fault {
    case .otherVersion: Expected(.versionsDiffer, .offline)
    case .usageNowhere: Expected(.serviceNotAllowed, .online)
    case .notYetEffective: Expected(.notYetEffective, .online)
    case .expired: Expected(.expired, .online)
    case .withoutMethods, .methodsNone, .emptyMethods: Expected(.cardDataMissing, .online)
    case .methodsUnknown: Expected([.verificationFailed, .unrecognisedCVM], .online)
    case .methodsUnsupported: Expected(.onlinePINEntered, .online)
    case .methodsNever, .methodsFail: Expected(.verificationFailed, .online)
    case .triesUsedUp, .verifyNoTries, .verifyBlocked, .verifyInvalidated:
      Expected([.pinTryLimitExceeded, .onlinePINEntered], .online)
    case .withoutCounter, .withoutLastOnline:
      Expected([.lowerLimitExceeded, .upperLimitExceeded, .cardDataMissing], .online)
    case .lastOnlineAhead: Expected([.lowerLimitExceeded, .upperLimitExceeded], .offline)
    case .lastOnlineZero: Expected(.newCard, .offline)
    case .aboveLowerLimit, .atUpperLimit: Expected(.lowerLimitExceeded, .offline)
    case .aboveUpperLimit: Expected([.lowerLimitExceeded, .upperLimitExceeded], .offline)
    case .firstDeclines, .firstDeclinesPlain, .firstDeclinesTagged: Expected([], .declined)
    case .firstWantsOnline: Expected([], .online)
    case .serviceNotAllowed: Expected([], .refused)
    default: nil
    }
  }

  /// How exactly a transaction ends that comes to no decision, and whether the stripe may follow.
  private static func ending(_ fault: CardFault) -> (Outcome.Result, Outcome.Fallback)? {
    func status(_ chapter: Outcome.Chapter, _ word: UInt16) -> Outcome.Result {
      .ended(.status(chapter, StatusWord(rawValue: word)))
    }
    switch fault {
    case .blockedAtFirstSelect: return (.notAccepted(.blockedCard), .none)
    case .applicationInvalidated, .finalSelectInvalidated, .processingRefused:
      return (.notAccepted(.blockedApplications), .none)
    case .finalSelectFails, .finalSelectOtherName, .finalSelectUnreadable:
      return (.notAccepted(.noApplication), .noApplication)
    case .processingFails: return (status(.initiation, 0x6A80), .technical)
    case .processingWithoutProfile, .processingWithoutLocator, .locatorEmpty,
      .locatorFiveBytes, .locatorFileZero, .locatorFileThirtyOne, .locatorFirstZero,
      .locatorBackwards, .locatorCountTooBig:
      return (.ended(.format(.initiation)), .technical)
    case .recordMissing: return (status(.records, 0x6A83), .technical)
    case .recordNotATemplate, .recordCutShort, .accountTwice, .withoutAccount, .withoutExpiry,
      .withoutFirstList, .withoutSecondList, .impossibleExpiry:
      return (.ended(.format(.records)), .technical)
    case .methodsOdd: return (.ended(.format(.cardholder)), .technical)
    // A PIN was asked for, or a cryptogram: no stripe may be read any more.
    case .verifyFails: return (status(.cardholder, 0x6A80), .none)
    case .firstReserved: return (.ended(.logic), .none)
    case .firstRefused: return (status(.firstCryptogram, 0x6985), .none)
    case .firstWithoutCounter: return (.ended(.format(.firstCryptogram)), .none)
    case .combinedInformation: return (status(.secondCryptogram, 0x6985), .none)
    case .serviceNotAllowed: return (.notAccepted(.serviceNotAllowed), .none)
    default: return nil
    }
  }

  /// 9F34: the enciphered PIN, or what the card's list has behind it.
  private static func methods(_ fault: CardFault) -> String {
    switch fault {
    // Without the issuer's key no PIN can be enciphered, nor with a bad key or challenge.
    case .issuerCertificateLength, .issuerCertificateTrailer, .issuerCertificateHeader,
      .issuerCertificateFormat, .issuerCertificateHash, .issuerCertificateOwner,
      .issuerCertificatePast, .issuerCertificateRevoked, .issuerCertificateAlgorithm,
      .issuerCertificateHashAlgorithm, .withoutIssuerCertificate, .withoutAuthorityIndex,
      .withoutIssuerExponent, .withoutIssuerRemainder, .unknownAuthority, .pinCertificateHash,
      .challengeShort, .challengeUnknown:
      "410302"
    case .emptyMethods, .withoutMethods, .methodsNone: "3F0000"
    case .methodsUnknown, .methodsNever: "3F0001"
    case .methodsFail: "400301"
    case .methodsUnsupported: "420000"
    case .triesUsedUp, .verifyNoTries, .verifyBlocked, .verifyInvalidated: "420300"
    default: "440302"
    }
  }

  /// Whether the directory said nothing that could be used.
  private static func usesList(_ fault: CardFault) -> Bool {
    switch fault {
    case .directoryAbsent, .directoryInvalidated, .directoryFails, .directoryWithoutFile,
      .directoryFileZero, .directoryFileEleven, .directoryRecordNotATemplate,
      .directoryEntryWithoutName, .directoryRecordFails, .directoryEndless:
      true
    default: false
    }
  }

  @Test("the usual card is approved off line and on line, its PIN and signature right")
  func usual() {
    let offline = CardFaultTests.run([])
    #expect(
      offline.outcome.map { Expected($0.tvr, CardFaultTests.end($0)) } == CardFaultTests.accepted)
    #expect(offline.outcome?.cvmResults.bytes == hex("440302"))
    #expect(
      offline.outcome?.tsi == [
        .dataAuthentication, .cardholderVerification, .cardRiskManagement, .terminalRiskManagement,
      ])
    let online = CardFaultTests.run([]) { $0.goOnline() }
    #expect(online.lab.findings == [.authentic])
    #expect(online.outcome?.result == .approved(.online))
    #expect(online.outcome?.tsi.contains(.issuerAuthentication) == true)
  }

  @Test("a fault is seen as what it is", arguments: CardFault.allCases)
  func faults(_ fault: CardFault) throws {
    guard let expected = CardFaultTests.expected(fault) else {
      #expect(CardFaultTests.elsewhere.contains(fault))
      return
    }
    let (found, lab) = CardFaultTests.run([fault])
    let outcome = try #require(found)
    #expect(CardFaultTests.end(outcome) == expected.end, "\(outcome.result)")
    let ending = CardFaultTests.ending(fault)
    if let ending { #expect(outcome.result == ending.0) }
    #expect(outcome.fallback == ending?.1 ?? .none)
    if ending == nil || fault == .combinedInformation || fault == .serviceNotAllowed {
      #expect(outcome.tvr == expected.bits)
      #expect(outcome.cvmResults.bytes == hex(CardFaultTests.methods(fault)))
    } else {
      #expect(expected.end == .ended || expected.end == .refused)
    }
    if !lab.findings.isEmpty { #expect(lab.findings == [.authentic]) }
    // Out of the list a name is selected to be found, and once more to be used.
    let selections = lab.commands.filter { $0.starts(with: hex("00A4040007F0504F53440101")) }
    if ending == nil { #expect((selections.count == 2) == CardFaultTests.usesList(fault)) }
  }

  /// Faults that show in other transactions than this one.
  private static let elsewhere: [CardFault] = [
    .dynamicHash, .dynamicLength, .dynamicFormat, .dynamicDataNone, .dynamicDataNine,
    .dynamicDataSixty, .firstHigher, .issuerNotAuthentic, .issuerWrongLength, .issuerRefused,
    .secondOnline, .secondReserved, .secondDeclines, .secondFails, .scriptFails, .scriptWarns,
    .scriptCounts, .firstTenBytes, .firstTooLong,
  ]

  @Test("every fault has its documented outcome, and how it ends where it is an early one")
  func complete() {
    for fault in CardFault.allCases {
      let expected = CardFaultTests.expected(fault)
      #expect((expected == nil) == CardFaultTests.elsewhere.contains(fault), "\(fault)")
      let isEarly = expected?.end == .ended || expected?.end == .refused
      #expect(isEarly == (CardFaultTests.ending(fault) != nil), "\(fault)")
    }
    let others =
      CardFaultTests.signed.map { $0.0 } + CardFaultTests.onLine.map { $0.0 }
      + [.firstTenBytes, .firstTooLong]
    #expect(Set(CardFaultTests.elsewhere).isSubset(of: others))
  }

  @Test("an answer of the old format is 11 to 43 bytes long")
  func format() {
    for (fault, end) in [
      (nil, End.offline), (CardFault.firstTenBytes, .ended), (.firstTooLong, .ended),
    ] {
      let run = CardFaultTests.run([fault].compactMap { $0 }) {
        $0.profile.applications[0].answersTagged = false
        $0.profile.applications[0].interchange = hex("5C00")
      }
      #expect(run.outcome.map { CardFaultTests.end($0) } == end)
    }
  }

  @Test("the same certificates fail SDA and DDA, each with its own bit")
  func methods() {
    for fault in CardFault.allCases {
      guard let combined = CardFaultTests.expectedOfMethods(fault), combined.end == .online else {
        continue
      }
      for (profile, bit) in [("5C00", TVR.sdaFailed), ("3C00", .ddaFailed)] {
        let isCardsOwn =
          "\(fault)".contains("ardCertificate") || "\(fault)".contains("cardExponent")
          || "\(fault)".contains("CardExponent") || "\(fault)".contains("CardRemainder")
        if bit == .sdaFailed && isCardsOwn { continue }
        let run = CardFaultTests.run([fault]) {
          $0.profile.applications[0].interchange = hex(profile)
        }
        let expected = combined.bits.subtracting(.cdaFailed).union(bit)
        #expect(
          run.outcome?.tvr.subtracting(.sdaSelected) == expected, "\(fault) \(profile)")
      }
    }
  }

  private static let signed: [(CardFault, String, TVR)] = [
    (.dynamicHash, "3C00", .ddaFailed), (.dynamicLength, "3C00", .ddaFailed),
    (.dynamicFormat, "3C00", .ddaFailed), (.dynamicDataNine, "3C00", []),
    (.dynamicDataNone, "3C00", []), (.dynamicDataSixty, "3C00", []),
    (.dynamicListWithoutNumber, "3C00", .ddaFailed), (.withoutDynamicList, "3C00", []),
    (.staticSignatureHash, "5C00", [.sdaFailed, .sdaSelected]),
    (.staticSignatureFormat, "5C00", [.sdaFailed, .sdaSelected]),
    (.staticSignatureLength, "5C00", [.sdaFailed, .sdaSelected]),
    (.withoutStaticSignature, "5C00", [.sdaFailed, .sdaSelected, .cardDataMissing]),
  ]

  @Test("dynamic and static signatures are judged where they are used")
  func signatures() {
    for (fault, profile, bits) in CardFaultTests.signed {
      let run = CardFaultTests.run([fault]) {
        $0.profile.applications[0].interchange = hex(profile)
      }
      #expect(run.outcome?.tvr == bits, "\(fault)")
      #expect(run.outcome?.tsi.contains(.dataAuthentication) == true)
    }
  }

  private static let onLine: [(CardFault, End, TVR, Bool)] = [
    (.firstHigher, .ended, .forcedOnline, false),
    (.issuerNotAuthentic, .declined, [.forcedOnline, .issuerAuthenticationFailed], true),
    (.issuerWrongLength, .declined, [.forcedOnline, .issuerAuthenticationFailed], true),
    (.issuerRefused, .declined, [.forcedOnline, .issuerAuthenticationFailed], true),
    (.secondOnline, .declined, .forcedOnline, true),
    (.secondReserved, .declined, .forcedOnline, true),
    (.secondDeclines, .declined, .forcedOnline, true),
    (.secondFails, .ended, .forcedOnline, true),
    (.scriptFails, .online, [.forcedOnline, .scriptFailedAfter], false),
    (.scriptWarns, .online, .forcedOnline, false), (.scriptCounts, .online, .forcedOnline, false),
  ]

  @Test("on line: what the card does with issuer, second cryptogram and scripts")
  func online() {
    for (fault, end, bits, isReversed) in CardFaultTests.onLine {
      let run = CardFaultTests.run([fault]) {
        $0.goOnline()
        $0.issuer.orders = [.unblockPIN, .unblockPIN, .unblockPIN]
        $0.issuer.switches = [.scriptAfter]
      }
      #expect(run.outcome.map { CardFaultTests.end($0) } == end, "\(fault)")
      #expect(run.outcome?.tvr == bits, "\(fault) \(run.outcome?.tvr.bytes ?? [])")
      #expect(run.outcome?.needsReversal == isReversed, "\(fault)")
      if fault == .scriptFails { #expect(run.outcome?.scriptResultBytes.first == 0x12) }
      if fault == .scriptWarns { #expect(run.outcome?.scriptResultBytes.first == 0x20) }
    }
  }

  @Test("the issuer's ways: refusals, proofs that are none, scripts of every kind, silence")
  func issuer() {
    for (change, end, isReversed) in [
      (IssuerSwitch.decline, End.declined, false), (.capture, .declined, false),
      (.referral, .online, false), (.withoutProof, .declined, true), (.wrongProof, .declined, true),
      (.shortProof, .declined, true), (.longProof, .declined, true),
      (.scriptBefore, .online, false),
      (.scriptAfter, .online, false), (.scriptBoth, .online, false), (.scriptEach, .online, false),
      (.scriptUnreadable, .online, false), (.scriptTooLong, .online, false),
      (.script129, .online, false), (.scriptSixteen, .online, false),
      (.unknownObjects, .online, false), (.late, .declined, true), (.silent, .declined, true),
      (.cutShort, .declined, true),
    ] {
      let run = CardFaultTests.run([]) {
        $0.goOnline()
        $0.settings.applications[0].risk.defaultCode = .forcedOnline
        $0.settings.options.scriptBytes = change == .scriptSixteen ? 512 : 128
        $0.issuer.orders = [.unblockPIN, .unblockPIN]
        $0.issuer.switches = [change]
      }
      #expect(
        run.outcome.map { CardFaultTests.end($0) } == end,
        "\(change) \(String(describing: run.outcome?.result))")
      #expect(run.outcome?.needsReversal == isReversed, "\(change)")
      #expect(run.lab.findings == [.authentic])
    }
  }
}
