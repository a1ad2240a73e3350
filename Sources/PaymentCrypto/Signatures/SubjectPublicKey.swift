// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Wire

/// A public key that came as a SubjectPublicKeyInfo (RFC 5280, 4.1): P-256 or RSA.
public struct SubjectPublicKey: Hashable, Sendable {
  /// What kind of key it is.
  public enum Kind: Hashable, Sendable {
    /// On the named curve P-256, for ECDSA.
    case p256
    /// RSA with a modulus of so many bits, 2048...8192.
    case rsa(bits: Int)
  }

  /// The SubjectPublicKeyInfo in DER.
  public let information: [UInt8]
  /// What kind of key it is.
  public let kind: Kind

  /// A key in DER. Throws `outOfRange` for one that is neither, and `wrongLength` for a modulus
  /// outside the limits or bytes behind the end.
  public init(information: [UInt8]) throws(CryptoFault) {
    let handle = try KeyHandle(information: information)
    kind = try handle.kind()
    self.information = information
  }

  /// A key in PEM (RFC 7468, 13); blanks before and behind it do not matter.
  public init(pem: [UInt8]) throws(CryptoFault) {
    guard let information = PEM.decode(pem, label: "PUBLIC KEY") else { throw .outOfRange }
    try self.init(information: information)
  }

  /// Whether a signature is the message's: ECDSA in DER (RFC 3279, 2.2.3), or RSASSA-PSS whose mask
  /// has the same hash and whose salt has any length (RFC 8017, 8.1).
  public func verifies(
    _ signature: [UInt8], over message: [UInt8], _ hash: HashAlgorithm
  ) -> Bool {
    guard let handle = try? KeyHandle(information: information) else { return false }
    switch kind {
    case .p256: return unsafe handle.verifies(signature, over: message, hash: hash)
    case .rsa:
      return unsafe handle.verifies(signature, over: message, hash: hash) { parameters in
        unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
          && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_AUTO) == 1
      }
    }
  }
}

extension KeyHandle {
  /// Curves and parameters that are not named are refused: they could be anything.
  fileprivate borrowing func kind() throws(CryptoFault) -> SubjectPublicKey.Kind {
    switch unsafe EVP_PKEY_get_base_id(pointer) {
    case EVP_PKEY_EC:
      var name = [CChar](repeating: 0, count: 32)
      var count = 0
      let isNamed =
        unsafe EVP_PKEY_get_group_name(pointer, &name, name.count, &count) == 1
      let curve = name.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
      guard isNamed, curve == Array("prime256v1".utf8) else {
        ERR_clear_error()
        throw .outOfRange
      }
      return .p256
    case EVP_PKEY_RSA:
      let bits = Int(unsafe EVP_PKEY_get_bits(pointer))
      if !(2048...8192).contains(bits) { throw .wrongLength(bits / 8) }
      return .rsa(bits: bits)
    default:
      throw .outOfRange
    }
  }
}

/// The textual form of keys (RFC 7468), read without libcrypto's reader, which would ask for a
/// passphrase.
enum PEM {
  /// The bytes between the lines of this label, nil where there is anything else.
  static func decode(_ text: [UInt8], label: String) -> [UInt8]? {
    let begin = Array("-----BEGIN \(label)-----".utf8)
    let end = Array("-----END \(label)-----".utf8)
    let body = trimmed(text[...])
    guard body.starts(with: begin), body.count >= begin.count + end.count,
      body.suffix(end.count).elementsEqual(end)
    else { return nil }
    return base64(body.dropFirst(begin.count).dropLast(end.count).filter { !isBlank($0) })
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = text.drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return text
  }

  /// RFC 4648, 4, with its filling.
  private static func base64(_ text: [UInt8]) -> [UInt8]? {
    if text.isEmpty || text.count % 4 != 0 { return nil }
    let filling = text.suffix(2).count { $0 == 0x3D }
    if text.dropLast(filling).contains(0x3D) { return nil }
    var bytes = [UInt8](repeating: 0, count: text.count / 4 * 3)
    if unsafe EVP_DecodeBlock(&bytes, text, Int32(text.count)) != Int32(bytes.count) { return nil }
    return Array(bytes.dropLast(filling))
  }
}
