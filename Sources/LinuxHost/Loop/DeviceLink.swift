// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

/// A transport as the daemon sees it: events up, orders down, and a place in the loop.
public protocol DeviceLink: PollSource {
  /// Called for everything that happens on the link.
  var onEvent: (LinkEvent) -> Void { get set }
  /// Does what a driver machine asks for.
  func perform(_ order: LinkOrder)
  /// Gives the device back to the system: the program ends.
  func end()
  /// What went wrong on the line itself: bytes with a wrong parity or frame, USB transfers that
  /// ended badly.
  var lineErrors: UInt64 { get }
}

/// The pauses between attempts to open a port: 0.5, 1, 2, 5, 5 … s.
public struct Backoff: Hashable, Sendable {
  private static let pauses: [Interval] = [
    .milliseconds(500), .seconds(1), .seconds(2), .seconds(5),
  ]
  private var failures = 0

  /// No failure yet.
  public init() {}

  /// The pause after one more failure.
  public mutating func next() -> Interval {
    defer { failures = min(failures + 1, Backoff.pauses.count - 1) }
    return Backoff.pauses[failures]
  }

  /// It worked.
  public mutating func reset() { failures = 0 }
}
