// SPDX-License-Identifier: Apache-2.0

// Root, timestamp and snapshot (TUF 5.3 to 5.5).

extension MetadataClient {
  // MARK: Root

  mutating func askRoot() throws(Refusal) -> [Effect] {
    guard let trust else { preconditionFailure("a run begins with its anchor") }
    // Those that were taken are stored: the next run goes on behind them.
    if rootCount >= limits.roots {
      throw Refusal(.fetchRoot, "root", .tooManyRoots(limit: limits.roots))
    }
    stage = .loadingRoot
    return [.load(.rootVersion(trust.root.common.version + 1), limit: limits.root)]
  }

  mutating func loadedRoot(_ bytes: [UInt8]?) throws(Refusal) -> [Effect]? {
    guard var trust else { return nil }
    let version = trust.root.common.version + 1
    let name = StoredName.rootVersion(version)
    stage = .fetchingRoot
    let fetch = Effect.fetch(ByteString(version) + ".root.json", limit: limits.root)
    guard let bytes else { return [fetch] }
    do throws(Refusal) {
      try trust.acceptRoot(bytes)
    } catch {
      return [.distrusted(name, error), fetch]
    }
    self.trust = trust
    rootCount += 1
    // A power cut came between the two files of this root.
    let orders = anchor == .stored ? [Order(name: .root, bytes: bytes)] : []
    return [.trusted(role: "root", version: version)] + (try store(orders, then: .root))
  }

  mutating func fetchedRoot(_ bytes: [UInt8]) throws(Refusal) -> [Effect]? {
    guard var trust else { return nil }
    try trust.acceptRoot(bytes)
    self.trust = trust
    rootCount += 1
    let version = trust.root.common.version
    let orders = [
      Order(name: .rootVersion(version), bytes: bytes), Order(name: .root, bytes: bytes),
    ]
    return [.trusted(role: "root", version: version)] + (try store(orders, then: .root))
  }

  mutating func closeRoots() throws(Refusal) -> [Effect]? {
    guard let trust else { return nil }
    try trust.checkRoot()
    stage = .loadingAcceptedKeys
    return [.load(.acceptedKeys, limit: AcceptedKeys.limit)]
  }

  /// 5.3.11: what was accepted under keys that are gone is forgotten before anything is compared.
  mutating func loadedAcceptedKeys(_ bytes: [UInt8]?) throws(Refusal) -> [Effect]? {
    guard let trust else { return nil }
    accepted = bytes.flatMap { AcceptedKeys($0) }
    if let accepted, accepted.isRotated(in: trust.root) {
      let orders = [
        Order(name: .role("timestamp"), bytes: nil), Order(name: .role("snapshot"), bytes: nil),
      ]
      return try store(orders, then: .fetchedTimestamp)
    }
    stage = .loadingTimestamp
    return [.load(.role("timestamp"), limit: limits.timestamp)]
  }

  // MARK: Timestamp

  mutating func loadedTimestamp(_ bytes: [UInt8]?) -> [Effect]? {
    guard let bytes else { return fetchTimestamp() }
    do throws(Refusal) {
      try trust?.offerStoredTimestamp(bytes)
    } catch {
      return [.distrusted(.role("timestamp"), error)] + fetchTimestamp()
    }
    return fetchTimestamp()
  }

  mutating func fetchTimestamp() -> [Effect] {
    stage = .fetchingTimestamp
    return [.fetch("timestamp.json", limit: limits.timestamp)]
  }

  mutating func fetchedTimestamp(_ bytes: [UInt8]) throws(Refusal) -> [Effect]? {
    guard var trust else { return nil }
    let isNew = try trust.acceptTimestamp(bytes)
    self.trust = trust
    guard isNew, let version = trust.timestamp?.common.version else { return try askSnapshot() }
    var orders = [Order(name: .role("timestamp"), bytes: bytes)]
    // The keys come first: a timestamp that stands beside older ones would be taken for rotated.
    let keys = AcceptedKeys(trust.root)
    if keys != accepted { orders.insert(Order(name: .acceptedKeys, bytes: keys.bytes), at: 0) }
    return [.trusted(role: "timestamp", version: version)]
      + (try store(orders, then: .snapshot))
  }

  // MARK: Snapshot

  /// The stored timestamp counts as well as a fetched one (5.4.3.1), if it is not expired.
  mutating func askSnapshot() throws(Refusal) -> [Effect] {
    guard let trust else { preconditionFailure("a run begins with its anchor") }
    try trust.checkTimestamp()
    stage = .loadingSnapshot
    return [.load(.role("snapshot"), limit: limits.snapshot)]
  }

  mutating func loadedSnapshot(_ bytes: [UInt8]?) throws(Refusal) -> [Effect]? {
    guard var trust, let timestamp = trust.timestamp else { return nil }
    var told: [Effect] = []
    if let bytes {
      do throws(Refusal) {
        try trust.offerStoredSnapshot(bytes)
        self.trust = trust
        try trust.checkSnapshot()
        return try askTargets(Visit(role: "targets", delegator: .root))
      } catch {
        if trust.snapshot == nil { told = [.distrusted(.role("snapshot"), error)] }
      }
    }
    stage = .fetchingSnapshot
    return told + [fetch("snapshot", timestamp.snapshot, cap: limits.snapshot)]
  }

  mutating func fetchedSnapshot(_ bytes: [UInt8]) throws(Refusal) -> [Effect]? {
    guard var trust else { return nil }
    try trust.acceptSnapshot(bytes)
    self.trust = trust
    return [.trusted(role: "snapshot", version: trust.snapshot?.common.version ?? 0)]
      + (try store([Order(name: .role("snapshot"), bytes: bytes)], then: .targets))
  }

  /// The order to fetch a listed document: its name has its version where root says so (5.3.12).
  func fetch(_ role: ByteString, _ file: MetadataFile, cap: Int64) -> Effect {
    let name = PercentEncoding.segment(role) + ".json"
    let isConsistent = trust?.root.consistentSnapshot ?? false
    return .fetch(
      isConsistent ? ByteString(file.version) + "." + name : name,
      limit: min(file.length ?? cap, cap))
  }
}
