// SPDX-License-Identifier: Apache-2.0

import Wire

/// A key that seals data at rest: AES-256-GCM, nonce of 12 bytes, tag of 16.
public struct SealKey: Hashable, Sendable, CustomStringConvertible {
  private let material: KeyMaterial

  /// Thirty-two bytes.
  public init(_ bytes: [UInt8]) throws(CryptoFault) {
    material = try KeyMaterial(.aes256, bytes)
  }

  /// Never the bytes.
  public var description: String { "<seal key>" }

  /// Cipher text and tag; `associated` is bound and not kept.
  public func seal(
    _ plain: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    try material.seal(plain, nonce: nonce, associated: associated)
  }

  /// What was sealed; any change of bytes, nonce, associated data or key is refused.
  public func open(
    _ sealed: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    try material.open(sealed, nonce: nonce, associated: associated)
  }
}
