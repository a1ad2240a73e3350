// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import Foundation
import LinuxHost
import Management
import Receipts
import Simulator
import TerminalCore
import Testing

@Suite("The control interface")
struct ControlTests {
  /// A house in which a sale lasts until the test ends it, and nothing else happens.
  final class House: TerminalHouse {
    let updates: UpdateDesk? = nil
    var asked: [(id: RequestID, request: ControlRequest)] = []
    var gone: [RequestID] = []
    let serial = "S1"
    var keys: [KeyLine] { [] }
    var devices: [DeviceReport] = []
    var printer: PrinterDetails { preconditionFailure("no test asks for it") }
    let sinceClock = SinceClock(
      wall: WallClock(readAt: .start, unixMilliseconds: 0, offsetMinutes: 0), now: .start)
    var report: DownloadReport?
    var downloads: DownloadReport {
      guard let report else { preconditionFailure("a test that asks has set it") }
      return report
    }
    var expirySources = ExpirySources(certificates: [])
    var responses: Responses {
      Responses([
        Responses.Response(code: "43", kind: .callAcquirer, english: "Stolen card", chinese: "被盗卡")
      ])
    }
    var status: TerminalStatus { preconditionFailure("no test asks for it") }
    func ask(_ id: RequestID, _ request: ControlRequest) { asked.append((id, request)) }
    func left(_ id: RequestID) { gone.append(id) }
    func record(_ reference: String) throws(LedgerFault) -> LiveRecord? { nil }
    var receipts: Result<Receipt, ReceiptProblem>?
    var holders: [SaleReceiptData.Holder] = []
    func receipt(
      _ reference: String, for holder: SaleReceiptData.Holder
    ) throws(LedgerFault) -> Result<Receipt, ReceiptProblem> {
      holders.append(holder)
      guard let receipts else { preconditionFailure("a test that asks has set it") }
      return receipts
    }
    var rows: [TransactionRow] = []
    var page = QueuePage()
    var listed: [TransactionChoice] = []
    let queueNextTry: Int64? = 30
    let today = "2026-03-04"
    func transaction(_ reference: String) throws(LedgerFault) -> TransactionRow? {
      rows.first { $0.reference == reference }
    }
    func transactions(
      _ choice: TransactionChoice, before: Int64?, limit: Int
    ) throws(LedgerFault) -> TransactionPage {
      listed.append(choice)
      var page = TransactionPage()
      page.rows = rows
      page.next = before.map { $0 - Int64(limit) }
      return page
    }
    func queue(after: Int64?, limit: Int) throws(LedgerFault) -> QueuePage { page }
    var counters: ProgramCounters {
      ProgramCounters(wakeUps: 1, commits: 2, events: 3, unexpectedEvents: 4, kinds: [])
    }
    var trace: (header: String, lines: [String]) { ("", []) }
  }

  /// A server and one caller of it.
  final class Talk {
    let house: House
    let loop: EventLoop
    let server: ControlServer
    private let folder: Folder
    private var caller: Descriptor?
    private let number: Int32
    private var heard: [UInt8] = []
    /// Whether the server has hung up, and whether it did so with a reset.
    private(set) var hasEnded = false
    private(set) var wasReset = false

    init() throws {
      house = House()
      loop = EventLoop()
      folder = try Folder()
      let path = folder.path + "/control.sock"
      server = try ControlServer(
        socket: path, loop: loop, house: house,
        catalogue: try Catalogue(file: repository + "/Config/errors.yaml"))
      loop.add(server)
      let descriptor = try UnixSocket.connect(path, .stream)
      number = descriptor.number
      caller = consume descriptor
    }

    private init(beside talk: Talk) throws {
      (house, loop, server, folder) = (talk.house, talk.loop, talk.server, talk.folder)
      let descriptor = try UnixSocket.connect(folder.path + "/control.sock", .stream)
      number = descriptor.number
      caller = consume descriptor
    }

    /// A second caller of the same server.
    func another() throws -> Talk { try Talk(beside: self) }

    /// Sends bytes while the server serves; a caller that has hung up says no more.
    func say(_ bytes: [UInt8]) {
      var rest = bytes[...]
      for _ in 0..<200 where !rest.isEmpty {
        guard case .success(let count) = writeSome(number, rest) else { return }
        rest = rest.dropFirst(count)
        loop.turn(atMost: .milliseconds(1))
      }
    }

    func say(_ method: String, _ parameters: String) {
      let call = #"{"method":"org.posd.terminal.\#(method)","parameters":\#(parameters)}"#
      say(Array(call.utf8) + [0])
    }

    func endInput() { _ = shutdown(number, Int32(SHUT_WR)) }

    func leave() { caller = nil }

    /// What has been answered since the last time.
    func answers() throws -> [JSON] {
      for _ in 0..<8 {
        loop.turn(atMost: .milliseconds(2))
        if hasEnded { continue }
        switch readSome(number, limit: 65_536) {
        case .success(nil): break
        case .success(let bytes?):
          hasEnded = bytes.isEmpty
          heard += bytes
        case .failure(let fault):
          hasEnded = true
          wasReset = fault.code == ECONNRESET
        }
      }
      var messages: [JSON] = []
      while let end = heard.firstIndex(of: 0) {
        messages.append(try JSON(parsing: Array(heard[..<end])))
        heard.removeFirst(end + 1)
      }
      return messages
    }

    /// The parameter that the one answer calls invalid.
    func refused(_ method: String, _ parameters: String) throws -> String? {
      say(method, parameters)
      let all = try answers()
      guard all.count == 1, all[0]["error"]?.text == "org.varlink.service.InvalidParameter" else {
        return nil
      }
      return all[0]["parameters"]?["parameter"]?.text
    }
  }

  @Test("a message that is too long is refused, thrown away to its end, and the talk goes on")
  func tooLong() throws {
    let talk = try Talk()
    for size in [65_537, 70_000, 81_920, 200_000] {
      talk.say([UInt8](repeating: 0x78, count: size) + [0])
      let answers = try talk.answers()
      #expect(answers.map { $0["parameters"]?["parameter"]?.text } == ["message"], "\(size)")
      talk.say("GetCounters", "{}")
      #expect(try talk.answers().map { $0["parameters"]?["commits"]?.integer } == [2], "\(size)")
    }
    // One that never ends is answered once.
    talk.say([UInt8](repeating: 0x78, count: 300_000))
    #expect(try talk.answers().count == 1)
    #expect(!talk.hasEnded)
  }

  @Test("a parameter that is odd, of another type, missing or unknown is named")
  func invalid() throws {
    let talk = try Talk()
    let cases = [
      ("Sale", #"{"reference":"a","amount":1.0}"#, "amount"),
      ("Sale", #"{"reference":"a","amount":1e2}"#, "amount"),
      ("Sale", #"{"reference":"a","amount":12345678901234567890}"#, "amount"),
      ("Sale", #"{"reference":"a","amount":-12345678901234567890}"#, "amount"),
      ("Sale", #"{"reference":"a","amount":-1}"#, "amount"),
      ("Sale", #"{"reference":"a","amount":"1"}"#, "amount"),
      ("Sale", #"{"reference":"a"}"#, "amount"),
      ("Sale", #"{"reference":7,"amount":1}"#, "reference"),
      ("Sale", #"{"reference":"a","amount":1,"tip":1}"#, "tip"),
      ("Sale", "[]", "parameters"), ("Sale", "7", "parameters"), ("Cancel", "[]", "parameters"),
      ("GetCounters", #""""#, "parameters"), ("GetCounters", #"{"x":1}"#, "x"),
      ("ListTransactions", #"{"limit":10.5}"#, "limit"),
      ("ListTransactions", #"{"limit":5,"from":1}"#, "from"),
      (
        "SetNetwork", #"{"acquirer":{"host":"a","port":99999999999999999999,"tls":true}}"#,
        "acquirer.port"
      ),
      ("SetNetwork", #"{"acquirer":{"host":"a","port":1,"tls":true,"ca":"b"}}"#, "acquirer.ca"),
      ("SetNetwork", #"{"acquirer":[]}"#, "acquirer"),
      (
        "SetNetwork", #"{"acquirer":{"host":"a","port":1,"tls":true},"backup":{"host":"b"}}"#,
        "backup.port"
      ),
      ("SetNetwork", #"{"acquirer":{"host":"a","port":1,"tls":true},"backup":7}"#, "backup"),
      (
        "SetNetwork",
        #"{"acquirer":{"host":"a","port":1,"tls":true},"backup":{"host":"a","port":1,"tls":true}}"#,
        "backup"
      ),
      ("SetNetwork", #"{"acquirer":{"host":"a","port":1,"tls":true},"x":null}"#, "x"),
      ("Register", #"{"application":{"serial":"b"}}"#, "application.serial"),
    ]
    for (method, parameters, wrong) in cases {
      #expect(try talk.refused(method, parameters) == wrong, "\(method) \(parameters)")
    }
    #expect(talk.house.asked.isEmpty)
    #expect(!talk.hasEnded)
    talk.say("Sale", #"{"reference":"a","amount":9007199254740993}"#)
    #expect(
      talk.house.asked.map { $0.request }
        == [.sale(reference: "a", amount: 9_007_199_254_740_993, earlier: nil)])
  }

  @Test("every method of the interface file refuses a parameter that it does not have")
  func strangers() throws {
    let file = repository + "/Sources/LinuxHost/Control/org.posd.terminal.varlink"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let pattern = try Regex(#"method ([A-Za-z]+)\(([a-z]*)"#)
    var methods = 0
    for match in text.matches(of: pattern) {
      let name = String(try #require(match.output[1].substring))
      // Those with parameters are told that one is missing, or that there is a stranger.
      let talk = try Talk()
      #expect(try talk.refused(name, #"{"stranger":1}"#) != nil, "\(name)")
      #expect(talk.house.asked.isEmpty, "\(name)")
      methods += 1
    }
    #expect(methods == 48)
  }

  @Test("a device is told with its state, since when, what it said last and what was counted")
  func devices() throws {
    let talk = try Talk()
    var firmware = try Firmware.recovered(
      from: [], settings: SimulatedShop.settings, board: SimulatedShop.board)
    _ = firmware.handle(.link(.printer, .opened(.serial)), at: Instant.start)
    let (health, tally) = firmware.health(.printer)
    talk.house.devices = [
      DeviceReport(
        port: .printer, address: "/dev/ttyUSB0", health: health, tally: tally, lineErrors: 3,
        problem: .printer(.silent))
    ]
    talk.say("GetDevices", "{}")
    let device = try #require(talk.answers().first?["parameters"]?["devices"]?.array?.first)
    #expect(device["name"]?.text == "printer")
    #expect(device["state"]?.text == "reconnecting")
    #expect(device["seconds"]?.integer == 0)
    #expect(device["since"]?.text == "1970-01-01 00:00:00")
    #expect(device["heard"] == .null)
    #expect(device["problem"]?["code"]?.text == "PRN-002")
    let counts = device["counts"]?.array ?? []
    func count(_ kind: String) -> Int64? {
      counts.first { $0["kind"]?.text == kind }?["count"]?.integer
    }
    #expect(count("opened") == 1)
    #expect(count("line errors") == 3)
    #expect(count("lost") == 0)
    talk.say("TestPrinter", "{}")
    #expect(try talk.answers().isEmpty)
    #expect(talk.house.asked.map { $0.request } == [.testPrinter])
  }

  @Test("a slip is printed again, the last one or a named one; what is no batch is refused")
  func slips() throws {
    for (parameters, batch) in [("{}", nil), (#"{"batch":null}"#, nil), (#"{"batch":7}"#, 7)]
      as [(String, UInt32?)]
    {
      let talk = try Talk()
      talk.say("ReprintSlip", parameters)
      #expect(try talk.answers().isEmpty)
      #expect(talk.house.asked.map { $0.request } == [.reprintSlip(batch: batch)])
    }
    let talk = try Talk()
    for wrong in ["0", "-1", "1000000", "4294967297", "1.5", "\"7\""] {
      #expect(try talk.refused("ReprintSlip", "{\"batch\":" + wrong + "}") == "batch", "\(wrong)")
    }
    #expect(talk.house.asked.isEmpty)
  }

  @Test("a caller that has shut its own direction still gets its answer")
  func halfClosed() throws {
    let talk = try Talk()
    talk.say("Sale", #"{"reference":"a","amount":100}"#)
    talk.say("GetCounters", "{}")
    talk.endInput()
    #expect(try talk.answers().isEmpty)
    #expect(talk.house.gone.isEmpty)
    #expect(!talk.hasEnded)
    let id = try #require(talk.house.asked.first?.id)
    talk.server.answer(id, .refused(.noCard))
    let answers = try talk.answers()
    #expect(answers.map { $0["error"]?.text } == ["org.posd.terminal.Refused", nil])
    #expect(answers.last?["parameters"]?["events"]?.integer == 3)
    // And is let go, without a word lost.
    #expect(try talk.answers().isEmpty)
    #expect(talk.hasEnded)
    #expect(!talk.wasReset)
  }

  @Test("a caller that asks hundreds of things at once does not keep the others waiting")
  func oneAtATime() throws {
    let talk = try Talk()
    for _ in 0..<3 { talk.loop.turn(atMost: .milliseconds(1)) }
    let call = #"{"method":"org.posd.terminal.ListTransactions","parameters":{"limit":1}}"#
    talk.say((0..<200).flatMap { _ in Array(call.utf8) + [0] })
    #expect((1...4).contains(talk.house.listed.count))
    let other = try talk.another()
    other.say("GetCounters", "{}")
    #expect(try other.answers().count == 1)
    #expect(talk.house.listed.count < 60)
    // None is lost, even of a caller that has said all it had to say.
    talk.endInput()
    var answered = 0
    for _ in 0..<100 where !talk.hasEnded { answered += try talk.answers().count }
    #expect(answered == 200)
    #expect(talk.hasEnded && !talk.wasReset)
  }

  @Test("a caller that is gone altogether is told to the terminal, half closed before or not")
  func gone() throws {
    for isHalfClosed in [false, true] {
      let talk = try Talk()
      talk.say("Sale", #"{"reference":"a","amount":100}"#)
      if isHalfClosed { talk.endInput() }
      for _ in 0..<5 { talk.loop.turn(atMost: .milliseconds(1)) }
      #expect(talk.house.gone.isEmpty)
      talk.leave()
      // A program that another test is starting has the socket until it has begun.
      for _ in 0..<500 where talk.house.gone.isEmpty { talk.loop.turn(atMost: .milliseconds(1)) }
      #expect(talk.house.gone == talk.house.asked.map { $0.id })
      #expect(talk.house.gone.count == 1)
    }
  }

  @Test("a half-closed caller whose sale goes on costs no wake-ups")
  func quiet() throws {
    let talk = try Talk()
    talk.say("Sale", #"{"reference":"a","amount":100}"#)
    talk.endInput()
    for _ in 0..<5 { talk.loop.turn(atMost: .milliseconds(1)) }
    let began = SystemClock.now
    talk.loop.turn(atMost: .milliseconds(60))
    #expect(SystemClock.now - began >= .milliseconds(50))
  }
}
