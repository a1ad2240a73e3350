// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Foundation
import Glibc
import LinuxHost
import Testing

@testable import SerialTransport

@Suite("Serial ports", .serialized)
struct SerialTests {
  private static func settings(_ path: String) -> SerialSettings {
    SerialSettings(path: path, baud: 115_200, flow: .none)
  }

  @Test("every byte goes through unchanged, both ways")
  func transparent() throws {
    let folder = try Folder()
    let port = try PseudoTerminal(in: folder.path)
    let ear = Ear(SerialTransport(SerialTests.settings(port.path)))
    #expect(ear.until { $0 == [.opened(.serial)] })
    // Every value, control bytes of a cooked line and FF among them.
    let all = (0...255).map { UInt8($0) }
    port.send(all)
    #expect(ear.until { _ in ear.bytes.count >= 256 })
    #expect(ear.bytes == all)
    ear.link.perform(.write(all))
    var heard: [UInt8] = []
    ear.until { _ in
      heard += port.heard()
      return heard.count >= 256
    }
    #expect(heard == all)
  }

  @Test("a long document arrives whole and in order, a little at a time")
  func long() throws {
    let folder = try Folder()
    let port = try PseudoTerminal(in: folder.path)
    let ear = Ear(SerialTransport(SerialTests.settings(port.path)))
    ear.until { !$0.isEmpty }
    let document = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    ear.link.perform(.write(document))
    var heard: [UInt8] = []
    ear.until { _ in
      heard += port.heard()
      return heard.count >= document.count
    }
    #expect(heard == document)
  }

  @Test("a port that is not there is told once, and found when it comes")
  func absent() throws {
    let folder = try Folder()
    let ear = Ear(SerialTransport(SerialTests.settings(folder.path + "/port.tty")))
    #expect(ear.until { $0 == [.closed(.absent)] })
    let port = try PseudoTerminal(in: folder.path)
    #expect(ear.until { $0 == [.closed(.absent), .opened(.serial)] })
    port.send([1])
    #expect(ear.until { _ in ear.bytes == [1] })
  }

  /// Tries until the machine was quick enough for what the clock would do otherwise half a second
  /// later; that it is never quick enough is a failure.
  private func quickly(_ isBeforeTheClock: () throws -> Bool) rethrows {
    for _ in 0..<20 where try isBeforeTheClock() { return }
    Issue.record("the clock has done it each time")
  }

  @Test(
    "a port is opened when its name comes, in a folder that comes with it too",
    arguments: ["", "/by-path"])
  func hotplug(_ place: String) throws {
    try quickly {
      let folder = try Folder()
      let ear = Ear(
        SerialTransport(SerialTests.settings(folder.path + place + "/port.tty")))
      #expect(ear.until { $0 == [.closed(.absent)] })
      // The clock has it opened after half a second, and then after whole ones.
      let glance = try #require(ear.link.deadline)
      if !place.isEmpty {
        try FileManager.default.createDirectory(
          atPath: folder.path + place, withIntermediateDirectories: false)
        #expect(ear.until { _ in ear.link.deadline != glance })
      }
      let port = try PseudoTerminal(in: folder.path + place)
      #expect(ear.until { $0.last == .opened(.serial) })
      _ = port.path
      return SystemClock.now < glance
    }
  }

  @Test("what else comes to that folder is no news")
  func others() throws {
    try quickly {
      let folder = try Folder()
      let ear = Ear(SerialTransport(SerialTests.settings(folder.path + "/port.tty")))
      #expect(ear.until { $0 == [.closed(.absent)] })
      let glance = try #require(ear.link.deadline)
      #expect(FileManager.default.createFile(atPath: folder.path + "/port.tt", contents: nil))
      #expect(FileManager.default.createFile(atPath: folder.path + "/port.tty2", contents: nil))
      for _ in 0..<5 { ear.loop.turn(atMost: .milliseconds(10)) }
      return ear.link.deadline == glance
    }
  }

  @Test("a hang-up is seen, and the port opened again under its name")
  func unplugged() throws {
    let folder = try Folder()
    let port = try PseudoTerminal(in: folder.path)
    let ear = Ear(SerialTransport(SerialTests.settings(port.path)))
    ear.until { !$0.isEmpty }
    for _ in 0..<3 {
      ear.forget()
      port.unplug()
      #expect(ear.until { $0.first == .closed(.lost) })
      ear.link.perform(.write([9, 9]))
      try port.plug()
      #expect(ear.until { $0.last == .opened(.serial) })
      // What was to be sent while nobody was there is not sent later.
      #expect(port.heard().isEmpty)
      port.send([4, 5])
      #expect(ear.until { _ in ear.bytes == [4, 5] })
    }
  }

  @Test("somebody else's port is left alone: one program at a time")
  func exclusive() throws {
    let folder = try Folder()
    let port = try PseudoTerminal(in: folder.path)
    let ear = Ear(SerialTransport(SerialTests.settings(port.path)))
    #expect(ear.until { $0 == [.opened(.serial)] })
    // TIOCGEXCL (tty_ioctl(2)): root may open it all the same, so the mark itself is read.
    let number = unsafe open(port.path, O_RDWR | O_NOCTTY)
    if number < 0 { return #expect(errno == EBUSY) }
    var isExclusive: Int32 = 0
    let asked = unsafe ioctl(number, 0x8004_5440, &isExclusive)
    #expect(asked == 0)
    #expect(isExclusive == 1)
    _ = close(number)
  }

  @Test("a driver can throw away what has not left, and have the port opened anew")
  func orders() throws {
    let folder = try Folder()
    let port = try PseudoTerminal(in: folder.path)
    let ear = Ear(SerialTransport(SerialTests.settings(port.path)))
    ear.until { !$0.isEmpty }
    ear.link.perform(.write([UInt8](repeating: 0x41, count: 10_000)))
    ear.link.perform(.discardOutput)
    ear.link.perform(.write([0x42]))
    var heard: [UInt8] = []
    ear.until { _ in
      heard += port.heard()
      return heard.last == 0x42
    }
    #expect(heard.count < 1_000)
    ear.forget()
    ear.link.perform(.reopen)
    #expect(ear.until { $0 == [.closed(.lost), .opened(.serial)] })
  }

  @Test("a flood of orders ends the link rather than the memory")
  func flood() throws {
    let folder = try Folder()
    let port = try PseudoTerminal(in: folder.path)
    let ear = Ear(SerialTransport(SerialTests.settings(port.path)))
    ear.until { !$0.isEmpty }
    ear.forget()
    ear.link.perform(.write([UInt8](repeating: 0, count: 300_000)))
    #expect(ear.events.count == 1)
    guard case .closed(.failed) = ear.events.first else {
      Issue.record("the link is still up")
      return
    }
  }

  @Test("a file that is no port is refused")
  func noPort() throws {
    let folder = try Folder()
    let path = folder.path + "/file"
    #expect(FileSystem.create(path, [1]))
    let ear = Ear(SerialTransport(SerialTests.settings(path)))
    #expect(ear.until { !$0.isEmpty })
    guard case .closed = ear.events.first else {
      Issue.record("a file was opened as a port")
      return
    }
  }

  @Test(
    "bytes the kernel marks as wrong are taken out and counted, FF is FF",
    arguments: [
      ([0x41, 0x42], [0x41, 0x42], 0), ([0xFF, 0xFF], [0xFF], 0),
      ([0xFF, 0x00, 0x41, 0x42], [0x42], 1),
      ([0xFF, 0x00, 0x00, 0xFF, 0xFF], [0xFF], 1), ([0x41, 0xFF], [0x41], 0),
    ] as [([UInt8], [UInt8], UInt64)])
  func marks(_ raw: [UInt8], _ clean: [UInt8], _ errors: UInt64) {
    var filter = LineErrorFilter()
    #expect(filter.filter(raw) == clean)
    #expect(filter.errors == errors)
    // However the bytes are cut.
    var pieces = LineErrorFilter()
    #expect(raw.flatMap { pieces.filter([$0]) } == clean)
  }
}
