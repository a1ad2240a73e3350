// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Devices

/// The key pair of the terminal in its token.
struct PKCS11Identity {
  private static let label = "posd identity"
  /// secp256r1 as DER (RFC 5480, 2.1.1.1).
  private static let curve: [UInt8] = [
    0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07,
  ]
  /// Before a point in DER: an OCTET STRING of 65 bytes.
  private static let pointHeader: [UInt8] = [0x04, 0x41]

  private let session: PKCS11Session
  private let privateKey: CK_OBJECT_HANDLE
  let point: [UInt8]

  /// Finds the key pair; nil when there is none. One that could leave the token is none of ours.
  init?(_ session: PKCS11Session) throws(SecureFault) {
    let found = try session.find(PKCS11Identity.description(CKO_PRIVATE_KEY))
    guard let key = found.first else { return nil }
    let partner = PKCS11Attribute(CKA_ID, try session.bytes(key, CKA_ID))
    let halves = try session.find(PKCS11Identity.description(CKO_PUBLIC_KEY) + [partner])
    guard found.count == 1, let half = halves.first,
      try session.bytes(key, CKA_SENSITIVE) == [1],
      try session.bytes(key, CKA_EXTRACTABLE) == [0],
      let point = PKCS11Identity.point(try session.bytes(half, CKA_EC_POINT))
    else { throw .damaged(PKCS11Identity.label) }
    self.session = session
    self.privateKey = key
    self.point = point
  }

  /// Has the token make a key pair, whose private half it keeps to itself.
  static func make(in session: PKCS11Session) throws(SecureFault) {
    // A public half alone is what a power cut left of an earlier try.
    for half in try session.find(description(CKO_PUBLIC_KEY)) { try session.destroy(half) }
    let id = PKCS11Attribute(CKA_ID, randomBytes(16))
    let publicHalf = PKCS11Template(
      description(CKO_PUBLIC_KEY) + [
        id, PKCS11Attribute(CKA_EC_PARAMS, curve), PKCS11Attribute(CKA_VERIFY, true),
      ])
    let privateHalf = PKCS11Template(
      description(CKO_PRIVATE_KEY) + [
        id, PKCS11Attribute(CKA_PRIVATE, true), PKCS11Attribute(CKA_SENSITIVE, true),
        PKCS11Attribute(CKA_EXTRACTABLE, false), PKCS11Attribute(CKA_SIGN, true),
      ])
    var mechanism = unsafe CK_MECHANISM(
      mechanism: CKM_EC_KEY_PAIR_GEN, pParameter: nil, ulParameterLen: 0)
    var handles = (CK_OBJECT_HANDLE(CK_INVALID_HANDLE), CK_OBJECT_HANDLE(CK_INVALID_HANDLE))
    try session.call("C_GenerateKeyPair") { functions, handle in
      unsafe publicHalf.use { publicList in
        unsafe privateHalf.use { privateList in
          unsafe functions.C_GenerateKeyPair?(
            handle, &mechanism, publicList, publicHalf.count, privateList, privateHalf.count,
            &handles.0, &handles.1)
        }
      }
    }
  }

  /// Destroys the key pair, the private half first: the other one signs nothing.
  static func remove(from session: PKCS11Session) throws(SecureFault) {
    for kind in [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY] {
      for half in try session.find(description(kind)) { try session.destroy(half) }
    }
  }

  /// Signs a digest: r, s (PKCS #11 v2.40 mechanisms, 2.3.1).
  func sign(_ digest: [UInt8]) throws(SecureFault) -> [UInt8] {
    var mechanism = unsafe CK_MECHANISM(mechanism: CKM_ECDSA, pParameter: nil, ulParameterLen: 0)
    var digest = digest
    var signature = [UInt8](repeating: 0, count: 2 * P256.numberCount)
    var count = CK_ULONG(signature.count)
    try session.call("C_SignInit") { unsafe $0.C_SignInit?($1, &mechanism, privateKey) }
    try session.call("C_Sign") {
      unsafe $0.C_Sign?($1, &digest, CK_ULONG(digest.count), &signature, &count)
    }
    // A signature that a faulty chip got wrong can give its key away, so it is not given out.
    if Int(count) != signature.count
      || !P256.verifies(signature: signature, digest: digest, point: point)
    {
      throw .refused("C_Sign", code: UInt64(CKR_DEVICE_ERROR))
    }
    return signature
  }

  private static func description(_ kind: CK_OBJECT_CLASS) -> [PKCS11Attribute] {
    [
      PKCS11Attribute(CKA_CLASS, number: kind), PKCS11Attribute(CKA_TOKEN, true),
      PKCS11Attribute(CKA_LABEL, label),
    ]
  }

  /// The standard wants the point inside an OCTET STRING; some tokens give it bare.
  private static func point(_ value: [UInt8]) -> [UInt8]? {
    let bare =
      value.count > P256.pointCount && value.prefix(2) == pointHeader[...]
      ? Array(value.dropFirst(2)) : value
    return bare.count == P256.pointCount && bare[0] == 4 ? bare : nil
  }
}
