// SPDX-License-Identifier: Apache-2.0

import COpenSSL
public import Wire

/// A public key for Ed25519 (RFC 8032).
public struct Ed25519PublicKey: Hashable, Sendable {
  /// Thirty-two bytes.
  public let bytes: [UInt8]

  /// Throws `wrongLength`.
  public init(_ bytes: [UInt8]) throws(CryptoFault) {
    if bytes.count != 32 { throw .wrongLength(bytes.count) }
    self.bytes = bytes
  }

  /// Whether a signature of 64 bytes is the message's.
  public func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    guard
      let handle = try? unsafe KeyHandle(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count))
    else { return false }
    return unsafe handle.verifies(signature, over: message, hash: nil)
  }
}

/// A private key for Ed25519, whose signatures need no chance (RFC 8032, 5.1.6).
public struct Ed25519PrivateKey: Hashable, Sendable, CustomStringConvertible {
  private let seed: SecretBytes

  /// Thirty-two random bytes.
  public init(seed: SecretBytes) throws(CryptoFault) {
    if seed.count != 32 { throw .wrongLength(seed.count) }
    self.seed = seed
  }

  /// Never the bytes.
  public var description: String { "<Ed25519 private key>" }

  /// The public key.
  public func publicKey() throws(CryptoFault) -> Ed25519PublicKey {
    let handle = try handle()
    var bytes = [UInt8](repeating: 0, count: 32)
    var count = bytes.count
    guard unsafe EVP_PKEY_get_raw_public_key(handle.pointer, &bytes, &count) == 1 else {
      throw .failed
    }
    return try Ed25519PublicKey(bytes)
  }

  /// The signature of a message: 64 bytes.
  public func sign(_ message: [UInt8]) throws(CryptoFault) -> [UInt8] {
    let handle = try handle()
    guard let context = DigestContext() else { throw .failed }
    var signature = [UInt8](repeating: 0, count: 64)
    var count = signature.count
    guard unsafe EVP_DigestSignInit(context.pointer, nil, nil, nil, handle.pointer) == 1,
      unsafe EVP_DigestSign(
        context.pointer, &signature, &count, message, message.count) == 1, count == 64
    else { throw .failed }
    return signature
  }

  private func handle() throws(CryptoFault) -> KeyHandle {
    let made = unsafe seed.withBytes { bytes in
      unsafe EVP_PKEY_new_raw_private_key(
        EVP_PKEY_ED25519, nil, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    }
    return try unsafe KeyHandle(made)
  }
}
