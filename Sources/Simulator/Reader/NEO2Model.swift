// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
import Wire

//   reports ─▶ message ─▶ inbox ── one at a time ─▶ command ─▶ card
//                                                      │
//   packets ◀── one a millisecond ── outbox ◀───── answer
//
// A reader of the family has no patience of its own: a message that promises more than it brings is
// waited for until another begins. Source: ID TECH 80139403-002 rev. 88.1. The guide prints no
// report descriptor; this one is composed.

/// An ID TECH NEO 2 reader with a slot for contact cards, speaking reports of 64 bytes.
public struct NEO2Model<Card: CardInSlot>: Machine {
  /// What happens to it.
  public enum Event: Hashable, Sendable {
    /// A card is put into the slot.
    case inserted(Card)
    /// The card is pulled out.
    case removed
    /// An output report came.
    case received([UInt8])
    /// Something goes wrong with what it does next.
    case planted(NEO2Fault)
    /// Its plug is pulled.
    case unplugged
    /// Its plug is put in.
    case plugged
    /// The moment it asked to be woken at has come.
    case deadlinePassed
  }

  /// What it does.
  public enum Effect: Hashable, Sendable {
    /// Sends an input report.
    case packet([UInt8])
    /// Is there.
    case attached(HIDFacts)
    /// Is gone.
    case detached
  }

  /// What the host sees of it; the product number stands for any of the family.
  public let facts = HIDFacts(
    vendor: 0x0ACD, product: 0x4E32, reportDescriptor: neo2ReportDescriptor,
    isBootKeyboard: false)
  /// Whether its plug is in.
  public private(set) var isPlugged = true
  /// The card in its slot.
  public var card: Card? { slot.card }
  /// Whether the card has power.
  public var isPowered: Bool { slot.isPowered }
  /// Whether it passes commands through.
  public private(set) var isPassing = false
  var profile: NEO2Profile
  var slot = NEO2Slot<Card>()
  var faults: [NEO2Fault] = []
  private var incoming: [UInt8] = []
  private var inbox: [[UInt8]] = []
  private var workDone: Instant?
  private var outbox: [Outgoing] = []

  private struct Outgoing: Hashable, Sendable {
    var at: Instant
    var bytes: [UInt8]
  }

  /// Messages that wait; what comes on top is lost, as in any buffer.
  private static var inboxLimit: Int { 8 }
  private static var messageLimit: Int { 1_500 }

  /// A reader of this firmware without a card.
  public init(profile: NEO2Profile = NEO2Profile()) { self.profile = profile }

  /// The next moment at which it has something to do.
  public var deadline: Instant? { earlier(workDone, outbox.first?.at) }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .inserted(let card):
      slot = NEO2Slot(card: card)
      return []
    case .removed:
      slot = NEO2Slot()
      return []
    case .received(let report):
      if isPlugged { receive(report, at: now) }
      return []
    case .planted(let fault):
      faults.append(fault)
      return []
    case .unplugged:
      if !isPlugged { return [] }
      let firmware = profile
      let card = slot.card
      self = NEO2Model(profile: firmware)
      slot = NEO2Slot(card: card)
      isPlugged = false
      return [.detached]
    case .plugged:
      if isPlugged { return [] }
      isPlugged = true
      return [.attached(facts)]
    case .deadlinePassed:
      return wake(at: now)
    }
  }

  private mutating func wake(at now: Instant) -> [Effect] {
    if let due = workDone, now >= due { work(at: now) }
    guard let first = outbox.first, now >= first.at else { return [] }
    outbox.removeFirst()
    return [.packet(first.bytes)]
  }

  /// 01 is a whole message, 02 begins one, 03 goes on and 04 ends it.
  private mutating func receive(_ report: [UInt8], at now: Instant) {
    guard report.count == 64 else { return }
    switch report[0] {
    case 1, 2: incoming = Array(report[1...])
    case 3, 4:
      if incoming.isEmpty { return }
      incoming += report[1...]
    default: return
    }
    if incoming.count > NEO2Model.messageLimit + 126 { incoming = [] }
    if report[0] == 2 || report[0] == 3 { return }
    let message = incoming
    incoming = []
    // A length that promises more than came is waited for in vain: silence.
    let length = Int(message[12]) << 8 | Int(message[13])
    let end = 14 + length + 2
    if end > message.count, end <= NEO2Model.messageLimit { return }
    if inbox.count == NEO2Model.inboxLimit || take(.deaf) { return }
    inbox.append(Array(message.prefix(end)))
    if workDone == nil { begin(at: now) }
  }

  private mutating func begin(at now: Instant) {
    guard let message = inbox.first else {
      workDone = nil
      return
    }
    workDone = now + duration(of: message)
  }

  private mutating func work(at now: Instant) {
    let message = inbox.removeFirst()
    let answer = answer(to: message)
    var at = max(now, outbox.last?.at ?? now)
    for report in spoiled(neo2Reports(of: framed(answer, message[10]))) {
      at = at + .milliseconds(1)
      outbox.append(Outgoing(at: at, bytes: report))
    }
    begin(at: now)
  }

  private mutating func framed(
    _ answer: (status: UInt8, data: [UInt8]), _ command: UInt8
  ) -> [UInt8] {
    var bytes = Array("ViVOtech2".utf8) + [0, command, answer.status]
    bytes += [UInt8(answer.data.count >> 8), UInt8(answer.data.count & 0xFF)] + answer.data
    let check = cyclicRedundancyCheck16(bytes, initial: 0xFFFF)
    let sent = profile.answersCheckLowFirst ? check.byteSwapped : check
    bytes += [UInt8(sent >> 8), UInt8(sent & 0xFF)]
    if take(.wrongCheck) { bytes[bytes.count - 1] ^= 0x40 }
    return bytes
  }

  private mutating func answer(to message: [UInt8]) -> (status: UInt8, data: [UInt8]) {
    if !message.starts(with: Array("ViVOtech2".utf8) + [0]) { return (0x01, []) }
    let end = message.count - 2
    if 16 + (Int(message[12]) << 8 | Int(message[13])) > NEO2Model.messageLimit {
      return (0x0D, [])
    }
    let check = cyclicRedundancyCheck16(message[..<end], initial: 0xFFFF)
    let sent = UInt16(message[end]) << 8 | UInt16(message[end + 1])
    let isHighFirst = message[10] == 0x2C && profile.takesCheckHighFirst
    if sent != (isHighFirst ? check : check.byteSwapped) || take(.misheard) { return (0x04, []) }
    let data = Array(message[14..<end])
    switch (message[10], message[11]) {
    case (0x18, 0x01): return (0x00, [])
    case (0x2C, 0x01): return setPassing(data)
    case (0x2C, 0x12), (0x2C, 0x13), (0x2C, 0x18):
      if !isPassing { return (0x0B, []) }
      if data.first != 0x20 { return (0x05, []) }
      return ask(message[11], Array(data.dropFirst()))
    case (0x18, _), (0x2C, _): return (0x03, [])
    default: return (0x02, [])
    }
  }

  private mutating func setPassing(_ data: [UInt8]) -> (status: UInt8, data: [UInt8]) {
    if profile.refusesPassThrough { return (0x0B, []) }
    if data != [0], data != [1] { return (0x05, []) }
    isPassing = data == [1]
    return (0x00, [])
  }

  private mutating func ask(
    _ subCommand: UInt8, _ data: [UInt8]
  ) -> (status: UInt8, data: [UInt8]) {
    switch subCommand {
    case 0x12:
      if take(.noATR) { return slot.card == nil ? (0x0A, []) : (0x08, []) }
      guard let atr = slot.reset() else { return (0x0A, []) }
      return (0x00, take(.badTCK) ? neo2Spoiled(atr) : atr)
    case 0x18:
      slot.isPowered = false
      return (slot.card == nil ? 0x0A : 0x00, [])
    default: return exchange(data)
    }
  }

  private mutating func exchange(_ command: [UInt8]) -> (status: UInt8, data: [UInt8]) {
    if profile.isEncrypting, command.starts(with: [0x00, 0xA4, 0x04, 0x00]), command.count > 5,
      command[5] == 0xA0
    {
      return (0x06, [])
    }
    if wasPulled() { slot = NEO2Slot() }
    if take(.mute) { return (0x08, []) }
    guard let response = slot.exchange(command, isRaw: profile.showsLengths) else {
      return slot.card == nil ? (0x08, []) : (0x0A, [])
    }
    return (0x00, response)
  }
}
