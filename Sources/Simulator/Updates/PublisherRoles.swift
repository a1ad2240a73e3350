// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
public import Updates
import Wire

/// A key that signs metadata, made of a name.
public struct PublisherKey: Hashable, Sendable {
  /// Its identifier.
  public let id: ByteString
  /// The key object as documents hold it.
  public let value: MetadataValue
  private let secret: Ed25519PrivateKey

  /// The key of this name.
  public init(_ name: String) {
    let seed = SecretBytes(sha256(Array(("publisher " + name).utf8)))
    guard let secret = try? Ed25519PrivateKey(seed: seed), let key = try? secret.publicKey() else {
      preconditionFailure("a digest is as long as a seed")
    }
    self.secret = secret
    value = .object(unsorted: [
      MetadataMember("keytype", .text("ed25519")), MetadataMember("scheme", .text("ed25519")),
      MetadataMember(
        "keyval",
        .object(unsorted: [MetadataMember("public", PublisherKey.digits(key.bytes))])),
    ])
    guard case .text(let id) = PublisherKey.digits(PublisherKey.digest(of: value)) else {
      preconditionFailure("digits are a text")
    }
    self.id = id
  }

  /// The signature of a message as documents hold it.
  public func sign(_ message: [UInt8]) -> MetadataValue {
    PublisherKey.digits((try? secret.sign(message)) ?? [])
  }

  /// The digest of a key object, which is its identifier.
  public static func digest(of key: MetadataValue) -> [UInt8] { sha256(key.canonical) }

  /// Bytes as lower-case digits.
  public static func digits(_ bytes: [UInt8]) -> MetadataValue {
    .text(ByteString(Hex.encode(bytes).map { $0 >= 0x41 ? $0 | 0x20 : $0 }))
  }
}

/// Who signs for a role, which version comes next and until when it is valid.
public struct PublisherRole: Hashable, Sendable {
  /// Who may sign.
  public var keys: [PublisherKey]
  /// How many of them must.
  public var threshold: Int64 = 1
  /// The version.
  public var version: Int64 = 1
  /// Until when.
  public var expires: ByteString = "2030-01-01T00:00:00Z"
  /// Who signs: those who may, unless a test says otherwise.
  public var signers: [PublisherKey]?

  /// A role with one key.
  public init(_ key: PublisherKey) { keys = [key] }

  /// The members `keyids` and `threshold`.
  var authority: [MetadataMember] {
    [
      MetadataMember("keyids", .array(keys.map { .text($0.id) })),
      MetadataMember("threshold", .integer(threshold)),
    ]
  }
}

/// A role that another one delegates to.
public struct PublisherDelegation: Hashable, Sendable {
  /// Its name.
  public var name: ByteString
  /// Who delegates to it.
  public var parent: ByteString
  /// Who signs.
  public var role: PublisherRole
  /// Which paths.
  public var paths: [ByteString]
  /// Whether the search ends with it.
  public var isTerminating = false
  /// Files that it lists.
  public var targets: NamedFiles = [:]

  /// A delegation to a role with a key of its own.
  public init(_ name: ByteString, from parent: ByteString = "targets", paths: [ByteString]) {
    self.name = name
    self.parent = parent
    self.paths = paths
    role = PublisherRole(PublisherKey(name.description))
  }
}
