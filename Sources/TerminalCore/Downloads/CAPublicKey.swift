// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

// DE62 of the answer to 370, behind the control byte:
//
//   9F06 RID (5)   9F22 index   DF05 expiry   DF06 hash   DF07 signature   DF02 modulus
//   DF04 exponent   DF03 SHA-1 of RID, index, modulus and exponent
//
// A query lists the first three of each key.

/// A certification authority's public key, checked.
public struct CAPublicKey: Hashable, Sendable {
  /// The registered identifier of the card organisation, five bytes.
  public let provider: [UInt8]
  /// Which of its keys.
  public let index: UInt8
  /// The last day on which it may be used: YYYYMMDD as a number.
  public let expiry: UInt32
  /// RSA modulus, at most 248 bytes (EMV 4.4 Book 2, B2.1).
  public let modulus: [UInt8]
  /// RSA exponent.
  public let exponent: [UInt8]

  /// Of its TLVs; nil unless everything is there, once, of its length, and the check value right.
  init?(_ content: [UInt8]) {
    guard let objects = try? TLV.parse(content), let name = KeyName(objects),
      let modulus = DownloadTLV.only(0xDF02, in: objects), (1...248).contains(modulus.count),
      let exponent = DownloadTLV.only(0xDF04, in: objects), (1...3).contains(exponent.count),
      let check = DownloadTLV.only(0xDF03, in: objects),
      // SHA-1 and RSA: the only ones that EMV 4.4 Book 2 has numbers for here.
      DownloadTLV.only(0xDF06, in: objects) == [1], DownloadTLV.only(0xDF07, in: objects) == [1]
    else { return nil }
    let text = name.provider + [name.index] + modulus + exponent
    if check != HashAlgorithm.sha1.digest(text) { return nil }
    provider = name.provider
    index = name.index
    expiry = name.expiry
    self.modulus = modulus
    self.exponent = exponent
  }
}

/// What a query lists of a key.
public struct KeyName: Hashable, Sendable {
  /// The registered identifier of the card organisation, five bytes.
  public let provider: [UInt8]
  /// Which of its keys.
  public let index: UInt8
  /// The last day on which it may be used: YYYYMMDD as a number.
  public let expiry: UInt32

  init?(_ objects: [TLV]) {
    guard let provider = DownloadTLV.only(0x9F06, in: objects), provider.count == 5,
      let index = DownloadTLV.only(0x9F22, in: objects), index.count == 1,
      let expiry = DownloadTLV.only(0xDF05, in: objects).flatMap({ KeyName.day($0) })
    else { return nil }
    self.provider = provider
    self.index = index[0]
    self.expiry = expiry
  }

  /// By what a download asks for the key: its identifier and index.
  var asked: [UInt8] { [0x9F, 0x06, 5] + provider + [0x9F, 0x22, 1, index] }

  /// The same in the journal, with the expiry behind it.
  var bytes: [UInt8] { asked + [0xDF, 0x05, 8] + (Digits.text(UInt64(expiry), 8) ?? []) }

  init?(_ bytes: [UInt8]) {
    guard let objects = try? TLV.parse(bytes) else { return nil }
    self.init(objects)
  }

  /// YYYYMMDD, packed in four bytes or as eight digits.
  private static func day(_ value: [UInt8]) -> UInt32? {
    let digits = value.count == 4 ? value.flatMap { [0x30 + ($0 >> 4), 0x30 + ($0 & 15)] } : value
    guard digits.count == 8, let day = Digits.number(digits), (1...12).contains(day / 100 % 100),
      (1...31).contains(day % 100)
    else { return nil }
    return UInt32(day)
  }
}

/// How the TLVs of downloads are looked into.
enum DownloadTLV {
  /// The value of the object with this tag; nil when there is none, or two.
  static func only(_ tag: UInt32, in objects: [TLV]) -> [UInt8]? {
    let found = objects.filter { $0.tag.rawValue == tag }
    return found.count == 1 ? found[0].value : nil
  }

  /// The objects of a list, a new entry at each 9F06; nil when they begin otherwise.
  static func entries(_ content: [UInt8]) -> [[TLV]]? {
    guard let objects = try? TLV.parse(content) else { return nil }
    var entries: [[TLV]] = []
    for object in objects {
      if object.tag.rawValue == 0x9F06 {
        entries.append([object])
      } else if entries.isEmpty {
        return nil
      } else {
        entries[entries.count - 1].append(object)
      }
    }
    return entries
  }
}
