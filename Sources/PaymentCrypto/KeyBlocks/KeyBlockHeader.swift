// SPDX-License-Identifier: Apache-2.0

// ANSI X9.143 (formerly TR-31), 4.1:
//
//   0  version   1  length, 4   5  usage, 2    7 algorithm   8 mode   9 key version, 2
//   11 exportability   12 optional blocks, 2   14 reserved, 2   16 optional blocks …
//
// All of it are printable ASCII characters.

/// How a key block is protected.
public enum KeyBlockVersion: UInt8, Hashable, Sendable, CaseIterable {
  /// TDES by variants of the protection key: old devices alone.
  case a = 0x41
  /// TDES by derived keys.
  case b = 0x42
  /// TDES by variants of the protection key, as A.
  case c = 0x43
  /// AES by derived keys.
  case d = 0x44

  /// Bytes of the cipher's block.
  var blockByteCount: Int { self == .d ? 16 : 8 }

  /// Bytes of the authentication code.
  var codeByteCount: Int {
    switch self {
    case .a, .c: 4
    case .b: 8
    case .d: 16
    }
  }
}

/// What stands in front of a key and is protected with it.
public struct KeyBlockHeader: Hashable, Sendable {
  /// One optional block.
  public struct OptionalBlock: Hashable, Sendable {
    /// Two characters, as in KS.
    public var identifier: [UInt8]
    /// Printable characters.
    public var data: [UInt8]

    /// A block.
    public init(identifier: [UInt8], data: [UInt8]) {
      self.identifier = identifier
      self.data = data
    }
  }

  /// How the block is protected.
  public var version: KeyBlockVersion
  /// What the key is for, two characters, as in P0.
  public var usage: [UInt8]
  /// The key's algorithm, as in T.
  public var algorithm: UInt8
  /// What the key may do, as in E.
  public var mode: UInt8
  /// Two characters; 00 is none.
  public var keyVersion: [UInt8]
  /// E, N or S.
  public var exportability: UInt8
  /// In their order, without the padding block.
  public var optionalBlocks: [OptionalBlock]

  /// A header from the characters people write; `usage` as in "P0", the others one character each.
  public init(
    version: KeyBlockVersion, usage: String, algorithm: Character, mode: Character,
    keyVersion: String = "00", exportability: Character = "N",
    optionalBlocks: [OptionalBlock] = []
  ) {
    self.version = version
    self.usage = Array(usage.utf8)
    self.algorithm = algorithm.asciiValue ?? 0
    self.mode = mode.asciiValue ?? 0
    self.keyVersion = Array(keyVersion.utf8)
    self.exportability = exportability.asciiValue ?? 0
    self.optionalBlocks = optionalBlocks
  }

  init(
    version: KeyBlockVersion, usage: [UInt8], algorithm: UInt8, mode: UInt8, keyVersion: [UInt8],
    exportability: UInt8, optionalBlocks: [OptionalBlock]
  ) {
    self.version = version
    self.usage = usage
    self.algorithm = algorithm
    self.mode = mode
    self.keyVersion = keyVersion
    self.exportability = exportability
    self.optionalBlocks = optionalBlocks
  }

  /// The data of the optional block with this identifier, as in "KS".
  public func optionalBlock(_ identifier: String) -> [UInt8]? {
    let wanted = Array(identifier.utf8)
    return optionalBlocks.first { $0.identifier == wanted }?.data
  }
}
