// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PINPadSerial
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("Keys of the PIN pad")
struct KeyTests {
  /// A published block, usage P0, under the pad's loading key; the key inside is F039….
  static let pinBlock = Array(
    "A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701".utf8)

  static func slot(_ character: Character) throws -> PadSlotID {
    try #require(PadSlotID(character.asciiValue ?? 0))
  }

  static func ready(_ settings: PadSettings = PadSettings()) throws -> Counter {
    var counter = try #require(Counter(settings: settings))
    counter.open()
    return counter
  }

  /// A block of version B under the pad's loading key.
  static func block<Purpose: BlockPurpose>(
    _ usage: String, _ mode: Character, _ digits: String,
    _ optional: [KeyBlockHeader.OptionalBlock] = [], as purpose: Purpose.Type
  ) throws -> [UInt8] {
    let key = try Key<Purpose>(.tdes2, hex(digits))
    let header = KeyBlockHeader(
      version: .b, usage: usage, algorithm: "T", mode: mode, optionalBlocks: optional)
    return try SimulatedShop.padLoadingKey.wrap(key, header, filling: [1, 2, 3, 4, 5, 6])
      .characters
  }

  private static func line(_ fromPad: Bool, _ digits: String) -> Counter.Line {
    Counter.Line(fromPad: fromPad, bytes: hex(digits))
  }

  @Test("a key block goes into its slot byte for byte, is read back, and is there")
  func loaded() throws {
    let slot = try KeyTests.slot("0")
    var counter = try KeyTests.ready()
    counter.order(.loadKey(.slot(slot), block: KeyTests.pinBlock))
    #expect(counter.reports == [.keyLoaded(.slot(slot))])
    let message = Array("020".utf8) + KeyTests.pinBlock + [0x0E]
    let frame = [0x0F] + message + [0x43]
    #expect(frame.count == 78)
    #expect(
      counter.lines == [
        Counter.Line(fromPad: false, bytes: frame), KeyTests.line(true, "06"),
        Counter.Line(fromPad: true, bytes: frame), KeyTests.line(false, "06"),
        KeyTests.line(true, "04"),
      ])
  }

  @Test("a pad with a PIN slot is asked for it, and ready only when the key is there")
  func missing() throws {
    let slot = try KeyTests.slot("0")
    var counter = try KeyTests.ready(PadSettings(pinSlot: slot))
    #expect(
      counter.reports == [
        .keys([PadKeyState(slot: slot)]), .unavailable(.keyMissing),
      ])
    #expect(counter.lines.contains(KeyTests.line(false, "0F 30 34 30 31 0E 0B")))
    #expect(counter.lines.contains(KeyTests.line(true, "0F 30 34 30 0E 3A")))
    counter.order(
      .loadKey(
        .slot(slot),
        block: try KeyTests.block(
          "K0", "D", "0123456789ABCDEFFEDCBA9876543210", as: KeyEncryption.self)))
    #expect(
      counter.reports == [
        .keyLoaded(.slot(slot)),
        .keys([PadKeyState(slot: slot, usage: Array("K0".utf8), mode: 0x44)]),
        .ready(serial: Array("PAD0001".utf8)),
      ])
    #expect(counter.lines.contains(KeyTests.line(true, "0F 30 34 46 4B 30 1C 44 1C 54 0E 27")))
  }

  @Test("a PIN under a session key, byte for byte as the published example")
  func session() throws {
    let slot = try KeyTests.slot("0")
    var counter = try #require(Counter(settings: PadSettings(pinSlot: slot)))
    counter.inject("0", "0123456789ABCDEFFEDCBA9876543210", "K0D")
    counter.open()
    #expect(counter.reports.last == .ready(serial: Array("PAD0001".utf8)))
    let session = PadSessionKey(
      slot: slot, cryptogram: hex("541B3C01A778416611C2E290748628CC"))
    let pan = try #require(PAN(Counter.pan))
    let amount = try #require(Amount(minorUnits: 1_000))
    counter.order(
      .enterPIN(PINPrompt(pan: pan, amount: amount, seconds: 30, session: session)))
    counter.press()
    let request =
      Array("Z60.4012345678909".utf8) + [0x1C] + Array("541B3C01A778416611C2E290748628CC".utf8)
      + [0x1C, 0x31, 0x03]
    let answer = Array("71.00401FF26FD76B4209ACA".utf8) + [0x03]
    #expect(
      counter.lines == [
        KeyTests.line(false, "0F 30 38 30 0E 36"), KeyTests.line(true, "06"),
        KeyTests.line(true, "0F 30 38 30 0E 36"), KeyTests.line(false, "06"),
        KeyTests.line(true, "04"),
        KeyTests.line(false, "02 5A 32 1E 30 30 31 1A 03 5E"), KeyTests.line(true, "06"),
        KeyTests.line(true, "02 5A 32 30 03 5B"), KeyTests.line(false, "06"),
        Counter.Line(fromPad: false, bytes: [0x02] + request + [0x0B]),
        KeyTests.line(true, "06"),
        Counter.Line(fromPad: true, bytes: [0x02] + answer + [0x17]),
        KeyTests.line(false, "06"),
      ])
    let pin = try #require(counter.entered)
    #expect(Hex.text(pin.block.exposed) == "FF26FD76B4209ACA")
    #expect(pin.keySerialNumber == nil)
  }

  @Test("the PIN key of a slot itself encrypts when the session key is zeros")
  func slotKey() throws {
    let slot = try KeyTests.slot("3")
    var counter = try #require(Counter(settings: PadSettings(pinSlot: slot)))
    counter.inject("3", "0123456789ABCDEFFEDCBA9876543210", "P0E")
    counter.open()
    let pan = try #require(PAN(Counter.pan))
    let amount = try #require(Amount(minorUnits: 1_000))
    let zeros = PadSessionKey(slot: slot, cryptogram: [UInt8](repeating: 0, count: 16))
    counter.order(.enterPIN(PINPrompt(pan: pan, amount: amount, seconds: 60, session: zeros)))
    counter.press()
    #expect(counter.entered.map { Hex.text($0.block.exposed) } == "C03D21CDBCB0C58B")
    // A cryptogram for a slot that is no key encryption key is refused, and the pad is of no use.
    counter.wait(.seconds(1))
    let wrong = PadSessionKey(slot: slot, cryptogram: [UInt8](repeating: 9, count: 16))
    counter.order(.enterPIN(PINPrompt(pan: pan, amount: amount, seconds: 60, session: wrong)))
    #expect(counter.reports == [.unavailable(.keyMissing)])
  }

  @Test("a MAC by the pad's key, in one packet byte for byte and in many")
  func macs() throws {
    let slot = try KeyTests.slot("B")
    var counter = try KeyTests.ready()
    counter.order(
      .loadKey(
        .slot(slot),
        block: try KeyTests.block(
          "M3", "G", "0123456789ABCDEFFEDCBA9876543210", as: MessageAuthentication.self)))
    #expect(counter.reports == [.keyLoaded(.slot(slot))])
    let zeros = PadSessionKey(slot: slot, cryptogram: [UInt8](repeating: 0, count: 16))
    let text = Array("Now is the time for all ".utf8)
    counter.order(.authenticate(try #require(PadMACRequest(key: zeros, message: text))))
    #expect(counter.reports == [.authenticated(hex("A1C72E74EA3FA9B6"))])
    #expect(counter.lines.first?.bytes.count == 93 && counter.lines.first?.bytes.last == 0x3A)
    #expect(
      counter.lines.contains(
        Counter.Line(
          fromPad: true,
          bytes: [0x02] + Array("Z670A1C72E74EA3FA9B6".utf8)
            + [0x03, 0x65])))
    let own = try MACKey(.tdes2, hex("0123456789ABCDEFFEDCBA9876543210"))
    for count in [1, 7, 8, 9, 111, 112, 113, 224, 500, 1_000] {
      let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
      counter.order(.authenticate(try #require(PadMACRequest(key: zeros, message: message))))
      #expect(counter.reports == [.authenticated(try own.mac(.retail(.zeros), over: message))])
    }
    #expect(PadMACRequest(key: zeros, message: []) == nil)
    // A wrong session key for a slot that has a MAC key of its own.
    let wrong = PadSessionKey(slot: slot, cryptogram: [UInt8](repeating: 1, count: 16))
    counter.order(.authenticate(try #require(PadMACRequest(key: wrong, message: text))))
    #expect(counter.reports == [.noMAC(.refused(code: 0x41))])
    let other = PadSessionKey(slot: try KeyTests.slot("C"), cryptogram: wrong.cryptogram)
    counter.order(.authenticate(try #require(PadMACRequest(key: other, message: text))))
    #expect(counter.reports == [.noMAC(.refused(code: 0x33))])
  }
}
