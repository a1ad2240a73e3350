// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
public import Wire

// On disk, each a record of its own: the set in force for each kind, what is being downloaded, and
// what the acquirer has ordered. All but the orders are sealed: a black list may hold whole card
// numbers, and nobody who can write to the disk may add a key.

/// A set in force.
public struct DownloadedSet: Hashable, Sendable {
  /// Which.
  public let set: DownloadSet
  /// Its entries, as they came: those of a black list may be card numbers.
  public let entries: [SecretBytes]
  /// The names of what the acquirer listed and is not in it.
  public let skipped: [[UInt8]]
  /// The code of the parameter at which reading stopped, or empty.
  let unknown: [UInt8]
  /// Local time at which it came into force, `YYYY-MM-DD hh:mm:ss`.
  public let since: String

  /// What a person should know of it.
  public var flaw: DownloadFlaw? {
    if !skipped.isEmpty { return .skipped(count: skipped.count) }
    return unknown.isEmpty ? nil : .unknownParameter(code: unknown)
  }

  /// The key with this name, unless it is left out.
  func key(_ name: KeyName) -> SecretBytes? {
    entries.first { KeyName($0.exposed) == name }
  }
}

extension DownloadedSet {
  static let keyPrefix = "download/"
  static func key(of set: DownloadSet) -> String { keyPrefix + set.name }

  var bytes: [UInt8] {
    var fields = FieldWriter()
    fields.write(1, UInt64(set.rawValue))
    for entry in entries { fields.write(2, entry.exposed) }
    for name in skipped { fields.write(3, name) }
    fields.write(4, unknown)
    fields.write(5, since)
    return fields.bytes
  }

  init?(_ bytes: [UInt8]) {
    guard let fields = try? FieldReader(bytes),
      let set = fields.number(1).flatMap({ DownloadSet(rawValue: UInt8($0 & 0xFF)) }),
      let unknown = fields.bytes(4), let since = fields.text(5)
    else { return nil }
    self.init(
      set: set, entries: fields.all(2).map { SecretBytes($0) }, skipped: fields.all(3),
      unknown: unknown, since: since)
  }
}

extension DownloadStage {
  static let key = "download-stage"

  var bytes: [UInt8] {
    var fields = FieldWriter()
    fields.write(1, UInt64(set.rawValue))
    fields.write(2, UInt64(step.rawValue))
    for name in names { fields.write(3, name) }
    for entry in entries { fields.write(4, entry.exposed) }
    for name in skipped { fields.write(5, name) }
    fields.write(6, UInt64(position))
    return fields.bytes
  }

  init?(_ bytes: [UInt8]) {
    guard let fields = try? FieldReader(bytes),
      let set = fields.number(1).flatMap({ DownloadSet(rawValue: UInt8($0 & 0xFF)) }),
      let step = fields.number(2).flatMap({ Step(rawValue: UInt8($0 & 0xFF)) }),
      let position = fields.number(6)
    else { return nil }
    self.init(set)
    self.step = step
    names = fields.all(3)
    entries = fields.all(4).map { SecretBytes($0) }
    skipped = fields.all(5)
    self.position = UInt32(truncatingIfNeeded: position)
  }
}

/// What the acquirer has ordered and is not done.
struct OrdersRecord: Hashable, Sendable {
  static let key = "orders"

  /// The oldest first.
  var orders: [DownloadSet]
  /// One bit for each order that came and means nothing here.
  var ignored: UInt16

  init(orders: [DownloadSet], ignored: UInt16) {
    self.orders = orders
    self.ignored = ignored
  }

  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body), let orders = fields.bytes(1),
      let ignored = fields.number(2)
    else { return nil }
    self.orders = orders.compactMap { DownloadSet(rawValue: $0) }
    self.ignored = UInt16(truncatingIfNeeded: ignored)
  }

  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, orders.map { $0.rawValue })
    fields.write(2, UInt64(ignored))
    return RecordUpdate(key: OrdersRecord.key, isLive: true, body: fields.bytes)
  }
}

/// A record that is sealed under the terminal's key, which is also what proves it.
enum SealedRecord {
  static func update(
    _ key: String, _ content: [UInt8], with seal: SealKey, nonce: [UInt8]
  ) -> RecordUpdate? {
    let sealed = try? seal.seal(content, nonce: nonce, associated: Array(key.utf8))
    return sealed.map {
      RecordUpdate(key: key, isLive: true, body: nonce + $0, erasesEarlier: true)
    }
  }

  static func opened(_ key: String, _ body: [UInt8], with seal: SealKey) -> [UInt8]? {
    guard body.count > 12 else { return nil }
    return try? seal.open(
      Array(body[12...]), nonce: Array(body[..<12]), associated: Array(key.utf8))
  }
}
