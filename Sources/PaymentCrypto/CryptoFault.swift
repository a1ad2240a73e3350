// SPDX-License-Identifier: Apache-2.0

/// Why a cryptographic operation did not happen; nothing was changed.
public enum CryptoFault: Error, Hashable, Sendable {
  /// So many bytes were given, and another number is needed.
  case wrongLength(Int)
  /// A number is outside what the rule allows.
  case outOfRange
  /// A byte of a key that must have odd parity has not; which byte.
  case parity(Int)
  /// The parts of a triple-DES key are equal, so that it protects no more than single DES.
  case weakKey
  /// The check value belongs to another key.
  case wrongCheckValue
  /// The algorithm does not go with this key or use.
  case unsupported(CipherAlgorithm)
  /// The key serial number has no further keys.
  case exhausted
  /// The bytes were changed, or sealed under another key.
  case authenticationFailed
  /// A PIN block breaks the rules of its format.
  case badPINBlock
  /// The library failed.
  case failed
}
