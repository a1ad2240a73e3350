// SPDX-License-Identifier: Apache-2.0

// Timestamp and snapshot: what is current (TUF 5.4 and 5.5).

extension TrustSet {
  /// Takes the stored timestamp for comparison: it is signed by those who may sign now. It may be
  /// expired.
  mutating func offerStoredTimestamp(_ bytes: [UInt8]) throws(Refusal) {
    precondition(timestamp == nil, "the stored timestamp comes before the fetched one")
    timestamp = try readTimestamp(bytes)
  }

  /// Takes the fetched timestamp; false when it has the stored one's version, which then stays
  /// (5.4.3.1).
  mutating func acceptTimestamp(_ bytes: [UInt8]) throws(Refusal) -> Bool {
    precondition(snapshot == nil, "the timestamp comes before the snapshot")
    let next = try readTimestamp(bytes)
    if let timestamp {
      let have = timestamp.common.version
      if next.common.version == have { return false }
      if next.common.version < have {
        throw Refusal(
          .timestampRollback, "timestamp", .rollback(have: have, got: next.common.version))
      }
      if next.snapshot.version < timestamp.snapshot.version {
        throw Refusal(
          .timestampSnapshotRollback, "snapshot",
          .rollback(have: timestamp.snapshot.version, got: next.snapshot.version))
      }
    }
    try checkExpiry(next.common, .timestampExpiry, "timestamp")
    timestamp = next
    return true
  }

  /// The timestamp is final: it must not be expired (5.4.4).
  func checkTimestamp() throws(Refusal) {
    precondition(timestamp != nil, "a timestamp was accepted or is stored")
    if let timestamp { try checkExpiry(timestamp.common, .timestampExpiry, "timestamp") }
  }

  /// Takes the stored snapshot for comparison: signed by those who may sign now, whatever its
  /// digest.
  mutating func offerStoredSnapshot(_ bytes: [UInt8]) throws(Refusal) {
    precondition(snapshot == nil, "the stored snapshot comes before the fetched one")
    let document = try TrustSet.read(bytes, limits.snapshot, .snapshotSignatures, "snapshot")
    snapshot = try readSnapshot(document)
  }

  /// The snapshot is final: it is the version that timestamp lists, and not expired (5.5.4, 5.5.6).
  func checkSnapshot() throws(Refusal) {
    guard let snapshot else { throw Refusal(.fetchSnapshot, "snapshot", .absent) }
    try checkVersion(snapshot)
    try checkExpiry(snapshot.common, .snapshotExpiry, "snapshot")
  }

  /// Takes the fetched snapshot (5.5.2 to 5.5.6).
  mutating func acceptSnapshot(_ bytes: [UInt8]) throws(Refusal) {
    precondition(targets == nil, "the snapshot comes before targets")
    guard let timestamp else { preconditionFailure("the snapshot comes behind the timestamp") }
    try TrustSet.compare(bytes, timestamp.snapshot, .snapshotHash, "snapshot")
    let document = try TrustSet.read(bytes, limits.snapshot, .snapshotSignatures, "snapshot")
    let next = try readSnapshot(document)
    try checkVersion(next)
    try checkRollback(next)
    try checkExpiry(next.common, .snapshotExpiry, "snapshot")
    snapshot = next
  }

  /// Nothing that the stored snapshot lists is gone or older (5.5.5).
  private func checkRollback(_ next: SnapshotMetadata) throws(Refusal) {
    guard let snapshot else { return }
    for entry in snapshot.entries {
      guard let file = next.file(named: entry.name) else {
        throw Refusal(.snapshotRollback, "snapshot", .roleRemoved(entry.name))
      }
      if file.version < entry.file.version {
        throw Refusal(
          .snapshotRollback, "snapshot",
          .roleRollback(entry.name, have: entry.file.version, got: file.version))
      }
    }
  }

  private func checkVersion(_ snapshot: SnapshotMetadata) throws(Refusal) {
    guard let timestamp else { preconditionFailure("the snapshot comes behind the timestamp") }
    if snapshot.common.version != timestamp.snapshot.version {
      throw Refusal(
        .snapshotVersion, "snapshot",
        .versionMismatch(wanted: timestamp.snapshot.version, got: snapshot.common.version))
    }
  }

  private func readTimestamp(_ bytes: [UInt8]) throws(Refusal) -> TimestampMetadata {
    let step = Step.timestampSignatures
    let document = try TrustSet.read(bytes, limits.timestamp, step, "timestamp")
    try TrustSet.verify(document, root.signers(for: .timestamp), root.keys, step, "timestamp")
    return try TrustSet.parse(step, "timestamp") { () throws(MetadataFault) in
      try TimestampMetadata(document.signed)
    }
  }

  private func readSnapshot(_ document: SignedDocument) throws(Refusal) -> SnapshotMetadata {
    let step = Step.snapshotSignatures
    try TrustSet.verify(document, root.signers(for: .snapshot), root.keys, step, "snapshot")
    return try TrustSet.parse(step, "snapshot") { () throws(MetadataFault) in
      try SnapshotMetadata(document.signed)
    }
  }

  /// Length and digests, where they are listed, over the bytes as they came.
  static func compare(
    _ bytes: [UInt8], _ file: MetadataFile, _ step: Step, _ role: ByteString
  ) throws(Refusal) {
    if let length = file.length, Int64(bytes.count) != length {
      if Int64(bytes.count) > length {
        throw Refusal(step, role, .lengthExceeded(limit: length))
      }
      throw Refusal(step, role, .lengthMismatch(wanted: length, got: Int64(bytes.count)))
    }
    guard let digests = file.digests else { return }
    try digests.compare(digests.same(of: bytes), step, role)
  }
}

extension Digests {
  /// Every listed digest is the found one's, and there is one at all.
  func compare(_ found: Digests, _ step: Step, _ role: ByteString) throws(Refusal) {
    if entries.isEmpty { throw Refusal(step, role, .unknownHash) }
    for entry in entries where !found.entries.contains(entry) {
      throw Refusal(step, role, .hashMismatch(entry.algorithm))
    }
  }
}
