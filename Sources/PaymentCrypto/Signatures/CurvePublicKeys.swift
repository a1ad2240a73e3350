// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

/// A public key for ECDSA on the curve P-256 (FIPS 186-4).
public struct P256PublicKey: Hashable, Sendable {
  /// The uncompressed point, 65 bytes: 04, x, y.
  public let point: [UInt8]

  /// Throws `wrongLength`, or `outOfRange` for a point that is not on the curve.
  public init(point: [UInt8]) throws(CryptoFault) {
    if point.count != 65 { throw .wrongLength(point.count) }
    if point[0] != 0x04 { throw .outOfRange }
    self.point = point
    _ = try handle()
  }

  /// Whether a signature in DER (RFC 3279, 2.2.3) is the message's.
  public func verifies(
    _ signature: [UInt8], over message: [UInt8], _ hash: HashAlgorithm
  ) -> Bool {
    guard let handle = try? handle() else { return false }
    return unsafe handle.verifies(signature, over: message, hash: hash)
  }

  /// A signature of two numbers of 32 bytes, as cards and tokens have it, in DER.
  public static func der(_ signature: [UInt8]) throws(CryptoFault) -> [UInt8] {
    if signature.count != 64 { throw .wrongLength(signature.count) }
    return DER.sequence(
      DER.integer(Array(signature[..<32])) + DER.integer(Array(signature[32...])))
  }

  private func handle() throws(CryptoFault) -> KeyHandle {
    // id-ecPublicKey with prime256v1 (RFC 5480, 2.1).
    let algorithm: [UInt8] = [
      0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86,
      0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
    ]
    return try KeyHandle(information: DER.sequence(algorithm + DER.bitString(point)))
  }
}

/// A public key for SM2 (GB/T 32918), the curve of its Part 5.
public struct SM2PublicKey: Hashable, Sendable {
  /// The identity that signers take where none was agreed on (GM/T 0009-2012, 10).
  public static let usualIdentity: [UInt8] = Array("1234567812345678".utf8)

  /// The uncompressed point, 65 bytes: 04, x, y.
  public let point: [UInt8]

  /// Throws `wrongLength`, or `outOfRange` for a point that is not on the curve.
  public init(point: [UInt8]) throws(CryptoFault) {
    if point.count != 65 { throw .wrongLength(point.count) }
    if point[0] != 0x04 { throw .outOfRange }
    self.point = point
    _ = try handle()
  }

  /// Whether a signature in DER over SM3 is the message's, by a signer of this identity.
  public func verifies(
    _ signature: [UInt8], over message: [UInt8], identity: [UInt8] = usualIdentity
  ) -> Bool {
    guard let handle = try? handle(), let context = DigestContext() else { return false }
    guard let parameters = unsafe EVP_PKEY_CTX_new(handle.pointer, nil) else { return false }
    defer { unsafe EVP_PKEY_CTX_free(parameters) }
    unsafe EVP_MD_CTX_set_pkey_ctx(context.pointer, parameters)
    let isValid =
      unsafe EVP_PKEY_CTX_set1_id(parameters, identity, Int32(identity.count)) == 1
      && EVP_DigestVerifyInit(context.pointer, nil, EVP_sm3(), nil, handle.pointer) == 1
      && EVP_DigestVerify(
        context.pointer, signature, signature.count, message, message.count) == 1
    if !isValid { ERR_clear_error() }
    return isValid
  }

  private func handle() throws(CryptoFault) -> KeyHandle {
    // id-ecPublicKey with 1.2.156.10197.1.301.
    let algorithm: [UInt8] = [
      0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x81,
      0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D,
    ]
    return try KeyHandle(information: DER.sequence(algorithm + DER.bitString(point)))
  }
}
