// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

// AES-GCM, NIST SP 800-38D: nonce of 12 bytes, tag of 16.

extension KeyMaterial {
  private static let tagCount = 16
  private static let nonceCount = 12

  /// Cipher text and tag.
  package func seal(
    _ plain: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    let context = try started(nonce, .encrypt)
    var sealed = [UInt8](repeating: 0, count: plain.count + KeyMaterial.tagCount)
    var count: Int32 = 0
    let isDone = unsafe sealed.withUnsafeMutableBufferPointer { output in
      guard let cipher = output.baseAddress else { return false }
      let tag = unsafe cipher + plain.count
      return unsafe EVP_EncryptUpdate(
        context.pointer, nil, &count, associated, Int32(associated.count)) == 1
        && EVP_EncryptUpdate(context.pointer, cipher, &count, plain, Int32(plain.count)) == 1
        && EVP_EncryptFinal_ex(context.pointer, tag, &count) == 1
        && EVP_CIPHER_CTX_ctrl(
          context.pointer, EVP_CTRL_GCM_GET_TAG, Int32(KeyMaterial.tagCount), tag) == 1
    }
    if !isDone { throw .failed }
    return sealed
  }

  /// What was sealed.
  package func open(
    _ sealed: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    if sealed.count < KeyMaterial.tagCount { throw .wrongLength(sealed.count) }
    let context = try started(nonce, .decrypt)
    let cipherCount = sealed.count - KeyMaterial.tagCount
    var plain = [UInt8](repeating: 0, count: cipherCount)
    var tag = Array(sealed[cipherCount...])
    var rest = [UInt8](repeating: 0, count: KeyMaterial.tagCount)
    var count: Int32 = 0
    guard
      unsafe EVP_DecryptUpdate(context.pointer, nil, &count, associated, Int32(associated.count))
        == 1,
      unsafe EVP_DecryptUpdate(context.pointer, &plain, &count, sealed, Int32(cipherCount)) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(
        context.pointer, EVP_CTRL_GCM_SET_TAG, Int32(KeyMaterial.tagCount), &tag) == 1
    else { throw .failed }
    if unsafe EVP_DecryptFinal_ex(context.pointer, &rest, &count) != 1 {
      erase(&plain)
      throw .authenticationFailed
    }
    return plain
  }

  private func started(
    _ nonce: [UInt8], _ direction: Direction
  ) throws(CryptoFault) -> CipherContext {
    if nonce.count != KeyMaterial.nonceCount { throw .wrongLength(nonce.count) }
    let cipher: OpaquePointer?
    switch algorithm {
    case .aes128: unsafe cipher = EVP_aes_128_gcm()
    case .aes192: unsafe cipher = EVP_aes_192_gcm()
    case .aes256: unsafe cipher = EVP_aes_256_gcm()
    case .des, .tdes2, .tdes3, .sm4: throw .unsupported(algorithm)
    }
    let context = try CipherContext()
    let result = unsafe secret.withBytes { key in
      unsafe EVP_CipherInit_ex(
        context.pointer, cipher, nil, key.bindMemory(to: UInt8.self).baseAddress, nonce,
        direction.flag)
    }
    if result != 1 { throw .failed }
    return context
  }
}
