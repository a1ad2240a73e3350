// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

/// What terminals download from an acquirer of UnionPay's dialect.
public struct HostDownloads: Hashable, Sendable {
  /// A key or an application: what a query lists, and what its download adds.
  public struct Entry: Hashable, Sendable {
    /// The TLV by which a download asks for it, and more of it in a query.
    public var name: [UInt8]
    /// All TLVs.
    public var content: [UInt8]

    /// An entry.
    public init(name: [UInt8], content: [UInt8]) {
      self.name = name
      self.content = content
    }

    var download: [UInt8] { [0x31] + content }
  }

  /// Certification authorities' public keys.
  public var keys: [Entry] = []
  /// Applications with their parameters.
  public var applications: [Entry] = []
  /// Codes of two digits with values of fixed width: application, time-out, redials, tips, keyed
  /// entry.
  public var parameters: [UInt8] = letters("1160" + "1260" + "133" + "181" + "200" + "211")
  /// The first digits of cards that are refused, ASCII.
  public var blackList: [[UInt8]] = []
  /// ASCII TLV: tag of six characters, length of three digits, value.
  public var contactless: [UInt8] = letters("FF805D0011" + "FF8058012000000100000")
  /// How many entries one answer to a query has.
  public var entriesPerPiece = 2

  /// Nothing but parameters.
  public init() {}

  /// A certification authority's public key: registered identifier, index, expiry YYYYMMDD, modulus
  /// and exponent; its check is made.
  public static func key(
    provider: [UInt8], index: UInt8, expiry: String, modulus: [UInt8], exponent: [UInt8]
  ) -> Entry {
    let asked = tlv([0x9F, 0x06], provider) + tlv([0x9F, 0x22], [index])
    let name = asked + tlv([0xDF, 0x05], letters(expiry))
    let check = HashAlgorithm.sha1.digest(provider + [index] + modulus + exponent)
    let content =
      name + tlv([0xDF, 0x06], [1]) + tlv([0xDF, 0x07], [1]) + tlv([0xDF, 0x02], modulus)
      + tlv([0xDF, 0x04], exponent) + tlv([0xDF, 0x03], check)
    return Entry(name: name, content: content)
  }

  /// An application: its identifier, and the TLVs behind it.
  public static func application(_ identifier: [UInt8], parameters: [UInt8]) -> Entry {
    let name = tlv([0x9F, 0x06], identifier)
    return Entry(name: name, content: name + parameters)
  }

  private static func tlv(_ tag: [UInt8], _ value: [UInt8]) -> [UInt8] {
    let length = value.count < 128 ? [UInt8(value.count)] : [0x81, UInt8(value.count)]
    return tag + length + value
  }

  /// The answer to `1` and two digits of how many have come so far: 0 none, 1 the last piece, 2
  /// more to come; then the entries.
  func piece(_ names: [[UInt8]], _ asked: [UInt8]) -> [UInt8]? {
    guard asked.count == 3, asked[0] == 0x31,
      let start = Digits.number(Array(asked.dropFirst())).map({ Int($0) })
    else { return nil }
    if start >= names.count { return letters("0") }
    let end = min(start + entriesPerPiece, names.count)
    let control: UInt8 = end < names.count ? 0x32 : 0x31
    return names[start..<end].reduce([control]) { $0 + $1 }
  }

  /// The answer to three digits, the first record asked for counted from 1, or 000: control, three
  /// digits up to which it goes, records of two digits of length and fourteen characters.
  func blackListPiece(_ asked: [UInt8]) -> [UInt8]? {
    guard asked.count == 3, let number = Digits.number(asked).map({ Int($0) }) else { return nil }
    let start = max(number, 1) - 1
    if start >= blackList.count { return letters("0000") }
    let end = min(start + entriesPerPiece, blackList.count)
    var piece: [UInt8] = [end < blackList.count ? 0x32 : 0x31] + Digits.fixed(end, 3)
    for digits in blackList[start..<end] {
      let field = digits.prefix(14)
      piece += Digits.fixed(field.count, 2) + field
      piece += [UInt8](repeating: 0x20, count: 14 - field.count)
    }
    return piece
  }
}
