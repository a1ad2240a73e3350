// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583
import Simulator
import TerminalCore

/// The acquirer's link alone, with what it asks for written down.
struct HostWire {
  static let first = Endpoint(host: "first.example", port: 1, usesTLS: true)
  static let second = Endpoint(host: "second.example", port: 2, usesTLS: false)
  static let dialect = SimulatedShop.settings.dialect

  var link: HostExchange
  var now = Instant.start
  /// What was asked for and not looked at yet.
  var effects: [HostExchange.Effect] = []

  init(_ rules: LinkRules = LinkRules(), greeting: Framing.Greeting? = nil) {
    var dialect = HostWire.dialect
    dialect.framing.greeting = greeting
    link = HostExchange(dialect: dialect, rules: rules)
  }

  /// What a gateway wants to hear, and how its answer of six bytes begins.
  static let greeting = Framing.Greeting(
    request: [0x47, 0x57], answerPrefix: [0, 4, 0x30], answerCount: 6)

  mutating func tell(_ event: HostExchange.Event) {
    effects += link.handle(event, at: now)
  }

  mutating func hear(_ event: AcquirerEvent) { tell(.acquirer(event)) }

  /// Lets so much time pass, with every wake-up the link asks for.
  mutating func wait(_ interval: Interval) {
    let end = now + interval
    while let due = link.deadline, due <= end {
      now = max(now, due)
      tell(.deadlinePassed)
    }
    now = end
  }

  /// Starts the request with this number, which is its ticket, trace number and amount.
  mutating func start(
    _ number: UInt32, mti: String = "0200", backup: Endpoint? = nil,
    answerLimit: Interval = .seconds(20)
  ) {
    tell(.started(HostWire.request(number, mti: mti, backup: backup, answerLimit: answerLimit)))
  }

  /// What was asked for since the last look.
  mutating func take() -> [HostExchange.Effect] {
    defer { effects = [] }
    return effects
  }

  /// The requests that have ended since the last look, with their ends in words.
  mutating func ends() -> [String] { take().compactMap { HostWire.words($0) } }

  static func words(_ effect: HostExchange.Effect) -> String? {
    switch effect {
    case .acquirer(.connect(let endpoint)): "connect " + endpoint.host
    case .acquirer(.send([0x47, 0x57])): "greet"
    case .acquirer(.send(let bytes)): "send \(bytes.count > 2 ? "request" : "nothing")"
    case .acquirer(.disconnect): "disconnect"
    case .keepAliveDue: "echo due"
    case .ended(.answered(let message, _), let ticket):
      "\(ticket) answered \(String(decoding: message[11] ?? [], as: UTF8.self))"
    case .ended(.noAnswer, let ticket): "\(ticket) no answer"
    case .ended(.badAnswer(.wrongMAC), let ticket): "\(ticket) bad: wrongMAC"
    case .ended(.badAnswer(let fault), let ticket): "\(ticket) bad: \(fault)"
    case .ended(.notSent(let layer, let code), let ticket): "\(ticket) not sent: \(layer) \(code)"
    case .ended(.notWritten(let fault), let ticket): "\(ticket) not written: \(fault)"
    }
  }
}

extension HostWire {
  /// The message of a request with this number.
  static func message(_ number: UInt32, mti: String) -> Message {
    var message = Message(mti: Array(mti.utf8))
    message[3] = Array("000000".utf8)
    message[4] = digits(UInt64(number) * 100, 12)
    message[7] = Array("0101120000".utf8)
    message[11] = digits(UInt64(number), 6)
    message[41] = Array("10000001".utf8)
    return message
  }

  static func request(
    _ number: UInt32, mti: String = "0200", backup: Endpoint? = nil,
    answerLimit: Interval = .seconds(20), isProbe: Bool = false
  ) -> HostRequest {
    let message = message(number, mti: mti)
    return HostRequest(
      ticket: number, endpoint: first, backup: backup, isProbe: isProbe,
      frame: frame(message), expected: key(message), connectLimit: .seconds(10),
      answerLimit: answerLimit)
  }

  private static func key(_ message: Message) -> AnswerKey {
    var mti = message.mti
    mti[2] += 1
    return AnswerKey(
      mti: mti, stan: message[11] ?? [], terminalID: message[41], merchantID: nil,
      processing: message[3], amount: message[4], condition: nil, currency: nil, needsMAC: false)
  }

  /// The host's answer to the request with this number, with these elements changed.
  static func answer(
    _ number: UInt32, mti: String = "0210", _ changes: [(Int, String?)] = []
  ) -> [UInt8] {
    var answer = message(number, mti: mti)
    answer[39] = Array("00".utf8)
    for (element, text) in changes { answer[element] = text.map { Array($0.utf8) } }
    return frame(answer)
  }

  static func frame(_ message: Message) -> [UInt8] {
    let bytes = try? Codec(table: dialect.table).encode(message)
    return dialect.framing.frame(bytes ?? [])
  }

  static func digits(_ number: UInt64, _ count: Int) -> [UInt8] {
    let digits = Array(String(number).utf8)
    return [UInt8](repeating: 0x30, count: count - digits.count) + digits
  }
}
