// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices

extension World {
  /// Bytes of the terminal's, on their way to a device.
  mutating func carry(_ bytes: [UInt8], to port: Port) {
    let number = Int(port.rawValue)
    lines[number].recorded? += bytes
    let passed = DeviceLine.pass(bytes, &lines[number].toDevice)
    if lines[number].isStopped {
      lines[number].held += passed.bytes
    } else if !passed.bytes.isEmpty {
      arrive(passed.bytes, at: port)
    }
    if passed.isCut { pull(port) }
  }

  private mutating func arrive(_ bytes: [UInt8], at port: Port) {
    let moment = now + lines[Int(port.rawValue)].pause(for: bytes.count, at: now)
    switch port {
    case .reader: queue.add(.chipReader(.received(bytes)), at: moment)
    case .printer: queue.add(.printer(.received(bytes)), at: moment)
    case .pinPad: queue.add(.pad(.received(bytes)), at: moment)
    }
  }

  /// Bytes of a device's, on their way to the terminal.
  mutating func carry(_ bytes: [UInt8], from port: Port) {
    let number = Int(port.rawValue)
    if !linkIsUp[number] { return }
    for bytes in lines[number].spoil(bytes) {
      let passed = DeviceLine.pass(bytes, &lines[number].fromDevice)
      if !passed.bytes.isEmpty {
        let pause = lines[number].pause(for: bytes.count, at: now)
        tellLater(.link(port, .received(passed.bytes)), pause)
      }
      if passed.isCut { return pull(port) }
    }
  }

  /// What the terminal has not sent yet is thrown away.
  mutating func discard(at port: Port) {
    lines[Int(port.rawValue)].held = []
    if port == .printer { queue.add(.printer(.hostDiscarded), at: now + .milliseconds(1)) }
  }

  /// The device lets go of the line.
  mutating func release(_ port: Port) {
    let number = Int(port.rawValue)
    lines[number].isStopped = false
    let held = lines[number].held
    lines[number].held = []
    if !held.isEmpty { arrive(held, at: port) }
  }

  /// Somebody pulls a device's plug.
  mutating func pull(_ port: Port) {
    let number = Int(port.rawValue)
    lines[number].isPulled = true
    lines[number].held = []
    if port == .reader {
      if readsChips {
        perform(slot.handle(.unplugged, at: now))
      } else {
        perform(reader.handle(.unplugged, at: now))
      }
      return
    }
    if linkIsUp[number] { tellLater(.link(port, .closed(.lost)), .milliseconds(1)) }
    linkIsUp[number] = false
  }

  /// Somebody puts it in again.
  mutating func plug(_ port: Port) {
    lines[Int(port.rawValue)].isPulled = false
    if port == .reader {
      if readsChips {
        perform(slot.handle(.plugged, at: now))
      } else {
        perform(reader.handle(.plugged, at: now))
      }
      return
    }
    queue.add(.linkUp(port, start: start), at: now + .milliseconds(500))
  }

  /// Somebody puts another reader for stripes in the place of the one there is.
  mutating func exchangeReader(_ output: SecureMagOutput?) {
    if readsChips { return }
    pull(.reader)
    reader = output.map { SimulatedShop.secureMag($0) } ?? ReaderModel(packetBytes: 64)
    lines[Int(Port.reader.rawValue)].isPulled = false
    readerAttached()
  }
}
