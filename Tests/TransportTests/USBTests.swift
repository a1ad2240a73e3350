// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Glibc
import LinuxHost
import Testing
import USBTransport

@Suite("USB", .serialized)
struct USBTests {
  /// The other end of a simulated device.
  private struct Device: ~Copyable {
    let listener: UnixListener
    var host: Int32 = -1

    init(_ path: String) throws { listener = try UnixSocket.listen(path, .packets) }

    /// Takes the host in; false when it has not come.
    mutating func accept(_ ear: Ear) -> Bool {
      let number = listener.number
      var found: Int32 = -1
      ear.until { _ in
        if let accepted = UnixSocket.accept(number) { found = dup(accepted.number) }
        return found >= 0
      }
      if host >= 0 { _ = close(host) }
      host = found
      _ = setNonBlocking(host)
      return host >= 0
    }

    func send(_ kind: String, _ body: [UInt8] = []) {
      _ = writeSome(host, Array(kind.utf8)[...] + body)
    }

    func heard() -> [UInt8]? {
      guard case .success(let packet?) = readSome(host), !packet.isEmpty else { return nil }
      return packet
    }

    deinit { if host >= 0 { _ = close(host) } }
  }

  private static let attach: [UInt8] = [0x08, 0x01, 0x00, 0x02, 0x00, 0x75, 0x08]
  private static let facts = LinkEvent.opened(
    .hid(
      HIDFacts(vendor: 0x0801, product: 2, reportDescriptor: [0x75, 0x08], isBootKeyboard: false)))

  @Test("a simulated device says what it is, sends packets, answers commands and goes")
  func simulated() throws {
    let folder = try Folder()
    let path = folder.path + "/reader.sock"
    var device = try Device(path)
    let ear = Ear(SimulatedUSBLink(path: path))
    let isThere = device.accept(ear)
    #expect(isThere)
    // Before it is attached nothing is heard of it.
    device.send("P", [1, 2])
    device.send("A", USBTests.attach)
    #expect(ear.until { $0 == [USBTests.facts] })
    let opened = device.heard()
    #expect(opened == Array("O".utf8))
    device.send("P", [1, 2])
    #expect(ear.until { $0.last == .received([1, 2]) })
    ear.link.perform(.setFeature([7]))
    let set = device.heard()
    #expect(set == Array("S".utf8) + [7])
    ear.link.perform(.getFeature(length: 0x0118))
    let get = device.heard()
    #expect(get == Array("G".utf8) + [1, 0x18])
    ear.link.perform(.write([1, 2, 3]))
    let written = device.heard()
    #expect(written == Array("W".utf8) + [1, 2, 3])
    ear.link.perform(.handOver(HeldBlock(number: 1, [4, 5])))
    let handedOver = device.heard()
    #expect(handedOver == Array("W".utf8) + [4, 5])
    device.send("F", [9])
    #expect(ear.until { $0.last == .feature([9]) })
    device.send("N")
    #expect(ear.until { $0.last == .feature(nil) })
    device.send("D")
    #expect(ear.until { $0.last == .closed(.lost) })
    device.send("P", [3])
    device.send("A", USBTests.attach)
    #expect(ear.until { $0.last == USBTests.facts })
    #expect(!ear.events.contains(.received([3])))
  }

  @Test("a report arrives whole, however small its packets; what a device leaves behind is lost")
  func gathered() throws {
    let folder = try Folder()
    let path = folder.path + "/reader.sock"
    var device = try Device(path)
    let ear = Ear(SimulatedUSBLink(path: path))
    let isThere = device.accept(ear)
    #expect(isThere)
    // Twenty input bytes: 75 08 size, 95 14 count, 81 02 input.
    let attach = Array(USBTests.attach.prefix(5)) + [0x75, 0x08, 0x95, 0x14, 0x81, 0x02]
    device.send("A", attach)
    #expect(ear.until { $0.count == 1 })
    let report = [UInt8](1...20)
    for start in stride(from: 0, to: 20, by: 8) {
      device.send("P", Array(report[start..<min(start + 8, 20)]))
    }
    #expect(ear.until { $0.last == .received(report) })
    #expect(ear.events.count == 2)
    // A short packet ends a report early; half of one goes with the device.
    device.send("P", [1, 2, 3, 4, 5, 6, 7, 8])
    device.send("P", [9])
    #expect(ear.until { $0.last == .received([1, 2, 3, 4, 5, 6, 7, 8, 9]) })
    device.send("P", [1, 2, 3, 4, 5, 6, 7, 8])
    device.send("D")
    device.send("A", attach)
    device.send("P", [7, 7])
    device.send("P", [7])
    #expect(ear.until { $0.last == .received([7, 7, 7]) })
  }

  @Test("a device that talks nonsense is hung up on, and tried again")
  func nonsense() throws {
    let folder = try Folder()
    let path = folder.path + "/reader.sock"
    var device = try Device(path)
    let ear = Ear(SimulatedUSBLink(path: path))
    for packet in [[0x41], [0x41, 8, 1], [0x7A, 1, 2], [0x00]] as [[UInt8]] {
      let isThere = device.accept(ear)
      #expect(isThere)
      _ = writeSome(device.host, packet[...])
      #expect(ear.until { $0.last == .closed(.lost) || $0.last == .closed(.absent) })
    }
    let isBack = device.accept(ear)
    #expect(isBack)
    device.send("A", USBTests.attach)
    #expect(ear.until { $0.last == USBTests.facts })
  }

  @Test("a socket that is not there is told once as absent")
  func absent() throws {
    let folder = try Folder()
    let ear = Ear(SimulatedUSBLink(path: folder.path + "/none.sock"))
    #expect(ear.until { $0 == [.closed(.absent)] })
    for _ in 0..<40 { ear.loop.turn(atMost: .milliseconds(20)) }
    #expect(ear.events == [.closed(.absent)])
  }

  @Test("the real bus without our reader says that it is absent, and does not wake the program")
  func real() throws {
    // A product number nobody has.
    let link = try #require(USBTransport(products: [USBProduct(vendor: 0xFFFF, product: 0xFFFE)]))
    let ear = Ear(link)
    #expect(ear.until { !$0.isEmpty })
    guard case .closed = ear.events.first else {
      Issue.record("a reader that does not exist was opened")
      return
    }
    // Orders to a device that is not there are no fault.
    link.perform(.setFeature([1]))
    link.perform(.reopen)
    let before = ear.loop.wakeUps
    for _ in 0..<5 { ear.loop.turn(atMost: .milliseconds(20)) }
    #expect(ear.loop.wakeUps == before + 5)
    #expect(ear.events.count == 1)
  }
}
