// SPDX-License-Identifier: Apache-2.0

/// Why bytes are no bundle.
public enum BundleFault: Error, Hashable, Sendable {
  /// A header that is none, or of an archive of another kind.
  case badHeader
  /// A member that no slot may hold: a link, a device, a name that leads out, a strange mode.
  case forbiddenMember
  /// The manifest is not first, or says nothing that can be read.
  case badManifest
  /// A name twice, or a file whose folder does not come before it.
  case badOrder
  /// More of something than a slot may have.
  case tooMuch
  /// Something stands behind the end.
  case trailingBytes
  /// It ends in the middle.
  case truncated
}

/// What the first member of a bundle says.
public struct BundleManifest: Hashable, Sendable {
  /// The version.
  public let version: ReleaseVersion
  /// The board.
  public let compatible: ByteString

  /// Bytes of the member.
  public static let limit = 16_384

  /// Lines `key: value`; `format: posd-bundle 1` must be one of them, each key stands once, and
  /// keys that we do not know are passed over.
  public init(_ bytes: [UInt8]) throws(BundleFault) {
    var fields: [(key: ByteString, value: ByteString)] = []
    for line in bytes.split(separator: 0x0A) {
      guard let colon = line.firstIndex(of: 0x3A) else { throw .badManifest }
      let key = ByteString(Array(line[..<colon]))
      let value = line[(colon + 1)...].drop { $0 == 0x20 }
      if fields.contains(where: { $0.key == key }) { throw .badManifest }
      if fields.count >= 64 { throw .tooMuch }
      fields.append((key, ByteString(Array(value))))
    }
    func field(_ key: ByteString) -> ByteString? { fields.first { $0.key == key }?.value }
    guard field("format") == "posd-bundle 1", let version = field("version"),
      let number = ReleaseVersion(version), let compatible = field("compatible"),
      !compatible.bytes.isEmpty
    else { throw .badManifest }
    self.version = number
    self.compatible = compatible
  }
}
