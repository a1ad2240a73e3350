// SPDX-License-Identifier: Apache-2.0

/// An amount in the currency's minor unit (fen, cent).
public struct Amount: Hashable, Comparable, Sendable {
  /// Minor units, 0...999,999,999,999.
  public let minorUnits: UInt64

  /// Nil above twelve digits, the width of DE4.
  public init?(minorUnits: UInt64) {
    if minorUnits > 999_999_999_999 { return nil }
    self.minorUnits = minorUnits
  }

  /// Whether one amount is smaller.
  public static func < (left: Amount, right: Amount) -> Bool {
    left.minorUnits < right.minorUnits
  }

  /// With two decimals and a point, "12.30"; this is also what PIN pads are sent.
  public var decimalText: String { Amount.decimalText(of: minorUnits) }

  /// The same for a sum, which may have more digits than an amount.
  public static func decimalText(of minorUnits: UInt64) -> String {
    let cents = minorUnits % 100
    return "\(minorUnits / 100).\(cents < 10 ? "0" : "")\(cents)"
  }
}

/// The retrieval number of a message: DE11, system trace audit number, 1...999,999.
public struct STAN: Hashable, Comparable, Sendable {
  /// The number.
  public let value: UInt32

  /// Nil outside 1...999,999.
  public init?(_ value: UInt32) {
    if value == 0 || value > STAN.last.value { return nil }
    self.value = value
  }

  private init(unchecked value: UInt32) { self.value = value }

  /// 1.
  public static let first = STAN(unchecked: 1)
  /// 999,999.
  public static let last = STAN(unchecked: 999_999)

  /// The number after this one; the last is followed by the first.
  public var next: STAN { self == STAN.last ? STAN.first : STAN(unchecked: value + 1) }

  /// Whether one number is smaller.
  public static func < (left: STAN, right: STAN) -> Bool { left.value < right.value }

  /// Six digits.
  public var text: String {
    let digits = String(value)
    return String(repeating: "0", count: 6 - digits.utf8.count) + digits
  }
}
