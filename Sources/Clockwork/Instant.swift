// SPDX-License-Identifier: Apache-2.0

/// A moment on the monotonic clock of one run: microseconds since the machine was started.
public struct Instant: Hashable, Comparable, Sendable {
  /// Microseconds since the start.
  public var microseconds: Int64

  /// The moment so many microseconds after the start.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// The start.
  public static let start = Instant(microseconds: 0)

  /// Whether one moment is before another.
  public static func < (left: Instant, right: Instant) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The moment so much later.
  public static func + (instant: Instant, interval: Interval) -> Instant {
    Instant(microseconds: instant.microseconds + interval.microseconds)
  }

  /// How much later the left moment is.
  public static func - (left: Instant, right: Instant) -> Interval {
    Interval(microseconds: left.microseconds - right.microseconds)
  }
}

/// The earlier of two moments, either of which may be missing.
public func earlier(_ left: Instant?, _ right: Instant?) -> Instant? {
  guard let left else { return right }
  guard let right else { return left }
  return min(left, right)
}

/// A length of time in microseconds.
public struct Interval: Hashable, Comparable, Sendable {
  /// Microseconds.
  public var microseconds: Int64

  /// So many microseconds.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// No time.
  public static let zero = Interval(microseconds: 0)

  /// So many microseconds.
  public static func microseconds(_ count: Int64) -> Interval { Interval(microseconds: count) }

  /// So many milliseconds.
  public static func milliseconds(_ count: Int64) -> Interval {
    Interval(microseconds: count * 1_000)
  }

  /// So many seconds.
  public static func seconds(_ count: Int64) -> Interval {
    Interval(microseconds: count * 1_000_000)
  }

  /// So many minutes.
  public static func minutes(_ count: Int64) -> Interval { .seconds(count * 60) }

  /// Whole milliseconds, rounded down.
  public var milliseconds: Int64 { microseconds / 1_000 }

  /// Whole seconds, rounded down.
  public var seconds: Int64 { microseconds / 1_000_000 }

  /// Whether one length is shorter than another.
  public static func < (left: Interval, right: Interval) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The sum of two lengths.
  public static func + (left: Interval, right: Interval) -> Interval {
    Interval(microseconds: left.microseconds + right.microseconds)
  }
}
