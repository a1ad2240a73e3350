// SPDX-License-Identifier: Apache-2.0

import COpenSSL
public import Wire

/// A private key for SM2 decryption (GB/T 32918.4), as key loading under SM2 needs it.
public struct SM2PrivateKey: Hashable, Sendable, CustomStringConvertible {
  private let scalar: SecretBytes
  private let publicKey: SM2PublicKey

  /// The scalar, 32 bytes, and the public key that belongs to it.
  public init(scalar: SecretBytes, publicKey: SM2PublicKey) throws(CryptoFault) {
    if scalar.count != 32 { throw .wrongLength(scalar.count) }
    self.scalar = scalar
    self.publicKey = publicKey
  }

  /// Never the bytes.
  public var description: String { "<SM2 private key>" }

  /// Decrypts 04 x y (65 bytes), hash (32) and cipher text, the order C1 C3 C2 of GM/T 0003.4.
  /// Throws `authenticationFailed` when the hash is not that of the plain text.
  public func decrypt(_ cipher: [UInt8]) throws(CryptoFault) -> [UInt8] {
    if cipher.count < 98 { throw .wrongLength(cipher.count) }
    if cipher[0] != 0x04 { throw .outOfRange }
    // libcrypto takes the form of GM/T 0009-2012, 7.2.
    let der = DER.sequence(
      DER.integer(Array(cipher[1..<33])) + DER.integer(Array(cipher[33..<65]))
        + DER.element(0x04, Array(cipher[65..<97])) + DER.element(0x04, Array(cipher[97...])))
    let handle = try handle()
    guard let context = unsafe EVP_PKEY_CTX_new(handle.pointer, nil) else { throw .failed }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var plain = [UInt8](repeating: 0, count: cipher.count)
    var count = plain.count
    guard unsafe EVP_PKEY_decrypt_init(context) == 1,
      unsafe EVP_PKEY_decrypt(context, &plain, &count, der, der.count) == 1
    else {
      ERR_clear_error()
      throw .authenticationFailed
    }
    defer { erase(&plain) }
    return Array(plain.prefix(count))
  }

  /// An ECPrivateKey (RFC 5915) with its curve and public key.
  private func handle() throws(CryptoFault) -> KeyHandle {
    let curve: [UInt8] = [
      0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D,
    ]
    let open = DER.element(0xA1, DER.bitString(publicKey.point))
    var secret = scalar.exposed
    var der = DER.sequence([0x02, 0x01, 0x01] + DER.element(0x04, secret) + curve + open)
    defer {
      erase(&secret)
      erase(&der)
    }
    let made = unsafe der.withUnsafeBufferPointer { bytes in
      var cursor = bytes.baseAddress
      return unsafe d2i_PrivateKey(EVP_PKEY_SM2, nil, &cursor, bytes.count)
    }
    return try unsafe KeyHandle(made)
  }
}
