// SPDX-License-Identifier: Apache-2.0

extension Key where Purpose == DataEncryption {
  /// Encrypts whole blocks; in counter mode any number of bytes. Throws `wrongLength` or, for a
  /// mode the cipher does not have here, `unsupported`.
  public func encrypt(_ plain: [UInt8], _ mode: CipherMode) throws(CryptoFault) -> [UInt8] {
    try material.encrypt(plain, mode)
  }

  /// Decrypts what `encrypt` has made.
  public func decrypt(_ cipher: [UInt8], _ mode: CipherMode) throws(CryptoFault) -> [UInt8] {
    try material.decrypt(cipher, mode)
  }

  /// Encrypts with AES-GCM (NIST SP 800-38D): cipher text and a tag of 16 bytes. `nonce` has 12
  /// bytes and is used once in the key's life; `associated` is bound and not kept.
  public func seal(
    _ plain: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    try material.seal(plain, nonce: nonce, associated: associated)
  }

  /// What was sealed; any change of bytes, nonce, associated data or key is refused.
  public func open(
    _ sealed: [UInt8], nonce: [UInt8], associated: [UInt8]
  ) throws(CryptoFault) -> [UInt8] {
    try material.open(sealed, nonce: nonce, associated: associated)
  }
}
