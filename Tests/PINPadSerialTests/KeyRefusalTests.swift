// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PINPadSerial
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("Keys the PIN pad refuses")
struct KeyRefusalTests {
  @Test("each refusal is told with its code, and what was in the slot is there still")
  func refusals() throws {
    let slot = try KeyTests.slot("0")
    var counter = try KeyTests.ready()
    counter.order(.loadKey(.slot(slot), block: KeyTests.pinBlock))
    let before = counter.pad.keys
    var changed = KeyTests.pinBlock
    changed[20] = changed[20] == 0x41 ? 0x42 : 0x41
    let mac = try KeyTests.block(
      "M3", "G", "0123456789ABCDEFFEDCBA9876543210", as: MessageAuthentication.self)
    let cases: [(PadSlotID, [UInt8], Character)] = [
      (slot, changed, "C"), (slot, mac, "E"), (try KeyTests.slot("1"), KeyTests.pinBlock, "2"),
      (slot, Array("A0072P0TQ".utf8) + KeyTests.pinBlock.dropFirst(9), "A"),
    ]
    for (slot, block, code) in cases {
      counter.order(.loadKey(.slot(slot), block: block))
      let reason = NoKey.refused(code: try #require(code.asciiValue))
      #expect(counter.reports == [.keyNotLoaded(.slot(slot), reason)])
      #expect(counter.pad.keys == before)
    }
    #expect(counter.lines.contains { $0.fromPad && $0.bytes.starts(with: hex("0F 30 32 3F")) })
  }

  @Test("without its loading key a pad opens no block")
  func noLoadingKey() throws {
    var counter = try KeyTests.ready()
    counter.tell(.tampered)
    let slot = try KeyTests.slot("0")
    counter.order(.loadKey(.slot(slot), block: KeyTests.pinBlock))
    #expect(counter.reports == [.keyNotLoaded(.slot(slot), .refused(code: 0x44))])
  }

  @Test("a clear key is no block: the pad ends the exchange and stores nothing")
  func clear() throws {
    var counter = try KeyTests.ready()
    let before = counter.pad.keys
    let slot = try KeyTests.slot("0")
    counter.order(
      .loadKey(.slot(slot), block: Array("0123456789ABCDEFFEDCBA9876543210".utf8)))
    #expect(counter.reports == [.keyNotLoaded(.slot(slot), .format)])
    #expect(counter.pad.keys == before)
  }

  @Test("two equal changes that the check byte cannot see: the echo is refused, nothing is stored")
  func echo() throws {
    let slot = try KeyTests.slot("0")
    for index in 20..<60 {
      var counter = try KeyTests.ready()
      let before = counter.pad.keys
      counter.noise = { bytes in
        guard bytes.count > 60 else { return bytes }
        var changed = bytes
        changed[index] ^= 0x01
        changed[index + 1] ^= 0x01
        return changed
      }
      counter.order(.loadKey(.slot(slot), block: KeyTests.pinBlock))
      #expect(counter.reports == [.keyNotLoaded(.slot(slot), .echoDiffers)])
      #expect(counter.lines.contains(Counter.Line(fromPad: false, bytes: [0x04])))
      #expect(counter.pad.keys == before)
    }
  }

  @Test("an initial key with its serial number goes into a set, which is then selected and used")
  func initialKeys() throws {
    var counter = try KeyTests.ready()
    let block = try KeyTests.block(
      "B1", "X", "8899AABBCCDDEEFF0011223344556677",
      [.init(identifier: Array("KS".utf8), data: Array("FFFF1111111111E00000".utf8))],
      as: InitialDerivation.self)
    counter.order(.loadKey(.set(.one), block: block))
    #expect(counter.reports == [.keyLoaded(.set(.one))])
    #expect(
      counter.lines.last(where: { !$0.fromPad && $0.bytes.count > 1 })?.bytes
        .starts(with: hex("02 39 34 42")) == true)
    #expect(counter.lines.contains(Counter.Line(fromPad: true, bytes: hex("02 39 31 30 03 3B"))))
    counter.ask()
    counter.press()
    #expect(counter.entered?.keySerialNumber == hex("FFFF9876543210E00001"))
    counter.wait(.seconds(1))
    counter.order(.selectSet(.one))
    #expect(counter.reports == [.setSelected(.one)])
    #expect(
      counter.lines.first == Counter.Line(fromPad: false, bytes: hex("02 39 36 31 03 3D")))
    counter.ask()
    counter.press()
    #expect(counter.entered?.keySerialNumber == hex("FFFF1111111111E00001"))
    // Without a serial number, and with a digit changed.
    let bare = try KeyTests.block(
      "B1", "X", "8899AABBCCDDEEFF0011223344556677", as: InitialDerivation.self)
    counter.wait(.seconds(1))
    counter.order(.loadKey(.set(.zero), block: bare))
    #expect(counter.reports == [.keyNotLoaded(.set(.zero), .refused(code: 0x41))])
    var changed = block
    changed[60] = changed[60] == 0x41 ? 0x42 : 0x41
    counter.order(.loadKey(.set(.zero), block: changed))
    #expect(counter.reports == [.keyNotLoaded(.set(.zero), .refused(code: 0x43))])
  }

  @Test("opened by somebody, the pad has no keys and says so; with keys again it is of use again")
  func tampered() throws {
    var counter = try KeyTests.ready()
    counter.tell(.tampered)
    counter.ask()
    #expect(counter.reports == [.unavailable(.keyMissing)])
    var spent = try #require(Counter(counter: "FFF800"))
    spent.open()
    spent.ask()
    spent.press()
    spent.wait(.seconds(1))
    spent.ask()
    spent.press()
    #expect(spent.reports.last == .unavailable(.keysExhausted))
    let block = try KeyTests.block(
      "B1", "X", "8899AABBCCDDEEFF0011223344556677",
      [.init(identifier: Array("KS".utf8), data: Array("FFFF1111111111E00000".utf8))],
      as: InitialDerivation.self)
    spent.wait(.seconds(1))
    spent.order(.loadKey(.set(.zero), block: block))
    #expect(spent.reports == [.keyLoaded(.set(.zero)), .ready(serial: Array("PAD0001".utf8))])
  }

  @Test("a prompt that the pad does not know is named as the cause")
  func prompt() throws {
    var counter = try KeyTests.ready(PadSettings(prompt: Array("777".utf8)))
    counter.ask()
    #expect(counter.reports == [.noPIN(.promptUnknown)])
  }

  @Test("a pad that falls silent or is unplugged during a load: it is told, and the pad comes back")
  func silent() throws {
    let slot = try KeyTests.slot("0")
    var counter = try KeyTests.ready()
    counter.isConnected = false
    counter.reports = []
    counter.tell(.ordered(.loadKey(.slot(slot), block: KeyTests.pinBlock)))
    counter.wait(.seconds(30))
    #expect(counter.reports.first == .keyNotLoaded(.slot(slot), .silent))
    #expect(counter.reports.contains(.unavailable(.silent)))
    counter.isConnected = true
    counter.wait(.seconds(30))
    #expect(counter.reports.last == .ready(serial: Array("PAD0001".utf8)))
    counter.reports = []
    counter.isConnected = false
    counter.tell(.ordered(.selectSet(.one)))
    counter.tell(.link(.closed(.lost)))
    #expect(
      counter.reports == [.unavailable(.link(.lost)), .keyNotLoaded(.set(.one), .silent)])
    // An order while nobody is there is refused at once.
    counter.reports = []
    counter.tell(.ordered(.loadKey(.set(.zero), block: KeyTests.pinBlock)))
    #expect(counter.reports == [.keyNotLoaded(.set(.zero), .silent)])
  }

  @Test("every frame of a load damaged, cut or lost: the key is stored whole or not at all")
  func badLine() throws {
    let slot = try KeyTests.slot("0")
    for seed in UInt64(0)..<200 {
      var dice = Dice(seed: seed)
      var counter = try KeyTests.ready()
      let before = counter.pad.keys
      let kind = dice.below(3)
      let place = dice.below(78)
      var left = 1 + dice.below(3)
      counter.noise = { bytes in
        if left == 0 || bytes.count < 10 { return bytes }
        left -= 1
        switch kind {
        case 0: return Array(bytes.prefix(place))
        case 1: return []
        default:
          var changed = bytes
          changed[place % bytes.count] ^= 0x04
          return changed
        }
      }
      counter.reports = []
      counter.tell(.ordered(.loadKey(.slot(slot), block: KeyTests.pinBlock)))
      counter.wait(.seconds(60))
      let isStored = counter.pad.keys != before
      let isTold = counter.reports.contains(.keyLoaded(.slot(slot)))
      #expect(isStored == isTold, "seed \(seed): \(counter.reports)")
    }
  }
}
