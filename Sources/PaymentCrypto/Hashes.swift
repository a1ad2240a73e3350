// SPDX-License-Identifier: Apache-2.0

import COpenSSL
public import Wire

/// SHA-256: 32 bytes.
public func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  unsafe _ = SHA256(bytes, bytes.count, &digest)
  return digest
}

/// SHA-1: 20 bytes; only where a device's own format still has it.
public func sha1(_ bytes: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 20)
  unsafe _ = SHA1(bytes, bytes.count, &digest)
  return digest
}

/// HMAC with SHA-256: 32 bytes.
public func hmacSHA256(key: SecretBytes, message: [UInt8]) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  let keyBytes = key.exposed
  unsafe _ = HMAC(
    EVP_sha256(), keyBytes, Int32(keyBytes.count), message, message.count, &digest, nil)
  return digest
}
