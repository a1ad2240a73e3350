// SPDX-License-Identifier: Apache-2.0

import CardReaderHID
import Clockwork
import Devices
import PaymentCrypto
import Simulator
import Wire

/// A driver on a simulated reader, in virtual time.
struct Reader {
  var driver: CardReaderHID
  var model: ReaderModel
  var now = Instant.start
  var reports: [CardReaderReport] = []
  var packets: [[UInt8]] = []
  /// When it was asked for its feature report.
  var questions: [Instant] = []
  /// What else was asked of the link.
  var orders: [LinkOrder] = []
  /// Whether the reader has stopped answering.
  var isDeaf = false

  init(
    _ model: ReaderModel = ReaderModel(), secureMag: SecureMagSettings = SecureMagSettings()
  ) {
    self.model = model
    driver = CardReaderHID(secureMag: secureMag)
  }

  /// The published example card.
  static let card = CardSwipe(
    track1: .readable(Array("%B4012345678909^DOE/JANE^30122010000000000000?".utf8)),
    track2: .readable(Array(";4012345678909=30122010000000000?".utf8)))

  /// The initial key and first serial number of ANSI X9.24-1, Annex A.4.
  static func magneSafe(counter: String = "E00003") -> ReaderModel? {
    guard
      let key = try? InitialKey(.tdes2, Hex.decode(Array("6AC292FAA1315B4D858AB3A3D7D5933A".utf8))),
      let serial = try? KeySerialNumber(Hex.decode(Array(("FFFF9876543210" + counter).utf8)))
    else { return nil }
    return ReaderModel(kind: .magneSafe(initialKey: key, serial: serial), packetBytes: 64)
  }

  mutating func tell(_ event: DriverEvent<CardReaderOrder>) {
    for effect in driver.handle(event, at: now) {
      switch effect {
      case .report(let report): reports.append(report)
      case .link(.getFeature(let length)):
        questions.append(now)
        if !isDeaf { tell(.getFeature(length: length)) }
      case .link(let order): orders.append(order)
      }
    }
  }

  mutating func tell(_ event: ReaderModel.Event) {
    for effect in model.handle(event, at: now) {
      switch effect {
      case .packet(let bytes):
        packets.append(bytes)
        tell(.link(.received(bytes)))
      case .attached(let facts): tell(.link(.opened(.hid(facts))))
      case .detached: tell(.link(.closed(.lost)))
      case .feature(let answer): tell(.link(.feature(answer)))
      }
    }
  }

  /// Lets time pass.
  mutating func wait(_ interval: Interval) {
    let end = now + interval
    while let due = earlier(driver.deadline, model.deadline), due <= end {
      now = max(now, due)
      if let due = model.deadline, due <= now { tell(.deadlinePassed as ReaderModel.Event) }
      if let due = driver.deadline, due <= now {
        tell(.deadlinePassed as DriverEvent<CardReaderOrder>)
      }
    }
    now = end
  }

  /// From the plug to a reader that accepts cards.
  mutating func open() {
    tell(.opened as ReaderModel.Event)
    tell(.link(.opened(.hid(model.facts))))
    wait(.seconds(1))
    tell(.ordered(.accept))
    reports = []
    packets = []
  }

  /// A swipe and the time it takes.
  mutating func swipe(_ card: CardSwipe = Reader.card) {
    tell(.swiped(card))
    wait(.seconds(2))
  }

  /// The account numbers of the cards that came through, masked.
  var cards: [String] {
    reports.compactMap { report in
      guard case .swiped(let card) = report, case .clear(let track2, _) = card.tracks else {
        return nil
      }
      return track2.pan.masked
    }
  }
}
