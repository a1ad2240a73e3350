// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Devices

/// A key pair on P-256 in libcrypto's memory, which erases it at the end.
@safe struct P256Key: ~Copyable {
  private let key: OpaquePointer

  /// A new key pair (FIPS 186-4, B.4), from libcrypto's generator.
  init() throws(SecureFault) {
    guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "EC", nil) else {
      throw P256Key.refusal("EVP_PKEY_CTX_new_from_name")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
      unsafe EVP_PKEY_generate(context, &made) == 1, let made = unsafe made
    else { throw P256Key.refusal("EVP_PKEY_generate") }
    unsafe key = made
  }

  /// A key pair as `stored` gave it out.
  init(stored: [UInt8]) throws(SecureFault) {
    let read = unsafe stored.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      return unsafe d2i_AutoPrivateKey(nil, &next, buffer.count)
    }
    guard let read = unsafe read else { throw P256Key.refusal("d2i_AutoPrivateKey") }
    unsafe key = read
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// The key pair as DER (RFC 5915), to be sealed.
  func stored() throws(SecureFault) -> [UInt8] {
    var out: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_PrivateKey(key, &out)
    guard count > 0, let start = unsafe out else { throw P256Key.refusal("i2d_PrivateKey") }
    defer { unsafe CRYPTO_clear_free(start, Int(count), #file, #line) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// The public point, uncompressed.
  func point() throws(SecureFault) -> [UInt8] {
    var out: UnsafeMutablePointer<UInt8>?
    let count = unsafe EVP_PKEY_get1_encoded_public_key(key, &out)
    guard count == P256.pointCount, let start = unsafe out else {
      throw P256Key.refusal("EVP_PKEY_get1_encoded_public_key")
    }
    defer { unsafe CRYPTO_free(start, #file, #line) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: count))
  }

  /// Signs a digest: r, s.
  func sign(_ digest: [UInt8]) throws(SecureFault) -> [UInt8] {
    guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
      throw P256Key.refusal("EVP_PKEY_CTX_new_from_pkey")
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    // A signature in DER has at most 72 bytes on this curve.
    var encoded = [UInt8](repeating: 0, count: 80)
    var count = encoded.count
    guard unsafe EVP_PKEY_sign_init(context) == 1,
      unsafe EVP_PKEY_sign(context, &encoded, &count, digest, digest.count) == 1,
      let signature = P256.decode(Array(encoded.prefix(count)))
    else { throw P256Key.refusal("EVP_PKEY_sign") }
    return signature
  }

  /// What libcrypto refused. libcurl reads the same list of errors: it is left empty.
  private static func refusal(_ call: String) -> SecureFault {
    let code = ERR_get_error()
    ERR_clear_error()
    return .refused(call, code: UInt64(code))
  }
}
