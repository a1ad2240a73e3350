// SPDX-License-Identifier: Apache-2.0

import CLinux
public import Clockwork
import Glibc

/// Something that waits for descriptors or for a moment.
public protocol PollSource: AnyObject {
  /// What it waits for now.
  var interests: [PollInterest] { get }
  /// The moment at which it wants to be woken.
  var deadline: Instant? { get }
  /// One of its descriptors is ready, with the bits of `poll`.
  func ready(_ descriptor: Int32, _ events: Int16)
  /// Its moment has come.
  func wake(at now: Instant)
}

/// A descriptor and what is expected of it.
public struct PollInterest: Hashable, Sendable {
  /// The descriptor.
  public var descriptor: Int32
  /// `POLLIN`, `POLLOUT`.
  public var events: Int16

  /// An interest.
  public init(_ descriptor: Int32, _ events: Int16) {
    self.descriptor = descriptor
    self.events = events
  }
}

/// The one place where the program waits: one thread, one `poll`.
public final class EventLoop {
  private var sources: [any PollSource] = []
  private var isRunning = true
  /// How often the program was woken.
  public private(set) var wakeUps: UInt64 = 0

  /// A loop without sources.
  public init() {}

  /// Adds a source.
  public func add(_ source: any PollSource) { sources.append(source) }

  /// Takes a source away.
  public func remove(_ source: any PollSource) { sources.removeAll { $0 === source } }

  /// Ends `run` after the present round.
  public func stop() { isRunning = false }

  /// Waits and serves until it is stopped.
  public func run() {
    while isRunning { turn(atMost: nil) }
  }

  /// One round: waits until something is ready or due, at most so long, and serves it.
  public func turn(atMost limit: Interval?) {
    var owners: [any PollSource] = []
    var polled: [pollfd] = []
    var due: Instant?
    for source in sources {
      due = earlier(due, source.deadline)
      for interest in source.interests {
        owners.append(source)
        polled.append(pollfd(fd: interest.descriptor, events: interest.events, revents: 0))
      }
    }
    let count = unsafe poll(&polled, nfds_t(polled.count), patience(due, limit))
    wakeUps += 1
    if count > 0 {
      for (index, entry) in polled.enumerated() where entry.revents != 0 {
        // A source served before may have closed this descriptor or left the loop.
        let owner = owners[index]
        let isStillThere = sources.contains { $0 === owner }
        if isStillThere, owner.interests.contains(where: { $0.descriptor == entry.fd }) {
          owner.ready(entry.fd, entry.revents)
        }
      }
    }
    let now = SystemClock.now
    for source in sources {
      if let moment = source.deadline, moment <= now { source.wake(at: now) }
    }
  }

  /// Milliseconds, rounded up: to be woken too early means to be woken twice.
  private func patience(_ due: Instant?, _ limit: Interval?) -> Int32 {
    var wait: Int64?
    if let due {
      wait = max(0, ((due - SystemClock.now).microseconds + 999) / 1_000)
    }
    if let limit { wait = min(wait ?? Int64.max, limit.milliseconds) }
    guard let wait else { return -1 }
    return Int32(min(wait, 86_400_000))
  }
}

/// The clocks of the machine.
public enum SystemClock {
  /// The monotonic clock, which goes on while the machine sleeps.
  public static var now: Instant {
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
    precondition(result == 0, "every supported kernel has this clock")
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// Milliseconds since 1970.
  public static var unixMilliseconds: Int64 {
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_REALTIME, &time)
    precondition(result == 0, "every kernel has this clock")
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Minutes that local time is ahead of UTC.
  public static var offsetMinutes: Int32 {
    var seconds = time_t(unixMilliseconds / 1_000)
    var parts = unsafe tm()
    guard unsafe localtime_r(&seconds, &parts) != nil else { return 0 }
    return unsafe Int32(parts.tm_gmtoff / 60)
  }
}

/// Random bytes of the kernel.
public func randomBytes(_ count: Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  let drawn = unsafe getrandom(&bytes, count, 0)
  precondition(drawn == count, "the kernel gives up to 256 bytes without interruption")
  return bytes
}
