// SPDX-License-Identifier: Apache-2.0

// Targets and the roles that it delegates to (TUF 5.6). A role that two others delegate to is
// trusted once for each of them: one of them may name other keys.

/// Whose word a targets document is taken on.
enum Delegator: Hashable, Sendable {
  case root
  case targets
  /// The document at this place among the delegated ones.
  case delegated(Int)
}

/// A delegated role's document and whose word it was taken on.
struct DelegatedDocument: Hashable, Sendable {
  let role: ByteString
  let delegator: Delegator
  let metadata: TargetsMetadata
}

extension TrustSet {
  /// How many delegated documents are kept between searches.
  static let delegatedLimit = 64

  /// Forgets delegated documents when there are many. Only between searches: one refers to them.
  mutating func trim() {
    if delegated.count > TrustSet.delegatedLimit { delegated = [] }
  }

  /// What the snapshot says of a role's document.
  func listing(of role: ByteString) throws(Refusal) -> MetadataFile {
    guard let file = snapshot?[role] else { throw Refusal(.fetchTargets, role, .notInSnapshot) }
    return file
  }

  /// A document that was taken on this delegator's word before, and its place.
  func place(of role: ByteString, by delegator: Delegator) -> Delegator? {
    if delegator == .root { return targets == nil ? nil : .targets }
    return delegated.firstIndex { $0.role == role && $0.delegator == delegator }
      .map { .delegated($0) }
  }

  /// A trusted document.
  func metadata(_ place: Delegator) -> TargetsMetadata? {
    switch place {
    case .root: nil
    case .targets: targets
    case .delegated(let index): delegated[index].metadata
    }
  }

  /// Takes a targets document, stored or fetched, on the word of this delegator (5.6.2 to 5.6.5),
  /// and says its place.
  mutating func acceptTargets(
    _ bytes: [UInt8], role: ByteString, by delegator: Delegator
  ) throws(Refusal) -> Delegator {
    try checkSnapshot()
    let file = try listing(of: role)
    try TrustSet.compare(bytes, file, .targetsHash, role)
    let document = try TrustSet.read(bytes, limits.targets, .targetsSignatures, role)
    let (signers, keys) = try signers(for: role, by: delegator)
    try TrustSet.verify(document, signers, keys, .targetsSignatures, role)
    let metadata = try TrustSet.parse(.targetsSignatures, role) { () throws(MetadataFault) in
      try TargetsMetadata(document.signed)
    }
    if metadata.common.version != file.version {
      throw Refusal(
        .targetsVersion, role,
        .versionMismatch(wanted: file.version, got: metadata.common.version))
    }
    try checkExpiry(metadata.common, .targetsExpiry, role)
    if delegator == .root {
      targets = metadata
      return .targets
    }
    delegated.append(DelegatedDocument(role: role, delegator: delegator, metadata: metadata))
    return .delegated(delegated.count - 1)
  }

  private func signers(
    for role: ByteString, by delegator: Delegator
  ) throws(Refusal) -> (Signers, KeyRing) {
    if delegator == .root {
      precondition(role == TopLevelRole.targets.name, "root delegates to targets alone")
      return (root.signers(for: .targets), root.keys)
    }
    guard let delegations = metadata(delegator)?.delegations,
      let signers = delegations.signers(for: role)
    else { throw Refusal(.search, role, .absent) }
    return (signers, delegations.keys)
  }
}
