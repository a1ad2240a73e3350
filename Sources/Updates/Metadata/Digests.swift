// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto
import Wire

/// The digests that a document says of a file: those we know are kept, and every one is compared.
public struct Digests: Hashable, Sendable {
  /// One of them.
  public struct Entry: Hashable, Sendable {
    /// Which hash function.
    public let algorithm: HashAlgorithm
    /// Its bytes.
    public let bytes: [UInt8]

    /// A digest.
    public init(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) {
      self.algorithm = algorithm
      self.bytes = bytes
    }
  }

  /// SHA-256 before SHA-512; none where no function is known, and then the file cannot be accepted.
  public let entries: [Entry]

  /// These digests.
  public init(_ entries: [Entry]) { self.entries = entries }

  /// Of the member `hashes`.
  init(_ value: MetadataValue) throws(MetadataFault) {
    let members = try value.object("hashes")
    entries = try within("hashes") { () throws(MetadataFault) in
      if members.isEmpty { throw MetadataFault(.missing) }
      var entries: [Entry] = []
      for member in members {
        guard case .text(let text) = member.value else {
          throw MetadataFault(.wrongType, at: member.name)
        }
        guard let algorithm = Digests.algorithm(member.name) else { continue }
        // What is no digest equals none, and spoils this file alone.
        entries.append(Entry(algorithm, (try? Hex.decode(text.bytes)) ?? []))
      }
      return entries
    }
  }

  /// The digests of a file's bytes by the same functions.
  func same(of bytes: [UInt8]) -> Digests {
    Digests(entries.map { Entry($0.algorithm, $0.algorithm.digest(bytes)) })
  }

  private static func algorithm(_ name: ByteString) -> HashAlgorithm? {
    switch name {
    case "sha256": .sha256
    case "sha512": .sha512
    default: nil
    }
  }
}
