// SPDX-License-Identifier: Apache-2.0

public import Clockwork

/// How long the driver waits for what.
public struct PadTiming: Hashable, Sendable {
  /// For the acknowledgement of a frame.
  public var acknowledgement = Interval.seconds(5)
  /// For the answer to anything but a PIN entry.
  public var answer = Interval.seconds(2)
  /// For the answer to a key or to data for a MAC: as long as the pad repeats its answer, since to
  /// send these again would be to do them twice.
  public var work = Interval.seconds(12)
  /// For the EOT that follows an administrative answer.
  public var trailingEnd = Interval.milliseconds(500)
  /// Within a frame, between two bytes.
  public var betweenBytes = Interval.milliseconds(500)
  /// Between two commands.
  public var betweenCommands = Interval.milliseconds(50)
  /// Silence that ends a resynchronisation.
  public var quiet = Interval.milliseconds(200)
  /// The longest resynchronisation.
  public var resynchronisation = Interval.seconds(1)
  /// Before a pad that does not answer is tried again.
  public var retry = Interval.seconds(10)
  /// What the pad's own time-out gets on top.
  public var margin = Interval.seconds(5)

  /// The usual times.
  public init() {}
}
