// SPDX-License-Identifier: Apache-2.0

/// A file that may be fetched and installed, as a role has signed it (TUF 4.5).
public struct Target: Hashable, Sendable {
  /// Its path, with slashes.
  public let path: ByteString
  /// Its length in bytes.
  public let length: Int64
  /// Its digests.
  public let digests: Digests
  /// What the publisher says of it beyond TUF.
  public let custom: MetadataValue?

  init(_ member: MetadataMember) throws(MetadataFault) {
    guard case .object = member.value else { throw MetadataFault(.wrongType) }
    path = member.name
    length = try member.value.number("length", atLeast: 0)
    digests = try Digests(member.value)
    custom = member.value["custom"]
  }
}

/// Which files there are, and who else may say it (TUF 4.5).
public struct TargetsMetadata: Hashable, Sendable {
  /// Version and expiry.
  public let common: CommonFields
  /// Who else may say it.
  public let delegations: Delegations?
  /// By path, ascending.
  public let targets: [Target]

  init(_ signed: MetadataValue) throws(MetadataFault) {
    common = try CommonFields(signed, type: "targets")
    let members = try signed.object("targets")
    targets = try within("targets") { () throws(MetadataFault) in
      var targets: [Target] = []
      targets.reserveCapacity(members.count)
      for member in members {
        let target = try within(member.name) { () throws(MetadataFault) in try Target(member) }
        targets.append(target)
      }
      return targets
    }
    if let value = signed["delegations"] {
      delegations = try within("delegations") { () throws(MetadataFault) in
        try Delegations(value)
      }
    } else {
      delegations = nil
    }
  }

  /// The file of this path.
  public subscript(path: ByteString) -> Target? {
    let position = targets.firstPosition { $0.path < path }
    guard position < targets.count, targets[position].path == path else { return nil }
    return targets[position]
  }
}
