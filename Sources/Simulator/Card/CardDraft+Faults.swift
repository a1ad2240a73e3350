// SPDX-License-Identifier: Apache-2.0

import Wire

extension CardDraft {
  /// What a fault changes before anything is signed: the signatures are right over what is wrong.
  mutating func apply(_ fault: CardFault) {
    switch fault {
    case .withoutLabel: remove(0x50)
    case .codeTableZero: replace(0x9F11, [0x00])
    case .codeTableEleven: replace(0x9F11, [0x11])
    case .codeTableUnknown: replace(0x9F11, [0xFF])
    case .badLanguage: replace(0x5F2D, Array("???".utf8))
    case .preferredNameUnreadable: replace(0x9F11, [0x08])
    case .recordNotATemplate: changeRecord(3, 2) { $0.template = 0x61 }
    case .recordCutShort: changeRecord(3, 2) { $0.tail = [0x9F, 0x05, 0x10, 0x01] }
    case .accountTwice:
      let account = CardObject(0x5A, value(0x5A) ?? [])
      changeRecord(3, 2) { $0.objects.append(account) }
    case .withoutAccount: remove(0x5A)
    case .withoutExpiry: remove(0x5F24)
    case .withoutFirstList: remove(0x8C)
    case .withoutSecondList: remove(0x8D)
    case .impossibleExpiry: replace(0x5F24, [0x30, 0x13, 0x31])
    case .terminalDataInRecord: changeRecord(3, 2) { $0.objects += CardDraft.terminalData }
    case .emptyEffectiveDate: replace(0x5F25, [])
    case .emptyVersion: replace(0x9F08, [])
    case .emptyMethods: replace(0x8E, [])
    case .flaggedRecordNotATemplate:
      records.append(
        Record(
          file: 11, number: 11, isFlagged: true, template: 0x61,
          objects: [CardObject(0x9F05, [0x01])]))
    case .tagListAccount: replace(0x9F4A, [0x5A])
    case .tagListMore: replace(0x9F4A, [0x82, 0x5A])
    case .unknownAuthority: replace(0x8F, [0xEE])
    case .dynamicListWithoutNumber: replace(0x9F49, [0x9A, 0x03])
    case .withoutDynamicList: remove(0x9F49)
    default:
      applyRestriction(fault)
      applyCertificate(fault)
    }
  }

  private static var terminalData: [CardObject] {
    [
      CardObject(0x95, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
      CardObject(0x9F02, [0x99, 0x99, 0x99, 0x99, 0x99, 0x99]),
      CardObject(0x9F37, [0xEE, 0xEE, 0xEE, 0xEE]), CardObject(0x8A, Array("00".utf8)),
      CardObject(0x50, Array("RECORD".utf8)),
    ]
  }

  private mutating func changeRecord(
    _ file: UInt8, _ number: UInt8, _ change: (inout Record) -> Void
  ) {
    for index in records.indices
    where records[index].file == file && records[index].number == number {
      change(&records[index])
    }
  }

  /// Processing restrictions and methods of cardholder verification.
  private mutating func applyRestriction(_ fault: CardFault) {
    switch fault {
    case .otherVersion: replace(0x9F08, [0x00, 0xFF])
    case .usageNowhere: replace(0x9F07, [0x00, 0x00])
    case .notYetEffective: replace(0x5F25, [0x49, 0x12, 0x31])
    case .expired: replace(0x5F24, [0x20, 0x01, 0x31])
    case .methodsOdd: replace(0x8E, CardDraft.methods([0x1F, 0x00, 0x1E]))
    case .withoutMethods: remove(0x8E)
    case .methodsNone: replace(0x8E, CardDraft.methods([]))
    case .methodsUnknown: replace(0x8E, CardDraft.methods([0x55, 0x00, 0x10, 0x00]))
    case .methodsUnsupported: replace(0x8E, CardDraft.methods([0x42, 0x00, 0x02, 0x00]))
    case .methodsNever: replace(0x8E, CardDraft.methods([0x1F, 0x04, 0x1E, 0x01]))
    case .methodsFail: replace(0x8E, CardDraft.methods([0x40, 0x03, 0x1F, 0x00]))
    default: break
    }
  }

  private mutating func applyCertificate(_ fault: CardFault) {
    switch fault {
    case .issuerCertificateLength: issuerCertificate.spoiling = .length
    case .issuerCertificateTrailer: issuerCertificate.spoiling = .trailer
    case .issuerCertificateHeader: issuerCertificate.spoiling = .header
    case .issuerCertificateFormat: issuerCertificate.spoiling = .format
    case .issuerCertificateHash: issuerCertificate.spoiling = .hash
    case .issuerCertificateOwner: issuerCertificate.spoiling = .owner
    case .issuerCertificatePast: issuerCertificate.spoiling = .month
    case .issuerCertificateAlgorithm: issuerCertificate.spoiling = .algorithm
    case .issuerCertificateHashAlgorithm: issuerCertificate.spoiling = .hashIndicator
    case .issuerCertificateRevoked: issuerCertificate.serial = CardKeySet.revokedSerial
    case .issuerDigitsThree: nameDigits(3)
    case .issuerDigitsFour: nameDigits(4)
    case .issuerDigitsFive: nameDigits(5)
    case .issuerDigitsSeven: nameDigits(7)
    case .issuerDigitsEight: nameDigits(8)
    case .staticSignatureHash: staticSpoiling = .hash
    case .staticSignatureFormat: staticSpoiling = .format
    case .staticSignatureLength: staticSpoiling = .length
    case .cardCertificateLength: cardCertificate.spoiling = .length
    case .cardCertificateTrailer: cardCertificate.spoiling = .trailer
    case .cardCertificateHeader: cardCertificate.spoiling = .header
    case .cardCertificateFormat: cardCertificate.spoiling = .format
    case .cardCertificateHash: cardCertificate.spoiling = .hash
    case .cardCertificateOwner: cardCertificate.spoiling = .owner
    case .cardCertificatePast: cardCertificate.spoiling = .month
    case .cardCertificateAlgorithm: cardCertificate.spoiling = .algorithm
    case .pinCertificateHash: pinCertificate.spoiling = .hash
    default: break
    }
  }

  private mutating func nameDigits(_ count: Int) {
    issuerCertificate.owner = CardDraft.packed(Array(profile.pan.prefix(count)), count: 4)
  }

  /// What a fault takes away when everything is signed.
  mutating func strip(_ fault: CardFault) {
    switch fault {
    case .withoutIssuerCertificate: remove(0x90)
    case .withoutAuthorityIndex: remove(0x8F)
    case .withoutIssuerExponent: remove(0x9F32)
    case .withoutIssuerRemainder: remove(0x92)
    case .withoutStaticSignature: remove(0x93)
    case .withoutCardCertificate: remove(0x9F46)
    case .withoutCardExponent: remove(0x9F47)
    case .withoutCardRemainder: remove(0x9F48)
    default: break
    }
  }

  /// The locator of a card with a fault.
  func locator(_ faults: [CardFault]) -> [UInt8] {
    var locator = locator
    for fault in faults {
      switch fault {
      case .locatorEmpty: locator = []
      case .locatorFiveBytes: locator.append(0x08)
      case .locatorFileZero: locator[0] = 0x00
      case .locatorFileThirtyOne: locator[0] = 0xF8
      case .locatorFirstZero: locator[1] = 0x00
      case .locatorBackwards: (locator[1], locator[2]) = (2, 1)
      case .locatorCountTooBig: locator[3] = locator[2] - locator[1] + 2
      case .locatorLowBits: for index in [0, 4, 8] { locator[index] |= 0x07 }
      default: break
      }
    }
    return locator
  }
}
