// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

/// A key that seals data at rest: AES-256-GCM, nonce of 12 bytes, tag of 16.
public struct SealKey: Hashable, Sendable, CustomStringConvertible {
  private static let tagCount = 16
  private let secret: SecretBytes

  /// Thirty-two bytes.
  public init(_ bytes: [UInt8]) throws(CryptoFault) {
    if bytes.count != 32 { throw .wrongLength(bytes.count) }
    secret = SecretBytes(bytes)
  }

  /// Never the bytes.
  public var description: String { "<seal key>" }

  /// Cipher text and tag; `associated` is bound and not kept.
  public func seal(
    _ plain: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    if nonce.count != 12 { throw .wrongLength(nonce.count) }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .failed }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    var cipher = [UInt8](repeating: 0, count: plain.count)
    var tag = [UInt8](repeating: 0, count: SealKey.tagCount)
    var count: Int32 = 0
    var final: Int32 = 0
    let key = secret.exposed
    guard unsafe EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      unsafe EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1,
      unsafe EVP_EncryptUpdate(context, &cipher, &count, plain, Int32(plain.count)) == 1,
      unsafe EVP_EncryptFinal_ex(context, &tag, &final) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, Int32(tag.count), &tag) == 1
    else { throw .failed }
    return cipher + tag
  }

  /// What was sealed; any change of bytes, nonce, associated data or key is refused.
  public func open(
    _ sealed: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    if nonce.count != 12 { throw .wrongLength(nonce.count) }
    if sealed.count < SealKey.tagCount { throw .wrongLength(sealed.count) }
    guard let context = unsafe EVP_CIPHER_CTX_new() else { throw .failed }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    let cipher = Array(sealed.dropLast(SealKey.tagCount))
    var tag = Array(sealed.suffix(SealKey.tagCount))
    var plain = [UInt8](repeating: 0, count: cipher.count)
    var rest = [UInt8](repeating: 0, count: SealKey.tagCount)
    var count: Int32 = 0
    var final: Int32 = 0
    let key = secret.exposed
    guard unsafe EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
      unsafe EVP_DecryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1,
      unsafe EVP_DecryptUpdate(context, &plain, &count, cipher, Int32(cipher.count)) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(tag.count), &tag) == 1
    else { throw .failed }
    if unsafe EVP_DecryptFinal_ex(context, &rest, &final) != 1 { throw .authenticationFailed }
    return plain
  }
}
