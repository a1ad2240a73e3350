// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PINPadSerial
import Simulator
import Testing
import Wire

@Suite("A bad line to the PIN pad")
struct LineTests {
  private static func ready() throws -> Counter {
    var counter = try #require(Counter())
    counter.open()
    return counter
  }

  /// After whatever has happened, the pad comes back and takes a PIN.
  private static func recovers(_ counter: Counter) -> Bool {
    var counter = counter
    counter.noise = { $0 }
    counter.isConnected = true
    counter.wait(.seconds(90))
    counter.ask()
    counter.wait(.milliseconds(200))
    counter.press()
    counter.wait(.seconds(1))
    return counter.entered != nil
  }

  @Test("an answer with a wrong check byte is refused and sent again, twice at most")
  func damaged() throws {
    for bad in 1...3 {
      var counter = try LineTests.ready()
      counter.ask()
      var left = bad
      counter.noise = { bytes in
        guard bytes.count > 10, left > 0 else { return bytes }
        left -= 1
        return bytes.dropLast() + [bytes[bytes.count - 1] ^ 0x01]
      }
      counter.press()
      #expect(counter.driver.counters.damagedFrames == UInt32(bad))
      let refusals = counter.lines.filter { !$0.fromPad && $0.bytes == [0x15] }.count
      #expect(refusals == min(bad, 2))
      if bad < 3 {
        #expect(counter.entered != nil)
      } else {
        #expect(counter.reports == [.noPIN(.silent)])
        #expect(counter.lines.contains(Counter.Line(fromPad: false, bytes: [0x04])))
      }
      #expect(LineTests.recovers(counter))
    }
  }

  @Test("a request that is refused is sent three times, then the entry is over")
  func refused() throws {
    var counter = try LineTests.ready()
    counter.ask()
    counter.isConnected = false
    counter.ask()
    var other = try LineTests.ready()
    other.isConnected = false
    other.ask()
    for _ in 0..<3 { other.tell(.link(.received([0x15]))) }
    let requests = other.lines.filter { $0.bytes.count >= 10 }.count
    #expect(requests == 3)
    #expect(other.reports == [.noPIN(.silent)])
    #expect(LineTests.recovers(other))
  }

  @Test("a request nobody acknowledges is sent three times, five seconds apart")
  func unanswered() throws {
    var counter = try LineTests.ready()
    counter.isConnected = false
    counter.ask()
    counter.wait(.milliseconds(4_900))
    #expect(counter.lines.count == 1)
    counter.wait(.milliseconds(200))
    #expect(counter.lines.count == 2)
    counter.wait(.seconds(20))
    #expect(counter.reports.first == .noPIN(.silent))
    #expect(counter.reports.contains(.unavailable(.silent)))
    #expect(LineTests.recovers(counter))
  }

  @Test("a pad that falls silent while the cardholder types is given up after its own time")
  func silentEntry() throws {
    var counter = try LineTests.ready()
    counter.ask(seconds: 60)
    counter.isConnected = false
    counter.noise = { _ in [] }
    counter.wait(.seconds(64))
    #expect(counter.reports.isEmpty)
    counter.wait(.seconds(10))
    #expect(counter.reports.first == .noPIN(.silent))
    #expect(LineTests.recovers(counter))
  }

  @Test("an answer cut short at any byte never gives a PIN and never blocks the next")
  func truncated() throws {
    for length in 0..<39 {
      var counter = try LineTests.ready()
      counter.ask()
      var cut = false
      counter.noise = { bytes in
        if bytes.count < 10 || cut { return bytes }
        cut = true
        return Array(bytes.prefix(length))
      }
      counter.press()
      counter.wait(.seconds(40))
      // The pad sends again what nobody acknowledged, so there is at most one PIN, the right one.
      if let pin = counter.entered {
        #expect(Hex.text(pin.block.exposed) == "1B9C1845EB993A7A")
      } else {
        #expect(
          counter.reports.allSatisfy { report in
            if case .pinEntered = report { return false }
            return true
          })
      }
      #expect(LineTests.recovers(counter))
    }
  }

  @Test("unplugged at any moment of an entry, it says so and comes back")
  func unplugged() throws {
    for moment in 0..<6 {
      var counter = try #require(Counter())
      if moment > 0 { counter.open() }
      if moment > 1 { counter.ask() }
      if moment > 2 { counter.tell(.keyPressed(.digit(1))) }
      if moment > 3 { counter.tell(.ordered(.cancel)) }
      if moment > 4 { counter.tell(.link(.received([0x02, 0x37]))) }
      counter.reports = []
      counter.tell(.link(.closed(.lost)))
      // The cause before what it does to the entry.
      #expect(counter.reports.first == .unavailable(.link(.lost)))
      #expect(counter.reports.count <= 2)
      counter.tell(.powerCut)
      counter.tell(.powerOn)
      counter.tell(.link(.opened(.serial)))
      #expect(LineTests.recovers(counter))
    }
  }

  @Test("a frame longer than any of the family is dropped")
  func oversize() throws {
    var counter = try LineTests.ready()
    counter.tell(.link(.received([0x02] + [UInt8](repeating: 0x41, count: 5_000))))
    #expect(counter.driver.counters.damagedFrames > 0)
    #expect(LineTests.recovers(counter))
  }

  @Test("a good frame nobody asked for is acknowledged, counted and dropped")
  func late() throws {
    var counter = try LineTests.ready()
    counter.reports = []
    let answer = Array("7109876543210E000011B9C1845EB993A7A".utf8) + [0x03]
    counter.tell(.link(.received([0x02] + answer + [0x42])))
    #expect(counter.reports.isEmpty)
    #expect(counter.driver.counters.lateAnswers == 1)
    #expect(LineTests.recovers(counter))
  }

  @Test("a check byte that looks like a control byte is a check byte")
  func controlCheck() throws {
    var counter = try LineTests.ready()
    counter.ask()
    // 71 and an error code whose check byte is 04, which alone would be EOT.
    counter.isConnected = false
    counter.tell(.link(.received([0x02, 0x37, 0x31, 0x01, 0x03, 0x04])))
    #expect(counter.reports == [.noPIN(.refused(code: 0x01))])
  }

  @Test("noise of every kind never gives a PIN, and the pad comes back", arguments: 0..<60)
  func noise(_ seed: UInt64) throws {
    var dice = Dice(seed: seed)
    var counter = try LineTests.ready()
    counter.noise = { _ in [] }
    for _ in 0..<60 {
      switch dice.below(7) {
      case 0: counter.ask()
      case 1: counter.tell(.ordered(.cancel))
      case 2: counter.wait(.milliseconds(Int64(dice.below(6_000))))
      case 3: counter.tell(.deadlinePassed as DriverEvent<PINPadOrder>)
      case 4: counter.tell(.link(.received([[0x06, 0x15, 0x04, 0x02, 0x0F, 0x03][dice.below(6)]])))
      case 5: counter.tell(.link(.feature(nil)))
      default: counter.tell(.link(.received(dice.bytes(dice.below(50)))))
      }
    }
    #expect(
      counter.reports.allSatisfy { report in
        if case .pinEntered = report { return false }
        return true
      })
    #expect(LineTests.recovers(counter))
  }
}
