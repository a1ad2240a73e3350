// SPDX-License-Identifier: Apache-2.0

// Targets, and the search through whoever it delegates to: before its children a role itself, the
// children in their order, none behind a terminating one (TUF 5.6).

/// A search for a target.
struct Search: Hashable, Sendable {
  let path: ByteString
  /// Targets are trusted: what fails from here on is the search.
  var isUnderWay = false
  /// Who is asked next is last.
  var stack: [MetadataClient.Visit] = []
  var visited: [ByteString] = []

  init(path: ByteString) { self.path = path }
}

extension MetadataClient {
  mutating func askTargets(_ visit: Visit) throws(Refusal) -> [Effect] {
    guard let trust else { preconditionFailure("a run begins with its anchor") }
    if let place = trust.place(of: visit.role, by: visit.delegator) {
      return try listed(visit, place)
    }
    // A role that the snapshot does not list is not even asked for.
    _ = try trust.listing(of: visit.role)
    stage = .loadingTargets(visit)
    return [.load(.role(visit.role), limit: limits.targets)]
  }

  mutating func loadedTargets(_ bytes: [UInt8]?, _ visit: Visit) throws(Refusal) -> [Effect]? {
    guard var trust else { return nil }
    if let bytes {
      // It may be older than the snapshot, or another delegator's: then it is fetched.
      let place = try? trust.acceptTargets(bytes, role: visit.role, by: visit.delegator)
      if let place {
        self.trust = trust
        return try listed(visit, place)
      }
    }
    stage = .fetchingTargets(visit)
    return [fetch(visit.role, try trust.listing(of: visit.role), cap: limits.targets)]
  }

  mutating func fetchedTargets(_ bytes: [UInt8], _ visit: Visit) throws(Refusal) -> [Effect]? {
    guard var trust else { return nil }
    let place = try trust.acceptTargets(bytes, role: visit.role, by: visit.delegator)
    self.trust = trust
    let version = trust.metadata(place)?.common.version ?? 0
    return [.trusted(role: visit.role, version: version)]
      + (try store(
        [Order(name: .role(visit.role), bytes: bytes)], then: .listed(visit, place)))
  }

  /// A targets document is trusted.
  mutating func listed(_ visit: Visit, _ place: Delegator) throws(Refusal) -> [Effect] {
    guard var search, let trust, let metadata = trust.metadata(place) else {
      stage = .ready
      return [.refreshed]
    }
    if !search.isUnderWay { return [.refreshed] + (try seek(search.path)) }
    if let target = metadata[search.path] {
      stage = .ready
      self.search = nil
      let location = target.location(isConsistent: trust.root.consistentSnapshot)
      return [.found(target, location: location)]
    }
    search.visited.append(visit.role)
    if let delegations = metadata.delegations {
      let (children, isCut) = delegations.children(for: search.path)
      if isCut { search.stack = [] }
      search.stack += children.reversed().map { Visit(role: $0.name, delegator: place) }
    }
    self.search = search
    return try advance()
  }

  /// Begins a search among what is trusted.
  mutating func seek(_ path: ByteString) throws(Refusal) -> [Effect] {
    trust?.trim()
    stage = .ready
    var search = Search(path: path)
    search.isUnderWay = true
    search.stack = [Visit(role: "targets", delegator: .root)]
    self.search = search
    if !Target.isUsable(path) { throw Refusal(.search, "targets", .badPath(path)) }
    return try advance()
  }

  private mutating func advance() throws(Refusal) -> [Effect] {
    while let visit = search?.stack.popLast(), let visited = search?.visited {
      // A cycle, or a role that another parent led to.
      if visited.contains(visit.role) { continue }
      // Targets itself is not counted.
      if visited.count > limits.roles {
        throw Refusal(.search, visit.role, .tooManyRoles(limit: limits.roles))
      }
      return try askTargets(visit)
    }
    throw Refusal(.search, "targets", .noSuchTarget(search?.path ?? ""))
  }
}

extension Target {
  /// Whether a path can be looked up: no way out of the folder it is stored in.
  public static func isUsable(_ path: ByteString) -> Bool {
    let parts = path.bytes.split(separator: 0x2F, omittingEmptySubsequences: false)
    return path.bytes.count <= PathPattern.lengthLimit
      && !path.bytes.contains { $0 == 0 || $0 == 0x5C }
      && parts.allSatisfy { part in
        !part.isEmpty && !part.elementsEqual([0x2E]) && !part.elementsEqual([0x2E, 0x2E])
      }
  }

  /// Where it lies beside the other targets, percent-encoded: with a digest before its name where
  /// the repository is consistent (TUF 5.7).
  func location(isConsistent: Bool) -> ByteString {
    guard isConsistent, let digest = digests.entries.first else {
      return PercentEncoding.path(path)
    }
    var parts = path.bytes.split(separator: 0x2F, omittingEmptySubsequences: false)
    let name = parts.removeLast()
    let prefixed = MetadataDigits.lowerCase(digest.bytes).bytes + [0x2E] + name
    return PercentEncoding.path(
      ByteString(Array((parts + [prefixed[...]]).joined(separator: [0x2F]))))
  }

  /// Whether what was fetched is what was signed (5.7).
  public func check(length got: Int64, digests found: Digests) throws(Refusal) {
    if got > length { throw Refusal(.fetchTarget, path, .lengthExceeded(limit: length)) }
    if got < length {
      throw Refusal(.fetchTarget, path, .lengthMismatch(wanted: length, got: got))
    }
    try digests.compare(found, .fetchTarget, path)
  }
}
