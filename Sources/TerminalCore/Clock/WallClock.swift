// SPDX-License-Identifier: Apache-2.0

public import Clockwork

/// The time of day, known from one reading and the monotonic clock since.
public struct WallClock: Hashable, Sendable {
  /// The moment of the reading.
  public var readAt: Instant
  /// Milliseconds since 1970-01-01 00:00 UTC at that moment.
  public var unixMilliseconds: Int64
  /// Minutes that local time is ahead of UTC.
  public var offsetMinutes: Int32

  /// A reading.
  public init(readAt: Instant, unixMilliseconds: Int64, offsetMinutes: Int32) {
    self.readAt = readAt
    self.unixMilliseconds = unixMilliseconds
    self.offsetMinutes = offsetMinutes
  }

  /// Local date and time at a moment.
  public func local(at now: Instant) -> LocalTime {
    let elapsed = (now - readAt).milliseconds
    let seconds = (unixMilliseconds + elapsed) / 1_000 + Int64(offsetMinutes) * 60
    return LocalTime(secondsSince1970: seconds)
  }
}

/// A date and time without a zone, 1970...9999.
public struct LocalTime: Hashable, Sendable {
  /// Four digits.
  public var year: UInt16
  /// 1...12.
  public var month: UInt8
  /// 1...31.
  public var day: UInt8
  /// 0...23.
  public var hour: UInt8
  /// 0...59.
  public var minute: UInt8
  /// 0...59.
  public var second: UInt8

  /// The civil time so many seconds after the beginning of 1970, by the Gregorian rule: years are
  /// counted from March, so that the leap day is the last of its year.
  public init(secondsSince1970: Int64) {
    let seconds = max(0, secondsSince1970)
    let days = seconds / 86_400 + 719_468
    let rest = seconds % 86_400
    let era = days / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    self.day = UInt8(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    self.month = UInt8(month)
    self.year = UInt16(truncatingIfNeeded: yearOfEra + era * 400 + (month <= 2 ? 1 : 0))
    self.hour = UInt8(rest / 3_600)
    self.minute = UInt8(rest / 60 % 60)
    self.second = UInt8(rest % 60)
  }

  /// The beginning of a day: YYYYMMDD as a number.
  init(calendarDay: UInt32) {
    year = UInt16(truncatingIfNeeded: calendarDay / 10_000)
    month = UInt8(calendarDay / 100 % 100)
    day = UInt8(calendarDay % 100)
    hour = 0
    minute = 0
    second = 0
  }

  /// The day as a number: YYYYMMDD.
  var calendarDay: UInt32 { UInt32(year) * 10_000 + UInt32(month) * 100 + UInt32(day) }

  /// How long this day lasts.
  var untilMidnight: Interval {
    .seconds(86_400 - Int64(hour) * 3_600 - Int64(minute) * 60 - Int64(second))
  }

  /// Whole days from another time to this one, by their dates; negative when that one is later.
  func days(since other: LocalTime) -> Int { dayNumber - other.dayNumber }

  /// Days since the beginning of March of the year 0, by the rule of `init(secondsSince1970:)`.
  private var dayNumber: Int {
    let marchYear = Int(year) - (month <= 2 ? 1 : 0)
    let marchMonth = month <= 2 ? Int(month) + 9 : Int(month) - 3
    return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400
      + (153 * marchMonth + 2) / 5 + Int(day) - 1
  }

  /// DE12: hhmmss.
  public var timeDigits: [UInt8] {
    digits(UInt16(hour)) + digits(UInt16(minute)) + digits(UInt16(second))
  }

  /// DE13: MMDD.
  public var dateDigits: [UInt8] { digits(UInt16(month)) + digits(UInt16(day)) }

  /// `YYYY-MM-DD hh:mm:ss`.
  public var text: String {
    let yearDigits = digits(year / 100) + digits(year % 100)
    var text: [UInt8] = yearDigits + [0x2D] + digits(UInt16(month)) + [0x2D]
    text += digits(UInt16(day)) + [0x20] + digits(UInt16(hour)) + [0x3A]
    text += digits(UInt16(minute)) + [0x3A] + digits(UInt16(second))
    return String(decoding: text, as: UTF8.self)
  }

  /// The time of a text made by `text`, or nil.
  public init?(text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 19 else { return nil }
    func number(_ from: Int, _ count: Int) -> UInt16? {
      var value: UInt16 = 0
      for byte in bytes[from..<from + count] {
        if !(0x30...0x39).contains(byte) { return nil }
        value = value * 10 + UInt16(byte - 0x30)
      }
      return value
    }
    guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2),
      let hour = number(11, 2), let minute = number(14, 2), let second = number(17, 2)
    else { return nil }
    self.year = year
    self.month = UInt8(month)
    self.day = UInt8(day)
    self.hour = UInt8(hour)
    self.minute = UInt8(minute)
    self.second = UInt8(second)
  }

  private func digits(_ value: UInt16) -> [UInt8] {
    [0x30 + UInt8(value / 10 % 10), 0x30 + UInt8(value % 10)]
  }
}
