// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import Simulator
import Testing
import Wire

@Suite("Chip cards when something goes wrong")
struct ChipFaultTests {
  private static let long: [UInt8] = [0x00, 0xB2, 0x01, 0xFD, 0x00]

  /// The next card is read as if nothing had been.
  private static func recovers(_ bench: inout ChipBench) throws {
    bench.tell(.removed)
    bench.wait(.seconds(20))
    #expect(!bench.model.isPowered)
    bench.reports = []
    bench.order(.accept)
    bench.tell(.inserted(EchoCard()))
    bench.wait(.seconds(2))
    bench.order(.powerOn)
    bench.wait(.seconds(2))
    #expect(bench.reports == [.cardInserted, .powered(try AnswerToReset(EchoCard.atr))])
    let reports = bench.transmit(ChipTests.challenge)
    #expect(reports == [try #require(CardReaderReport.echo(ChipTests.challenge))])
  }

  @Test(
    "an answer that is damaged, torn or lost is told as lost, and the command is not sent again",
    arguments: [
      NEO2Fault.wrongCheck, .swappedReports, .shortReport, .lostReport(0), .lostReport(2),
      .lostReport(4), .deaf,
    ])
  func lostAnswer(_ fault: NEO2Fault) throws {
    var bench = ChipBench()
    bench.powerOn()
    bench.plant(fault)
    let reports = bench.transmit(ChipFaultTests.long, within: .minutes(1))
    let isUnreadable = [.wrongCheck, .swappedReports, .lostReport(2)].contains(fault)
    #expect(reports == [.chipFault(isUnreadable ? .answerLost : .mute)])
    #expect(bench.model.card?.done.count == (fault == .deaf ? 0 : 1))
    #expect(!bench.model.isPowered)
    #expect(bench.transmit(ChipTests.challenge) == [.chipFault(.notPowered)])
    try ChipFaultTests.recovers(&bench)
  }

  @Test("a command the reader took for damaged goes out once more, and the card has it once")
  func misheard() throws {
    var bench = ChipBench()
    bench.powerOn()
    bench.plant(.misheard)
    // The second time its bytes stand the other way round, which this reader refuses: it is over.
    #expect(bench.transmit(ChipTests.challenge) == [.chipFault(.refused(status: 4))])
    #expect(bench.model.card?.done.isEmpty == true)
    try ChipFaultTests.recovers(&bench)
  }

  @Test("a card pulled out at any command is told as removed, and then as gone")
  func removed() throws {
    for count in 0..<6 {
      var bench = ChipBench()
      bench.powerOn()
      bench.plant(.pulled(after: count))
      for _ in 0..<count {
        let reports = bench.transmit(ChipTests.challenge)
        #expect(reports == [try #require(CardReaderReport.echo(ChipTests.challenge))])
      }
      let reports = bench.transmit(ChipTests.challenge, within: .seconds(10))
      #expect(reports == [.chipFault(.removed), .cardRemoved])
      try ChipFaultTests.recovers(&bench)
    }
  }

  @Test("a card that falls mute is told as mute, since it is still there")
  func mute() throws {
    var bench = ChipBench()
    bench.powerOn()
    bench.plant(.mute)
    let reports = bench.transmit(ChipTests.challenge, within: .seconds(10))
    #expect(reports == [.chipFault(.mute)])
    try ChipFaultTests.recovers(&bench)
  }

  @Test("a slow card is waited for; an answer after the time belongs to nobody")
  func slow() throws {
    var bench = ChipBench()
    bench.powerOn()
    bench.plant(.slow(.seconds(29)))
    var reports = bench.transmit(ChipTests.challenge, within: .seconds(30))
    #expect(reports == [try #require(CardReaderReport.echo(ChipTests.challenge))])
    bench.plant(.slow(.seconds(31)))
    reports = bench.transmit(ChipTests.challenge, within: .minutes(1))
    #expect(reports == [.chipFault(.mute)])
    #expect(bench.driver.counters.lateAnswers == 1)
    // What is asked next gets its own answer.
    bench.order(.powerOn)
    bench.wait(.seconds(2))
    let record: [UInt8] = [0x00, 0xB2, 0x01, 0x0C, 0x00]
    #expect(bench.transmit(record) == [try #require(CardReaderReport.echo(record))])
  }

  @Test("a reader that hangs is out of order until it answers again, and is asked without end")
  func silent() throws {
    var bench = ChipBench()
    bench.powerOn()
    bench.plant(.slow(.minutes(3)))
    let reports = bench.transmit(ChipTests.challenge, within: .minutes(2))
    #expect(reports == [.unavailable(.silent)])
    #expect(bench.transmit(ChipTests.challenge) == [.chipFault(.noReader)])
    bench.reports = []
    bench.wait(.minutes(2))
    let identity = ReaderIdentity(
      vendor: 0x0ACD, product: 0x4E32, encrypts: false, readsChips: true, readsStripes: false)
    #expect(bench.reports.first == .ready(identity))
    try ChipFaultTests.recovers(&bench)
  }

  @Test("a device of the same maker that never answers is told as silent, once")
  func stranger() {
    var bench = ChipBench()
    for _ in 0..<100 { bench.plant(.deaf) }
    bench.tell(.link(.opened(.hid(bench.model.facts))))
    bench.wait(.minutes(5))
    #expect(bench.reports == [.unavailable(.silent)])
  }

  @Test("unplugged in the middle of a command, the reader is gone and so is the card's session")
  func unplugged() throws {
    for milliseconds in [0, 1, 5, 26, 28, 30, 100] as [Int64] {
      var bench = ChipBench()
      bench.powerOn()
      bench.order(.transmit(try #require(CommandAPDU(ChipFaultTests.long))))
      bench.wait(.milliseconds(milliseconds))
      bench.tell(.unplugged)
      #expect(bench.reports.last == .unavailable(.link(.lost)))
      #expect(bench.reports.count <= 2)
      #expect(bench.driver.deadline == nil)
      bench.tell(.plugged)
      bench.wait(.seconds(2))
      #expect(bench.transmit(ChipTests.challenge) == [.chipFault(.notPowered)])
      try ChipFaultTests.recovers(&bench)
    }
  }

  @Test("a card that shows lengths without end, or a wrong one twice, is given up")
  func endless() throws {
    // The bench's card answers; what it shows is spoken by hand.
    for (answers, isRead) in [
      ([[0x61, 0x02], [0xAA, 0xBB, 0x90, 0x00]], true),
      (Array(repeating: [0xAA, 0x61, 0x01], count: 20), false),
      ([[0x6C, 0x03], [1, 2, 3, 0x90, 0x00]], true), ([[0x6C, 0x03], [0x6C, 0x03]], false),
      ([[0x90]], false), ([[UInt8](repeating: 1, count: 259)], false),
      (Array(repeating: [UInt8](repeating: 1, count: 100) + [0x61, 100], count: 4), false),
    ] as [([[UInt8]], Bool)] {
      var bench = ChipBench()
      bench.powerOn(EchoCard(script: answers))
      let reports = bench.transmit([0x00, 0xB0, 0x00, 0x00, 0x00])
      #expect(reports.count == 1)
      #expect((reports == [.chipFault(.answerLost)]) == !isRead)
      #expect(bench.model.isPowered == isRead)
    }
  }

  @Test("a PIN block goes to the card by a way of its own, and only where that is allowed")
  func pinBlock() throws {
    let bytes: [UInt8] = [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    var bench = ChipBench()
    bench.powerOn()
    bench.order(.verify(HeldBlock(number: 1, bytes)))
    #expect(bench.reports == [.chipFault(.cannotVerify)])
    #expect(bench.handedOver.isEmpty)
    bench = ChipBench(passesPlaintextPIN: true)
    bench.open()
    bench.order(.verify(HeldBlock(number: 2, bytes)))
    #expect(bench.reports == [.chipFault(.notPowered)])
    bench.powerOn()
    bench.order(.verify(HeldBlock(number: 3, [0x24])))
    #expect(bench.reports == [.chipFault(.cannotVerify)])
    bench.reports = []
    bench.order(.verify(HeldBlock(number: 4, bytes)))
    bench.wait(.seconds(1))
    #expect(bench.reports == [.responded(try #require(ResponseAPDU([0x90, 0x00])))])
    #expect(bench.model.card?.done == [[0x00, 0x20, 0x00, 0x80, 0x08] + bytes])
    // It is in no ordinary write, and the driver has let go of it.
    #expect(bench.handedOver.map(\.number) == [4])
    #expect(bench.written.isEmpty)
    #expect(HeldBlock(number: 4, bytes) == HeldBlock(number: 4, []))
    #expect(HeldBlock(number: 4, bytes).hashValue == HeldBlock(number: 4, []).hashValue)
    #expect(HeldBlock(number: 4, bytes) != HeldBlock(number: 5, bytes))
  }
}
