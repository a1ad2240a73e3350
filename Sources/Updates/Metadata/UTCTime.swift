// SPDX-License-Identifier: Apache-2.0

/// A moment of the calendar: seconds since the beginning of 1970, UTC.
public struct UTCTime: Hashable, Comparable, Sendable {
  /// Seconds since 1970-01-01 00:00.
  public let seconds: Int64

  /// So many seconds after the beginning of 1970.
  public init(seconds: Int64) { self.seconds = seconds }

  /// Exactly `YYYY-MM-DDTHH:MM:SSZ`; nil for any other text, a fraction or an offset too.
  public init?(_ text: ByteString) {
    let bytes = text.bytes
    let form = Array("dddd-dd-ddTdd:dd:ddZ".utf8)
    guard bytes.count == form.count else { return nil }
    for (byte, expected) in zip(bytes, form) {
      let isDigit = (0x30...0x39).contains(byte)
      if expected == 0x64 ? !isDigit : byte != expected { return nil }
    }
    func number(_ range: Range<Int>) -> Int64 {
      bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
    let year = number(0..<4)
    let month = number(5..<7)
    let day = number(8..<10)
    let hour = number(11..<13)
    let minute = number(14..<16)
    let second = number(17..<19)
    guard (1...12).contains(month), (1...UTCTime.days(in: month, of: year)).contains(day),
      year >= 1, hour < 24, minute < 60, second < 60
    else { return nil }
    let days = UTCTime.days(before: year, month) + day - 1
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
  }

  /// Whether one moment is before another.
  public static func < (left: UTCTime, right: UTCTime) -> Bool { left.seconds < right.seconds }

  private static func isLeap(_ year: Int64) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from the beginning of 1970 to that of a month (Gregorian).
  private static func days(before year: Int64, _ month: Int64) -> Int64 {
    let past = year - 1
    var days = past * 365 + past / 4 - past / 100 + past / 400
    for earlier in 1..<month { days += self.days(in: earlier, of: year) }
    return days - 719_162
  }
}

extension UTCTime: CustomStringConvertible {
  /// As metadata has it.
  public var description: String {
    // Metadata has the years 1 to 9999.
    guard (-62_135_596_800...253_402_300_799).contains(seconds) else { return "\(seconds) s" }
    var days = seconds / 86_400
    var rest = seconds % 86_400
    if rest < 0 {
      rest += 86_400
      days -= 1
    }
    var year = max(1, 1970 + days / (days < 0 ? 365 : 366) - 1)
    while UTCTime.days(before: year + 1, 1) <= days { year += 1 }
    var month: Int64 = 1
    while month < 12, UTCTime.days(before: year, month + 1) <= days { month += 1 }
    let day = days - UTCTime.days(before: year, month) + 1
    func digits(_ number: Int64, _ width: Int) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
    let date = digits(year, 4) + "-" + digits(month, 2) + "-" + digits(day, 2)
    let time =
      digits(rest / 3600, 2) + ":" + digits(rest / 60 % 60, 2) + ":" + digits(rest % 60, 2)
    return date + "T" + time + "Z"
  }
}
