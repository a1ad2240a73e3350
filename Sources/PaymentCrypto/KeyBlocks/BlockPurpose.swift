// SPDX-License-Identifier: Apache-2.0

/// Purposes of keys that travel in key blocks: the usage in the header has to be one of theirs.
public protocol BlockPurpose: KeyPurpose {
  /// Whether a usage of two characters is of this purpose.
  static func includes(usage: [UInt8]) -> Bool
  /// Whether a key with this mode of use may do all that the purpose allows.
  static func includes(mode: UInt8) -> Bool
}

extension BlockPurpose {
  /// Any mode: what the purpose allows is not divided.
  public static func includes(mode: UInt8) -> Bool { true }
}

extension PINEncryption: BlockPurpose {
  /// P0.
  public static func includes(usage: [UInt8]) -> Bool { usage == [0x50, 0x30] }
}

extension MessageAuthentication: BlockPurpose {
  /// M0 to M6 and M8.
  public static func includes(usage: [UInt8]) -> Bool {
    usage.count == 2 && usage[0] == 0x4D
      && ((0x30...0x36).contains(usage[1]) || usage[1] == 0x38)
  }

  /// C or G: a key for verification alone makes no codes.
  public static func includes(mode: UInt8) -> Bool { mode == 0x43 || mode == 0x47 }
}

extension DataEncryption: BlockPurpose {
  /// D0.
  public static func includes(usage: [UInt8]) -> Bool { usage == [0x44, 0x30] }
}

extension KeyEncryption: BlockPurpose {
  /// K0.
  public static func includes(usage: [UInt8]) -> Bool { usage == [0x4B, 0x30] }
}

extension KeyBlockProtection: BlockPurpose {
  /// K1.
  public static func includes(usage: [UInt8]) -> Bool { usage == [0x4B, 0x31] }
}

extension BaseDerivation: BlockPurpose {
  /// B0.
  public static func includes(usage: [UInt8]) -> Bool { usage == [0x42, 0x30] }
}

extension InitialDerivation: BlockPurpose {
  /// B1.
  public static func includes(usage: [UInt8]) -> Bool { usage == [0x42, 0x31] }
}
