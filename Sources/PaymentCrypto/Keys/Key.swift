// SPDX-License-Identifier: Apache-2.0

//                    one key, one purpose
//
//   KeyEncryptionKey ── unwrap ──▶ PINKey     enciphers PIN blocks, in PIN pads and issuers alone
//   KeyBlockProtectionKey ───────▶ MACKey     makes and checks MACs
//   BaseDerivationKey ▶ InitialKey ▶ …        DataKey   encrypts tracks and other data
//
// A key cannot be asked for what it is not for: that does not compile.

/// What a key is for; each purpose is an enumeration without cases.
public protocol KeyPurpose: Sendable {
  /// As status and inventory name it.
  static var name: String { get }
}

/// Enciphering PIN blocks.
public enum PINEncryption: KeyPurpose {
  /// As inventories name it.
  public static let name = "PIN key"
}

/// Making and checking MACs.
public enum MessageAuthentication: KeyPurpose {
  /// As inventories name it.
  public static let name = "MAC key"
}

/// Encrypting data.
public enum DataEncryption: KeyPurpose {
  /// As inventories name it.
  public static let name = "data key"
}

/// Encrypting keys that travel as bare cryptograms.
public enum KeyEncryption: KeyPurpose {
  /// As inventories name it.
  public static let name = "key encryption key"
}

/// Protecting key blocks (ANSI X9.143).
public enum KeyBlockProtection: KeyPurpose {
  /// As inventories name it.
  public static let name = "key block protection key"
}

/// Deriving the initial keys of devices (ANSI X9.24).
public enum BaseDerivation: KeyPurpose {
  /// As inventories name it.
  public static let name = "base derivation key"
}

/// Deriving a device's transaction keys (ANSI X9.24).
public enum InitialDerivation: KeyPurpose {
  /// As inventories name it.
  public static let name = "initial key"
}

/// A key with a purpose. It never prints; copies share its bytes, which are erased with the last
/// owner.
public struct Key<Purpose: KeyPurpose>: Hashable, Sendable, CustomStringConvertible {
  package let material: KeyMaterial

  /// A key that came from outside. Throws `wrongLength`, `parity` or `weakKey`.
  public init(
    _ algorithm: CipherAlgorithm, _ bytes: [UInt8], parity: ParityRule = .none
  ) throws(CryptoFault) {
    material = try KeyMaterial(algorithm, bytes, parity: parity)
  }

  package init(_ material: KeyMaterial) { self.material = material }

  /// The cipher.
  public var algorithm: CipherAlgorithm { material.algorithm }

  /// What it is, never its bytes.
  public var description: String { "<" + Purpose.name + ", " + algorithm.name + ">" }
}

/// A key for PIN blocks. What enciphers with it is in the module of PIN pads, which a terminal does
/// not link.
public typealias PINKey = Key<PINEncryption>
/// A key for MACs.
public typealias MACKey = Key<MessageAuthentication>
/// A key for data.
public typealias DataKey = Key<DataEncryption>
/// A key for bare cryptograms of keys: a terminal master or transport key.
public typealias KeyEncryptionKey = Key<KeyEncryption>
/// A key for key blocks.
public typealias KeyBlockProtectionKey = Key<KeyBlockProtection>
/// An acquirer's key from which the keys of all its devices come.
public typealias BaseDerivationKey = Key<BaseDerivation>
/// A device's key from which its transaction keys come.
public typealias InitialKey = Key<InitialDerivation>
