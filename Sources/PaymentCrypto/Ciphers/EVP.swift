// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

// AES and SM4 by libcrypto's EVP interface, which uses the processor's own instructions.

/// A cipher context that frees itself.
@safe struct CipherContext: ~Copyable {
  let pointer: OpaquePointer

  init() throws(CryptoFault) {
    guard let made = unsafe EVP_CIPHER_CTX_new() else { throw .failed }
    unsafe pointer = made
  }

  deinit { unsafe EVP_CIPHER_CTX_free(pointer) }
}

/// Single blocks of AES under one key after another, for derivations.
@safe struct AESBlocks: ~Copyable {
  private let context: CipherContext

  private init(_ context: consuming CipherContext) { self.context = context }

  /// For keys of 16, 24 or 32 bytes.
  static func of(keyByteCount: Int) throws(CryptoFault) -> AESBlocks {
    let context = try CipherContext()
    let cipher = unsafe AESBlocks.cipher(keyByteCount)
    guard unsafe EVP_EncryptInit_ex(context.pointer, cipher, nil, nil, nil) == 1,
      unsafe EVP_CIPHER_CTX_set_padding(context.pointer, 0) == 1
    else { throw .failed }
    return AESBlocks(context)
  }

  private static func cipher(_ keyByteCount: Int) -> OpaquePointer? {
    switch keyByteCount {
    case 16: unsafe EVP_aes_128_ecb()
    case 24: unsafe EVP_aes_192_ecb()
    default: unsafe EVP_aes_256_ecb()
    }
  }

  /// Encrypts so many blocks from `input` to `output`, after a change of the key.
  func encrypt(
    key: UnsafeMutableRawBufferPointer, input: UnsafeMutableRawBufferPointer,
    output: UnsafeMutableRawBufferPointer
  ) throws(CryptoFault) {
    var count: Int32 = 0
    let keyBytes = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let from = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    let to = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard unsafe EVP_EncryptInit_ex(context.pointer, nil, nil, keyBytes, nil) == 1,
      unsafe EVP_EncryptUpdate(context.pointer, to, &count, from, Int32(input.count)) == 1
    else { throw .failed }
  }
}

enum EVP {
  /// The whole of `input` in one go, without padding.
  static func crypt(
    _ cipher: OpaquePointer?, key: SecretBytes, vector: [UInt8], _ input: [UInt8],
    _ direction: Direction
  ) throws(CryptoFault) -> [UInt8] {
    let context = try CipherContext()
    var output = [UInt8](repeating: 0, count: input.count)
    var count: Int32 = 0
    let started = unsafe key.withBytes { bytes in
      unsafe EVP_CipherInit_ex(
        context.pointer, cipher, nil, bytes.bindMemory(to: UInt8.self).baseAddress, vector,
        direction.flag)
    }
    guard started == 1, unsafe EVP_CIPHER_CTX_set_padding(context.pointer, 0) == 1,
      unsafe EVP_CipherUpdate(context.pointer, &output, &count, input, Int32(input.count)) == 1,
      Int(count) == input.count
    else { throw .failed }
    return output
  }

  /// The cipher of an algorithm and mode; nil where libcrypto is not asked by this interface.
  static func cipher(_ algorithm: CipherAlgorithm, _ mode: CipherMode) -> OpaquePointer? {
    switch (algorithm, mode) {
    case (.aes128, .ecb): unsafe EVP_aes_128_ecb()
    case (.aes128, .cbc): unsafe EVP_aes_128_cbc()
    case (.aes128, .ctr): unsafe EVP_aes_128_ctr()
    case (.aes192, .ecb): unsafe EVP_aes_192_ecb()
    case (.aes192, .cbc): unsafe EVP_aes_192_cbc()
    case (.aes192, .ctr): unsafe EVP_aes_192_ctr()
    case (.aes256, .ecb): unsafe EVP_aes_256_ecb()
    case (.aes256, .cbc): unsafe EVP_aes_256_cbc()
    case (.aes256, .ctr): unsafe EVP_aes_256_ctr()
    case (.sm4, .ecb): unsafe EVP_sm4_ecb()
    case (.sm4, .cbc): unsafe EVP_sm4_cbc()
    case (.sm4, .ctr), (.des, _), (.tdes2, _), (.tdes3, _): nil
    }
  }
}
