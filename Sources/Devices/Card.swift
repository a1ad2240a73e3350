// SPDX-License-Identifier: Apache-2.0

import Wire

/// A primary account number, 8...19 digits; it prints as first six and last four.
public struct PAN: Hashable, Sendable, CustomStringConvertible {
  private let secret: SecretBytes

  /// ASCII digits; nil when there are not 8...19 of them.
  public init?(_ digits: [UInt8]) {
    if !(8...19).contains(digits.count) || !digits.allSatisfy({ (0x30...0x39).contains($0) }) {
      return nil
    }
    secret = SecretBytes(digits)
  }

  /// The ASCII digits, for a message to the acquirer or the PIN pad.
  public var exposed: [UInt8] { secret.exposed }

  /// How many digits there are.
  public var count: Int { secret.count }

  /// Whether the last digit is the mod-10 check digit of the others (ISO/IEC 7812-1, Annex B).
  public var hasValidCheckDigit: Bool {
    var sum = 0
    for (index, digit) in secret.exposed.reversed().enumerated() {
      let value = Int(digit - 0x30)
      sum += index % 2 == 0 ? value : value * 2 - (value > 4 ? 9 : 0)
    }
    return sum % 10 == 0
  }

  /// Whether somebody may have typed or pasted a card number: 13...19 digits, the last of which is
  /// the check digit.
  public static func looksLikeOne(_ text: [UInt8]) -> Bool {
    guard text.count >= 13, let pan = PAN(text) else { return false }
    return pan.hasValidCheckDigit
  }

  /// First six and last four digits with `*` between; of fewer than 13 digits the last four alone.
  public var masked: String {
    let digits = secret.exposed
    let shown = digits.count >= 13 ? 6 : 0
    var text: [UInt8] = []
    for index in 0..<digits.count {
      text.append(index < shown || index >= digits.count - 4 ? digits[index] : 0x2A)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Masked.
  public var description: String { masked }
}

/// What a cardholder's telephone shows instead of a card: it pays, so that it prints as nothing.
public struct ScannedCode: Hashable, Sendable, CustomStringConvertible {
  private let secret: SecretBytes

  /// ASCII digits; nil when there are not 16...24 of them, as EMVCo and the wallets have it.
  public init?(_ digits: [UInt8]) {
    if !(16...24).contains(digits.count) || !digits.allSatisfy({ (0x30...0x39).contains($0) }) {
      return nil
    }
    secret = SecretBytes(digits)
  }

  /// The ASCII digits, for a message to the acquirer.
  public var exposed: [UInt8] { secret.exposed }

  /// Never a digit.
  public var description: String { "<code>" }
}

/// The month in which a card ends.
public struct Expiry: Hashable, Sendable {
  /// Two digits of the year.
  public let year: UInt8
  /// 1...12.
  public let month: UInt8

  /// Four ASCII digits YYMM; nil otherwise, or when the month is not one.
  public init?(_ digits: [UInt8]) {
    if digits.count != 4 || !digits.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    year = (digits[0] - 0x30) * 10 + digits[1] - 0x30
    month = (digits[2] - 0x30) * 10 + digits[3] - 0x30
    if !(1...12).contains(month) { return nil }
  }
}

/// A parsed second track (ISO/IEC 7813); it prints masked.
public struct Track2: Hashable, Sendable, CustomStringConvertible {
  /// The account number.
  public let pan: PAN
  /// The card's last month, if the field is filled.
  public let expiry: Expiry?
  /// Three ASCII digits, if the field is filled.
  public let serviceCode: [UInt8]?
  private let secret: SecretBytes

  /// ASCII from `;` to `?` inclusive; nil when the form is not that of ISO/IEC 7813.
  public init?(_ characters: [UInt8]) {
    guard characters.count <= 39, characters.first == 0x3B, characters.last == 0x3F else {
      return nil
    }
    let content = Array(characters[1..<characters.count - 1])
    guard let separator = content.firstIndex(of: 0x3D),
      let pan = PAN(Array(content[..<separator]))
    else { return nil }
    guard let rest = Track2.fields(Array(content[(separator + 1)...])) else { return nil }
    self.pan = pan
    self.expiry = rest.expiry
    self.serviceCode = rest.serviceCode
    self.secret = SecretBytes(content)
  }

  /// ASCII between the sentinels, with `=`, for DE35.
  public var exposed: [UInt8] { secret.exposed }

  /// How many characters there are between the sentinels.
  public var count: Int { secret.count }

  /// Masked: the account number alone.
  public var description: String { "track 2 of \(pan)" }

  private static func fields(
    _ rest: [UInt8]
  ) -> (expiry: Expiry?, serviceCode: [UInt8]?)? {
    var reader = ByteReader(rest)
    do {
      var expiry: Expiry?
      if reader.next == 0x3D {
        try reader.skip(1)
      } else {
        expiry = Expiry(try reader.read(4))
        if expiry == nil { return nil }
      }
      var serviceCode: [UInt8]?
      if reader.next == 0x3D {
        try reader.skip(1)
      } else {
        let digits = try reader.read(3)
        if !digits.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
        serviceCode = digits
      }
      return (expiry, serviceCode)
    } catch {
      return nil
    }
  }
}

/// A parsed first track, format B (ISO/IEC 7813): what the receipt and the cross-check need of it.
public struct Track1: Hashable, Sendable, CustomStringConvertible {
  /// The account number.
  public let pan: PAN
  private let secret: SecretBytes

  /// ASCII from `%` to `?` inclusive; nil when it is not of format B.
  public init?(_ characters: [UInt8]) {
    guard characters.count <= 78, characters.starts(with: [0x25, 0x42]),
      characters.last == 0x3F, let separator = characters.firstIndex(of: 0x5E),
      let pan = PAN(Array(characters[2..<separator]))
    else { return nil }
    self.pan = pan
    self.secret = SecretBytes(characters)
  }

  /// ASCII with both sentinels.
  public var exposed: [UInt8] { secret.exposed }

  /// Masked: the account number alone.
  public var description: String { "track 1 of \(pan)" }
}
