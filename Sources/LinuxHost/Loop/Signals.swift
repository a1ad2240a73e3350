// SPDX-License-Identifier: Apache-2.0

import CLinux
public import Clockwork
import Glibc

/// Signals as something that is read: the program ends in an orderly way, at a point of its own.
public final class Signals: PollSource {
  /// Called when somebody wants the program to end.
  public var onTerminate: () -> Void = {}
  private let descriptor: Descriptor

  /// Takes SIGTERM, SIGINT and SIGHUP over and ignores SIGPIPE; nil when the system refuses.
  public init?() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, signal) }
    guard unsafe sigprocmask(SIG_BLOCK, &set, nil) == 0 else { return nil }
    _ = signal(SIGPIPE, SIG_IGN)
    guard let descriptor = Descriptor(unsafe signalfd(-1, &set, Int32(O_NONBLOCK | O_CLOEXEC)))
    else { return nil }
    self.descriptor = descriptor
  }

  /// Waits for a signal.
  public var interests: [PollInterest] { [PollInterest(descriptor.number, Int16(POLLIN))] }
  /// Never.
  public var deadline: Instant? { nil }

  /// A signal came.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    guard case .success(let bytes?) = readSome(descriptor, limit: 1_024), !bytes.isEmpty else {
      return
    }
    onTerminate()
  }

  /// Never happens.
  public func wake(at now: Instant) {}
}
