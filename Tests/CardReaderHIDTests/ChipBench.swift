// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import Simulator
import Wire

/// A card that says back what it was told, so that an answer shows whose it is: instruction, both
/// parameters, then as many bytes as the second parameter says, up to 253.
struct EchoCard: CardInSlot {
  /// T=1 alone, with historical bytes and a check byte.
  static let atr: [UInt8] = {
    let bytes: [UInt8] = [0x3B, 0x83, 0x81, 0x31, 0xFE, 0x45, 0x43, 0x41, 0x52]
    return bytes + [longitudinalRedundancyCheck(bytes[1...])]
  }()
  /// The example of the guide's layout: T=0, no check byte.
  static let plainATR: [UInt8] = [0x3B, 0x65, 0x00, 0x00, 0x20, 0x63, 0xCB, 0x68, 0x00]

  var atr = EchoCard.atr
  /// The parameters of the commands it has carried out.
  var done: [[UInt8]] = []
  /// What it says instead, as long as there is something.
  var script: [[UInt8]] = []

  mutating func reset() -> [UInt8] { atr }

  mutating func process(_ command: [UInt8]) -> [UInt8] {
    done.append(command)
    if !script.isEmpty { return script.removeFirst() }
    return EchoCard.answer(to: command)
  }

  static func answer(to command: [UInt8]) -> [UInt8] {
    // A case 3 command, as VERIFY is, has no data to answer.
    if command.count > 5, command.count == 5 + Int(command[4]) { return [0x90, 0x00] }
    let filling = (0..<min(253, command[3])).map { command[2] ^ 0x5A &+ $0 }
    return Array(command[1...3]) + filling + [0x90, 0x00]
  }
}

/// The driver on a simulated NEO 2 reader, in virtual time.
struct ChipBench {
  var driver: CardReaderHID
  var model: NEO2Model<EchoCard>
  var now = Instant.start
  var reports: [CardReaderReport] = []
  /// The reports the driver sent.
  var written: [[UInt8]] = []
  var handedOver: [HeldBlock] = []

  init(_ profile: NEO2Profile = NEO2Profile(), passesPlaintextPIN: Bool = false) {
    driver = CardReaderHID(passesPlaintextPIN: passesPlaintextPIN)
    model = NEO2Model(profile: profile)
  }

  mutating func tell(_ event: DriverEvent<CardReaderOrder>) {
    for effect in driver.handle(event, at: now) {
      switch effect {
      case .report(let report): reports.append(report)
      case .link(.write(let bytes)):
        written.append(bytes)
        tell(.received(bytes) as NEO2Model<EchoCard>.Event)
      case .link(.handOver(let block)):
        handedOver.append(block)
        tell(.received(block.handOver()) as NEO2Model<EchoCard>.Event)
      case .link: break
      }
    }
  }

  mutating func tell(_ event: NEO2Model<EchoCard>.Event) {
    for effect in model.handle(event, at: now) {
      switch effect {
      case .packet(let bytes): tell(.link(.received(bytes)))
      case .attached(let facts): tell(.link(.opened(.hid(facts))))
      case .detached: tell(.link(.closed(.lost)))
      }
    }
  }

  mutating func order(_ order: CardReaderOrder) { tell(.ordered(order)) }

  mutating func plant(_ fault: NEO2Fault) { tell(.planted(fault)) }

  mutating func wait(_ interval: Interval) {
    let end = now + interval
    while let due = earlier(driver.deadline, model.deadline), due <= end {
      now = max(now, due)
      if let due = model.deadline, due <= now {
        tell(.deadlinePassed as NEO2Model<EchoCard>.Event)
      }
      if let due = driver.deadline, due <= now {
        tell(.deadlinePassed as DriverEvent<CardReaderOrder>)
      }
    }
    now = end
  }

  /// From the plug to a reader that is ready.
  mutating func open() {
    tell(.link(.opened(.hid(model.facts))))
    wait(.seconds(1))
    reports = []
    written = []
  }

  /// A card goes in and is reset.
  mutating func powerOn(_ card: EchoCard = EchoCard()) {
    open()
    order(.accept)
    tell(.inserted(card))
    wait(.seconds(2))
    order(.powerOn)
    wait(.seconds(2))
    reports = []
    written = []
  }

  /// What is reported of one command within so much time.
  mutating func transmit(
    _ command: [UInt8], within interval: Interval = .seconds(1)
  ) -> [CardReaderReport] {
    reports = []
    guard let command = CommandAPDU(command) else { return [] }
    order(.transmit(command))
    wait(interval)
    return reports
  }

  /// The messages the driver sent, put together from its reports.
  var messages: [[UInt8]] { ChipBench.messages(written) }

  static func messages(_ reports: [[UInt8]]) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    for report in reports {
      if report[0] < 3 { messages.append([]) }
      messages[messages.count - 1] += report[1...]
    }
    return messages.map { Array($0.prefix(16 + Int($0[12]) << 8 + Int($0[13]))) }
  }

  /// A message of the guide: the ten bytes of the tag and these digits.
  static func message(_ digits: String) -> [UInt8] {
    let bytes = try? Hex.decode(Array(digits.utf8.filter { $0 != 0x20 }))
    return Array("ViVOtech2".utf8) + [0] + (bytes ?? [])
  }
}

extension CardReaderReport {
  /// The response to this command as the echo card gives it.
  static func echo(_ command: [UInt8]) -> CardReaderReport? {
    ResponseAPDU(EchoCard.answer(to: command)).map { .responded($0) }
  }
}
