// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import PaymentCrypto
public import TerminalCore
import Wire

//   posd-recording 1 SERIAL REEL whole|incomplete
//   record KEY SEALED
//   MICROSECONDS KIND ANSWER SEALED  what it was, for people
//
// SEALED is AES-256-GCM under the terminal's recorder key, nonce REEL ‖ line number, in
// hexadecimal: a recording is replayed exactly, with every byte that came, and shows no card to who
// has no key.

/// The firmware's flight recorder: what it was told since its recovery, sealed as it is recorded.
public struct Recorder: Sendable {
  /// The names of the kinds of events, as they are counted.
  public static let kinds = [
    "woken", "reader", "printer", "pin-pad", "", "", "", "", "", "", "started", "clock-read",
    "acquirer-connected", "acquirer-failed", "acquirer-received", "acquirer-closed",
    "server-answered", "server-failed", "journalled", "journal-failed", "asked", "asker-left",
    "terminal-woken", "storage-read", "ledger-read",
  ]

  private let key: SealKey
  private var reel: [UInt8] = []
  private var flight: FlightRecorder
  private var records: [String] = []
  private var sealed: UInt32 = 0

  /// A recorder that seals with this key.
  public init(key: SealKey, limits: FlightRecorder.Limits = FlightRecorder.Limits()) {
    self.key = key
    flight = FlightRecorder(kinds: Recorder.kinds.count, limits: limits)
  }

  /// Whether a moment in which nobody is there should end this reel.
  public var isLong: Bool { flight.isLong }
  /// Whether any moment in which nothing is under way should.
  public var isUrgent: Bool { flight.isUrgent }

  /// How often each kind of event came since the program's start.
  public var counters: [(kind: String, count: UInt64)] {
    zip(Recorder.kinds, flight.counters).filter { $0.1 > 0 }.map { (kind: $0.0, count: $0.1) }
  }

  /// The firmware is recovered from these records: a new reel begins, under eight bytes that never
  /// come again.
  public mutating func begin(_ live: [LiveRecord], reel: [UInt8]) {
    precondition(reel.count == 8, "with the line number they are the nonce")
    self.reel = reel
    sealed = 0
    flight.rewind()
    records = []
    for record in live {
      var writer = ByteWriter()
      writer.writeCounted(record.key)
      writer.writeCounted(record.body)
      guard let body = seal(writer.bytes) else { return flight.lose() }
      records.append("record " + Hex.text(body))
    }
  }

  /// Adds what the firmware was told and what it did about it.
  public mutating func record(
    _ event: Firmware.Event, _ effects: [Firmware.Effect], at now: Instant
  ) {
    var writer = ByteWriter()
    event.write(to: &writer)
    let kind = writer.bytes[0]
    guard let body = seal(writer.bytes) else { return flight.lose() }
    flight.add(
      FlightRecorder.Frame(at: now, kind: kind, answer: Recorder.answer(effects), body: body))
  }

  /// The first line of the recording.
  public func header(serial: String) -> String {
    "posd-recording 1 " + serial + " " + Hex.text(reel)
      + (flight.isWhole ? " whole" : " incomplete")
  }

  /// The other lines: the records, then the events, the oldest first.
  public var lines: [String] {
    var lines = records
    for (index, frame) in flight.frames.enumerated() {
      let number = UInt32(records.count + index)
      var line = String(frame.at.microseconds) + " " + Recorder.kinds[Int(frame.kind)] + " "
      line += Hex.text(Recorder.bytes(frame.answer)) + " " + Hex.text(frame.body)
      let nonce = Recorder.nonce(reel, number)
      if let bytes = try? key.open(frame.body, nonce: nonce, associated: []),
        let event = try? Firmware.Event(recorded: bytes)
      {
        line += "  " + event.told
      }
      lines.append(line)
    }
    return lines
  }

  static func answer(_ effects: [Firmware.Effect]) -> UInt64 {
    var digest = Digest()
    for effect in effects { effect.add(to: &digest) }
    return digest.value
  }

  static func nonce(_ reel: [UInt8], _ number: UInt32) -> [UInt8] {
    var writer = ByteWriter(capacity: 12)
    writer.write(reel)
    writer.write(number)
    return writer.bytes
  }

  private static func bytes(_ number: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: 8)
    writer.write(number)
    return writer.bytes
  }

  /// Nil when the library fails: the recording then has a hole, and says so.
  private mutating func seal(_ bytes: [UInt8]) -> [UInt8]? {
    let nonce = Recorder.nonce(reel, sealed)
    sealed += 1
    return try? key.seal(bytes, nonce: nonce, associated: [])
  }
}
