// SPDX-License-Identifier: Apache-2.0

/// The four roles that root names keys for.
public enum TopLevelRole: UInt8, Hashable, Sendable, CaseIterable {
  /// Says whose signatures count for all four.
  case root
  /// Says which snapshot is current.
  case timestamp
  /// Says which versions of all targets documents belong together.
  case snapshot
  /// Says which files there are, and who else may say it.
  case targets

  /// As documents name it.
  public var name: ByteString {
    switch self {
    case .root: "root"
    case .timestamp: "timestamp"
    case .snapshot: "snapshot"
    case .targets: "targets"
    }
  }

  /// No delegated role may be called so.
  static var allNames: [ByteString] { allCases.map { $0.name } }
}

/// Who may sign what (TUF 4.3).
public struct RootMetadata: Hashable, Sendable {
  /// Version and expiry.
  public let common: CommonFields
  /// Whether names on the repository hold versions and digests.
  public let consistentSnapshot: Bool
  let keys: KeyRing
  private let root: Signers
  private let timestamp: Signers
  private let snapshot: Signers
  private let targets: Signers

  init(_ signed: MetadataValue) throws(MetadataFault) {
    common = try CommonFields(signed, type: "root")
    let members = try signed.object("keys")
    keys = try within("keys") { () throws(MetadataFault) in try KeyRing(members) }
    _ = try signed.object("roles")
    let roles = try signed.required("roles")
    func signers(_ role: TopLevelRole) throws(MetadataFault) -> Signers {
      try within("roles") { () throws(MetadataFault) in
        let value = try roles.required(role.name)
        return try within(role.name) { () throws(MetadataFault) in try Signers(value) }
      }
    }
    root = try signers(.root)
    timestamp = try signers(.timestamp)
    snapshot = try signers(.snapshot)
    targets = try signers(.targets)
    consistentSnapshot =
      signed["consistent_snapshot"] == nil ? false : try signed.boolean("consistent_snapshot")
  }

  /// Who may sign for a role.
  public func signers(for role: TopLevelRole) -> Signers {
    switch role {
    case .root: root
    case .timestamp: timestamp
    case .snapshot: snapshot
    case .targets: targets
    }
  }
}

/// What one document says of another one's file (TUF 4.4).
public struct MetadataFile: Hashable, Sendable {
  /// The version it must have.
  public let version: Int64
  /// The bytes it has at most, where that is said.
  public let length: Int64?
  /// The digests it must have, where they are said.
  public let digests: Digests?

  init(_ value: MetadataValue) throws(MetadataFault) {
    guard case .object = value else { throw MetadataFault(.wrongType) }
    version = try value.number("version", atLeast: 1)
    length = value["length"] == nil ? nil : try value.number("length", atLeast: 0)
    digests = value["hashes"] == nil ? nil : try Digests(value)
  }
}

/// Which snapshot is current (TUF 4.6).
public struct TimestampMetadata: Hashable, Sendable {
  /// Version and expiry.
  public let common: CommonFields
  /// The snapshot.
  public let snapshot: MetadataFile

  init(_ signed: MetadataValue) throws(MetadataFault) {
    common = try CommonFields(signed, type: "timestamp")
    let members = try signed.object("meta")
    snapshot = try within("meta") { () throws(MetadataFault) in
      guard let member = members.first(where: { $0.name == "snapshot.json" }) else {
        throw MetadataFault(.missing, at: "snapshot.json")
      }
      if members.count > 1 { throw MetadataFault(.tooMany(limit: 1)) }
      return try within(member.name) { () throws(MetadataFault) in
        try MetadataFile(member.value)
      }
    }
  }
}

/// Which versions of all targets documents belong together (TUF 4.4).
public struct SnapshotMetadata: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    let name: ByteString
    let file: MetadataFile
  }

  /// Version and expiry.
  public let common: CommonFields
  /// By file name, ascending.
  let entries: [Entry]

  init(_ signed: MetadataValue) throws(MetadataFault) {
    common = try CommonFields(signed, type: "snapshot")
    let members = try signed.object("meta")
    entries = try within("meta") { () throws(MetadataFault) in
      var entries: [Entry] = []
      entries.reserveCapacity(members.count)
      for member in members {
        let file = try within(member.name) { () throws(MetadataFault) in
          try MetadataFile(member.value)
        }
        entries.append(Entry(name: member.name, file: file))
      }
      return entries
    }
  }

  /// What is said of a role's document.
  public subscript(role: ByteString) -> MetadataFile? {
    file(named: role + ".json")
  }

  func file(named name: ByteString) -> MetadataFile? {
    let position = entries.firstPosition { $0.name < name }
    guard position < entries.count, entries[position].name == name else { return nil }
    return entries[position].file
  }
}
