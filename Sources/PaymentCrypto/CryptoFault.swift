// SPDX-License-Identifier: Apache-2.0

/// Why a cryptographic operation did not happen; nothing was changed.
public enum CryptoFault: Error, Hashable, Sendable {
  /// So many bytes were given, and another number is needed.
  case wrongLength(Int)
  /// A number is outside what the rule allows.
  case outOfRange
  /// The key serial number has no further keys.
  case exhausted
  /// The bytes were changed, or sealed under another key.
  case authenticationFailed
  /// A PIN block breaks the rules of its format.
  case badPINBlock
  /// The library failed.
  case failed
}
