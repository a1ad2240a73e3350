// SPDX-License-Identifier: Apache-2.0

import CLinux
public import Clockwork
public import Devices
import Glibc
public import LinuxHost

//             open                    POLLHUP, error, reopen
//   waiting ─────────▶ up ─────────────────────────────────▶ waiting, with growing pauses, or
//                                                            until its name comes
//
// At most 256 bytes are committed to the kernel: what a printer that has just said BUSY may still
// be sent has to be little.

/// A serial port or pseudo-terminal as the link of a driver.
public final class SerialTransport: DeviceLink {
  /// What a port that has just come is given before it is opened.
  private static let debounce = Interval.milliseconds(20)
  /// The size of one write, and what may wait in the kernel's queue.
  private static let chunk = 256
  /// What may wait here; drivers hold their orders far below it.
  private static let queueLimit = 262_144

  /// Called for everything that happens on the link.
  public var onEvent: (LinkEvent) -> Void = { _ in }
  /// How the port is set.
  private let settings: SerialSettings
  private var port: OpenPort?
  /// While the port is closed, what tells that it has come.
  private var watch: PortWatch?
  private var watchNumber: Int32 = -1
  private var descriptor: Int32 = -1
  private var outgoing = SendQueue()
  private var unmark = LineErrorFilter()
  /// Those of the openings before this one.
  private var earlierErrors: UInt64 = 0
  private var backoff = Backoff()
  private var openAt: Instant? = SystemClock.now
  private var writeAt: Instant?
  private var reported: LinkFault?

  /// A link over this port; the loop opens it.
  public init(_ settings: SerialSettings) { self.settings = settings }

  /// Closes the port.
  public func end() {
    descriptor = -1
    port = nil
    watch = nil
    watchNumber = -1
    openAt = nil
    writeAt = nil
  }

  /// Bytes that arrived with a parity or framing error, or as a break, and were dropped.
  public var lineErrors: UInt64 { earlierErrors + unmark.errors }

  /// Waits for bytes, and for room while the kernel has none.
  public var interests: [PollInterest] {
    if descriptor < 0 { return watchNumber < 0 ? [] : [PollInterest(watchNumber, Int16(POLLIN))] }
    let wantsRoom = !outgoing.isEmpty && writeAt == nil
    return [PollInterest(descriptor, Int16(wantsRoom ? POLLIN | POLLOUT : POLLIN))]
  }

  /// When it opens the port again, or writes the next chunk.
  public var deadline: Instant? { earlier(openAt, writeAt) }

  /// Its moment has come.
  public func wake(at now: Instant) {
    if let moment = openAt, now >= moment { open(at: now) }
    if let moment = writeAt, now >= moment {
      writeAt = nil
      flush(at: now)
    }
  }

  /// The port is ready.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    if self.descriptor < 0 { return noticed() }
    if events & Int16(POLLIN) != 0, !receive() { return }
    if events & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return close(.lost) }
    if events & Int16(POLLOUT) != 0 { flush(at: SystemClock.now) }
  }

  /// Does what a driver asks for.
  public func perform(_ order: LinkOrder) {
    switch order {
    case .handOver(let block): perform(.write(block.handOver()))
    case .write(let bytes):
      if descriptor < 0 { return }
      if outgoing.count + bytes.count > SerialTransport.queueLimit {
        return close(.failed(code: ENOBUFS))
      }
      outgoing.add(bytes)
      if writeAt == nil { flush(at: SystemClock.now) }
    case .discardOutput:
      outgoing.discard()
      writeAt = nil
      // What the kernel cannot flush leaves the port as it would have.
      if descriptor >= 0 { _ = tcflush(descriptor, TCOFLUSH) }
    case .reopen:
      if descriptor >= 0 { close(.lost) }
    case .setFeature, .getFeature:
      // A serial port has no feature reports; its drivers never ask.
      break
    }
  }

  /// Something has happened where the port's name will be. A device that has just come is given a
  /// moment; udev may be at work on it.
  private func noticed() {
    guard watch?.isNews() == true else { return }
    openAt = SystemClock.now + SerialTransport.debounce
  }

  private func open(at now: Instant) {
    openAt = nil
    do throws(LinkFault) {
      let opened = try OpenPort.open(settings)
      descriptor = opened.number
      port = consume opened
      watch = nil
      watchNumber = -1
      backoff.reset()
      reported = nil
      earlierErrors += unmark.errors
      unmark = LineErrorFilter()
      onEvent(.opened(.serial))
    } catch {
      openAt = now + backoff.next()
      listen()
      if reported != error { onEvent(.closed(error)) }
      reported = error
    }
  }

  /// Reads what is there; false when the link went down.
  private func receive() -> Bool {
    switch readSome(descriptor) {
    case .success(nil): return true
    case .success(let bytes?):
      // Ready and nothing to read: the other end hung up (libserialport would call it silence).
      if bytes.isEmpty {
        close(.lost)
        return false
      }
      let clean = unmark.filter(bytes)
      if !clean.isEmpty { onEvent(.received(clean)) }
      return descriptor >= 0
    case .failure(let fault):
      close(fault.code == EIO ? .lost : .failed(code: fault.code))
      return false
    }
  }

  private func flush(at now: Instant) {
    if descriptor < 0 || outgoing.isEmpty { return }
    var queued: Int32 = 0
    // A port that cannot say what is queued is written chunk by chunk all the same.
    if unsafe ioctl(descriptor, UInt(TIOCOUTQ), &queued) != 0 { queued = 0 }
    let room = SerialTransport.chunk - Int(queued)
    if room <= 0 { return pause(at: now) }
    switch writeSome(descriptor, outgoing.bytes.prefix(room)) {
    case .success(let count):
      outgoing.sent(count)
      if !outgoing.isEmpty, count > 0 { pause(at: now) }
    case .failure(let fault):
      close(fault.code == EIO ? .lost : .failed(code: fault.code))
    }
  }

  /// The time that half a chunk takes on the line, ten bits a byte.
  private func pause(at now: Instant) {
    let microseconds = Int64(SerialTransport.chunk / 2) * 10_000_000 / Int64(settings.baud)
    writeAt = now + .microseconds(microseconds)
  }

  private func close(_ fault: LinkFault) {
    descriptor = -1
    port = nil
    outgoing.discard()
    writeAt = nil
    openAt = SystemClock.now + backoff.next()
    reported = fault
    listen()
    onEvent(.closed(fault))
  }

  /// Anew each time: the folder that is watched may be one that has come since.
  private func listen() {
    watch = PortWatch(settings.path)
    watchNumber = watch?.number ?? -1
  }
}
