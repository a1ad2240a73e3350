// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import Simulator
import Testing

@Suite("A reader that comes and goes")
struct LinkTests {
  private static func opened(_ facts: HIDFacts) -> [CardReaderReport] {
    var reader = Reader()
    reader.tell(.link(.opened(.hid(facts))))
    reader.wait(.seconds(1))
    return reader.reports
  }

  private static func facts(
    vendor: UInt16 = 0x0801, product: UInt16 = 2,
    descriptor: [UInt8] = ReaderModel.reportDescriptor,
    keyboard: Bool = false
  ) -> HIDFacts {
    HIDFacts(
      vendor: vendor, product: product, reportDescriptor: descriptor, isBootKeyboard: keyboard)
  }

  @Test("sizes come from the descriptor")
  func descriptors() throws {
    let sureSwipe = try #require(HIDReportSizes(ReaderModel.reportDescriptor))
    #expect(sureSwipe.inputBytes == 337)
    #expect(sureSwipe.featureBytes == 24)
    let magneSafe = try #require(Reader.magneSafe()).facts.reportDescriptor
    #expect(magneSafe.count == 182)
    let sizes = try #require(HIDReportSizes(magneSafe))
    #expect(sizes.inputBytes == 887)
    #expect(sizes.featureBytes == 60)
  }

  @Test("where a device numbers its reports the longest counts, with its number")
  func numbered() throws {
    let sizes = try #require(HIDReportSizes(neo2ReportDescriptor))
    #expect(sizes.isNumbered)
    #expect(sizes.inputBytes == 64)
    #expect(sizes.outputBytes == 64)
    #expect(sizes.featureBytes == 0)
    let unequal: [UInt8] = [
      0x75, 0x08, 0x85, 0x01, 0x95, 0x02, 0x81, 0x02, 0x85, 0x02, 0x95, 0x07, 0x81, 0x02, 0x81,
      0x02, 0xB1, 0x02,
    ]
    let longest = try #require(HIDReportSizes(unequal))
    #expect(longest.inputBytes == 15)
    #expect(longest.outputBytes == 0)
    #expect(longest.featureBytes == 8)
    #expect(HIDReportSizes([0x85, 0x00]) == nil)
    #expect(HIDReportSizes([0x86, 0x01, 0x01]) == nil)
  }

  @Test("a descriptor that is cut short, absurd or noise is refused or measured, never a crash")
  func descriptorNoise() {
    let whole = ReaderModel.reportDescriptor
    for length in 0..<whole.count { _ = HIDReportSizes(Array(whole[..<length])) }
    #expect(HIDReportSizes([0x95]) == nil)
    #expect(HIDReportSizes([0x96, 0xFF]) == nil)
    #expect(HIDReportSizes([0x97, 0xFF, 0xFF, 0xFF, 0xFF]) == nil)
    #expect(HIDReportSizes([0x76, 0xFF, 0xFF, 0x96, 0xFF, 0xFF, 0x81, 0x02]) == nil)
    var dice = Dice(seed: 1)
    for _ in 0..<20_000 { _ = HIDReportSizes(dice.bytes(dice.below(60))) }
  }

  @Test("a known reader is ready after a silence, and says whether it encrypts")
  func ready() throws {
    let plain = ReaderIdentity(vendor: 0x0801, product: 2, encrypts: false)
    #expect(LinkTests.opened(LinkTests.facts()) == [.ready(plain)])
    let facts = try #require(Reader.magneSafe()).facts
    let identity = ReaderIdentity(vendor: 0x0801, product: 0x11, encrypts: true)
    #expect(LinkTests.opened(facts) == [.ready(identity)])
  }

  @Test("keyboards, strangers and readers with another report are refused with the reason")
  func refused() {
    let cases: [(HIDFacts, ReaderTrouble)] = [
      (LinkTests.facts(keyboard: true), .keyboardMode),
      (LinkTests.facts(product: 1), .keyboardMode),
      (LinkTests.facts(product: 0x5357), .unknownProduct(vendor: 0x0801, product: 0x5357)),
      (
        LinkTests.facts(vendor: 0x0ACD, product: 0x2010, descriptor: [0x75, 8, 0x95, 64, 0x81, 2]),
        .unexpectedReportSize(bytes: 64)
      ),
      (
        LinkTests.facts(vendor: 0x0ACD, product: 0x2020, descriptor: neo2ReportDescriptor),
        .unexpectedReportSize(bytes: 64)
      ),
      (LinkTests.facts(descriptor: [0x75, 8, 0x95, 8, 0x81, 2]), .unexpectedReportSize(bytes: 8)),
      (LinkTests.facts(descriptor: [0x95]), .unexpectedReportSize(bytes: 0)),
      (LinkTests.facts(product: 0x11), .unexpectedReportSize(bytes: 337)),
      (LinkTests.facts(vendor: 0x0ACD, product: 0x2030), .keyboardMode),
      (LinkTests.facts(vendor: 0x0ACD, product: 0x3710), .unexpectedReportSize(bytes: 337)),
      (LinkTests.facts(descriptor: neo2ReportDescriptor), .unexpectedReportSize(bytes: 64)),
    ]
    for (facts, trouble) in cases {
      #expect(LinkTests.opened(facts) == [.unavailable(trouble)])
    }
  }

  @Test("unplugged at any packet of a report, it reads the next card after it is back")
  func unplugged() {
    for packets in 0...43 {
      var reader = Reader(ReaderModel(packetBytes: 8))
      reader.open()
      reader.tell(.swiped(Reader.card))
      reader.wait(.milliseconds(Int64(packets) * 10))
      reader.tell(.unplugged)
      reader.wait(.seconds(1))
      reader.tell(.plugged)
      reader.tell(.opened as ReaderModel.Event)
      reader.wait(.seconds(1))
      let before = reader.cards.count
      #expect(before == (packets >= 43 ? 1 : 0))
      #expect(reader.reports.contains(.unavailable(.link(.lost))))
      reader.swipe()
      #expect(reader.cards.count == before + 1)
    }
  }

  @Test("opened in the middle of somebody's swipes, it is aligned by the end of the first report")
  func joined() {
    for packets in [1, 7, 20, 42] {
      var reader = Reader(ReaderModel(packetBytes: 8))
      reader.tell(.opened as ReaderModel.Event)
      reader.tell(.link(.opened(.hid(reader.model.facts))))
      // Somebody swipes without end, so the silence never comes.
      for _ in 0..<2 {
        reader.tell(.swiped(Reader.card))
        reader.wait(.milliseconds(Int64(440)))
      }
      reader.tell(.ordered(.accept))
      reader.tell(.swiped(Reader.card))
      reader.wait(.milliseconds(Int64(packets) * 10))
      reader.wait(.milliseconds(Int64(440 - packets * 10)))
      reader.reports = []
      reader.tell(.swiped(Reader.card))
      reader.wait(.milliseconds(440))
      #expect(reader.cards.count == 1)
    }
  }

  @Test("a packet shorter than those before it ends a report, so half a one is never mended")
  func shortPacket() {
    var reader = Reader()
    reader.open()
    reader.tell(.link(.received([UInt8](repeating: 0, count: 64))))
    reader.tell(.link(.received([UInt8](repeating: 0, count: 17))))
    #expect(reader.reports == [.misread(.partial(bytes: 81))])
    reader.reports = []
    reader.swipe()
    #expect(reader.cards.count == 1)
  }

  @Test("half a report and silence is dropped and told, and does not shift the next")
  func partial() {
    var reader = Reader()
    reader.open()
    reader.tell(.link(.received([UInt8](repeating: 0x30, count: 64))))
    reader.wait(.seconds(1))
    #expect(reader.reports == [.misread(.partial(bytes: 64))])
    reader.swipe()
    #expect(reader.cards.count == 1)
  }

  @Test("two reports in one transfer are two cards, and a flood is none")
  func flood() {
    var reader = Reader(ReaderModel(packetBytes: 337))
    reader.open()
    reader.swipe()
    let report = reader.packets.flatMap { $0 }
    reader.tell(.link(.received(report + report)))
    #expect(reader.cards.count == 3)
    reader.reports = []
    reader.tell(.link(.received([UInt8](repeating: 0x41, count: 5_000))))
    #expect(reader.reports == [.misread(.malformed)])
    reader.swipe()
    #expect(reader.cards.count == 1)
  }

  @Test("reports that contradict themselves are refused, not mended")
  func contradictions() {
    let changes: [(Int, UInt8)] = [(4, 111), (1, 1), (6, 7), (3, 255)]
    for (index, value) in changes {
      var reader = Reader(ReaderModel(packetBytes: 337))
      reader.open()
      reader.swipe()
      var report = reader.packets.flatMap { $0 }
      report[index] = value
      reader.reports = []
      reader.tell(.link(.received(report)))
      #expect(reader.reports == [.misread(.malformed)])
    }
  }

  @Test("noise never gives a card and never stops the next one")
  func noise() {
    var dice = Dice(seed: 337)
    for _ in 0..<300 {
      var reader = Reader()
      reader.open()
      for _ in 0..<dice.within(1...20) {
        switch dice.below(8) {
        case 0: reader.tell(.link(.feature(nil)))
        case 1: reader.tell(.deadlinePassed as DriverEvent<CardReaderOrder>)
        case 2: reader.wait(.milliseconds(Int64(dice.below(400))))
        default: reader.tell(.link(.received(dice.bytes(dice.below(400)))))
        }
      }
      #expect(reader.cards.isEmpty)
      reader.wait(.seconds(1))
      reader.reports = []
      reader.swipe()
      #expect(reader.cards.count == 1)
    }
  }

  @Test("woken too early or twice it does nothing")
  func idempotent() {
    var reader = Reader()
    reader.tell(.link(.opened(.hid(reader.model.facts))))
    let before = reader.driver
    reader.tell(.deadlinePassed as DriverEvent<CardReaderOrder>)
    #expect(reader.driver == before)
    reader.wait(.seconds(1))
    let after = reader.driver
    reader.tell(.deadlinePassed as DriverEvent<CardReaderOrder>)
    #expect(reader.driver == after)
  }
}
