// SPDX-License-Identifier: Apache-2.0

import CLinux
import Clockwork
import Glibc
import LinuxHost

/// The device's end of a serial line: a pseudo-terminal whose other end has a name.
final class ServedPort: PollSource {
  /// While nobody has the other end open, the kernel reports a hang-up without end; so the line is
  /// looked at again after this.
  private static let glance = Interval.milliseconds(20)

  var onBytes: ([UInt8]) -> Void = { _ in }
  private let link: String
  private var master: Descriptor?
  private var number: Int32 = -1
  private var outgoing: [UInt8] = []
  private var lookAt: Instant?

  init(link: String) throws {
    self.link = link
    try plug()
  }

  var interests: [PollInterest] {
    if number < 0 || lookAt != nil { return [] }
    return [PollInterest(number, Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT))]
  }

  var deadline: Instant? { lookAt }
  func wake(at now: Instant) { lookAt = nil }

  func ready(_ descriptor: Int32, _ events: Int16) {
    if events & Int16(POLLIN) != 0, case .success(let read) = readSome(number), let bytes = read {
      if !bytes.isEmpty { onBytes(bytes) }
    } else if events & Int16(POLLHUP) != 0 {
      outgoing = []
      lookAt = SystemClock.now + ServedPort.glance
    }
    if events & Int16(POLLOUT) != 0 { flush() }
  }

  func send(_ bytes: [UInt8]) {
    if number < 0 { return }
    outgoing += bytes
    flush()
  }

  /// Pulls the plug: whoever has the other end open sees a hang-up.
  func unplug() {
    number = -1
    master = nil
    outgoing = []
    lookAt = nil
    unsafe _ = unlink(link)
  }

  func plug() throws {
    var master: Int32 = -1
    var slave: Int32 = -1
    var raw = termios()
    unsafe cfmakeraw(&raw)
    guard unsafe openpty(&master, &slave, nil, &raw, nil) == 0 else {
      throw SystemFault(code: errno)
    }
    guard let name = unsafe ttyname(slave) else { throw SystemFault(code: errno) }
    unsafe _ = unlink(link)
    guard unsafe symlink(name, link) == 0, setNonBlocking(master) else {
      throw SystemFault(code: errno)
    }
    _ = close(slave)
    number = master
    self.master = Descriptor(master)
    lookAt = SystemClock.now + ServedPort.glance
  }

  private func flush() {
    if outgoing.isEmpty { return }
    // Nobody there: bytes go where a real line's would.
    guard case .success(let count) = writeSome(number, outgoing[...]) else {
      outgoing = []
      return
    }
    outgoing.removeFirst(count)
  }
}
