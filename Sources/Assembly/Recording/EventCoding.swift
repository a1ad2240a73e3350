// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import TerminalCore
public import Wire

// An event as bytes, for the flight recorder alone: the case's number, then its parts in order.
// Texts and byte strings are preceded by their length (4 bytes). The coding may change with every
// version of the program; a recording names the version that made it.

/// Why the bytes of a recording make no event.
public enum RecordingFault: Error, Hashable, Sendable {
  /// The bytes themselves are wrong.
  case wire(WireFault)
  /// No event has this number.
  case unknownCase(UInt8)
  /// A text line of the recording is not one.
  case line(Int)
  /// The key that sealed the recording is another one.
  case wrongKey(line: Int)
  /// The records it begins with make no terminal.
  case recovery
}

extension ByteWriter {
  mutating func writeCounted(_ bytes: [UInt8]) {
    write(UInt32(truncatingIfNeeded: bytes.count))
    write(bytes)
  }

  mutating func writeCounted(_ text: String) { writeCounted(Array(text.utf8)) }

  mutating func write(_ flag: Bool) { write(flag ? 1 as UInt8 : 0) }

  mutating func write(_ code: Int32) { write(UInt32(bitPattern: code)) }

  mutating func write(_ endpoint: Endpoint) {
    writeCounted(endpoint.host)
    write(endpoint.port)
    write(endpoint.usesTLS)
  }

  mutating func write(_ settings: NetworkSettings) {
    write(settings.acquirer)
    write(settings.backup != nil)
    if let backup = settings.backup { write(backup) }
  }

  mutating func write(_ clock: WallClock) {
    write(UInt64(bitPattern: clock.readAt.microseconds))
    write(UInt64(bitPattern: clock.unixMilliseconds))
    write(clock.offsetMinutes)
  }

  /// 0 and the slot's character, or 1 and the set's number.
  mutating func write(_ place: PadKeyPlace) {
    switch place {
    case .slot(let slot): write([0, slot.character])
    case .set(let number): write([1, number.rawValue])
    }
  }

  mutating func write(_ row: TransactionRow?) {
    guard let row else { return write(false) }
    write(true)
    for flag in [row.isTest, row.hasPIN, row.isForeign, row.holdsCard] { write(flag) }
    for number in [row.stan, row.batch, row.attempts] { write(number) }
    write(row.amount)
    for text in row.texts { writeCounted(text) }
  }
}

extension ByteReader {
  mutating func readCounted() throws(WireFault) -> [UInt8] {
    let count = Int(try readUInt32())
    if count > remaining { throw .truncated(offset: offset, missing: count - remaining) }
    return try read(count)
  }

  mutating func readText() throws(WireFault) -> String {
    String(decoding: try readCounted(), as: UTF8.self)
  }

  mutating func readFlag() throws(WireFault) -> Bool {
    let byte = try readByte()
    if byte > 1 { throw .unexpected(offset: offset - 1, byte: byte) }
    return byte == 1
  }

  mutating func readCode() throws(WireFault) -> Int32 { Int32(bitPattern: try readUInt32()) }

  mutating func readLayer() throws(WireFault) -> NetworkLayer {
    let byte = try readByte()
    guard let layer = NetworkLayer(rawValue: byte) else {
      throw .unexpected(offset: offset - 1, byte: byte)
    }
    return layer
  }

  mutating func readEndpoint() throws(WireFault) -> Endpoint {
    let host = try readText()
    let port = try readUInt16()
    return Endpoint(host: host, port: port, usesTLS: try readFlag())
  }

  mutating func readNetwork() throws(WireFault) -> NetworkSettings {
    let acquirer = try readEndpoint()
    return NetworkSettings(acquirer: acquirer, backup: try readFlag() ? try readEndpoint() : nil)
  }

  mutating func readClock() throws(WireFault) -> WallClock {
    let readAt = Instant(microseconds: Int64(bitPattern: try readUInt64()))
    let unix = Int64(bitPattern: try readUInt64())
    return WallClock(readAt: readAt, unixMilliseconds: unix, offsetMinutes: try readCode())
  }

  mutating func readPlace() throws(WireFault) -> PadKeyPlace? {
    switch try readByte() {
    case 0: PadSlotID(try readByte()).map { .slot($0) }
    case 1: PadKeySet(rawValue: try readByte()).map { .set($0) }
    default: nil
    }
  }

  mutating func readRow() throws(WireFault) -> TransactionRow? {
    if !(try readFlag()) { return nil }
    var row = TransactionRow()
    row.isTest = try readFlag()
    row.hasPIN = try readFlag()
    row.isForeign = try readFlag()
    row.holdsCard = try readFlag()
    row.stan = try readUInt32()
    row.batch = try readUInt32()
    row.attempts = try readUInt32()
    row.amount = try readUInt64()
    var texts: [String] = []
    for _ in row.texts { texts.append(try readText()) }
    row.texts = texts
    return row
  }
}

extension TransactionRow {
  /// Its texts in the order of the recording.
  fileprivate var texts: [String] {
    get {
      [
        reference, kind, state, receipt, localTime, maskedPAN, responseCode, approvalCode,
        retrievalReference, reversalReason, original, upload, deliveryCode, deliveredAt,
      ]
    }
    set {
      reference = newValue[0]
      kind = newValue[1]
      state = newValue[2]
      receipt = newValue[3]
      localTime = newValue[4]
      maskedPAN = newValue[5]
      responseCode = newValue[6]
      approvalCode = newValue[7]
      retrievalReference = newValue[8]
      reversalReason = newValue[9]
      original = newValue[10]
      upload = newValue[11]
      deliveryCode = newValue[12]
      deliveredAt = newValue[13]
    }
  }
}
