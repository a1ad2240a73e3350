// SPDX-License-Identifier: Apache-2.0

import Wire

/// A metadata document that was read and of which nothing is believed yet.
public struct SignedDocument: Hashable, Sendable {
  /// The most signatures of a document.
  public static let signatureLimit = 1_024

  struct Signature: Hashable, Sendable {
    let keyid: ByteString
    /// Empty where there is no legible signature: who has not signed yet leaves an empty text.
    let bytes: [UInt8]
  }

  /// What is signed.
  public let signed: MetadataValue
  /// The bytes that are signed.
  let canonical: [UInt8]
  let signatures: [Signature]

  /// Reads a document of at most `limit` bytes.
  public init(parsing bytes: [UInt8], limit: Int) throws(MetadataFault) {
    let value = try MetadataValue(parsing: bytes, limit: limit)
    guard case .object = value else { throw MetadataFault(.wrongType) }
    let list = try value.array("signatures")
    if list.count > SignedDocument.signatureLimit {
      throw MetadataFault(.tooMany(limit: SignedDocument.signatureLimit), at: "signatures")
    }
    var signatures: [Signature] = []
    for element in list {
      let signature = try within("signatures") { () throws(MetadataFault) in
        let text = try element.text("sig")
        return Signature(
          keyid: try element.text("keyid"), bytes: (try? Hex.decode(text.bytes)) ?? [])
      }
      signatures.append(signature)
    }
    // One key that signs twice makes the whole document invalid (TUF 4.2.1).
    let keyids = signatures.map { $0.keyid }
    if keyids.hasRepetition {
      throw MetadataFault(.repeated, at: "signatures")
    }
    signed = try value.required("signed")
    guard case .object = signed else { throw MetadataFault(.wrongType, at: "signed") }
    canonical = signed.canonical
    self.signatures = signatures
  }

  /// How many of these signers have signed, counted no further than the threshold.
  func count(of signers: Signers, keys: KeyRing) -> Int64 {
    var count: Int64 = 0
    for keyid in signers.keyids where count < signers.threshold {
      guard let key = keys[keyid],
        let signature = signatures.first(where: { $0.keyid == keyid })
      else { continue }
      if key.verifies(signature.bytes, over: canonical) { count += 1 }
    }
    return count
  }
}

/// What every role's document begins with.
public struct CommonFields: Hashable, Sendable {
  /// Counts up with each release.
  public let version: Int64
  /// From this moment on it is not valid any more.
  public let expires: UTCTime

  init(_ signed: MetadataValue, type: ByteString) throws(MetadataFault) {
    if try signed.text("_type") != type { throw MetadataFault(.outOfRange, at: "_type") }
    let specification = try signed.text("spec_version")
    guard CommonFields.isKnown(specification) else {
      throw MetadataFault(.outOfRange, at: "spec_version")
    }
    version = try signed.number("version", atLeast: 1)
    guard let expires = UTCTime(try signed.text("expires")) else {
      throw MetadataFault(.outOfRange, at: "expires")
    }
    self.expires = expires
  }

  /// `1.Y` or `1.Y.Z`: another first number is another format.
  private static func isKnown(_ text: ByteString) -> Bool {
    let parts = text.bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
    return (2...3).contains(parts.count) && parts[0].elementsEqual([0x31])
      && parts.allSatisfy { part in
        !part.isEmpty && part.allSatisfy { (0x30...0x39).contains($0) }
      }
  }

  /// Whether it is over at this moment.
  func isExpired(at now: UTCTime) -> Bool { expires <= now }
}
