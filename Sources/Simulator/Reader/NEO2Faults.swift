// SPDX-License-Identifier: Apache-2.0

public import Clockwork

/// What a NEO 2 reader's firmware is like.
public struct NEO2Profile: Hashable, Sendable {
  /// Whether commands of the pass-through group need their check bytes high byte first.
  public var takesCheckHighFirst = false
  /// Whether answers come with their check bytes low byte first.
  public var answersCheckLowFirst = false
  /// Whether 61xx and 6Cxx of a T=0 card are shown to the host.
  public var showsLengths = false
  /// Whether the pass-through mode is locked.
  public var refusesPassThrough = false
  /// Whether it is an encrypting build, which refuses the names of payment applications.
  public var isEncrypting = false

  /// The firmware of the guide's examples.
  public init() {}
}

/// What goes wrong with what a NEO 2 reader does next.
public enum NEO2Fault: Hashable, Sendable {
  /// The next message is not heard.
  case deaf
  /// The next message is taken for damaged.
  case misheard
  /// The next answer is damaged.
  case wrongCheck
  /// Of the next answer this report is lost, counted round.
  case lostReport(Int)
  /// Of the next answer two reports change places: the middle ones where there are.
  case swappedReports
  /// The last report of the next answer comes short.
  case shortReport
  /// What is asked of the card next takes so much longer.
  case slow(Interval)
  /// The card does not answer the next command.
  case mute
  /// The card does not answer the next reset.
  case noATR
  /// The card's next answer to a reset has a wrong last byte.
  case badTCK
  /// The card is pulled out when so many more commands have been asked of it.
  case pulled(after: Int)
}

/// The composed report descriptor: reports 1...4 each way, 63 bytes and the number.
public let neo2ReportDescriptor: [UInt8] = {
  var items: [UInt8] = [
    0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08, 0x95, 0x3F,
  ]
  for number in 1...4 as ClosedRange<UInt8> {
    items += [0x85, number, 0x09, 0x02, 0x81, 0x02, 0x09, 0x03, 0x91, 0x02]
  }
  return items + [0xC0]
}()

func neo2Reports(of message: [UInt8]) -> [[UInt8]] {
  var rest = message[...]
  var reports: [[UInt8]] = []
  while !rest.isEmpty {
    let part = rest.prefix(63)
    rest = rest.dropFirst(63)
    let number: UInt8 =
      switch (reports.isEmpty, rest.isEmpty) {
      case (true, true): 1
      case (true, false): 2
      case (false, false): 3
      case (false, true): 4
      }
    reports.append([number] + part + [UInt8](repeating: 0, count: 63 - part.count))
  }
  return reports
}

/// An answer to reset whose last byte is another: its check byte, where it has one.
func neo2Spoiled(_ atr: [UInt8]) -> [UInt8] {
  var bytes = atr
  bytes[bytes.count - 1] ^= 0x01
  return bytes
}

/// What is in the slot.
struct NEO2Slot<Card: CardInSlot>: Hashable, Sendable {
  var card: Card?
  var isPowered = false
  /// The rest of a response whose length has been shown.
  private var waiting: [UInt8] = []

  init(card: Card? = nil) { self.card = card }

  mutating func reset() -> [UInt8]? {
    waiting = []
    isPowered = card != nil
    return card?.reset()
  }

  /// The card's answer; nil without a card or power.
  mutating func exchange(_ command: [UInt8], isRaw: Bool) -> [UInt8]? {
    if card == nil || !isPowered { return nil }
    if !isRaw { return card?.process(command) }
    // What a T=0 card does at the level of bytes (ISO/IEC 7816-3, 10.3, 12.2.1).
    if command.starts(with: [0x00, 0xC0]), command.count == 5 { return piece(command[4]) }
    waiting = []
    // A card that shows a length has not carried the command out.
    guard var trial = card else { return nil }
    let response = trial.process(command)
    let length = response.count - 2
    if command.count == 5, length > 0, Int(command[4]) != length % 256 {
      return [0x6C, UInt8(length % 256)]
    }
    card = trial
    if length == 0 || command.count == 5 { return response }
    waiting = response
    return [0x61, UInt8(clamping: min(length, 100))]
  }

  /// GET RESPONSE: at most 100 bytes a time, so that long responses need several.
  private mutating func piece(_ count: UInt8) -> [UInt8] {
    let length = max(0, waiting.count - 2)
    if length == 0 { return [0x69, 0x85] }
    if count == 0 || Int(count) > length { return [0x6C, UInt8(clamping: min(length, 100))] }
    let part = Array(waiting.prefix(Int(count)))
    waiting.removeFirst(part.count)
    let rest = waiting.count - 2
    return part + (rest > 0 ? [0x61, UInt8(min(rest, 100))] : waiting)
  }
}

extension NEO2Model {
  /// Nothing goes wrong any more.
  public mutating func clearFaults() { faults = [] }

  /// Whether this fault is the next of its kind to happen; it happens once.
  mutating func take(_ fault: NEO2Fault) -> Bool {
    guard let place = faults.firstIndex(of: fault) else { return false }
    faults.remove(at: place)
    return true
  }

  /// Whether the card has been pulled out by now.
  mutating func wasPulled() -> Bool {
    for place in faults.indices {
      guard case .pulled(let count) = faults[place] else { continue }
      if count == 0 {
        faults.remove(at: place)
        return true
      }
      faults[place] = .pulled(after: count - 1)
      return false
    }
    return false
  }

  /// How long a message keeps it busy.
  mutating func duration(of message: [UInt8]) -> Interval {
    if message.count < 12 || message[10] != 0x2C { return .milliseconds(2) }
    var time = Interval.milliseconds(5)
    switch message[11] {
    case 0x12: time = .milliseconds(faults.contains(.noATR) ? 1_000 : 120)
    case 0x13:
      // The card's waiting time is over before a mute one is given up.
      time = .milliseconds(faults.contains(.mute) || card == nil ? 3_000 : 25)
    default: return time
    }
    for place in faults.indices {
      guard case .slow(let more) = faults[place] else { continue }
      faults.remove(at: place)
      return time + more
    }
    return time
  }

  /// The reports of an answer, with what goes wrong on their way.
  mutating func spoiled(_ reports: [[UInt8]]) -> [[UInt8]] {
    var reports = reports
    for place in faults.indices {
      guard case .lostReport(let number) = faults[place] else { continue }
      faults.remove(at: place)
      reports.remove(at: number % reports.count)
      break
    }
    if reports.count > 1, take(.swappedReports) {
      reports.swapAt(reports.count > 3 ? 1 : 0, reports.count > 3 ? 2 : 1)
    }
    if !reports.isEmpty, take(.shortReport) {
      reports[reports.count - 1] = Array(reports[reports.count - 1].prefix(20))
    }
    return reports
  }
}
