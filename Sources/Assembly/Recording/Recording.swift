// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import PaymentCrypto
public import TerminalCore
import Wire

/// A recording that was kept, opened with the key of the terminal that made it.
public struct Recording: Sendable {
  /// One thing the firmware was told.
  public struct Entry: Hashable, Sendable {
    /// When.
    public var at: Instant
    /// What.
    public var event: Firmware.Event
    /// The fingerprint of what it did about it.
    public var answer: UInt64
  }

  /// How a replay ended.
  public enum Outcome: Hashable, Sendable {
    /// All events had the same answers.
    case same(events: Int)
    /// The event with this number, counted from 1, was answered otherwise.
    case differs(event: Int)
  }

  /// The longest recording that is read, in lines.
  public static let lineLimit = 100_000

  /// The serial number of the terminal that made it.
  public let serial: String
  /// Whether it holds everything from the recovery on.
  public let isWhole: Bool
  /// The records the firmware was recovered from.
  public let records: [LiveRecord]
  /// What it was told since.
  public let entries: [Entry]

  /// Reads the lines that `posctl trace` prints.
  public init(lines: [String], key: SealKey) throws(RecordingFault) {
    let words = lines.first?.split(separator: " ").map(String.init) ?? []
    guard words.count == 5, words[0] == "posd-recording", words[1] == "1",
      let reel = try? Hex.decode(Array(words[3].utf8)), reel.count == 8,
      lines.count <= Recording.lineLimit
    else { throw .line(1) }
    serial = words[2]
    isWhole = words[4] == "whole"
    var records: [LiveRecord] = []
    var entries: [Entry] = []
    for (index, line) in lines.dropFirst().enumerated() {
      let nonce = Recorder.nonce(reel, UInt32(truncatingIfNeeded: index))
      let words = line.split(separator: " ", maxSplits: 4).map(String.init)
      if words.count == 2, words[0] == "record", entries.isEmpty {
        let bytes = try Recording.open(words[1], nonce, key, line: index + 2)
        records.append(try Recording.record(bytes))
        continue
      }
      guard words.count >= 4, let at = Int64(words[0]),
        let answer = try? Hex.decode(Array(words[2].utf8)), answer.count == 8
      else { throw .line(index + 2) }
      let bytes = try Recording.open(words[3], nonce, key, line: index + 2)
      entries.append(
        Entry(
          at: Instant(microseconds: at), event: try Firmware.Event(recorded: bytes),
          answer: answer.reduce(0) { $0 << 8 | UInt64($1) }))
    }
    self.records = records
    self.entries = entries
  }

  /// Tells the firmware of today everything again and compares what it does; `tell` hears each
  /// event (true) and each effect in words.
  public func replay(
    settings: TerminalSettings, board: Board, tell: (Instant, Bool, String) -> Void
  ) throws(RecordingFault) -> Outcome {
    guard
      var firmware = try? Firmware.recovered(from: records, settings: settings, board: board)
    else { throw .recovery }
    var outcome = Outcome.same(events: entries.count)
    for (index, entry) in entries.enumerated() {
      tell(entry.at, true, entry.event.told)
      let effects = firmware.handle(entry.event, at: entry.at)
      for effect in effects { tell(entry.at, false, effect.told) }
      if Recorder.answer(effects) != entry.answer, case .same = outcome {
        outcome = .differs(event: index + 1)
      }
    }
    return outcome
  }

  private static func open(
    _ text: String, _ nonce: [UInt8], _ key: SealKey, line: Int
  ) throws(RecordingFault) -> [UInt8] {
    guard let sealed = try? Hex.decode(Array(text.utf8)) else { throw .line(line) }
    guard let bytes = try? key.open(sealed, nonce: nonce, associated: []) else {
      throw .wrongKey(line: line)
    }
    return bytes
  }

  private static func record(_ bytes: [UInt8]) throws(RecordingFault) -> LiveRecord {
    do throws(WireFault) {
      var reader = ByteReader(bytes)
      let key = try reader.readText()
      let body = try reader.readCounted()
      try reader.finish()
      return LiveRecord(key: key, body: body)
    } catch {
      throw .wire(error)
    }
  }
}
