// SPDX-License-Identifier: Apache-2.0

import Wire

/// A day as cards and terminals write it: YYMMDD, packed (EMV 4.4 Book 4, 6.7.3).
public struct CardDate: Hashable, Comparable, Sendable {
  /// 1950...2049.
  public let year: UInt16
  /// 1...12.
  public let month: UInt8
  /// 1...31.
  public let day: UInt8

  /// Three packed bytes; nil when they are no day of the calendar.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == 3, let digits = CardDate.decimal(bytes),
      (1...12).contains(digits[1]), digits[2] >= 1
    else { return nil }
    let year = CardDate.year(digits[0])
    if digits[2] > CardDate.days(of: digits[1], in: year) { return nil }
    self.year = year
    month = digits[1]
    day = digits[2]
  }

  /// The earlier day first.
  public static func < (left: CardDate, right: CardDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }

  /// Two digits are 2000...2049 or 1950...1999.
  static func year(_ digits: UInt8) -> UInt16 { (digits < 50 ? 2000 : 1900) + UInt16(digits) }

  /// The number in each packed byte; nil when a half byte is no digit.
  static func decimal(_ bytes: [UInt8]) -> [UInt8]? {
    let halves = BCD.unpack(bytes)
    if !halves.allSatisfy({ $0 <= 9 }) { return nil }
    return bytes.map { ($0 >> 4) * 10 + ($0 & 0x0F) }
  }

  private static func days(of month: UInt8, in year: UInt16) -> UInt8 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// The last month of a certificate: MMYY, packed. It is valid to the end of its month.
struct CertificateMonth {
  let year: UInt16
  let month: UInt8

  /// Nil when it is no month.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == 2, let digits = CardDate.decimal(bytes), (1...12).contains(digits[0])
    else { return nil }
    month = digits[0]
    year = CardDate.year(digits[1])
  }

  func covers(_ date: CardDate) -> Bool { (date.year, date.month) <= (year, month) }
}

/// An account number as a card has it: packed digits, filled with F on the right.
enum AccountDigits {
  /// The digits; nil when something other than filling is behind them, or a half byte is neither.
  static func read(_ bytes: [UInt8]) -> [UInt8]? {
    let halves = BCD.unpack(bytes)
    let digits = Array(halves.prefix { $0 <= 9 })
    return halves[digits.count...].allSatisfy({ $0 == 0xF }) ? digits : nil
  }
}
