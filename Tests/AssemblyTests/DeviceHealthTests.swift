// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import Simulator
import TerminalCore
import Testing

@Suite("How the devices are")
struct DeviceHealthTests {
  /// Firmware whose devices say what the test has them say.
  private struct Bench {
    var firmware: Firmware
    var now = Instant.start

    init() throws {
      firmware = try Firmware.recovered(
        from: [], settings: SimulatedShop.settings, board: SimulatedShop.board)
    }

    mutating func tell(_ port: Port, _ event: LinkEvent) {
      _ = firmware.handle(.link(port, event), at: now)
    }

    /// Lets time pass; nobody answers anything.
    mutating func wait(_ interval: Interval) {
      let end = now + interval
      while let due = firmware.deadline, due <= end {
        now = max(now, due)
        _ = firmware.handle(.deadlinePassed, at: now)
      }
      now = end
    }

    func state(_ port: Port) -> DeviceHealth.Condition { firmware.health(port).0.condition }
    func count(_ port: Port, _ kind: DeviceCount) -> UInt32 { firmware.health(port).1[kind] }
  }

  @Test("a reader is absent, reconnecting, connected and silent by what it answers, since when")
  func reader() throws {
    var bench = try Bench()
    #expect(bench.state(.reader) == .absent)
    #expect(bench.firmware.health(.reader).0.since == nil)
    bench.now = Instant.start + .seconds(1)
    bench.tell(.reader, .opened(.hid(ReaderModel().facts)))
    #expect(bench.state(.reader) == .reconnecting)
    bench.wait(.seconds(1))
    #expect(bench.state(.reader) == .connected)
    let since = try #require(bench.firmware.health(.reader).0.since)
    #expect(since > Instant.start + .seconds(1))
    // Asked after two minutes and without an answer: what it was does not count.
    bench.wait(.minutes(3))
    #expect(bench.state(.reader) == .silent)
    #expect(bench.firmware.terminal.status.problems.contains { $0.code == "RDR-006" })
    #expect(bench.count(.reader, .silences) == 1)
  }

  @Test("a reader that answers when it is asked stays connected since it was first so")
  func heartbeat() throws {
    var bench = try Bench()
    bench.tell(.reader, .opened(.hid(ReaderModel().facts)))
    bench.wait(.seconds(1))
    let since = bench.firmware.health(.reader).0.since
    for minute in 1...5 as ClosedRange<Int64> {
      bench.wait(Instant(microseconds: 120_000_000 * minute + 1_000) - bench.now)
      bench.tell(.reader, .feature(nil))
      #expect(bench.firmware.health(.reader).0.heardAt == bench.now)
    }
    #expect(bench.state(.reader) == .connected)
    #expect(bench.firmware.health(.reader).0.since == since)
  }

  @Test("a printer and a pad that stop answering are silent, and nothing was ordered of them")
  func serial() throws {
    var bench = try Bench()
    bench.tell(.printer, .opened(.serial))
    bench.tell(.pinPad, .opened(.serial))
    for port in [Port.printer, .pinPad] { #expect(bench.state(port) == .reconnecting) }
    bench.wait(.minutes(1))
    for port in [Port.printer, .pinPad] { #expect(bench.state(port) == .silent) }
  }

  @Test("each loss and each opening is counted; what was lost is absent since it was lost")
  func counts() throws {
    var bench = try Bench()
    for round in 1...3 as ClosedRange<UInt32> {
      bench.tell(.reader, .opened(.hid(ReaderModel().facts)))
      bench.wait(.seconds(1))
      bench.tell(.reader, .feature(nil))
      let lostAt = bench.now
      bench.tell(.reader, .closed(.lost))
      #expect(bench.state(.reader) == .reconnecting)
      bench.wait(.seconds(10))
      bench.tell(.reader, .closed(.absent))
      #expect(bench.state(.reader) == .absent)
      #expect(bench.firmware.health(.reader).0.since == lostAt)
      #expect(bench.count(.reader, .opened) == round)
      #expect(bench.count(.reader, .reconnected) == round - 1)
      #expect(bench.count(.reader, .lost) == round)
      #expect(bench.count(.reader, .refused) == 0)
    }
    bench.tell(.reader, .closed(.denied))
    #expect(bench.state(.reader) == .reconnecting)
    #expect(bench.count(.reader, .refused) == 1)
    #expect(bench.count(.reader, .lost) == 3)
  }

  @Test("a reader that is there and types like a keyboard is in the wrong mode")
  func wrongMode() throws {
    var bench = try Bench()
    var facts = ReaderModel().facts
    facts.isBootKeyboard = true
    bench.tell(.reader, .opened(.hid(facts)))
    #expect(bench.state(.reader) == .wrongMode)
    #expect(bench.firmware.health(.reader).0.product == 2)
    bench.tell(.reader, .closed(.lost))
    #expect(bench.state(.reader) == .reconnecting)
  }

  @Test("a firmware that is started anew knows the devices as the one before it did")
  func continued() throws {
    var bench = try Bench()
    bench.tell(.reader, .opened(.hid(ReaderModel().facts)))
    bench.wait(.seconds(1))
    bench.tell(.reader, .received([1, 2, 3]))
    bench.wait(.seconds(1))
    let before = bench.firmware.health(.reader)
    #expect(before.1[.shortReports] == 1)
    var next = try Bench()
    next.firmware.continueHealth(from: bench.firmware)
    next.now = bench.now + .seconds(5)
    // The opening is told again; it is none.
    next.tell(.reader, .opened(.hid(ReaderModel().facts)))
    #expect(next.state(.reader) == .connected)
    #expect(next.firmware.health(.reader).0.since == before.0.since)
    #expect(next.firmware.health(.reader).1 == before.1)
    next.tell(.reader, .closed(.lost))
    next.tell(.reader, .opened(.hid(ReaderModel().facts)))
    #expect(next.count(.reader, .opened) == 2)
  }
}
