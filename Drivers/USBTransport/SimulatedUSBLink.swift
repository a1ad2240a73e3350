// SPDX-License-Identifier: Apache-2.0

import CLinux
public import Clockwork
public import Devices
import Glibc
public import LinuxHost
import Wire

// A USB device that is another program: HID reports over a UNIX socket of packets, a message each,
// the first byte its kind.
//
//     device ▶ host   A  vendor(2) product(2) flags(1, bit 0 boot keyboard) report descriptor
//                     D  pulled out            P  interrupt packet
//                     F  feature report        N  the request was stalled
//     host ▶ device   O  opened                S  set feature report
//                     G  length(2), get feature report
//                     W  output report
//
// As with a real device one transfer of a report's length is pending: it ends when it is full or
// with a packet that is shorter than those before it. What is in it when the device goes is lost.

/// A simulated USB device as the link of a driver.
public final class SimulatedUSBLink: DeviceLink {
  private static let packetLimit = 8_192

  /// Called for everything that happens on the link.
  public var onEvent: (LinkEvent) -> Void = { _ in }
  private let path: String
  private var socket: Descriptor?
  private var number: Int32 = -1
  private var isAttached = false
  private var backoff = Backoff()
  private var openAt: Instant? = SystemClock.now
  private var reported: LinkFault?
  /// Bytes of an input report; 0 where the descriptor does not say.
  private var transferCount = 0
  private var transfer: [UInt8] = []
  private var packetCount = 0

  /// A link to the device behind this socket.
  public init(path: String) { self.path = path }

  /// Hangs up.
  public func end() {
    number = -1
    socket = nil
    isAttached = false
    openAt = nil
  }

  /// A socket has none.
  public var lineErrors: UInt64 { 0 }

  /// Waits for packets.
  public var interests: [PollInterest] {
    number < 0 ? [] : [PollInterest(number, Int16(POLLIN))]
  }

  /// When it looks for the device again.
  public var deadline: Instant? { openAt }

  /// Its moment has come.
  public func wake(at now: Instant) {
    openAt = nil
    do throws(SystemFault) {
      let connected = try UnixSocket.connect(path, .packets)
      number = connected.number
      socket = consume connected
      backoff.reset()
    } catch {
      openAt = now + backoff.next()
      down(error.code == EACCES ? .denied : .absent)
    }
  }

  /// A packet came.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    switch readSome(number, limit: SimulatedUSBLink.packetLimit) {
    case .success(nil): return
    case .success(let packet?):
      if packet.isEmpty { return hangUp() }
      take(packet[0], Array(packet.dropFirst()))
    case .failure: hangUp()
    }
  }

  /// Does what a driver asks for.
  public func perform(_ order: LinkOrder) {
    if !isAttached { return }
    switch order {
    case .setFeature(let report): send(UInt8(ascii: "S"), report)
    case .getFeature(let length):
      let high = UInt8(truncatingIfNeeded: length >> 8)
      send(UInt8(ascii: "G"), [high, UInt8(truncatingIfNeeded: length)])
    case .reopen: hangUp()
    case .write(let report): send(UInt8(ascii: "W"), report)
    case .handOver(let block): send(UInt8(ascii: "W"), block.handOver())
    case .discardOutput:
      // A report that is under way cannot be called back.
      break
    }
  }

  private func take(_ kind: UInt8, _ body: [UInt8]) {
    switch kind {
    case UInt8(ascii: "A"):
      guard let facts = SimulatedUSBLink.facts(body) else { return hangUp() }
      isAttached = true
      reported = nil
      transferCount = HIDReportSizes(facts.reportDescriptor)?.inputBytes ?? 0
      transfer = []
      send(UInt8(ascii: "O"), [])
      onEvent(.opened(.hid(facts)))
    case UInt8(ascii: "D"):
      isAttached = false
      down(.lost)
    case UInt8(ascii: "P"): if isAttached { gather(body) }
    case UInt8(ascii: "F"): if isAttached { onEvent(.feature(body)) }
    case UInt8(ascii: "N"): if isAttached { onEvent(.feature(nil)) }
    default: hangUp()
    }
  }

  private func gather(_ packet: [UInt8]) {
    if transfer.isEmpty { packetCount = packet.count }
    transfer += packet
    if transfer.count < transferCount, packet.count == packetCount, packetCount > 0 { return }
    let bytes = transfer
    transfer = []
    onEvent(.received(bytes))
  }

  private static func facts(_ body: [UInt8]) -> HIDFacts? {
    var reader = ByteReader(body)
    guard let vendor = try? reader.readUInt16(), let product = try? reader.readUInt16(),
      let flags = try? reader.readByte()
    else { return nil }
    return HIDFacts(
      vendor: vendor, product: product, reportDescriptor: Array(body.dropFirst(5)),
      isBootKeyboard: flags & 1 != 0)
  }

  private func send(_ kind: UInt8, _ body: [UInt8]) {
    // A socket of packets takes all of one or nothing; a full one means that nobody listens.
    if case .success(let count) = writeSome(number, [kind] + body[...]), count > 0 { return }
    hangUp()
  }

  private func hangUp() {
    number = -1
    socket = nil
    isAttached = false
    openAt = SystemClock.now + backoff.next()
    down(.lost)
  }

  private func down(_ fault: LinkFault) {
    if reported != fault { onEvent(.closed(fault)) }
    reported = fault
  }
}
