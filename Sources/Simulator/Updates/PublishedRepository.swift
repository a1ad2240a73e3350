// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
public import Updates

/// A repository as an honest publisher makes it; what a test changes in it is an attack.
public struct PublishedRepository: Hashable, Sendable {
  /// The four roles.
  public var root = PublisherRole(PublisherKey("root"))
  /// Which snapshot is current.
  public var timestamp = PublisherRole(PublisherKey("timestamp"))
  /// Which versions belong together.
  public var snapshot = PublisherRole(PublisherKey("snapshot"))
  /// Which files there are.
  public var targets = PublisherRole(PublisherKey("targets"))
  /// Who else may say it, in order.
  public var delegations: [PublisherDelegation] = []
  /// Bits of hash bins instead, with the role that signs for all of them.
  public var bins: (Int64, PublisherRole)? {
    get { binBits.map { ($0, binRole) } }
    set {
      binBits = newValue?.0
      if let role = newValue?.1 { binRole = role }
    }
  }
  /// Files that targets lists.
  public var files: NamedFiles = [:]
  /// Whether names hold versions.
  public var isConsistent = true
  /// Whether timestamp and snapshot list lengths and digests.
  public var listsDigests = true
  /// What lies on the server.
  public var served: NamedFiles = [:]

  private var binBits: Int64?
  private var binRole = PublisherRole(PublisherKey("bins"))

  /// A repository without files.
  public init() {}
}

extension PublishedRepository {
  /// Signs all roles as they are and puts them on the server.
  public mutating func publish() {
    served[ByteString("\(root.version).root.json")] = document(rootSigned, root)
    publishTargets()
  }

  /// Signs everything below root.
  public mutating func publishTargets() {
    var listed: [MetadataMember] = []
    func list(_ name: ByteString, _ role: PublisherRole, _ bytes: [UInt8]) {
      listed.append(MetadataMember(name + ".json", entry(role.version, bytes)))
    }
    let top = document(targetsSigned("targets", targets, files), targets)
    put("targets", targets, top)
    list("targets", targets, top)
    for delegation in delegations
    where !listed.contains(where: {
      $0.name == delegation.name + ".json"
    }) {
      let signed = targetsSigned(delegation.name, delegation.role, delegation.targets)
      let bytes = document(signed, delegation.role)
      put(delegation.name, delegation.role, bytes)
      list(delegation.name, delegation.role, bytes)
    }
    let second = document(
      signed("snapshot", snapshot, [MetadataMember("meta", .object(unsorted: listed))]), snapshot)
    put("snapshot", snapshot, second)
    publishTimestamp(of: second)
  }

  /// Signs a timestamp of this snapshot.
  public mutating func publishTimestamp(of snapshotBytes: [UInt8]) {
    let meta = MetadataValue.object([
      MetadataMember("snapshot.json", entry(snapshot.version, snapshotBytes))
    ])
    served["timestamp.json"] = document(
      signed("timestamp", timestamp, [MetadataMember("meta", meta)]), timestamp)
  }

  /// The next root, signed by whoever signs now and by whoever signed before.
  public mutating func rotateRoot(_ change: (inout PublishedRepository) -> Void) {
    let before = root.keys
    change(&self)
    root.version += 1
    var role = root
    role.signers = root.signers ?? before + root.keys.filter { !before.contains($0) }
    served[ByteString("\(root.version).root.json")] = document(rootSigned, role)
  }

  /// What root signs.
  public var rootSigned: MetadataValue {
    let roles: [(ByteString, PublisherRole)] = [
      ("root", root), ("timestamp", timestamp), ("snapshot", snapshot), ("targets", targets),
    ]
    return signed(
      "root", root,
      [
        MetadataMember("consistent_snapshot", .boolean(isConsistent)),
        MetadataMember("keys", PublishedRepository.keys(roles.flatMap { $0.1.keys })),
        MetadataMember(
          "roles",
          .object(unsorted: roles.map { MetadataMember($0, .object(unsorted: $1.authority)) })),
      ])
  }

  /// What a targets role signs.
  public func targetsSigned(
    _ name: ByteString, _ role: PublisherRole, _ files: NamedFiles
  ) -> MetadataValue {
    let list = files.entries.map { MetadataMember($0.name, PublishedRepository.file($0.bytes)) }
    var members = [MetadataMember("targets", .object(unsorted: list))]
    if let value = delegationsSigned(name) { members.append(MetadataMember("delegations", value)) }
    return signed("targets", role, members)
  }

  private func delegationsSigned(_ name: ByteString) -> MetadataValue? {
    if name == "targets", let (bits, role) = bins {
      let form = [
        MetadataMember("bit_length", .integer(bits)), MetadataMember("name_prefix", .text("bin")),
      ]
      return .object(unsorted: [
        MetadataMember("keys", PublishedRepository.keys(role.keys)),
        MetadataMember("succinct_roles", .object(unsorted: role.authority + form)),
      ])
    }
    let children = delegations.filter { $0.parent == name }
    if children.isEmpty { return nil }
    let roles = children.map { child in
      MetadataValue.object(
        unsorted: child.role.authority + [
          MetadataMember("name", .text(child.name)),
          MetadataMember("paths", .array(child.paths.map { .text($0) })),
          MetadataMember("terminating", .boolean(child.isTerminating)),
        ])
    }
    return .object(unsorted: [
      MetadataMember("keys", PublishedRepository.keys(children.flatMap { $0.role.keys })),
      MetadataMember("roles", .array(roles)),
    ])
  }

  /// The members that all roles have, and these.
  public func signed(
    _ type: ByteString, _ role: PublisherRole, _ members: [MetadataMember]
  ) -> MetadataValue {
    .object(
      unsorted: members + [
        MetadataMember("_type", .text(type)), MetadataMember("spec_version", .text("1.0.34")),
        MetadataMember("version", .integer(role.version)),
        MetadataMember("expires", .text(role.expires)),
      ])
  }

  /// A document: what is signed and the signatures of a role.
  public func document(_ signed: MetadataValue, _ role: PublisherRole) -> [UInt8] {
    let message = signed.canonical
    let signatures = (role.signers ?? role.keys).map { key in
      MetadataValue.object(unsorted: [
        MetadataMember("keyid", .text(key.id)), MetadataMember("sig", key.sign(message)),
      ])
    }
    return MetadataValue.object(unsorted: [
      MetadataMember("signatures", .array(signatures)), MetadataMember("signed", signed),
    ]).canonical
  }

  /// Puts a document on the server under the name that root's flag asks for.
  public mutating func put(_ name: ByteString, _ role: PublisherRole, _ bytes: [UInt8]) {
    let file = PercentEncoding.segment(name) + ".json"
    served[isConsistent ? ByteString("\(role.version).") + file : file] = bytes
  }

  private func entry(_ version: Int64, _ bytes: [UInt8]) -> MetadataValue {
    let version = MetadataMember("version", .integer(version))
    if !listsDigests { return .object([version]) }
    guard case .object(let members) = PublishedRepository.file(bytes) else { return .null }
    return .object(unsorted: members + [version])
  }

  private static func file(_ bytes: [UInt8]) -> MetadataValue {
    .object(unsorted: [
      MetadataMember("length", .integer(Int64(bytes.count))),
      MetadataMember(
        "hashes", .object([MetadataMember("sha256", PublisherKey.digits(sha256(bytes)))])),
    ])
  }

  private static func keys(_ keys: [PublisherKey]) -> MetadataValue {
    var members: [MetadataMember] = []
    for key in keys where !members.contains(where: { $0.name == key.id }) {
      members.append(MetadataMember(key.id, key.value))
    }
    return .object(unsorted: members)
  }
}
