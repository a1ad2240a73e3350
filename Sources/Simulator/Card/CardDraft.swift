// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

// The default image of a test card:
//
//     file 1    1  57 5F20
//     file 2    1  8F 9F32 92    2  90    3  93    4  9F46    5  9F47 9F48 9F49
//               6  9F2D          7  9F2E 9F2F
//     file 3    1  5A 5F24 5F25 5F28 5F34 9F07 8E 9F0D 9F0E 9F0F 9F4A 8C 8D      flagged
//               2  9F42 9F44 9F08 9F14 9F23 5F30
//     file 11      the log, which the locator does not name
//
// A certificate has a record of its own, for a record has at most 254 bytes (EMV 4.4 Book 3, 7.1).

/// An application on its way to a card: objects, before anything is signed.
struct CardDraft {
  struct Record {
    var file: UInt8
    var number: UInt8
    var isFlagged = false
    /// 70, or what stands there instead.
    var template: UInt32 = 0x70
    var objects: [CardObject]
    /// Bytes of an object that is cut short.
    var tail: [UInt8] = []

    var content: [UInt8] { objects.bytes + tail }
    var bytes: [UInt8] { CardObject(template, content).bytes }
  }

  let profile: CardProfile.Application
  /// What A5 holds.
  var information: [CardObject] = []
  var records: [Record] = []
  var issuerCertificate: CertificateDraft
  var cardCertificate: CertificateDraft
  var pinCertificate: CertificateDraft
  var staticSpoiling: Spoiling?

  init(_ profile: CardProfile.Application) {
    self.profile = profile
    let account = CardDraft.packed(profile.pan, count: 10)
    issuerCertificate = CertificateDraft(
      format: 0x02, owner: CardDraft.packed(Array(profile.pan.prefix(6)), count: 4),
      month: profile.certificates, serial: CardKeySet.serial)
    cardCertificate = CertificateDraft(
      format: 0x04, owner: account, month: profile.certificates, serial: [0, 0, 2])
    pinCertificate = CertificateDraft(
      format: 0x04, owner: account, month: profile.certificates, serial: [0, 0, 3])
    information = [
      CardObject(0x50, Array(profile.label.utf8)), CardObject(0x87, [profile.priority]),
      CardObject(0x9F38, [0x9F, 0x35, 0x01]), CardObject(0x5F2D, Array("zhen".utf8)),
      CardObject(0x9F11, [0x01]), CardObject(0x9F12, Array((profile.label + " I").utf8)),
      CardObject(0xBF0C, CardObject(0x9F4D, [0x0B, 0x0A]).bytes),
    ]
    records = [
      Record(file: 1, number: 1, objects: track), Record(file: 2, number: 1, objects: authority),
      Record(file: 2, number: 2, objects: []), Record(file: 2, number: 3, objects: []),
      Record(file: 2, number: 4, objects: []), Record(file: 2, number: 5, objects: dynamic),
      Record(file: 2, number: 6, objects: []), Record(file: 2, number: 7, objects: []),
      Record(file: 3, number: 1, isFlagged: true, objects: signed),
      Record(file: 3, number: 2, objects: further),
    ]
  }

  /// Digit values, filled with F.
  static func packed(_ digits: [UInt8], count: Int) -> [UInt8] {
    BCD.pack(digits + [UInt8](repeating: 0x0F, count: max(0, count * 2 - digits.count)))
  }

  private var track: [CardObject] {
    let expiry = BCD.unpack(profile.expires).prefix(4)
    // Service code 201 and discretionary data (ISO/IEC 7813).
    let digits = profile.pan + [0x0D] + expiry + [2, 0, 1, 1, 2, 3, 4, 5]
    return [
      CardObject(0x57, CardDraft.packed(digits, count: (digits.count + 1) / 2)),
      CardObject(0x5F20, Array("POSD/TEST CARD".utf8)),
    ]
  }

  private var authority: [CardObject] { [CardObject(0x8F, [CardKeySet.authorityIndex])] }

  private var dynamic: [CardObject] { [CardObject(0x9F49, [0x9F, 0x37, 0x04])] }

  private var signed: [CardObject] {
    let proof: UInt8 = profile.proof == .code ? 0x0A : 0x08
    let first: [UInt8] = [
      0x9F, 0x02, 0x06, 0x9F, 0x03, 0x06, 0x9F, 0x1A, 0x02, 0x95, 0x05, 0x5F, 0x2A, 0x02, 0x9A,
      0x03, 0x9C, 0x01, 0x9F, 0x37, 0x04, 0x9F, 0x35, 0x01, 0x9F, 0x34, 0x03, 0x9F, 0x45, 0x02,
    ]
    return [
      CardObject(0x5A, CardDraft.packed(profile.pan, count: (profile.pan.count + 1) / 2)),
      CardObject(0x5F24, profile.expires), CardObject(0x5F25, profile.effective),
      CardObject(0x5F28, [0x01, 0x56]), CardObject(0x5F34, [profile.sequence]),
      CardObject(0x9F07, [0xFF, 0x80]),
      CardObject(0x8E, CardDraft.methods([0x44, 3, 0x41, 3, 0x42, 3, 0x5E, 3, 0x1F, 0])),
      CardObject(0x9F0D, [0xFC, 0x70, 0xBC, 0x98, 0]), CardObject(0x9F0E, [0, 0, 0, 0, 0]),
      CardObject(0x9F0F, [0xFC, 0x70, 0xBC, 0x98, 0]), CardObject(0x9F4A, [0x82]),
      CardObject(0x8C, first),
      CardObject(
        0x8D, [0x8A, 0x02, 0x91, proof, 0x95, 0x05, 0x9F, 0x37, 0x04, 0x9B, 0x02]),
    ]
  }

  private var further: [CardObject] {
    [
      CardObject(0x9F42, [0x01, 0x56]), CardObject(0x9F44, [0x02]),
      CardObject(0x9F08, [0x00, 0x8C]), CardObject(0x9F14, [0x03]), CardObject(0x9F23, [0x05]),
      CardObject(0x5F30, [0x02, 0x01]),
    ]
  }

  /// A list of methods without amounts.
  static func methods(_ rules: [UInt8]) -> [UInt8] { [UInt8](repeating: 0, count: 8) + rules }
}

extension CardDraft {
  /// The content of an object, in the records or in A5.
  func value(_ tag: UInt32) -> [UInt8]? {
    for record in records {
      if let found = record.objects.first(where: { $0.tag == tag }) { return found.value }
    }
    return information.first { $0.tag == tag }?.value
  }

  /// Gives an object another content, wherever it is; one that is nowhere comes into the last
  /// record.
  mutating func replace(_ tag: UInt32, _ value: [UInt8]) {
    if let index = information.firstIndex(where: { $0.tag == tag }) {
      information[index].value = value
      return
    }
    for index in records.indices {
      if let place = records[index].objects.firstIndex(where: { $0.tag == tag }) {
        records[index].objects[place].value = value
        return
      }
    }
    records[records.count - 1].objects.append(CardObject(tag, value))
  }

  /// Takes an object out, wherever it is.
  mutating func remove(_ tag: UInt32) {
    information.removeAll { $0.tag == tag }
    for index in records.indices { records[index].objects.removeAll { $0.tag == tag } }
  }

  /// Puts objects into a record.
  mutating func add(_ objects: [CardObject], file: UInt8, number: UInt8) {
    for index in records.indices
    where records[index].file == file && records[index].number == number {
      records[index].objects += objects
    }
  }

  /// What is signed of the records (EMV 4.4 Book 3, 10.3).
  var input: [UInt8] {
    var input: [UInt8] = []
    for record in records where record.isFlagged {
      input += record.file <= 10 ? record.content : record.bytes
    }
    return input + (value(0x9F4A) == nil ? [] : profile.interchange)
  }

  /// Makes certificates and static signature, and puts them into their records.
  mutating func sign(with keys: CardKeySet) {
    let input = input
    let exponent = keys.issuer.publicKey.exponent
    let issuer = issuerCertificate.made(for: keys.issuer.publicKey, by: keys.authority)
    add([CardObject(0x9F32, exponent)] + remainder(0x92, issuer.remainder), file: 2, number: 1)
    add([CardObject(0x90, issuer.certificate)], file: 2, number: 2)
    let signature = SignedBlock(
      format: 0x03, content: [0x01, 0xDA, 0xC0], spoiling: staticSpoiling)
    add(
      [CardObject(0x93, signature.signature(by: keys.issuer, over: input))], file: 2, number: 3)
    let card = cardCertificate.made(for: keys.card.publicKey, by: keys.issuer, over: input)
    add([CardObject(0x9F46, card.certificate)], file: 2, number: 4)
    add(
      [CardObject(0x9F47, exponent)] + remainder(0x9F48, card.remainder), file: 2, number: 5)
    let pin = pinCertificate.made(for: keys.pin.publicKey, by: keys.issuer)
    add([CardObject(0x9F2D, pin.certificate)], file: 2, number: 6)
    add([CardObject(0x9F2E, exponent)] + remainder(0x9F2F, pin.remainder), file: 2, number: 7)
  }

  private func remainder(_ tag: UInt32, _ bytes: [UInt8]) -> [CardObject] {
    bytes.isEmpty ? [] : [CardObject(tag, bytes)]
  }

  /// 94: an entry for each run of records of a file, in the order of the draft.
  var locator: [UInt8] {
    var entries: [[UInt8]] = []
    for record in records {
      if let last = entries.last, last[0] == record.file << 3, last[2] + 1 == record.number {
        entries[entries.count - 1][2] = record.number
        if record.isFlagged { entries[entries.count - 1][3] += 1 }
      } else {
        entries.append([
          record.file << 3, record.number, record.number, record.isFlagged ? 1 : 0,
        ])
      }
    }
    return entries.flatMap { $0 }
  }
}
