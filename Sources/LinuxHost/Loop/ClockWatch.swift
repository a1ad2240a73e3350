// SPDX-License-Identifier: Apache-2.0

import CLinux
public import Clockwork
import Glibc

/// Tells when somebody sets the clock: a timer that the kernel cancels at that moment.
public final class ClockWatch: PollSource {
  /// Called when the clock was set.
  public var onSet: () -> Void = {}
  private let descriptor: Descriptor

  /// Nil when the system refuses.
  public init?() {
    let number = timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
    guard let descriptor = Descriptor(number) else { return nil }
    self.descriptor = descriptor
    if !arm() { return nil }
  }

  /// Waits for the cancellation.
  public var interests: [PollInterest] { [PollInterest(descriptor.number, Int16(POLLIN))] }
  /// Never.
  public var deadline: Instant? { nil }
  /// Never happens.
  public func wake(at now: Instant) {}

  /// The clock was set.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    if case .failure(let fault) = readSome(descriptor, limit: 8), fault.code == ECANCELED {
      // Not armed again, it is noticed at the next start.
      _ = arm()
      onSet()
    }
  }

  /// Far in the future: it is the cancellation that is waited for.
  private func arm() -> Bool {
    var moment = itimerspec()
    moment.it_value.tv_sec = time_t(Int32.max)
    let flags = Int32(TFD_TIMER_ABSTIME) | Int32(TFD_TIMER_CANCEL_ON_SET)
    return unsafe timerfd_settime(descriptor.number, flags, &moment, nil) == 0
  }
}
