// SPDX-License-Identifier: Apache-2.0

import CTLS
import Glibc

/// A throw-away certificate authority and one server under it, made anew at each start.
@safe final class Certificates {
  /// What OpenSSL refused.
  struct Fault: Error {}

  let server: OpaquePointer
  let serverKey: OpaquePointer
  private let authority: OpaquePointer
  private let authorityKey: OpaquePointer

  /// A server for `localhost` and 127.0.0.1, valid from `days.lowerBound` to `days.upperBound` days
  /// from now.
  init(days: ClosedRange<Int> = -1...30) throws {
    unsafe authorityKey = try Certificates.key()
    unsafe serverKey = try Certificates.key()
    unsafe authority = try Certificates.make(
      name: "Throw-away test authority", key: authorityKey, days: -1...30,
      extensions: [(NID_basic_constraints, "critical,CA:TRUE")])
    unsafe server = try Certificates.make(
      name: "localhost", key: serverKey, days: days,
      extensions: [
        (NID_basic_constraints, "critical,CA:FALSE"),
        (NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"),
      ])
    unsafe X509_set_issuer_name(server, X509_get_subject_name(authority))
    unsafe X509_set_issuer_name(authority, X509_get_subject_name(authority))
    unsafe try sign(authority, serial: 1)
    unsafe try sign(server, serial: 2)
  }

  /// Writes the authority's certificate.
  func writeAuthority(to path: String) throws {
    guard let file = unsafe fopen(path, "w") else { throw Fault() }
    defer { unsafe fclose(file) }
    guard unsafe PEM_write_X509(file, authority) == 1 else { throw Fault() }
  }

  private func sign(_ certificate: OpaquePointer, serial: Int) throws {
    guard unsafe ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) == 1,
      unsafe X509_sign(certificate, authorityKey, EVP_sha256()) > 0
    else { throw Fault() }
  }

  private static func key() throws -> OpaquePointer {
    guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { throw Fault() }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
      unsafe EVP_PKEY_keygen(context, &key) == 1, let key = unsafe key
    else { throw Fault() }
    return unsafe key
  }

  private static func make(
    name: String, key: OpaquePointer, days: ClosedRange<Int>,
    extensions: [(Int32, String)]
  ) throws -> OpaquePointer {
    guard let certificate = unsafe X509_new() else { throw Fault() }
    let day = 86_400
    unsafe X509_set_version(certificate, 2)
    unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), days.lowerBound * day)
    unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), days.upperBound * day)
    unsafe X509_NAME_add_entry_by_txt(
      X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, name, -1, -1, 0)
    unsafe X509_set_pubkey(certificate, key)
    for (kind, text) in extensions {
      guard let made = unsafe X509V3_EXT_conf_nid(nil, nil, kind, text) else { throw Fault() }
      unsafe X509_add_ext(certificate, made, -1)
      unsafe X509_EXTENSION_free(made)
    }
    return unsafe certificate
  }

  deinit {
    unsafe X509_free(server)
    unsafe X509_free(authority)
    unsafe EVP_PKEY_free(serverKey)
    unsafe EVP_PKEY_free(authorityKey)
  }
}
