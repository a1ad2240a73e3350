// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

/// A public or private key of libcrypto's that frees itself.
@safe struct KeyHandle: ~Copyable {
  let pointer: OpaquePointer

  init(_ made: OpaquePointer?) throws(CryptoFault) {
    guard let made = unsafe made else {
      // What libcrypto noted of the failure would be taken for the next one's.
      ERR_clear_error()
      throw .outOfRange
    }
    unsafe pointer = made
  }

  /// Of a SubjectPublicKeyInfo (RFC 5280, 4.1), which has to end where it says.
  init(information: [UInt8]) throws(CryptoFault) {
    var made: OpaquePointer?
    var consumed = 0
    unsafe information.withUnsafeBufferPointer { bytes in
      var cursor = bytes.baseAddress
      unsafe made = d2i_PUBKEY(nil, &cursor, bytes.count)
      if unsafe made != nil, let cursor = unsafe cursor, let start = bytes.baseAddress {
        consumed = unsafe cursor - start
      }
    }
    if unsafe made != nil, consumed != information.count {
      unsafe EVP_PKEY_free(made)
      throw .wrongLength(information.count)
    }
    try unsafe self.init(made)
  }

  deinit { unsafe EVP_PKEY_free(pointer) }
}

/// A context for one signature.
@safe struct DigestContext: ~Copyable {
  let pointer: OpaquePointer

  init?() {
    guard let made = unsafe EVP_MD_CTX_new() else { return nil }
    unsafe pointer = made
  }

  deinit { unsafe EVP_MD_CTX_free(pointer) }
}

extension KeyHandle {
  /// Whether the signature is the message's. `prepare` sets what the scheme wants beyond the hash;
  /// whatever goes wrong, the answer is no.
  borrowing func verifies(
    _ signature: [UInt8], over message: [UInt8], hash: HashAlgorithm?,
    prepare: (OpaquePointer?) -> Bool = {
      unsafe _ = $0; return true
    }
  ) -> Bool {
    guard let context = DigestContext() else { return false }
    var parameters: OpaquePointer?
    let function = unsafe hash?.function
    let isValid =
      unsafe EVP_DigestVerifyInit(context.pointer, &parameters, function, nil, pointer) == 1
      && prepare(parameters)
      && EVP_DigestVerify(
        context.pointer, signature, signature.count, message, message.count) == 1
    if !isValid { ERR_clear_error() }
    return isValid
  }
}

/// The few forms of DER (ITU-T X.690) that public keys are written in.
enum DER {
  static func sequence(_ content: [UInt8]) -> [UInt8] { element(0x30, content) }

  static func bitString(_ content: [UInt8]) -> [UInt8] { element(0x03, [0] + content) }

  /// A number that is not negative, from bytes with the most significant first.
  static func integer(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array(bytes.drop { $0 == 0 })
    let needsZero = digits.isEmpty || digits[0] & 0x80 != 0
    return element(0x02, (needsZero ? [0] : []) + digits)
  }

  static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    if count < 0x80 { return [tag, UInt8(count)] + content }
    if count < 0x100 { return [tag, 0x81, UInt8(count)] + content }
    precondition(count < 0x1_0000, "no key has 64 kilobytes")
    return [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xFF)] + content
  }
}
