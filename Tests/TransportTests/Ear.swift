// SPDX-License-Identifier: Apache-2.0

import CLinux
import Clockwork
import Devices
import Foundation
import LinuxHost
import Testing

/// Hears what happens on a link, with the loop turned until it does.
final class Ear {
  let loop = EventLoop()
  let link: any DeviceLink
  private(set) var events: [LinkEvent] = []

  init(_ link: any DeviceLink) {
    self.link = link
    link.onEvent = { [unowned self] in events.append($0) }
    loop.add(link)
  }

  /// Turns the loop until the events are so, at most three seconds.
  @discardableResult
  func until(_ isSo: ([LinkEvent]) -> Bool) -> Bool {
    let end = SystemClock.now + .seconds(3)
    while !isSo(events) {
      if SystemClock.now > end { return false }
      loop.turn(atMost: .milliseconds(20))
    }
    return true
  }

  func forget() { events = [] }

  /// All bytes that were received.
  var bytes: [UInt8] {
    events.flatMap { event in
      if case .received(let bytes) = event { return bytes }
      return []
    }
  }
}

/// The device's end of a pseudo-terminal whose other end has a name in a folder.
final class PseudoTerminal {
  private(set) var master: Int32 = -1
  let path: String

  init(in folder: String) throws {
    path = folder + "/port.tty"
    try plug()
  }

  func plug() throws {
    var slave: Int32 = -1
    let opened = unsafe openpty(&master, &slave, nil, nil, nil)
    try #require(opened == 0)
    let name = try #require(unsafe ttyname(slave).map { unsafe String(cString: $0) })
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: name)
    _ = setNonBlocking(master)
    _ = close(slave)
  }

  func unplug() {
    _ = close(master)
    master = -1
    try? FileManager.default.removeItem(atPath: path)
  }

  func send(_ bytes: [UInt8]) { _ = writeSome(master, bytes[...]) }

  /// What has arrived at the device.
  func heard() -> [UInt8] {
    var bytes: [UInt8] = []
    while case .success(let part?) = readSome(master, limit: 65_536), !part.isEmpty {
      bytes += part
    }
    return bytes
  }

  deinit { if master >= 0 { _ = close(master) } }
}

/// A folder that is gone when the test is.
final class Folder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "posd-test-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
