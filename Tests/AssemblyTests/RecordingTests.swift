// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import Management
import PaymentCrypto
import Simulator
import TerminalCore
import Testing
import Wire

@Suite("Recordings")
struct RecordingTests {
  private static let key = try? SealKey([UInt8](repeating: 0x5A, count: 32))
  private static let reel: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

  /// One event of every kind, with every part filled in.
  private static let events: [Firmware.Event] = {
    var row = TransactionRow()
    row.reference = "till/1"
    row.state = "approved"
    row.stan = 999_999
    row.amount = UInt64.max
    row.isTest = true
    row.maskedPAN = "401234***8909"
    row.reversalReason = "no answer"
    let clock = WallClock(
      readAt: Instant(microseconds: -5), unixMilliseconds: 1_790_000_000_000, offsetMinutes: -210)
    let hid = HIDFacts(
      vendor: 0x0801, product: 2, reportDescriptor: [6, 0, 255], isBootKeyboard: true)
    let endpoint = Endpoint(host: "acquirer.example", port: 65_535, usesTLS: true)
    let id = RequestID(UInt32.max)
    let requests: [ControlRequest] = [
      .register(
        MerchantApplication(
          serial: "S1", acquirer: "A", merchant: "商户", settlementAccount: "", place: "P")),
      .setNetwork(NetworkSettings(acquirer: endpoint)),
      .setNetwork(
        NetworkSettings(
          acquirer: endpoint, backup: Endpoint(host: "10.0.0.2", port: 1, usesTLS: false))),
      .commitNetwork, .rollbackNetwork,
      .sale(reference: "till/1", amount: 1_200, earlier: nil),
      .sale(reference: "till/1", amount: 1_200, earlier: row), .cancel, .commission,
      .transact(
        TransactionRequest(
          .refund, reference: "till/2", amount: 1, original: "till/1",
          foreignOriginal: ForeignOriginal(
            retrievalReference: [0x31], approvalCode: [], date: Array("0921".utf8)),
          scannedCode: ScannedCode(Array("6212340000000000001".utf8))), earlier: row,
        original: LiveRecord(key: "transaction/till/1", body: [1, 2, 3])),
      .park(reference: "till/1", record: nil),
      .park(reference: "till/1", record: LiveRecord(key: "k", body: [])),
      .unpark(reference: "till/1", record: nil),
      .close(
        reference: "till/1", record: LiveRecord(key: "k", body: [1]),
        Closing(reason: "paid by transfer", by: "Li")),
      .unpark(reference: "till/1", record: LiveRecord(key: "k", body: [])), .settle, .signIn,
      .signOff, .testPrinter, .storeLogo, .reprintSlip(batch: nil), .reprintSlip(batch: 12),
      .download(.parameters), .download(.contactless),
      .sendQueue, .reprint(reference: "till/1", row: row), .reprint(reference: "", row: nil),
    ]
    let faults: [LinkFault] = [.absent, .lost, .denied, .busy, .failed(code: -7)]
    var events: [Firmware.Event] = [.deadlinePassed]
    for port in Port.allCases {
      events += [
        .link(port, .opened(.serial)), .link(port, .opened(.hid(hid))),
        .link(port, .received([0, 1, 255])), .link(port, .received([])),
        .link(port, .feature(nil)), .link(port, .feature([9])),
      ]
      events += faults.map { .link(port, .closed($0)) }
    }
    let terminal: [TerminalEvent] = [
      .started(StartFacts(entropy: [UInt8](0..<32), clock: clock)), .clockRead(clock),
      .acquirer(.connected), .acquirer(.received([1])), .acquirer(.closed),
      .management(.answered(number: 7, status: 503, body: [0x7B])),
      .journalled, .journalFailed(.diskFull), .journalFailed(.failed), .requesterLeft(id),
      .ledgerRead(.failed), .ledgerRead(.records([])),
      .ledgerRead(.records([LiveRecord(key: "transaction/a", body: [0, 255])])),
      .ledgerRead(
        .totals([
          BatchLine(
            kind: "sale", state: "approved", isForeign: true, isTest: true, count: 2,
            amount: 1_200)
        ])),
      .deadlinePassed, .storageRead(isRoomy: true), .storageRead(isRoomy: false),
    ]
    events += terminal.map { .terminal($0) }
    for layer in NetworkLayer.allCases {
      events.append(.terminal(.acquirer(.failed(layer, code: -1))))
      events.append(.terminal(.management(.failed(number: 1, layer, code: 110))))
    }
    return events + requests.map { .terminal(.requested(id, $0)) }
  }()

  private static func recorder() throws -> Recorder {
    var recorder = Recorder(key: try #require(key))
    recorder.begin([LiveRecord(key: "self-test", body: [])], reel: reel)
    return recorder
  }

  private static func firmware(_ records: [LiveRecord] = []) throws -> Firmware {
    try Firmware.recovered(
      from: records, settings: SimulatedShop.settings, board: SimulatedShop.board)
  }

  @Test("every kind of event comes back as it was recorded")
  func everyKind() throws {
    var recorder = try RecordingTests.recorder()
    for (index, event) in RecordingTests.events.enumerated() {
      recorder.record(event, [], at: Instant(microseconds: Int64(index)))
    }
    let lines = [recorder.header(serial: "SIM-1")] + recorder.lines
    let recording = try Recording(lines: lines, key: try #require(RecordingTests.key))
    #expect(recording.entries.map { $0.event } == RecordingTests.events)
    #expect(recording.entries.map { $0.at.microseconds } == (0..<lines.count - 2).map(Int64.init))
    #expect(recording.records == [LiveRecord(key: "self-test", body: [])])
    #expect(recording.serial == "SIM-1")
    #expect(recording.isWhole)
    #expect(Set(recorder.counters.map { $0.kind }).count == 19)
  }

  @Test("what is replayed is answered as it was")
  func replay() throws {
    let records = [LiveRecord(key: "self-test", body: [])]
    var firmware = try RecordingTests.firmware(records)
    var recorder = try RecordingTests.recorder()
    for (index, event) in RecordingTests.events.enumerated() {
      let now = Instant(microseconds: Int64(index) * 700_000)
      recorder.record(event, firmware.handle(event, at: now), at: now)
    }
    var lines = [recorder.header(serial: "SIM-1")] + recorder.lines
    let key = try #require(RecordingTests.key)
    var told = 0
    let recording = try Recording(lines: lines, key: key)
    let outcome = try recording.replay(
      settings: SimulatedShop.settings, board: SimulatedShop.board
    ) { _, isEvent, _ in told += isEvent ? 1 : 0 }
    #expect(outcome == .same(events: RecordingTests.events.count))
    #expect(told == RecordingTests.events.count)

    // The third event's answer was another one: that is where the replay differs.
    var words = lines[4].split(separator: " ", maxSplits: 4).map(String.init)
    words[2] = "0000000000000000"
    lines[4] = words.joined(separator: " ")
    let differing = try Recording(lines: lines, key: key).replay(
      settings: SimulatedShop.settings, board: SimulatedShop.board
    ) { _, _, _ in }
    #expect(differing == .differs(event: 3))
  }

  @Test("lines that are changed, left out, swapped or of another key are refused, by line")
  func refusals() throws {
    var recorder = try RecordingTests.recorder()
    for event in RecordingTests.events.prefix(4) { recorder.record(event, [], at: .start) }
    let lines = [recorder.header(serial: "SIM-1")] + recorder.lines
    let key = try #require(RecordingTests.key)
    func fault(_ lines: [String], _ key: SealKey) -> RecordingFault? {
      do throws(RecordingFault) {
        _ = try Recording(lines: lines, key: key)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault(lines, key) == nil)
    #expect(fault(lines, try SealKey([UInt8](repeating: 1, count: 32))) == .wrongKey(line: 2))
    var other = lines
    other.remove(at: 3)
    #expect(fault(other, key) == .wrongKey(line: 4))
    other = lines
    other.swapAt(3, 4)
    #expect(fault(other, key) == .wrongKey(line: 4))
    other = lines
    other[2] = other[2].replacingLastDigitOfSeal()
    #expect(fault(other, key) == .wrongKey(line: 3))
    #expect(fault([], key) == .line(1))
    #expect(fault(["posd-recording 2 S 0102030405060708 whole"], key) == .line(1))
    #expect(fault([lines[0], "what is this"], key) == .line(2))
    #expect(fault([lines[0], lines[2], lines[1]], key) != nil)
  }

  @Test("no card is in the lines of a recording, and none in its words")
  func cards() throws {
    let card = SimulatedShop.accounts[0].pan
    var recorder = try RecordingTests.recorder()
    for port in Port.allCases where port != .printer {
      recorder.record(.link(port, .received([0x3B] + card)), [], at: .start)
    }
    recorder.record(.terminal(.acquirer(.received(card))), [], at: .start)
    let digits = String(decoding: card, as: UTF8.self)
    for request in [
      ControlRequest.sale(reference: digits, amount: 1_200, earlier: nil),
      .reprint(reference: digits, row: nil),
    ] {
      recorder.record(.terminal(.requested(RequestID(1), request)), [], at: .start)
    }
    let hex = Hex.text(card)
    for line in recorder.lines {
      #expect(!line.contains(digits))
      #expect(!line.contains(hex))
    }
  }

  @Test("bytes that are cut short or changed make a fault and never a crash")
  func noise() throws {
    let key = try #require(RecordingTests.key)
    var dice = Dice(seed: 11)
    for _ in 0..<2_000 {
      var bytes = dice.bytes(dice.below(40))
      if !bytes.isEmpty { bytes[0] %= 24 }
      let nonce = RecordingTests.reel + [0, 0, 0, 0]
      let sealed = Hex.text(try key.seal(bytes, nonce: nonce, associated: []))
      let lines = [
        "posd-recording 1 S " + Hex.text(RecordingTests.reel) + " whole",
        "5 woken 0000000000000000 " + sealed,
      ]
      do throws(RecordingFault) {
        let recording = try Recording(lines: lines, key: key)
        #expect(recording.entries.count == 1)
      } catch {
        #expect(error != .line(1))
      }
    }
  }

  @Test("a reel that has run full says so")
  func full() throws {
    var limits = FlightRecorder.Limits()
    limits.full = 300
    var recorder = Recorder(key: try #require(RecordingTests.key), limits: limits)
    recorder.begin([], reel: RecordingTests.reel)
    for _ in 0..<10 { recorder.record(.deadlinePassed, [], at: .start) }
    #expect(recorder.header(serial: "S").hasSuffix(" incomplete"))
    recorder.begin([], reel: RecordingTests.reel)
    #expect(recorder.header(serial: "S").hasSuffix(" whole"))
    #expect(recorder.lines.isEmpty)
  }
}

extension String {
  /// The fourth word with another last digit.
  fileprivate func replacingLastDigitOfSeal() -> String {
    var words = split(separator: " ", maxSplits: 4).map(String.init)
    let last = words[3].last == "0" ? "1" : "0"
    words[3] = String(words[3].dropLast()) + last
    return words.joined(separator: " ")
  }
}
