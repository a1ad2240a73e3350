// SPDX-License-Identifier: Apache-2.0

import COpenSSL
public import Wire

/// A hash function.
public enum HashAlgorithm: UInt8, Hashable, Sendable, CaseIterable {
  /// 20 bytes; only where a device's or a card's own format still has it.
  case sha1
  /// 28 bytes.
  case sha224
  /// 32 bytes.
  case sha256
  /// 48 bytes.
  case sha384
  /// 64 bytes.
  case sha512
  /// 32 bytes (GB/T 32905-2016).
  case sm3

  /// Bytes of the digest.
  public var byteCount: Int {
    switch self {
    case .sha1: 20
    case .sha224: 28
    case .sha256, .sm3: 32
    case .sha384: 48
    case .sha512: 64
    }
  }

  /// The digest of a message (FIPS 180-4).
  public func digest(_ message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: byteCount)
    var count: UInt32 = 0
    let result = unsafe EVP_Digest(message, message.count, &digest, &count, function, nil)
    precondition(result == 1 && Int(count) == byteCount, "libcrypto has the hashes it has")
    return digest
  }

  var function: OpaquePointer? {
    switch self {
    case .sha1: unsafe EVP_sha1()
    case .sha224: unsafe EVP_sha224()
    case .sha256: unsafe EVP_sha256()
    case .sha384: unsafe EVP_sha384()
    case .sha512: unsafe EVP_sha512()
    case .sm3: unsafe EVP_sm3()
    }
  }
}

/// SHA-256: 32 bytes.
public func sha256(_ bytes: [UInt8]) -> [UInt8] { HashAlgorithm.sha256.digest(bytes) }

/// HMAC with SHA-256 (FIPS 198-1): 32 bytes.
public func hmacSHA256(key: SecretBytes, message: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  let made = unsafe key.withBytes { bytes in
    unsafe HMAC(
      EVP_sha256(), bytes.baseAddress, Int32(bytes.count), message, message.count, &digest, nil)
  }
  precondition(unsafe made != nil, "HMAC takes keys and messages of any length")
  return digest
}
