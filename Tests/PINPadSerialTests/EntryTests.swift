// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PINPadCrypto
import PINPadSerial
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("PIN entry")
struct EntryTests {
  private static func ready() throws -> Counter {
    var counter = try #require(Counter())
    counter.open()
    return counter
  }

  @Test("a pad is found by asking whether it is there and who it is, byte for byte")
  func found() throws {
    let counter = try EntryTests.ready()
    #expect(counter.reports == [.ready(serial: Array("PAD0001".utf8))])
    let expected = [
      // Whatever an earlier run has left is given up first.
      Counter.Line(fromPad: false, bytes: [0x02, 0x37, 0x32, 0x03, 0x06]),
      Counter.Line(fromPad: true, bytes: [0x06]),
      Counter.Line(fromPad: false, bytes: [0x0F, 0x31, 0x31, 0x0E, 0x0E]),
      Counter.Line(fromPad: true, bytes: [0x06]),
      Counter.Line(fromPad: false, bytes: [0x0F, 0x30, 0x36, 0x0E, 0x08]),
      Counter.Line(fromPad: true, bytes: [0x06]),
      Counter.Line(fromPad: true, bytes: hex("0F 30 36 50 41 44 30 30 30 31 0E 5C")),
      Counter.Line(fromPad: false, bytes: [0x06]),
      Counter.Line(fromPad: true, bytes: [0x04]),
    ]
    #expect(counter.lines == expected)
  }

  @Test("the published example of X9.24: request, answer and PIN block, byte for byte")
  func published() throws {
    var counter = try EntryTests.ready()
    counter.ask()
    counter.press()
    let request = Array("Z60.4012345678909".utf8) + [0x1C, 0x31, 0x03]
    let answer = Array("71098765432 10E000011B9C1845EB993A7A".utf8).filter { $0 != 0x20 } + [0x03]
    #expect(
      counter.lines == [
        Counter.Line(fromPad: false, bytes: hex("02 5A 32 1E 30 30 31 1A 03 5E")),
        Counter.Line(fromPad: true, bytes: [0x06]),
        Counter.Line(fromPad: true, bytes: hex("02 5A 32 30 03 5B")),
        Counter.Line(fromPad: false, bytes: [0x06]),
        Counter.Line(fromPad: false, bytes: [0x02] + request + [0x60]),
        Counter.Line(fromPad: true, bytes: [0x06]),
        Counter.Line(fromPad: true, bytes: [0x02] + answer + [0x42]),
        Counter.Line(fromPad: false, bytes: [0x06]),
      ])
    let pin = try #require(counter.entered)
    #expect(Hex.text(pin.block.exposed) == "1B9C1845EB993A7A")
    #expect(pin.keySerialNumber.map { Hex.text($0) } == "FFFF9876543210E00001")
  }

  @Test("each PIN has a key of its own and decrypts to what was typed")
  func keys() throws {
    var counter = try EntryTests.ready()
    let initial = try InitialKey(.tdes2, Hex.decode(Array(Counter.initialKeyDigits.utf8)))
    var serials: Set<[UInt8]> = []
    for typed in [[1, 2, 3, 4], [9, 9, 9, 9, 9, 9], [UInt8](repeating: 7, count: 12)] as [[UInt8]] {
      counter.ask()
      counter.press(typed)
      let pin = try #require(counter.entered)
      let serial = try #require(pin.keySerialNumber)
      serials.insert(serial)
      let key = try TDESDUKPT.transactionKey(initial: initial, serial: KeySerialNumber(serial))
      let block = try key.pinKey.decipher(pin.block.exposed)
      #expect(try PINBlock.pin(format: 0, block, pan: Counter.pan).exposed == typed)
      counter.wait(.seconds(1))
    }
    #expect(serials.count == 3)
  }

  @Test("a serial number that comes with its leading F is the same serial number")
  func unstripped() throws {
    var counter = try EntryTests.ready()
    counter.ask()
    counter.isConnected = false
    let text = Array("710FFFF9876543210E000011B9C1845EB993A7A".utf8) + [0x03]
    counter.tell(.link(.received([0x02] + text + [0x42])))
    #expect(counter.entered?.keySerialNumber == hex("FFFF9876543210E00001"))
  }

  @Test("cancel on the pad is told apart from its time-out, which both end with EOT")
  func givenUp() throws {
    var counter = try EntryTests.ready()
    counter.ask()
    counter.wait(.seconds(10))
    counter.tell(.keyPressed(.cancel))
    #expect(counter.reports == [.noPIN(.cancelled)])
    counter.wait(.seconds(1))
    counter.ask()
    counter.wait(.seconds(31))
    #expect(counter.reports == [.noPIN(.timedOut)])
    counter.wait(.seconds(1))
    counter.ask()
    counter.press()
    #expect(counter.entered != nil)
  }

  @Test("the core gives up: the pad is told with 72 and acknowledges")
  func aborted() throws {
    var counter = try EntryTests.ready()
    counter.ask()
    counter.lines = []
    counter.tell(.ordered(.cancel))
    #expect(counter.reports == [.noPIN(.aborted)])
    #expect(
      counter.lines == [
        Counter.Line(fromPad: false, bytes: [0x02, 0x37, 0x32, 0x03, 0x06]),
        Counter.Line(fromPad: true, bytes: [0x04]),
      ])
    counter.wait(.seconds(1))
    counter.ask()
    counter.press()
    #expect(counter.entered != nil)
  }

  @Test("a PIN that crosses the cancel on the line is dropped, never reported")
  func crossed() throws {
    var counter = try EntryTests.ready()
    counter.ask()
    counter.isConnected = false
    counter.tell(.ordered(.cancel))
    counter.isConnected = true
    counter.press()
    #expect(counter.reports == [.noPIN(.aborted)])
    counter.wait(.seconds(20))
    #expect(counter.entered == nil)
    counter.ask()
    counter.press()
    #expect(counter.entered != nil)
  }

  @Test(
    "what the pad refuses is told with its code; no key and no more keys make it useless",
    arguments: [
      (UInt8(0x41), PINPadTrouble.keyMissing as PINPadTrouble?), (0x46, .keysExhausted),
      (0x33, nil),
    ])
  func refused(_ code: UInt8, _ trouble: PINPadTrouble?) throws {
    var counter = try EntryTests.ready()
    counter.ask()
    counter.isConnected = false
    let check: UInt8 = 0x37 ^ 0x31 ^ code ^ 0x03
    counter.tell(.link(.received([0x02, 0x37, 0x31, code, 0x03, check])))
    #expect(
      counter.reports == [trouble.map { .unavailable($0) } ?? .noPIN(.refused(code: code))])
    #expect(counter.lines.last == Counter.Line(fromPad: false, bytes: [0x06]))
  }

  @Test("a pad that has used up its keys says so")
  func exhausted() throws {
    var counter = try #require(Counter(counter: "FFF800"))
    counter.open()
    counter.ask()
    counter.press()
    counter.wait(.seconds(1))
    counter.reports = []
    counter.ask()
    counter.press()
    #expect(counter.reports.contains(.unavailable(.keysExhausted)))
  }

  @Test("neither the PIN block nor the account prints")
  func printing() throws {
    var counter = try EntryTests.ready()
    counter.ask()
    let asking = counter.driver
    counter.press()
    var dumped = "\(asking) \(counter.reports)"
    dump(asking, to: &dumped)
    dump(counter.reports, to: &dumped)
    #expect(!dumped.contains("4012345678909"))
    #expect(!dumped.contains("1B9C1845EB993A7A"))
    #expect(!dumped.contains("52, 48, 49, 50, 51, 52, 53"))
  }
}
