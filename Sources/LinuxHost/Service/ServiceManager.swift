// SPDX-License-Identifier: Apache-2.0

import CSystemd
public import Clockwork
import Glibc

/// What systemd is told, and the watchdog it keeps; without systemd nothing happens.
public final class ServiceManager: PollSource {
  private let pause: Interval?
  private var next: Instant?

  /// The watchdog of this start, if the service has one.
  public init() {
    var microseconds: UInt64 = 0
    let isWatched = unsafe sd_watchdog_enabled(0, &microseconds) > 0
    // Half of the time, so that one late turn of the loop is not the end.
    pause = isWatched ? .microseconds(Int64(microseconds / 2)) : nil
    next = pause.map { SystemClock.now + $0 }
  }

  /// Waits for no descriptor.
  public var interests: [PollInterest] { [] }
  /// The next sign of life.
  public var deadline: Instant? { next }
  /// Never happens.
  public func ready(_ descriptor: Int32, _ events: Int16) {}

  /// A sign of life: the loop turns.
  public func wake(at now: Instant) {
    notify("WATCHDOG=1")
    next = pause.map { now + $0 }
  }

  /// The terminal can be asked.
  public func ready(_ status: String) { notify("READY=1\nSTATUS=" + status) }

  /// One line for `systemctl status`.
  public func status(_ status: String) { notify("STATUS=" + status) }

  /// The program ends.
  public func stopping() { notify("STOPPING=1") }

  private func notify(_ text: String) {
    // Not being heard is no reason to stop working.
    unsafe _ = sd_notify(0, text)
  }
}
