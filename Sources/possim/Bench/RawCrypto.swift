// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The same calls of libcrypto's as the payment cryptography makes, with nothing around them; what
/// they compute does not matter.
struct RawCrypto {
  /// Steps of a counter with nine set bits.
  private static let steps = 9

  /// Two single blocks a step, each with its key; then a PIN block under a double key.
  func tdesDUKPT() {
    var key: DES_cblock = (1, 2, 3, 4, 5, 6, 7, 8)
    var block: DES_cblock = (8, 7, 6, 5, 4, 3, 2, 1)
    var schedule = DES_key_schedule()
    var second = DES_key_schedule()
    let size = MemoryLayout<DES_key_schedule>.size
    for _ in 0..<RawCrypto.steps * 2 {
      unsafe DES_set_key_unchecked(&key, &schedule)
      var output = block
      unsafe DES_ecb_encrypt(&block, &output, &schedule, DES_ENCRYPT)
      block = output
      unsafe OPENSSL_cleanse(&schedule, size)
    }
    unsafe DES_set_key_unchecked(&key, &schedule)
    unsafe DES_set_key_unchecked(&key, &second)
    var third = schedule
    var output = block
    unsafe DES_ecb3_encrypt(&block, &output, &schedule, &second, &third, DES_ENCRYPT)
    unsafe OPENSSL_cleanse(&schedule, size)
    unsafe OPENSSL_cleanse(&second, size)
    unsafe OPENSSL_cleanse(&third, size)
  }

  /// A block a step under a new key; then one more in a context of its own.
  func aesDUKPT() {
    aes(RawCrypto.steps)
    aes(1)
  }

  private func aes(_ steps: Int) {
    var key = (UInt64(1), UInt64(2))
    var data = (UInt64(3), UInt64(4))
    var output = (UInt64(0), UInt64(0))
    var count: Int32 = 0
    let context = unsafe EVP_CIPHER_CTX_new()
    unsafe _ = EVP_EncryptInit_ex(context, EVP_aes_128_ecb(), nil, nil, nil)
    unsafe _ = EVP_CIPHER_CTX_set_padding(context, 0)
    for _ in 0..<steps {
      unsafe withUnsafeMutableBytes(of: &key) { key in
        unsafe withUnsafeMutableBytes(of: &data) { data in
          unsafe withUnsafeMutableBytes(of: &output) { output in
            let from = unsafe data.bindMemory(to: UInt8.self).baseAddress
            let to = unsafe output.bindMemory(to: UInt8.self).baseAddress
            unsafe _ = EVP_EncryptInit_ex(
              context, nil, nil, key.bindMemory(to: UInt8.self).baseAddress, nil)
            unsafe _ = EVP_EncryptUpdate(context, to, &count, from, 16)
          }
        }
      }
      key = output
    }
    unsafe EVP_CIPHER_CTX_free(context)
  }

  /// Two derived keys of two CMACs each, a chain decrypted, a CMAC over it.
  func keyBlock() {
    let key = [UInt8](repeating: 7, count: 32)
    let data = [UInt8](repeating: 9, count: 48)
    var code = [UInt8](repeating: 0, count: 16)
    var plain = [UInt8](repeating: 0, count: 48)
    var count = 0
    for length in [8, 8, 8, 8, 48] {
      if length == 48 {
        var written: Int32 = 0
        let context = unsafe EVP_CIPHER_CTX_new()
        unsafe _ = EVP_CipherInit_ex(context, EVP_aes_256_cbc(), nil, key, code, 0)
        unsafe _ = EVP_CIPHER_CTX_set_padding(context, 0)
        unsafe _ = EVP_CipherUpdate(context, &plain, &written, data, 32)
        unsafe EVP_CIPHER_CTX_free(context)
      }
      unsafe _ = EVP_Q_mac(
        nil, "CMAC", nil, "AES-256-CBC", nil, key, 32, data, length, &code, 16, &count)
    }
  }

  func rsa(_ modulus: [UInt8], _ signature: [UInt8]) {
    var output = [UInt8](repeating: 0, count: modulus.count)
    let context = unsafe BN_CTX_new()
    let base = unsafe BN_bin2bn(signature, Int32(signature.count), nil)
    let power = unsafe BN_bin2bn([3], 1, nil)
    let divisor = unsafe BN_bin2bn(modulus, Int32(modulus.count), nil)
    unsafe _ = BN_cmp(base, divisor)
    unsafe _ = BN_mod_exp(base, base, power, divisor, context)
    unsafe _ = BN_bn2binpad(base, &output, Int32(modulus.count))
    unsafe BN_free(base)
    unsafe BN_free(power)
    unsafe BN_free(divisor)
    unsafe BN_CTX_free(context)
  }
}
