// SPDX-License-Identifier: Apache-2.0

package import Wire

/// A key for HMACs (FIPS 198-1), of any length. It never prints, and is erased with its last owner.
public struct HMACKey: Hashable, Sendable, CustomStringConvertible {
  package let secret: SecretBytes

  package init(_ secret: SecretBytes) { self.secret = secret }

  /// Never the bytes.
  public var description: String { "<HMAC key>" }

  /// The code of a message with SHA-256: 32 bytes.
  public func sha256(over message: [UInt8]) -> [UInt8] {
    hmacSHA256(key: secret, message: message)
  }

  /// Whether a code is the message's, compared in constant time.
  public func verifies(_ code: [UInt8], over message: [UInt8]) -> Bool {
    constantTimeEqual(code, sha256(over: message))
  }
}
