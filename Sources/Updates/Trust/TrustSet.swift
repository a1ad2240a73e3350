// SPDX-License-Identifier: Apache-2.0

//   anchored(root N) ──root N+1──▶ anchored(root N+1)
//        │ no newer root: the last one is not expired
//        ▼
//   dated     the stored timestamp is offered, then the fetched one
//        ▼    it is not expired
//   pinned    the stored snapshot is offered, then a fetched one if that does not do
//        ▼    it is not expired, and it is the version that timestamp lists
//   listed    targets, then any role together with whoever delegates to it
//
// Only the next legal document is accepted; every other order is a mistake in this module.

/// The documents that are trusted in one run, from the root down.
///
/// What was checked is in it and nothing else. It has no clock: one moment counts for the whole
/// run.
public struct TrustSet: Hashable, Sendable {
  /// The moment against which everything expires.
  public let now: UTCTime
  /// The limits of this run.
  let limits: UpdateLimits
  /// The newest root.
  public internal(set) var root: RootMetadata
  /// The newest timestamp; it may be expired until ``checkTimestamp()`` has been asked.
  public internal(set) var timestamp: TimestampMetadata?
  /// The newest snapshot; it may be only good for comparison until ``checkSnapshot()``.
  public internal(set) var snapshot: SnapshotMetadata?
  /// Targets.
  public internal(set) var targets: TargetsMetadata?
  /// Delegated roles, each with the document that delegated to it.
  var delegated: [DelegatedDocument] = []

  /// Begins with the root that is trusted without being asked (5.2): its own threshold has signed
  /// it. It may be expired: the newer ones have to be found with it.
  public init(
    anchor bytes: [UInt8], now: UTCTime, limits: UpdateLimits = UpdateLimits()
  ) throws(Refusal) {
    let step = Step.loadTrustedRoot
    let document = try TrustSet.read(bytes, limits.root, step, "root")
    let root = try TrustSet.parse(step, "root") { () throws(MetadataFault) in
      try RootMetadata(document.signed)
    }
    try TrustSet.verify(document, root.signers(for: .root), root.keys, step, "root")
    self.root = root
    self.now = now
    self.limits = limits
  }

  /// Takes the next root (5.3.4, 5.3.5).
  mutating func acceptRoot(_ bytes: [UInt8]) throws(Refusal) {
    precondition(timestamp == nil, "roots come before the timestamp")
    let document = try TrustSet.read(bytes, limits.root, .rootSignatures, "root")
    // By those whom the root before has named, and by those whom it names itself.
    try TrustSet.verify(document, root.signers(for: .root), root.keys, .rootSignatures, "root")
    let next = try TrustSet.parse(.rootSignatures, "root") { () throws(MetadataFault) in
      try RootMetadata(document.signed)
    }
    try TrustSet.verify(document, next.signers(for: .root), next.keys, .rootSignatures, "root")
    let wanted = root.common.version + 1
    if next.common.version != wanted {
      throw Refusal(
        .rootVersion, "root", .versionMismatch(wanted: wanted, got: next.common.version))
    }
    root = next
  }

  /// There is no newer root: this one must not be expired (5.3.10).
  func checkRoot() throws(Refusal) {
    try checkExpiry(root.common, .rootExpiry, "root")
  }

  // MARK: Common to all

  static func read(
    _ bytes: [UInt8], _ limit: Int64, _ step: Step, _ role: ByteString
  ) throws(Refusal) -> SignedDocument {
    try parse(step, role) { () throws(MetadataFault) in
      try SignedDocument(parsing: bytes, limit: Int(limit))
    }
  }

  static func parse<Result>(
    _ step: Step, _ role: ByteString, _ work: () throws(MetadataFault) -> Result
  ) throws(Refusal) -> Result {
    do throws(MetadataFault) {
      return try work()
    } catch {
      throw Refusal(step, role, .malformed(error))
    }
  }

  static func verify(
    _ document: SignedDocument, _ signers: Signers, _ keys: KeyRing, _ step: Step,
    _ role: ByteString
  ) throws(Refusal) {
    let valid = document.count(of: signers, keys: keys)
    if valid < signers.threshold {
      throw Refusal(
        step, role, .signatureThreshold(valid: valid, needed: signers.threshold))
    }
  }

  func checkExpiry(
    _ common: CommonFields, _ step: Step, _ role: ByteString
  ) throws(Refusal) {
    if common.isExpired(at: now) {
      throw Refusal(step, role, .expired(at: common.expires, now: now))
    }
  }
}
