// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import Updates

/// A device that visits a repository: the client, its store, and the mirror that answers it.
public struct RepositoryVisit {
  /// A moment in 2026, when everything that an honest publisher signed is valid.
  public static let noon = UTCTime(seconds: 1_780_000_000)

  /// What the mirror has.
  public var repository: PublishedRepository
  /// The client.
  public var client: MetadataClient
  /// What the device has stored, by file name.
  public var store: NamedFiles = [:]
  /// What was asked of the mirror, in order.
  public private(set) var requests: [ByteString] = []
  /// What was told beside orders, in order.
  public private(set) var told: [MetadataClient.Effect] = []
  /// What the mirror says of a name instead of what it has.
  public var answers: [(name: ByteString, event: MetadataClient.Event)] = []
  /// The power is cut behind so many orders to the store.
  public var cutBehind: Int?
  /// Names that the store cannot write.
  public var unwritable: [StoredName] = []
  private var orders = 0

  /// A repository as published, and a device that has its first root.
  public init(_ change: (inout PublishedRepository) -> Void = { _ in }) {
    repository = PublishedRepository()
    change(&repository)
    repository.publish()
    client = MetadataClient(anchor: .stored)
    store["root.json"] = repository.served["1.root.json"]
  }

  /// Asks what is current; nil when nothing was refused.
  public mutating func refresh(at now: UTCTime = noon) -> Refusal? {
    run(.refreshAsked(at: now))
  }

  /// Looks for a target; what was found, or why not.
  public mutating func find(
    _ path: ByteString, at now: UTCTime = noon
  ) -> Result<Target, Refusal> {
    if let refusal = run(.targetSought(path, at: now)) { return .failure(refusal) }
    guard case .found(let target, _)? = told.last else {
      return .failure(Refusal(.search, path, .noSuchTarget(path)))
    }
    return .success(target)
  }

  /// The same device after a restart.
  public mutating func restart(anchor: MetadataClient.Anchor = .stored) {
    client = MetadataClient(anchor: anchor)
  }

  /// The version of a stored document.
  public func version(_ role: ByteString) -> Int64? {
    guard let bytes = store[PercentEncoding.segment(role) + ".json"],
      let value = try? MetadataValue(parsing: bytes, limit: 1 << 22),
      case .integer(let version)? = value["signed"]?["version"]
    else { return nil }
    return version
  }

  /// Carries out what the client wants until it wants nothing more; why it refused, if it did.
  public mutating func run(_ event: MetadataClient.Event) -> Refusal? {
    requests = []
    told = []
    orders = 0
    var next: MetadataClient.Event? = event
    while let event = next {
      next = nil
      for effect in client.handle(event, at: .start) {
        precondition(next == nil, "one order is outstanding at a time")
        next = answer(effect)
      }
    }
    guard case .refused(let refusal)? = told.last else { return nil }
    return refusal
  }

  private mutating func answer(_ effect: MetadataClient.Effect) -> MetadataClient.Event? {
    switch effect {
    case .load(let name, let limit):
      guard let bytes = store[name.fileName], bytes.count <= limit else { return .loaded(nil) }
      return .loaded(bytes)
    case .fetch(let name, let limit):
      requests.append(name)
      if let answer = answers.first(where: { $0.name == name }) { return answer.event }
      guard let bytes = repository.served[name] else { return .notThere }
      return bytes.count > limit ? .notFetched(.tooLong(limit: limit)) : .fetched(bytes)
    case .store(let name, let bytes): return write(name, bytes)
    case .delete(let name): return write(name, nil)
    case .trusted, .distrusted, .refreshed, .found, .refused:
      told.append(effect)
      return nil
    }
  }

  private mutating func write(_ name: StoredName, _ bytes: [UInt8]?) -> MetadataClient.Event? {
    orders += 1
    if let cutBehind, orders > cutBehind { return nil }
    if unwritable.contains(name) { return .notStored }
    store[name.fileName] = bytes
    return .stored
  }
}
