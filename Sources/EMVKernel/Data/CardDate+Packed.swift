// SPDX-License-Identifier: Apache-2.0

extension CardDate {
  /// The day of an object; nil for no object, or no day of the calendar.
  static func read(_ packed: [UInt8]?) -> CardDate? { packed.flatMap(CardDate.init) }

  /// Three bytes of packed digits, as 9A has them.
  public var packed: [UInt8] {
    [UInt8(year % 100), month, day].map { ($0 / 10) << 4 | $0 % 10 }
  }
}
