// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PaymentCrypto
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Keys of the terminal and its PIN pad")
struct KeyTests {
  private static let block = Array(
    "A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701".utf8)

  private static func place() throws -> PadKeyPlace { .slot(try #require(PadSlotID(0x30))) }

  private static func line(_ till: Till, _ name: String) -> KeyLine? {
    till.terminal.keyInventory.first { $0.name == name }
  }

  @Test("before parameters have come the inventory names what is missing; then its check value")
  func inventory() throws {
    var till = try Till()
    till.start()
    #expect(KeyTests.line(till, "MAC key MAK")?.state == .missing)
    #expect(KeyTests.line(till, "terminal master key TMK")?.state == .loaded)
    #expect(KeyTests.line(till, "PIN keys (DUKPT)")?.state == .unknown)
    till = try Till.inService()
    let mac = try #require(KeyTests.line(till, "MAC key MAK"))
    #expect(mac.state == .loaded)
    #expect(try mac.checkValue == SimulatedShop.macKey.checkValue())
  }

  @Test("a PIN's serial number says how many are left; used up or missing is said as well")
  func remaining() throws {
    var till = try Till.inService()
    // The test sale had a PIN of the first transaction.
    #expect(KeyTests.line(till, "PIN keys (DUKPT)")?.remaining == 1_048_574)
    till.tell(.pinPad(.unavailable(.keysExhausted)))
    #expect(KeyTests.line(till, "PIN keys (DUKPT)")?.state == .exhausted)
    #expect(KeyTests.line(till, "PIN keys (DUKPT)")?.remaining == 0)
    till.tell(.pinPad(.unavailable(.keyMissing)))
    #expect(KeyTests.line(till, "PIN keys (DUKPT)")?.state == .missing)
    till.tell(.pinPad(.keys([PadKeyState(slot: try #require(PadSlotID(0x30)))])))
    #expect(KeyTests.line(till, "PIN keys (DUKPT)") == nil)
    #expect(KeyTests.line(till, "PIN master key")?.state == .missing)
  }

  @Test("a key block goes to the pad, and what becomes of it to whoever asked")
  func load() throws {
    var till = try Till.inService()
    let place = try KeyTests.place()
    till.answers = []
    till.ask(.loadPadKey(place, block: KeyTests.block))
    #expect(till.padOrders.last == .loadKey(place, block: KeyTests.block))
    // One at a time, and no sale meanwhile.
    till.ask(.selectPadSet(.one))
    #expect(till.refusal == "TRM-002")
    till.ask(.sale(reference: "a/1", amount: 100, earlier: nil))
    #expect(till.refusal == "TRM-002")
    till.tell(.pinPad(.keyLoaded(place)))
    #expect(till.answers.last == .done)
    let reasons: [(NoKey, String)] = [
      (.refused(code: 0x43), "PAD-020"), (.format, "PAD-021"), (.echoDiffers, "PAD-022"),
      (.silent, "PAD-023"),
    ]
    for (reason, code) in reasons {
      till.ask(.loadPadKey(place, block: KeyTests.block))
      till.tell(.pinPad(.keyNotLoaded(place, reason)))
      #expect(till.refusal == code)
    }
    till.ask(.selectPadSet(.one))
    till.tell(.pinPad(.setSelected(.one)))
    #expect(till.answers.last == .done)
  }

  @Test("what is no key block never reaches the pad, a clear key least of all")
  func noBlock() throws {
    var till = try Till()
    till.start()
    till.padOrders = []
    for text in ["", "0123456789ABCDEFFEDCBA9876543210", "E0072P0TE00E0000"] {
      till.ask(.loadPadKey(try KeyTests.place(), block: Array(text.utf8)))
      #expect(till.refusal == "KEY-010")
    }
    #expect(till.padOrders.isEmpty)
  }

  @Test("a pad that is not there is named; one without keys is the one that needs them")
  func noPad() throws {
    var till = try Till()
    till.start()
    till.tell(.pinPad(.unavailable(.silent)))
    till.ask(.selectPadSet(.zero))
    #expect(till.refusal == "PAD-002")
    till.tell(.pinPad(.unavailable(.keyMissing)))
    till.padOrders = []
    till.ask(.loadPadKey(try KeyTests.place(), block: KeyTests.block))
    #expect(till.padOrders.count == 1)
  }

  @Test("whoever asked and left is not answered; the pad is busy until it has reported")
  func left() throws {
    var till = try Till.inService()
    till.ask(.selectPadSet(.one))
    till.answers = []
    for number in UInt32(1)..<20 { till.tell(.requesterLeft(RequestID(number))) }
    till.ask(.selectPadSet(.zero))
    #expect(till.refusal == "TRM-002")
    till.ask(.sale(reference: "a/1", amount: 100, earlier: nil))
    #expect(till.refusal == "TRM-002")
    // What is said of another place ends nothing.
    till.answers = []
    till.tell(.pinPad(.setSelected(.zero)))
    till.tell(.pinPad(.keyLoaded(try KeyTests.place())))
    till.tell(.pinPad(.setSelected(.one)))
    #expect(till.answers.isEmpty)
    till.ask(.selectPadSet(.zero))
    #expect(till.padOrders.last == .selectSet(.zero))
  }
}
