// SPDX-License-Identifier: Apache-2.0

//   idle ─▶ anchor ─▶ next root ─▶ accepted keys ─▶ timestamp ─▶ snapshot ─▶ targets ─▶ ready
//                      ▲     │                                                          │  ▲
//                      └─────┘ each one stored before the next is asked for             ▼  │
//                                                                     search: role by role ┘
//
// Each step first asks the store and then, where that does not do, the repository. Whatever is
// wrong ends the run; what was accepted before stays stored, and the next run begins with it.

public import Clockwork

/// A client of a TUF repository (TUF 1.0.34, 5): it finds out what is current and looks up targets.
///
/// It reads and writes nothing: documents and the moment come in, orders to fetch and to store go
/// out, one at a time.
public struct MetadataClient: Machine {
  /// What the client waits for.
  enum Stage: Hashable, Sendable {
    case idle
    case loadingAnchor
    case loadingRoot
    case fetchingRoot
    case loadingAcceptedKeys
    case loadingTimestamp
    case fetchingTimestamp
    case loadingSnapshot
    case fetchingSnapshot
    case loadingTargets(Visit)
    case fetchingTargets(Visit)
    case storing([Order], then: Next)
    case ready
  }

  /// What is to be put into the store, or taken out where there are no bytes.
  struct Order: Hashable, Sendable {
    let name: StoredName
    let bytes: [UInt8]?
  }

  /// What follows when the store has done its work.
  enum Next: Hashable, Sendable {
    case root
    case fetchedTimestamp
    case snapshot
    case targets
    case listed(Visit, Delegator)
  }

  /// A role that is asked, on whose word.
  struct Visit: Hashable, Sendable {
    let role: ByteString
    let delegator: Delegator
  }

  let anchor: Anchor
  let limits: UpdateLimits
  var stage = Stage.idle
  var now = UTCTime(seconds: 0)
  /// What is trusted in this run.
  var trust: TrustSet?
  /// New roots in this run.
  var rootCount = 0
  var accepted: AcceptedKeys?
  var search: Search?

  /// Events that came when nobody had asked for them.
  public private(set) var unexpectedEvents: UInt32 = 0

  /// A client that knows nothing yet.
  public init(anchor: Anchor, limits: UpdateLimits = UpdateLimits()) {
    self.anchor = anchor
    self.limits = limits
  }

  /// The client waits for no moment: how long a transfer may take is known by who makes it.
  public var deadline: Instant? { nil }

  /// Whether it waits for nothing and can be asked.
  public var isIdle: Bool { stage == .idle || stage == .ready }

  /// The version of the root that is trusted, once there is one.
  public var rootVersion: Int64? { trust?.root.common.version }

  /// What targets itself lists, by path, once it is trusted in this run.
  public var targets: [Target] { trust?.targets?.targets ?? [] }

  /// Whether the repository's names hold versions and digests.
  public var isConsistent: Bool { trust?.root.consistentSnapshot ?? false }

  /// Moves the client by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    do throws(Refusal) {
      if let effects = try react(to: event) { return effects }
    } catch {
      return refuse(error)
    }
    unexpectedEvents &+= 1
    return []
  }

  private mutating func react(to event: Event) throws(Refusal) -> [Effect]? {
    switch event {
    case .refreshAsked(let moment):
      return isIdle ? begin(at: moment, seeking: nil) : nil
    case .targetSought(let path, let moment):
      if stage == .ready { return try seek(path) }
      return stage == .idle ? begin(at: moment, seeking: path) : nil
    case .loaded(let bytes): return try loaded(bytes)
    case .fetched(let bytes): return try fetched(bytes)
    case .notThere:
      if stage == .fetchingRoot { return try closeRoots() }
      guard let origin = fetching else { return nil }
      throw Refusal(origin.step, origin.role, .absent)
    case .notFetched(let fault):
      guard let origin = fetching else { return nil }
      throw Refusal(origin.step, origin.role, .notFetched(fault))
    case .stored: return try stored()
    case .notStored:
      guard case .storing(let orders, _) = stage, let order = orders.first else { return nil }
      throw Refusal(order.name.origin.step, order.name.origin.role, .notStored)
    }
  }

  /// What is on its way from the repository.
  private var fetching: (step: Step, role: ByteString)? {
    switch stage {
    case .fetchingRoot: (.fetchRoot, "root")
    case .fetchingTimestamp: (.fetchTimestamp, "timestamp")
    case .fetchingSnapshot: (.fetchSnapshot, "snapshot")
    case .fetchingTargets(let visit): (.fetchTargets, visit.role)
    case .idle, .loadingAnchor, .loadingRoot, .loadingAcceptedKeys, .loadingTimestamp,
      .loadingSnapshot, .loadingTargets, .storing, .ready:
      nil
    }
  }

  /// A search that fails leaves what is current as it was; a run that fails is begun again.
  private mutating func refuse(_ refusal: Refusal) -> [Effect] {
    if search?.isUnderWay == true, trust?.targets != nil {
      stage = .ready
    } else {
      stage = .idle
      trust = nil
    }
    search = nil
    return [.refused(refusal)]
  }

  private mutating func begin(at moment: UTCTime, seeking path: ByteString?) -> [Effect] {
    now = moment
    trust = nil
    rootCount = 0
    accepted = nil
    search = path.map { Search(path: $0) }
    stage = .loadingAnchor
    switch anchor {
    case .stored: return [.load(.root, limit: limits.root)]
    case .embedded(let bytes):
      do throws(Refusal) { return try loaded(bytes) ?? [] } catch { return refuse(error) }
    }
  }

  private mutating func loaded(_ bytes: [UInt8]?) throws(Refusal) -> [Effect]? {
    switch stage {
    case .loadingAnchor:
      guard let bytes else { throw Refusal(.loadTrustedRoot, "root", .absent) }
      let trust = try TrustSet(anchor: bytes, now: now, limits: limits)
      self.trust = trust
      return [.trusted(role: "root", version: trust.root.common.version)] + (try askRoot())
    case .loadingRoot: return try loadedRoot(bytes)
    case .loadingAcceptedKeys: return try loadedAcceptedKeys(bytes)
    case .loadingTimestamp: return loadedTimestamp(bytes)
    case .loadingSnapshot: return try loadedSnapshot(bytes)
    case .loadingTargets(let visit): return try loadedTargets(bytes, visit)
    case .idle, .fetchingRoot, .fetchingTimestamp, .fetchingSnapshot, .fetchingTargets, .storing,
      .ready:
      return nil
    }
  }

  private mutating func fetched(_ bytes: [UInt8]) throws(Refusal) -> [Effect]? {
    switch stage {
    case .fetchingRoot: return try fetchedRoot(bytes)
    case .fetchingTimestamp: return try fetchedTimestamp(bytes)
    case .fetchingSnapshot: return try fetchedSnapshot(bytes)
    case .fetchingTargets(let visit): return try fetchedTargets(bytes, visit)
    case .idle, .loadingAnchor, .loadingRoot, .loadingAcceptedKeys, .loadingTimestamp,
      .loadingSnapshot, .loadingTargets, .storing, .ready:
      return nil
    }
  }

  /// Gives the store its orders one after the other, and goes on behind the last.
  mutating func store(_ orders: [Order], then next: Next) throws(Refusal) -> [Effect] {
    guard let order = orders.first else { return try go(on: next) }
    stage = .storing(orders, then: next)
    return [order.bytes.map { .store(order.name, $0) } ?? .delete(order.name)]
  }

  private mutating func stored() throws(Refusal) -> [Effect]? {
    guard case .storing(let orders, let next) = stage else { return nil }
    return try store(Array(orders.dropFirst()), then: next)
  }

  private mutating func go(on next: Next) throws(Refusal) -> [Effect] {
    switch next {
    case .root: return try askRoot()
    case .fetchedTimestamp: return fetchTimestamp()
    case .snapshot: return try askSnapshot()
    case .targets: return try askTargets(Visit(role: "targets", delegator: .root))
    case .listed(let visit, let place): return try listed(visit, place)
    }
  }
}
