// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Drivers and terminal as one machine")
struct FirmwareTests {
  private static func started() throws -> Firmware {
    var firmware = try Firmware.recovered(
      from: [], settings: SimulatedShop.settings, board: SimulatedShop.board)
    let clock = WallClock(
      readAt: .start, unixMilliseconds: 1_790_000_000_000, offsetMinutes: 480)
    _ = firmware.handle(
      .terminal(.started(StartFacts(entropy: [UInt8](0..<32), clock: clock))), at: .start)
    _ = firmware.handle(.terminal(.journalled), at: .start)
    return firmware
  }

  /// The ports to which something was written.
  private static func ports(_ effects: [Firmware.Effect]) -> Set<Port> {
    Set(
      effects.compactMap { effect in
        if case .link(let port, _) = effect { return port }
        return nil
      })
  }

  @Test("what happens on a port reaches its driver and no other")
  func ports() throws {
    var firmware = try FirmwareTests.started()
    for port in [Port.printer, .pinPad] {
      let effects = firmware.handle(.link(port, .opened(.serial)), at: .start)
      #expect(FirmwareTests.ports(effects).isSubset(of: [port]))
      var later: [Firmware.Effect] = []
      var now = Instant.start
      while let due = firmware.deadline, due < Instant.start + .seconds(3) {
        now = max(now, due)
        later += firmware.handle(.deadlinePassed, at: now)
      }
      #expect(FirmwareTests.ports(effects + later).contains(port))
    }
  }

  @Test("a device that goes is a problem of that device, and is gone when it is back")
  func problems() throws {
    var firmware = try FirmwareTests.started()
    let codes = ["RDR-001", "PRN-001", "PAD-001"]
    for port in Port.allCases {
      _ = firmware.handle(.link(port, .closed(.lost)), at: .start)
    }
    for code in codes {
      #expect(firmware.terminal.status.problems.contains { $0.code == code })
    }
    let reader = ReaderModel()
    _ = firmware.handle(.link(.reader, .opened(.hid(reader.facts))), at: .start)
    _ = firmware.handle(.deadlinePassed, at: Instant.start + .seconds(1))
    #expect(!firmware.terminal.status.problems.contains { $0.code == "RDR-001" })
    #expect(firmware.terminal.status.problems.contains { $0.code == "PRN-001" })
  }

  @Test("woken too early or twice, it changes nothing")
  func wakeUps() throws {
    var firmware = try FirmwareTests.started()
    let reader = ReaderModel()
    _ = firmware.handle(.link(.reader, .opened(.hid(reader.facts))), at: .start)
    _ = firmware.handle(.link(.printer, .opened(.serial)), at: .start)
    let before = firmware
    #expect(firmware.handle(.deadlinePassed, at: .start).isEmpty)
    #expect(firmware.handle(.deadlinePassed, at: .start).isEmpty)
    let isSame = firmware == before
    #expect(isSame)
  }

  @Test("noise on every port, in every order, traps nothing and stays bounded", arguments: 0..<20)
  func noise(_ seed: UInt64) throws {
    var dice = Dice(seed: seed)
    var firmware = try FirmwareTests.started()
    var now = Instant.start
    for _ in 0..<500 {
      now = now + .milliseconds(Int64(dice.below(400)))
      let port = Port.allCases[dice.below(3)]
      let event: Firmware.Event
      switch dice.below(8) {
      case 0: event = .link(port, .opened(.serial))
      case 1: event = .link(port, .opened(.hid(ReaderModel().facts)))
      case 2: event = .link(port, .closed([.lost, .absent, .denied, .busy][dice.below(4)]))
      case 3: event = .link(port, .feature(dice.chance(1, in: 2) ? nil : dice.bytes(24)))
      case 4: event = .deadlinePassed
      default: event = .link(port, .received(dice.bytes(dice.below(400))))
      }
      let effects = firmware.handle(event, at: now)
      #expect(effects.count < 150)
    }
  }

  @Test("a swiped card prints nowhere: not in events, effects or the machine itself")
  func cards() throws {
    var firmware = try FirmwareTests.started()
    var reader = ReaderModel(packetBytes: 337)
    _ = reader.handle(.opened, at: .start)
    _ = firmware.handle(.link(.reader, .opened(.hid(reader.facts))), at: .start)
    _ = firmware.handle(.deadlinePassed, at: Instant.start + .seconds(1))
    _ = reader.handle(.swiped(SimulatedShop.swipe(SimulatedShop.accounts[0])), at: .start)
    var told = ""
    for case .packet(let bytes) in reader.handle(.deadlinePassed, at: Instant.start + .seconds(2)) {
      let event = Firmware.Event.link(.reader, .received(bytes))
      told += event.told
      let effects = firmware.handle(event, at: Instant.start + .seconds(2))
      told += effects.map { $0.told }.joined()
    }
    told += "\(firmware)"
    dump(firmware, to: &told)
    #expect(told.contains("337 bytes"))
    #expect(!told.contains(String(decoding: SimulatedShop.accounts[0].pan, as: UTF8.self)))
  }
}
