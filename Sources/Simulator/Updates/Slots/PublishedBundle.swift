// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
public import Updates

/// A bundle as an honest publisher makes it: POSIX ustar, byte by byte.
public struct PublishedBundle: Hashable, Sendable {
  /// A file or folder in it.
  public struct Member: Hashable, Sendable {
    /// Its path in the archive.
    public var path: ByteString
    /// Its bytes; of a folder none.
    public var bytes: [UInt8]
    /// `0` for a file, `5` for a folder; anything else is an attack.
    public var kind: UInt8
    /// Its mode.
    public var mode: Int

    /// A member of any kind.
    public init(path: ByteString, bytes: [UInt8], kind: UInt8, mode: Int) {
      self.path = path
      self.bytes = bytes
      self.kind = kind
      self.mode = mode
    }

    /// A file.
    public static func file(
      _ path: ByteString, _ bytes: [UInt8], mode: Int = 0o644
    ) -> Member {
      Member(path: path, bytes: bytes, kind: 0x30, mode: mode)
    }

    /// A folder.
    public static func folder(_ path: ByteString) -> Member {
      Member(path: path, bytes: [], kind: 0x35, mode: 0o755)
    }
  }

  /// The manifest's lines.
  public var manifest: ByteString
  /// What follows it.
  public var members: [Member]
  /// The version that the metadata says.
  public var version: ByteString
  /// The epoch that the metadata says.
  public var epoch: Int64 = 1

  /// A version whose program holds its name.
  public init(version: ByteString, epoch: Int64 = 1) {
    self.version = version
    self.epoch = epoch
    manifest = "format: posd-bundle 1\nversion: " + version + "\ncompatible: pos-x1\n"
    let program: ByteString = "program " + version
    members = [
      .folder("slot"), .file("slot/posd", program.bytes, mode: 0o755), .folder("slot/data"),
      .file("slot/data/words", Array(repeating: 0x61, count: 700)), .file("slot/data/empty", []),
    ]
  }

  /// The archive.
  public var bytes: [UInt8] {
    var out = PublishedBundle.block(.file("manifest", manifest.bytes))
    for member in members { out += PublishedBundle.block(member) }
    return out + [UInt8](repeating: 0, count: 1_024)
  }

  /// The digest of its manifest.
  public var digest: [UInt8] { sha256(manifest.bytes) }

  /// What targets lists of it.
  public func listed(_ more: [MetadataMember] = []) -> MetadataValue {
    let said: [MetadataMember] = [
      MetadataMember("version", .text(version)), MetadataMember("compatible", .text("pos-x1")),
      MetadataMember("epoch", .integer(epoch)), MetadataMember("format", .text("directory")),
      MetadataMember("manifest-hash", PublisherKey.digits(digest)),
    ]
    let kept = said.filter { member in !more.contains { $0.name == member.name } }
    let file = bytes
    return .object(unsorted: [
      MetadataMember("length", .integer(Int64(file.count))),
      MetadataMember(
        "hashes", .object([MetadataMember("sha256", PublisherKey.digits(sha256(file)))])),
      MetadataMember(
        "custom", .object([MetadataMember("posd", .object(unsorted: kept + more))])),
    ])
  }

  private static func block(_ member: Member) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: ByteString, _ offset: Int) {
      for (index, byte) in text.bytes.enumerated() { header[offset + index] = byte }
    }
    func octal(_ number: Int, _ width: Int) -> ByteString {
      let digits = String(number, radix: 8)
      return ByteString(String(repeating: "0", count: width - digits.utf8.count) + digits)
    }
    put(member.path, 0)
    put(octal(member.mode, 7), 100)
    put(octal(0, 7), 108)
    put(octal(0, 7), 116)
    put(octal(member.bytes.count, 11), 124)
    put(octal(0, 11), 136)
    put("        ", 148)
    header[156] = member.kind
    put("ustar", 257)
    put("00", 263)
    let sum = header.reduce(0) { $0 + Int($1) }
    put(octal(sum, 6), 148)
    header[154] = 0
    let padding = (512 - member.bytes.count % 512) % 512
    return header + member.bytes + [UInt8](repeating: 0, count: padding)
  }
}
