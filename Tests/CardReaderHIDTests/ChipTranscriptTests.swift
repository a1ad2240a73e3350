// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import PaymentCrypto
import Simulator
import Testing
import Wire

@Suite("NEO 2, byte for byte")
struct ChipTranscriptTests {
  /// A driver to which the reader's side is spoken by hand.
  private struct Dialogue {
    var driver = CardReaderHID()
    var now = Instant.start
    var reports: [CardReaderReport] = []
    var written: [[UInt8]] = []

    mutating func tell(_ event: DriverEvent<CardReaderOrder>) {
      for effect in driver.handle(event, at: now) {
        switch effect {
        case .report(let report): reports.append(report)
        case .link(.write(let bytes)): written.append(bytes)
        case .link: Issue.record("an order no reader gets")
        }
      }
    }

    mutating func wait(_ interval: Interval) {
      let end = now + interval
      while let due = driver.deadline, due <= end {
        now = max(now, due)
        tell(.deadlinePassed)
      }
      now = end
    }

    /// The one message sent since the last time.
    mutating func sent() -> [UInt8] {
      let messages = ChipBench.messages(written)
      written = []
      #expect(messages.count == 1)
      return messages.first ?? []
    }

    mutating func answer(_ digits: String) {
      let message = ChipBench.message(digits)
      let padding = [UInt8](repeating: 0, count: 63 - message.count)
      tell(.link(.received([1] + message + padding)))
    }

    mutating func begin() {
      let facts = NEO2Model<EchoCard>().facts
      tell(.link(.opened(.hid(facts))))
      wait(.milliseconds(100))
    }
  }

  private static let ping = ChipBench.message("18 01 00 00 B3 CD")
  private static let enter = ChipBench.message("2C 01 00 01 01 19 1D")
  private static let leave = ChipBench.message("2C 01 00 01 00 38 0D")
  private static let getATR = ChipBench.message("2C 12 00 01 20 21 A9")
  private static let powerOff = ChipBench.message("2C 18 00 01 20 8A C1")
  private static let isOK = "2C 00 00 00 1C 9B"

  @Test("the guide's frames open the reader, reset a card, ask it for the directory and leave it")
  func sale() throws {
    var dialogue = Dialogue()
    dialogue.begin()
    let report = try #require(dialogue.written.first)
    #expect(report == [1] + ChipTranscriptTests.ping + [UInt8](repeating: 0, count: 47))
    #expect(dialogue.sent() == ChipTranscriptTests.ping)
    dialogue.answer("18 00 00 00 FA 83")
    #expect(dialogue.sent() == ChipTranscriptTests.enter)
    dialogue.answer(ChipTranscriptTests.isOK)
    #expect(
      dialogue.reports == [
        .ready(
          ReaderIdentity(
            vendor: 0x0ACD, product: 0x4E32, encrypts: false, readsChips: true, readsStripes: false)
        )
      ])
    // What a former run may have left under power loses it.
    #expect(dialogue.sent() == ChipTranscriptTests.powerOff)
    dialogue.answer(ChipTranscriptTests.isOK)
    #expect(dialogue.sent() == ChipTranscriptTests.leave)
    dialogue.answer(ChipTranscriptTests.isOK)
    #expect(dialogue.written.isEmpty)
    dialogue.reports = []
    dialogue.tell(.ordered(.powerOn))
    #expect(dialogue.sent() == ChipTranscriptTests.enter)
    dialogue.answer(ChipTranscriptTests.isOK)
    #expect(dialogue.sent() == ChipTranscriptTests.getATR)
    dialogue.answer("2C 00 00 09 3B 65 00 00 20 63 CB 68 00 7E FA")
    #expect(dialogue.reports == [.powered(try AnswerToReset(EchoCard.plainATR))])
    let select = try Hex.decode(Array("00A404000E315041592E5359532E444446303100".utf8))
    dialogue.tell(.ordered(.transmit(try #require(CommandAPDU(select)))))
    let sent = dialogue.sent()
    #expect(sent == ChipBench.message("2C 13 00 15 20" + Hex.text(select) + "5B 30"))
    #expect(sent.count == 37)
    dialogue.answer("2C 00 00 02 6A 82 4F 87")
    #expect(dialogue.reports.last == .responded(try #require(ResponseAPDU([0x6A, 0x82]))))
    dialogue.tell(.ordered(.powerOff))
    #expect(dialogue.sent() == ChipTranscriptTests.powerOff)
    dialogue.answer(ChipTranscriptTests.isOK)
    #expect(dialogue.reports.last == .poweredOff)
    #expect(dialogue.written.isEmpty)
    // Somebody has to take the card out, and that is looked for.
    dialogue.wait(.milliseconds(600))
    #expect(dialogue.sent() == ChipTranscriptTests.getATR)
    dialogue.answer("2C 0A 00 00 DB 5A")
    #expect(dialogue.reports.last == .cardRemoved)
    #expect(dialogue.sent() == ChipTranscriptTests.powerOff)
    dialogue.answer("2C 0A 00 00 DB 5A")
    #expect(dialogue.sent() == ChipTranscriptTests.leave)
    dialogue.answer(ChipTranscriptTests.isOK)
    #expect(dialogue.written.isEmpty)
    #expect(dialogue.driver.counters.lateAnswers == 0)
  }

  @Test("a command of 86 bytes leaves in two reports, an answer of 274 comes in five")
  func long() throws {
    var bench = ChipBench()
    bench.powerOn()
    let update: [UInt8] = [0x00, 0xD6, 0x00, 0x00, 0x40] + (0..<64).map { UInt8($0) }
    #expect(bench.transmit(update) == [try #require(CardReaderReport.echo(update))])
    #expect(bench.written.count == 2)
    #expect(
      bench.written[0]
        == [2] + ChipBench.message("2C 13 00 46 20 00D6000040" + Hex.text(Array(0...42))))
    #expect(
      bench.written[1]
        == [4] + Array(43...63) + [0xB9, 0xA9] + [UInt8](repeating: 0, count: 40))
    var dialogue = Dialogue()
    dialogue.begin()
    dialogue.answer("18 00 00 00 FA 83")
    for _ in 0..<3 { dialogue.answer(ChipTranscriptTests.isOK) }
    dialogue.tell(.ordered(.powerOn))
    dialogue.answer(ChipTranscriptTests.isOK)
    dialogue.answer("2C 00 00 09 3B 65 00 00 20 63 CB 68 00 7E FA")
    dialogue.tell(.ordered(.transmit(try #require(CommandAPDU([0x00, 0xB0, 0x00, 0x00, 0x00])))))
    let body = (0..<256).map { UInt8($0) } + [0x90, 0x00]
    let answer = ChipBench.message("2C 00 01 02" + Hex.text(body) + "60 48")
    #expect(answer.count == 274)
    #expect(
      Hex.text(sha256(answer)).lowercased()
        == "43643a71a6a5cd28eb5b64b8d6cdb37f5a9eba4aa464fe4835b5b740b65dd671")
    dialogue.reports = []
    for (index, number) in [UInt8(2), 3, 3, 3, 4].enumerated() {
      let part = answer[(index * 63)..<min(274, index * 63 + 63)]
      #expect(dialogue.reports.isEmpty)
      dialogue.tell(
        .link(.received([number] + part + [UInt8](repeating: 0, count: 63 - part.count))))
    }
    #expect(dialogue.reports == [.responded(try #require(ResponseAPDU(body)))])
  }

  @Test("the reader's refusals are told as what they are: timeout, failed, check bytes, mode")
  func refusals() throws {
    let cases: [(String, [CardReaderReport])] = [
      ("2C 08 00 00 B5 3A", [.chipFault(.mute)]), ("2C 0A 00 00 DB 5A", [.chipFault(.answerLost)]),
      ("2C 04 00 00 C0 5B", [.chipFault(.refused(status: 4))]),
      ("2C 0B 00 00 EC 6A", [.chipFault(.refused(status: 11))]),
    ]
    for (answer, expected) in cases {
      var dialogue = Dialogue()
      dialogue.begin()
      dialogue.answer("18 00 00 00 FA 83")
      for _ in 0..<3 { dialogue.answer(ChipTranscriptTests.isOK) }
      dialogue.tell(.ordered(.powerOn))
      dialogue.answer(ChipTranscriptTests.isOK)
      dialogue.answer("2C 00 00 09 3B 65 00 00 20 63 CB 68 00 7E FA")
      dialogue.tell(.ordered(.transmit(try #require(CommandAPDU([0x00, 0x84, 0, 0, 0])))))
      dialogue.reports = []
      dialogue.answer(answer)
      // Wrong check bytes are tried the other way round before that is believed.
      if answer.hasPrefix("2C 04") { dialogue.answer(answer) }
      // The look whether the card is there still: it is.
      if dialogue.reports.isEmpty {
        dialogue.answer("2C 00 00 09 3B 65 00 00 20 63 CB 68 00 7E FA")
      }
      #expect(dialogue.reports == expected)
    }
  }

  @Test("an answer of another group, or of a shape the command cannot have, is nobody's")
  func lateAnswers() {
    var dialogue = Dialogue()
    dialogue.begin()
    let pong = "18 00 00 00 FA 83"
    let withData = "2C 00 00 02 6A 82 4F 87"
    let steps: [(late: [String], own: String)] = [
      ([ChipTranscriptTests.isOK, "2C 08 00 00 B5 3A", withData], pong),
      ([pong, withData], ChipTranscriptTests.isOK), ([pong, withData], ChipTranscriptTests.isOK),
      ([withData, pong], ChipTranscriptTests.isOK),
    ]
    for (late, own) in steps {
      _ = dialogue.sent()
      for answer in late { dialogue.answer(answer) }
      #expect(dialogue.written.isEmpty)
      dialogue.answer(own)
    }
    #expect(dialogue.driver.counters.lateAnswers == 9)
    dialogue.tell(.ordered(.powerOn))
    dialogue.answer(ChipTranscriptTests.isOK)
    dialogue.reports = []
    for answer in [pong, ChipTranscriptTests.isOK] { dialogue.answer(answer) }
    #expect(dialogue.reports.isEmpty)
    dialogue.answer("2C 00 00 09 3B 65 00 00 20 63 CB 68 00 7E FA")
    #expect(dialogue.reports.count == 1)
    #expect(dialogue.driver.counters.lateAnswers == 11)
  }

  @Test("answers with the check bytes in either order are read; with a wrong one in neither")
  func checkBytes() throws {
    for (digits, isRead) in [
      ("18 00 00 00 FA 83", true), ("18 00 00 00 83 FA", true), ("18 00 00 00 FA 82", false),
      ("18 00 00 00 00 00", false), ("18 00 00 01 FA 83", false),
    ] {
      var dialogue = Dialogue()
      dialogue.begin()
      dialogue.written = []
      dialogue.answer(digits)
      #expect(dialogue.written.isEmpty == !isRead)
    }
  }
}
