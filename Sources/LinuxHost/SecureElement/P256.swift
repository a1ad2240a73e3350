// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Devices

/// Signatures on the curve P-256 (FIPS 186-4, D.1.2.3), by libcrypto.
public enum P256 {
  /// The bytes of r and of s.
  static let numberCount = 32
  /// The bytes of an uncompressed point.
  static let pointCount = 65

  /// Everything of a SubjectPublicKeyInfo before the point (RFC 5480, 2: id-ecPublicKey,
  /// secp256r1), which is the same for each key on this curve.
  private static let keyHeader: [UInt8] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08,
    0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
  ]

  /// Whether the owner of this point, 65 bytes, has signed this digest; the signature is r, s.
  public static func verifies(signature: [UInt8], digest: [UInt8], point: [UInt8]) -> Bool {
    // libcurl reads the same list of errors: nothing of ours is left on it.
    defer { ERR_clear_error() }
    guard point.count == pointCount, digest.count == SecureOrder.digestCount,
      let key = unsafe publicKey(point)
    else { return false }
    defer { unsafe EVP_PKEY_free(key) }
    guard let encoded = encode(signature),
      let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
    else { return false }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    return unsafe EVP_PKEY_verify_init(context) == 1
      && EVP_PKEY_verify(context, encoded, encoded.count, digest, digest.count) == 1
  }

  private static func publicKey(_ point: [UInt8]) -> OpaquePointer? {
    let encoded = keyHeader + point
    return unsafe encoded.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      return unsafe d2i_PUBKEY(nil, &next, buffer.count)
    }
  }

  /// The DER form of r, s (RFC 3279, 2.2.3: ECDSA-Sig-Value).
  private static func encode(_ signature: [UInt8]) -> [UInt8]? {
    guard signature.count == 2 * numberCount, let pair = unsafe ECDSA_SIG_new() else { return nil }
    defer { unsafe ECDSA_SIG_free(pair) }
    let r = unsafe BN_bin2bn(signature, Int32(numberCount), nil)
    let s = unsafe BN_bin2bn(Array(signature.suffix(numberCount)), Int32(numberCount), nil)
    // From here on the pair owns both numbers.
    guard unsafe ECDSA_SIG_set0(pair, r, s) == 1 else {
      unsafe BN_free(r)
      unsafe BN_free(s)
      return nil
    }
    var out: UnsafeMutablePointer<UInt8>?
    let count = unsafe i2d_ECDSA_SIG(pair, &out)
    guard count > 0, let start = unsafe out else { return nil }
    defer { unsafe CRYPTO_free(start, #file, #line) }
    return unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
  }

  /// The r, s of a DER form.
  static func decode(_ encoded: [UInt8]) -> [UInt8]? {
    let pair = unsafe encoded.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      return unsafe d2i_ECDSA_SIG(nil, &next, buffer.count)
    }
    guard let pair = unsafe pair else { return nil }
    defer { unsafe ECDSA_SIG_free(pair) }
    var r = [UInt8](repeating: 0, count: numberCount)
    var s = r
    let count = Int32(numberCount)
    guard unsafe BN_bn2binpad(ECDSA_SIG_get0_r(pair), &r, count) == count,
      unsafe BN_bn2binpad(ECDSA_SIG_get0_s(pair), &s, count) == count
    else { return nil }
    return r + s
  }
}
