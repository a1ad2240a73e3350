// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto
import Wire

/// A public key of a metadata document.
public enum SigningKey: Hashable, Sendable {
  /// Ed25519 (RFC 8032).
  case ed25519(Ed25519PublicKey)
  /// ECDSA on P-256 with SHA-256, or RSASSA-PSS with SHA-256.
  case subject(SubjectPublicKey)
  /// Of a kind that we do not know, or whose bytes are none: it verifies nothing.
  case unusable

  /// A key object. One that is no key object at all is a fault, a key that we cannot use is none.
  init(_ value: MetadataValue) throws(MetadataFault) {
    let type = try value.text("keytype")
    let scheme = try value.text("scheme")
    let keyval = try value.required("keyval")
    guard case .object = keyval else { throw MetadataFault(.wrongType, at: "keyval") }
    guard case .text(let key)? = keyval["public"] else {
      self = .unusable
      return
    }
    switch (type, scheme) {
    case ("ed25519", "ed25519"):
      let made = (try? Hex.decode(key.bytes)).flatMap { try? Ed25519PublicKey($0) }
      self = made.map { .ed25519($0) } ?? .unusable
    case ("ecdsa", "ecdsa-sha2-nistp256"):
      let made = try? SubjectPublicKey(pem: key.bytes)
      if let made, made.kind == .p256 { self = .subject(made) } else { self = .unusable }
    case ("rsa", "rsassa-pss-sha256"):
      let made = try? SubjectPublicKey(pem: key.bytes)
      if let made, made.kind != .p256 { self = .subject(made) } else { self = .unusable }
    default:
      self = .unusable
    }
  }

  /// Whether a signature is the message's.
  public func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    switch self {
    case .ed25519(let key): key.verifies(signature, over: message)
    case .subject(let key): key.verifies(signature, over: message, .sha256)
    case .unusable: false
    }
  }
}

/// The keys of a document by their identifiers, each of which is the digest of its key.
public struct KeyRing: Hashable, Sendable {
  /// The most keys of a document.
  public static let limit = 1_024

  private struct Entry: Hashable, Sendable {
    let id: ByteString
    let key: SigningKey
  }

  /// In ascending order of the identifiers.
  private let entries: [Entry]

  /// The member `keys` of a document.
  init(_ members: [MetadataMember]) throws(MetadataFault) {
    if members.count > KeyRing.limit { throw MetadataFault(.tooMany(limit: KeyRing.limit)) }
    var entries: [Entry] = []
    for member in members {
      let key = try within(member.name) { () throws(MetadataFault) in try SigningKey(member.value) }
      // The identifier is over the whole object, with what we do not know of it.
      let digest = MetadataDigits.lowerCase(sha256(member.value.canonical))
      if digest != member.name { throw MetadataFault(.wrongKeyID, at: member.name) }
      entries.append(Entry(id: member.name, key: key))
    }
    self.entries = entries
  }

  /// The key of this identifier.
  public subscript(id: ByteString) -> SigningKey? {
    let position = entries.firstPosition { $0.id < id }
    guard position < entries.count, entries[position].id == id else { return nil }
    return entries[position].key
  }
}

/// Who may sign for a role: so many different keys out of these.
public struct Signers: Hashable, Sendable {
  /// Identifiers, each once.
  public let keyids: [ByteString]
  /// How many of them must have signed.
  public let threshold: Int64

  /// Of a role's object.
  init(_ value: MetadataValue) throws(MetadataFault) {
    guard case .object = value else { throw MetadataFault(.wrongType) }
    keyids = try value.texts("keyids")
    if keyids.count > KeyRing.limit {
      throw MetadataFault(.tooMany(limit: KeyRing.limit), at: "keyids")
    }
    threshold = try value.number("threshold", atLeast: 1)
  }
}
