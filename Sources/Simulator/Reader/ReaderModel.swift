// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
public import PaymentCrypto
import Wire

/// A card as it is pulled through the slot: ASCII with both sentinels, a track a field.
public struct CardSwipe: Hashable, Sendable {
  /// One track.
  public enum Track: Hashable, Sendable {
    /// Decoded.
    case readable([UInt8])
    /// Something is there, and it cannot be decoded.
    case undecodable
    /// Nothing is there.
    case blank
  }

  /// Track 1.
  public var track1: Track
  /// Track 2.
  public var track2: Track
  /// Track 3.
  public var track3: Track

  /// A swipe.
  public init(track1: Track, track2: Track, track3: Track = .blank) {
    self.track1 = track1
    self.track2 = track2
    self.track3 = track3
  }

  var tracks: [Track] { [track1, track2, track3] }
}

/// A swipe reader of MagTek or ID TECH, speaking packets of an interrupt endpoint.
public struct ReaderModel: Machine {
  /// Which reader it is.
  public enum Kind: Hashable, Sendable {
    /// SureSwipe: tracks leave it clear.
    case sureSwipe
    /// MagneSafe V5 at level 3: tracks leave it encrypted under keys of this initial key.
    case magneSafe(initialKey: InitialKey, serial: KeySerialNumber)
    /// ID TECH SecureMag with reports of its own structure.
    case secureMag(SecureMagOutput, initialKey: InitialKey, serial: KeySerialNumber)
    /// ID TECH SecureMag with the "other" structure, which is SureSwipe's.
    case secureMagOther
  }

  /// What happens to it.
  public enum Event: Hashable, Sendable {
    /// The host has opened it.
    case opened
    /// A card is pulled through.
    case swiped(CardSwipe)
    /// Its plug is pulled.
    case unplugged
    /// Its plug is put in.
    case plugged
    /// The host sends a command.
    case setFeature([UInt8])
    /// The host fetches the answer.
    case getFeature(length: Int)
    /// The moment it asked to be woken at has come.
    case deadlinePassed
  }

  /// What it does.
  public enum Effect: Hashable, Sendable {
    /// Sends an interrupt packet.
    case packet([UInt8])
    /// Answers a command; nil is a stall.
    case feature([UInt8]?)
    /// Is there.
    case attached(HIDFacts)
    /// Is gone.
    case detached
  }

  /// What stands in the bytes of a report that mean nothing.
  public enum Filling: UInt8, Hashable, Sendable {
    /// Zeros.
    case zeros
    /// What the last report left there.
    case leftovers
  }

  /// MagTek 99875191 rev. 13: 61 bytes, input 337, feature 24.
  public static let reportDescriptor: [UInt8] = [
    0x06, 0x00, 0xFF, 0x09, 0x01, 0xA1, 0x01, 0x15, 0x00, 0x26, 0xFF, 0x00, 0x75, 0x08,
    0x09, 0x20, 0x09, 0x21, 0x09, 0x22, 0x09, 0x28, 0x09, 0x29, 0x09, 0x2A, 0x09, 0x38, 0x95,
    0x07, 0x81, 0x02, 0x09, 0x30, 0x95, 0x6E, 0x82, 0x02, 0x01, 0x09, 0x31, 0x95, 0x6E, 0x82,
    0x02, 0x01, 0x09, 0x32, 0x95, 0x6E, 0x82, 0x02, 0x01, 0x09, 0x20, 0x95, 0x18, 0xB2, 0x02,
    0x01, 0xC0,
  ]

  /// What the host sees of it.
  public let facts: HIDFacts
  private var kind: Kind
  /// Whether its plug is in.
  public private(set) var isPlugged = true
  /// The next moment at which a packet leaves.
  public private(set) var deadline: Instant?
  private let packetBytes: Int
  private let filling: Filling
  private var isOpen = false
  private var report = [UInt8](repeating: 0, count: 337)
  private var outgoing: [UInt8] = []
  private var answer = [UInt8](repeating: 0, count: 24)

  /// One packet each 10 ms, the factory setting.
  private static let pollInterval = Interval.milliseconds(10)

  /// A reader that sends packets of so many bytes; 337 or more is a whole report at once, which is
  /// what libusb makes of it.
  public init(kind: Kind = .sureSwipe, packetBytes: Int = 8, filling: Filling = .zeros) {
    self.kind = kind
    self.packetBytes = packetBytes
    self.filling = filling
    facts = ReaderModel.facts(of: kind)
  }

  private static func facts(of kind: Kind) -> HIDFacts {
    let numbers: (UInt16, UInt16, [UInt8]) =
      switch kind {
      case .sureSwipe: (0x0801, 0x0002, reportDescriptor)
      case .magneSafe: (0x0801, 0x0011, MagneSafeReport.reportDescriptor)
      case .secureMag: (0x0ACD, 0x2010, SecureMagModelReport.reportDescriptor)
      case .secureMagOther: (0x0ACD, 0x2020, reportDescriptor)
      }
    return HIDFacts(
      vendor: numbers.0, product: numbers.1, reportDescriptor: numbers.2, isBootKeyboard: false)
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .opened:
      isOpen = isPlugged
      return []
    case .swiped(let card):
      // A swipe while a report is still leaving, or with nobody listening, is lost.
      if !isPlugged || !isOpen || !outgoing.isEmpty { return [] }
      outgoing = report(of: card)
      deadline = now + ReaderModel.pollInterval
      return []
    case .unplugged:
      if !isPlugged { return [] }
      isPlugged = false
      isOpen = false
      outgoing = []
      deadline = nil
      return [.detached]
    case .plugged:
      if isPlugged { return [] }
      isPlugged = true
      return [.attached(facts)]
    case .setFeature(let command):
      return command.count == 24 ? execute(command) : [.feature(nil)]
    case .getFeature(let length):
      return [.feature(length == 24 ? answer : nil)]
    case .deadlinePassed:
      guard let due = deadline, now >= due else { return [] }
      return sendPacket(at: now)
    }
  }

  private mutating func sendPacket(at now: Instant) -> [Effect] {
    let packet = Array(outgoing.prefix(packetBytes))
    outgoing.removeFirst(packet.count)
    deadline = outgoing.isEmpty ? nil : now + ReaderModel.pollInterval
    return packet.isEmpty ? [] : [.packet(packet)]
  }

  private mutating func report(of card: CardSwipe) -> [UInt8] {
    switch kind {
    case .sureSwipe, .secureMagOther:
      compose(card)
      return report
    case .secureMag(let output, let initialKey, var serial):
      guard let key = try? TDESDUKPT.transactionKey(initial: initialKey, serial: serial),
        let bytes = SecureMagModelReport.bytes(card, output, key: key, serial: serial.bytes)
      else { return [] }
      // Only what was encrypted uses a key up.
      if output != .clear { _ = try? serial.advance() }
      kind = .secureMag(output, initialKey: initialKey, serial: serial)
      return bytes
    case .magneSafe(let initialKey, var serial):
      guard let key = try? TDESDUKPT.transactionKey(initial: initialKey, serial: serial),
        let report = MagneSafeReport(card, key: key, serial: serial),
        (try? serial.advance()) != nil
      else { return MagneSafeReport.exhausted }
      kind = .magneSafe(initialKey: initialKey, serial: serial)
      return report.bytes
    }
  }

  private mutating func compose(_ card: CardSwipe) {
    if filling == .zeros { report = [UInt8](repeating: 0, count: 337) }
    var readable = 0
    for (index, track) in card.tracks.enumerated() {
      report[index] = 0
      report[3 + index] = 0
      switch track {
      case .blank: break
      case .undecodable: report[index] = 1
      case .readable(let characters):
        readable += 1
        let kept = characters.prefix(110)
        report[3 + index] = UInt8(kept.count)
        let start = 7 + index * 110
        report.replaceSubrange(start..<start + kept.count, with: kept)
      }
    }
    report[6] = readable > 0 ? 0 : card.tracks.allSatisfy { $0 == .blank } ? 3 : 5
  }

  /// The software identification is the only property anybody asks a reader in a shop for.
  private mutating func execute(_ command: [UInt8]) -> [Effect] {
    answer = [UInt8](repeating: 0, count: 24)
    if command.starts(with: [0x00, 0x01, 0x00]) {
      let identification = Array("21042812D01".utf8)
      answer[1] = UInt8(identification.count)
      answer.replaceSubrange(2..<2 + identification.count, with: identification)
    } else {
      answer[0] = 0x02
    }
    return []
  }
}
