// SPDX-License-Identifier: Apache-2.0

public import Clockwork

/// When devices that have nothing to do are asked whether they are there still.
///
/// All are asked at the same moments, so that an idle terminal is woken once for all of them.
public enum Heartbeat {
  /// The time between two such moments.
  public static let period = Interval.seconds(120)

  /// The first of them after this moment; for a device that is asked more often, of a period that
  /// divides the usual one.
  public static func next(
    after now: Instant, every period: Interval = Heartbeat.period
  ) -> Instant {
    let step = period.microseconds
    return Instant(microseconds: (now.microseconds / step + 1) * step)
  }
}
