// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

/// The terminal's trace numbers, DE11: none is given twice, whatever the power does.
///
/// A transaction's number is on disk before its first byte leaves. Those of other messages are too
/// many to be written one by one: a start goes on `margin` numbers behind the one it finds, and no
/// more than that are given before the count is on disk again.
struct TraceNumbers: Hashable, Sendable {
  /// What a restart costs; a batch has room for 999,999.
  static let margin: UInt32 = 16
  /// How many are given before the count is written again: a sync in so many messages.
  static let lag: UInt32 = 8

  /// The number that is given next.
  private(set) var next: STAN
  /// What the disk says is next.
  private var written: STAN
  /// What it will say, the oldest entry first.
  private var beingWritten: [STAN] = []

  /// Those of a terminal that has given none.
  init() {
    next = .first
    written = .first
  }

  /// Those of a terminal that starts with this count on its disk.
  init(recovered count: CountersRecord) {
    written = count.nextSTAN
    next = written
    for _ in 0..<TraceNumbers.margin { next = next.next }
  }

  /// Whether the count should be written by itself.
  var isWritingDue: Bool { unwritten >= TraceNumbers.lag && beingWritten.isEmpty }

  /// How many numbers were given that the disk does not know of.
  private var unwritten: UInt32 {
    (next.value + STAN.last.value - written.value) % STAN.last.value
  }

  /// The number of a message that nothing on disk will know; nil while too many are not written.
  mutating func take() -> STAN? {
    unwritten >= TraceNumbers.margin ? nil : takeWithEntry()
  }

  /// The number of a message that leaves only once the entry which the count is added to is on
  /// disk.
  mutating func takeWithEntry() -> STAN {
    defer { next = next.next }
    return next
  }

  /// The count as it goes into an entry; `entryEnded` tells what became of that.
  mutating func count() -> CountersRecord {
    beingWritten.append(next)
    return CountersRecord(nextSTAN: next)
  }

  /// The oldest entry with a count is on disk, or it is not.
  mutating func entryEnded(isOnDisk: Bool) {
    if beingWritten.isEmpty { return }
    let count = beingWritten.removeFirst()
    if isOnDisk { written = count }
  }
}

/// What is counted.
struct CountersRecord: Hashable, Sendable {
  static let key = "counters"
  var nextSTAN: STAN

  init(nextSTAN: STAN) { self.nextSTAN = nextSTAN }

  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body),
      let stan = fields.number(1).flatMap({ STAN(UInt32(truncatingIfNeeded: $0)) })
    else { return nil }
    nextSTAN = stan
  }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, UInt64(nextSTAN.value))
    return RecordUpdate(key: CountersRecord.key, isLive: true, body: fields.bytes)
  }
}
