// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import Simulator
import Testing
import Wire

@Suite("Chip cards in a NEO 2 reader")
struct ChipTests {
  static let challenge: [UInt8] = [0x00, 0x84, 0x12, 0x08, 0x00]
  static let record: [UInt8] = [0x00, 0xB2, 0x01, 0xF0, 0x00]

  @Test("a card is told when it goes in and when it comes out, once each")
  func presence() {
    var bench = ChipBench()
    bench.open()
    bench.order(.accept)
    bench.wait(.seconds(5))
    // That the slot of a reader which has just come is empty is told once.
    #expect(bench.reports == [.cardRemoved])
    bench.reports = []
    bench.tell(.inserted(EchoCard()))
    bench.wait(.seconds(5))
    #expect(bench.reports == [.cardInserted])
    #expect(!bench.model.isPowered)
    bench.tell(.removed)
    bench.wait(.seconds(5))
    #expect(bench.reports == [.cardInserted, .cardRemoved])
  }

  @Test("nobody who does not accept cards is told of one, and the reader is left alone")
  func ignored() {
    var bench = ChipBench()
    bench.open()
    bench.tell(.inserted(EchoCard()))
    bench.wait(.seconds(5))
    #expect(bench.reports.isEmpty)
    #expect(bench.written.isEmpty)
    #expect(!bench.model.isPassing)
    // A removal is owed even after that.
    bench.order(.accept)
    bench.wait(.seconds(1))
    bench.order(.ignore)
    bench.tell(.removed)
    bench.wait(.seconds(2))
    #expect(bench.reports == [.cardInserted, .cardRemoved])
    #expect(!bench.model.isPassing)
  }

  @Test("an empty slot is told again after the reader was away, and an idle reader is pinged")
  func cameBack() {
    var bench = ChipBench()
    bench.open()
    bench.wait(.seconds(130))
    #expect(bench.messages.map { $0[10] } == [0x18])
    bench.order(.accept)
    bench.wait(.seconds(2))
    #expect(bench.reports == [.cardRemoved])
    bench.tell(.inserted(EchoCard()))
    bench.wait(.seconds(2))
    bench.tell(.link(.closed(.lost)))
    bench.reports = []
    bench.tell(.removed)
    bench.tell(.link(.opened(.hid(bench.model.facts))))
    bench.wait(.seconds(2))
    #expect(bench.reports.last == .cardRemoved)
    #expect(bench.reports.filter { $0 == .cardRemoved }.count == 1)
  }

  @Test("a card is reset, answers, and has neither power nor the reader's attention at the end")
  func sale() throws {
    var bench = ChipBench()
    bench.open()
    bench.tell(.inserted(EchoCard()))
    bench.order(.powerOn)
    bench.wait(.seconds(1))
    #expect(bench.reports == [.powered(try AnswerToReset(EchoCard.atr))])
    for command in [ChipTests.challenge, ChipTests.record] {
      #expect(bench.transmit(command) == [try #require(CardReaderReport.echo(command))])
    }
    bench.reports = []
    bench.order(.powerOff)
    bench.wait(.seconds(1))
    #expect(bench.reports == [.poweredOff])
    #expect(!bench.model.isPowered)
    bench.tell(.removed)
    bench.wait(.seconds(1))
    #expect(bench.reports == [.poweredOff, .cardRemoved])
    #expect(!bench.model.isPassing)
  }

  @Test("no power, no command; no card, no power; no reader, nothing")
  func order() {
    var bench = ChipBench()
    bench.order(.powerOn)
    #expect(bench.reports == [.chipFault(.noReader)])
    bench.open()
    #expect(bench.transmit(ChipTests.challenge) == [.chipFault(.notPowered)])
    bench.reports = []
    bench.order(.powerOn)
    bench.order(.powerOn)
    bench.wait(.seconds(1))
    #expect(bench.reports == [.chipFault(.busy), .chipFault(.noCard)])
    var swipe = Reader()
    swipe.open()
    swipe.tell(.ordered(.powerOn))
    #expect(swipe.reports == [.chipFault(.noReader)])
  }

  @Test("a power-off in the middle of a command waits for its end")
  func powerOffWaits() throws {
    var bench = ChipBench()
    bench.powerOn()
    bench.order(.transmit(try #require(CommandAPDU(ChipTests.challenge))))
    bench.order(.powerOff)
    bench.order(.powerOff)
    bench.wait(.seconds(1))
    #expect(
      bench.reports == [
        .chipFault(.busy), try #require(CardReaderReport.echo(ChipTests.challenge)), .poweredOff,
      ])
    #expect(!bench.model.isPowered)
  }

  @Test("a mute card is told as inserted, then as one without an answer to reset")
  func mute() {
    var bench = ChipBench()
    bench.open()
    for _ in 0..<3 { bench.plant(.noATR) }
    bench.order(.accept)
    bench.tell(.inserted(EchoCard()))
    bench.wait(.milliseconds(1_100))
    #expect(bench.reports == [.cardInserted])
    bench.order(.powerOn)
    bench.wait(.seconds(5))
    #expect(bench.reports == [.cardInserted, .chipFault(.noATR)])
    #expect(!bench.model.isPowered)
    // The next try finds a card that has thought better of it.
    bench.order(.powerOn)
    bench.wait(.seconds(2))
    #expect(bench.reports.count == 3)
  }

  @Test("a wrong check byte in the answer to reset is given one more reset, and only one")
  func wrongCheckByte() throws {
    for (wrong, end) in [
      (0, CardReaderReport.powered(try AnswerToReset(EchoCard.atr))),
      (1, .powered(try AnswerToReset(EchoCard.atr))), (2, .chipFault(.badATR(.wrongCheckByte))),
    ] {
      var bench = ChipBench()
      bench.open()
      bench.tell(.inserted(EchoCard()))
      for _ in 0..<wrong { bench.plant(.badTCK) }
      bench.order(.powerOn)
      bench.wait(.seconds(2))
      #expect(bench.reports == [end])
      #expect(bench.model.isPowered == (wrong < 2))
    }
  }

  @Test("a T=0 card's lengths are followed up: long answers in pieces, wrong lengths once")
  func lengths() throws {
    var profile = NEO2Profile()
    profile.showsLengths = true
    var bench = ChipBench(profile)
    bench.powerOn(EchoCard(atr: EchoCard.plainATR))
    let select: [UInt8] = [0x00, 0xA4, 0x04, 0xF0, 0x02, 0x3F, 0x00, 0x00]
    for command in [ChipTests.challenge, ChipTests.record, select] {
      #expect(bench.transmit(command) == [try #require(CardReaderReport.echo(command))])
    }
    #expect(
      bench.model.card?.done == [
        ChipTests.challenge.dropLast() + [11],
        ChipTests.record.dropLast() + [243], select,
      ])
    // What has no data has no length either.
    let verify: [UInt8] = [0x00, 0x20, 0x00, 0x88, 0x01, 0xAA]
    #expect(bench.transmit(verify) == [try #require(CardReaderReport.echo(verify))])
  }

  @Test("a reader that wants the check bytes the other way round is found out, and remembered")
  func checkOrder() throws {
    var profile = NEO2Profile()
    profile.takesCheckHighFirst = true
    profile.answersCheckLowFirst = true
    var bench = ChipBench(profile)
    bench.powerOn()
    let reports = bench.transmit(ChipTests.challenge)
    #expect(reports == [try #require(CardReaderReport.echo(ChipTests.challenge))])
    #expect(bench.messages.count == 1)
  }

  @Test("a reader that may not pass commands on is of no use, and says so once")
  func locked() {
    var profile = NEO2Profile()
    profile.refusesPassThrough = true
    var bench = ChipBench(profile)
    bench.tell(.link(.opened(.hid(bench.model.facts))))
    bench.wait(.minutes(5))
    #expect(bench.reports == [.unavailable(.noPassThrough)])
    #expect(bench.driver.deadline == nil)
  }

  @Test("an encrypting reader refuses a payment application, and the card keeps its power")
  func encrypting() throws {
    var profile = NEO2Profile()
    profile.isEncrypting = true
    var bench = ChipBench(profile)
    bench.powerOn()
    let name: [UInt8] = [0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x33, 0x00]
    #expect(bench.transmit(name) == [.chipFault(.refused(status: 6))])
    let reports = bench.transmit(ChipTests.challenge)
    #expect(reports == [try #require(CardReaderReport.echo(ChipTests.challenge))])
  }

  @Test("neither a command's data nor a card's answer nor a PIN block is ever printed")
  func printing() throws {
    var bench = ChipBench(passesPlaintextPIN: true)
    bench.powerOn()
    let command: [UInt8] = [0x00, 0xE2, 0x11, 0x04, 0x04, 0xC0, 0xFF, 0xEE, 0x77]
    let order = CardReaderOrder.transmit(try #require(CommandAPDU(command)))
    let reports = bench.transmit(ChipTests.record)
    let block = HeldBlock(number: 7, [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    bench.order(.verify(block))
    var text = "\(order) \(reports) \(bench.driver) \(bench.handedOver)"
    dump(order, to: &text)
    dump(reports, to: &text)
    dump(bench.driver, to: &text)
    dump(bench.handedOver, to: &text)
    #expect(text.contains("00E21104"))
    #expect(text.contains("9000"))
    for secret in ["C0FFEE", "192, 255, 238", "91, 92, 93", "5B5C5D", "36, 18, 52", "241234"] {
      #expect(!text.contains(secret))
    }
  }
}
