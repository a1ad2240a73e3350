// SPDX-License-Identifier: Apache-2.0

import Wire

/// Purposes of keys that travel under a key encryption key.
public protocol WrappedPurpose: KeyPurpose {}

extension PINEncryption: WrappedPurpose {}
extension MessageAuthentication: WrappedPurpose {}
extension DataEncryption: WrappedPurpose {}
extension KeyEncryption: WrappedPurpose {}

extension Key where Purpose == KeyEncryption {
  /// The key of a bare cryptogram: each block encrypted by itself, as sign-in answers carry keys.
  /// The cryptogram itself is not protected against changes, so its check value has to be verified.
  /// Throws `unsupported` for a key that is stronger than this one.
  public func unwrap<Wrapped: WrappedPurpose>(
    _ cryptogram: [UInt8], _ algorithm: CipherAlgorithm
  ) throws(CryptoFault) -> Key<Wrapped> {
    if cryptogram.count != algorithm.keyByteCount { throw .wrongLength(cryptogram.count) }
    if algorithm.strength > self.algorithm.strength { throw .unsupported(algorithm) }
    var plain = try material.decrypt(cryptogram, .ecb)
    defer { erase(&plain) }
    return try Key<Wrapped>(algorithm, plain)
  }

  /// The bare cryptogram of a key, for hosts and their simulators.
  public func wrap<Wrapped: WrappedPurpose>(
    _ key: Key<Wrapped>
  ) throws(CryptoFault) -> [UInt8] {
    var plain = key.material.secret.exposed
    defer { erase(&plain) }
    return try material.encrypt(plain, .ecb)
  }

  /// A key of two or three parts, each known to one custodian: their exclusive-or. Each part has
  /// the length of the key; the check value of the whole is shown to all of them.
  public static func combined(
    _ algorithm: CipherAlgorithm, components: [[UInt8]]
  ) throws(CryptoFault) -> KeyEncryptionKey {
    if components.count < 2 { throw .outOfRange }
    var whole = [UInt8](repeating: 0, count: algorithm.keyByteCount)
    defer { erase(&whole) }
    for component in components {
      if component.count != whole.count { throw .wrongLength(component.count) }
      for index in whole.indices { whole[index] ^= component[index] }
    }
    return try KeyEncryptionKey(algorithm, whole)
  }
}
