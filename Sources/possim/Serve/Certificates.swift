// SPDX-License-Identifier: Apache-2.0

import CTLS
import Glibc

//   Throw-away test authority ─┬─▶ localhost           right, expired, or for another host
//                              └─▶ terminal            the client's
//   Other test authority ──────┬─▶ localhost           what an impostor has
//                              └─▶ terminal

/// A certificate with its key.
@safe final class Identity {
  let certificate: OpaquePointer
  let key: OpaquePointer

  /// A certificate for this name, valid from `days.lowerBound` to `days.upperBound` days from now,
  /// not signed yet.
  init(name: String, days: ClosedRange<Int>, extensions: [(Int32, String)]) throws {
    unsafe key = try Identity.newKey()
    guard let made = unsafe X509_new() else { throw Certificates.Fault() }
    let day = 86_400
    unsafe X509_set_version(made, 2)
    unsafe X509_gmtime_adj(X509_getm_notBefore(made), days.lowerBound * day)
    unsafe X509_gmtime_adj(X509_getm_notAfter(made), days.upperBound * day)
    unsafe X509_NAME_add_entry_by_txt(
      X509_get_subject_name(made), "CN", MBSTRING_UTF8, name, -1, -1, 0)
    unsafe X509_set_pubkey(made, key)
    for (kind, text) in extensions {
      guard let part = unsafe X509V3_EXT_conf_nid(nil, nil, kind, text) else {
        throw Certificates.Fault()
      }
      unsafe X509_add_ext(made, part, -1)
      unsafe X509_EXTENSION_free(part)
    }
    unsafe certificate = unsafe made
  }

  /// Signs a certificate as its authority, which may be its own.
  func sign(_ other: Identity, serial: Int) throws {
    unsafe X509_set_issuer_name(other.certificate, X509_get_subject_name(certificate))
    guard unsafe ASN1_INTEGER_set(X509_get_serialNumber(other.certificate), serial) == 1,
      unsafe X509_sign(other.certificate, key, EVP_sha256()) > 0
    else { throw Certificates.Fault() }
  }

  /// Writes the certificate as PEM.
  func writeCertificate(to path: String) throws {
    guard let file = unsafe fopen(path, "w") else { throw Certificates.Fault() }
    defer { unsafe fclose(file) }
    guard unsafe PEM_write_X509(file, certificate) == 1 else { throw Certificates.Fault() }
  }

  /// Writes the key as PEM, not encrypted.
  func writeKey(to path: String) throws {
    guard let file = unsafe fopen(path, "w") else { throw Certificates.Fault() }
    defer { unsafe fclose(file) }
    guard unsafe PEM_write_PrivateKey(file, key, nil, nil, 0, nil, nil) == 1 else {
      throw Certificates.Fault()
    }
  }

  private static func newKey() throws -> OpaquePointer {
    guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else {
      throw Certificates.Fault()
    }
    defer { unsafe EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    guard unsafe EVP_PKEY_keygen_init(context) == 1,
      unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
      unsafe EVP_PKEY_keygen(context, &key) == 1, let key = unsafe key
    else { throw Certificates.Fault() }
    return unsafe key
  }

  deinit {
    unsafe X509_free(certificate)
    unsafe EVP_PKEY_free(key)
  }
}

/// Throw-away authorities and what they sign, made anew at each start.
final class Certificates {
  /// What OpenSSL refused.
  struct Fault: Error {}

  /// What a server can show a terminal.
  enum Server: String, CaseIterable {
    case right
    case expired
    case otherName = "other-name"
    case otherAuthority = "other-authority"
  }

  let authority: Identity
  private let otherAuthority: Identity
  private var serial = 1
  private var servers: [(Server, Identity)] = []

  init() throws {
    let isAuthority = [(NID_basic_constraints, "critical,CA:TRUE")]
    authority = try Identity(
      name: "Throw-away test authority", days: -1...400, extensions: isAuthority)
    otherAuthority = try Identity(
      name: "Other test authority", days: -1...400, extensions: isAuthority)
    try authority.sign(authority, serial: 1)
    try otherAuthority.sign(otherAuthority, serial: 1)
    for kind in Server.allCases { servers.append((kind, try makeServer(kind))) }
  }

  /// A server for `localhost` and 127.0.0.1, or one that is wrong in one respect.
  func server(_ kind: Server) -> Identity {
    guard let found = servers.first(where: { $0.0 == kind }) else {
      preconditionFailure("each kind has been made")
    }
    return found.1
  }

  /// Writes what a terminal shows: its own certificate and key, and those of an impostor.
  func writeClients(to folder: String) throws {
    for (signer, name) in [(authority, "client"), (otherAuthority, "other-client")] {
      let client = try made("terminal", days: -1...400, by: signer, [])
      try client.writeCertificate(to: folder + "/" + name + ".pem")
      try client.writeKey(to: folder + "/" + name + ".key")
    }
  }

  private func makeServer(_ kind: Server) throws -> Identity {
    let isOther = kind == .otherName
    let names = isOther ? "DNS:other.example" : "DNS:localhost,IP:127.0.0.1"
    return try made(
      isOther ? "other.example" : "localhost", days: kind == .expired ? -9...(-2) : -1...400,
      by: kind == .otherAuthority ? otherAuthority : authority, [(NID_subject_alt_name, names)])
  }

  private func made(
    _ name: String, days: ClosedRange<Int>, by signer: Identity, _ more: [(Int32, String)]
  ) throws -> Identity {
    let made = try Identity(
      name: name, days: days,
      extensions: [(NID_basic_constraints, "critical,CA:FALSE")] + more)
    serial += 1
    try signer.sign(made, serial: serial)
    return made
  }
}
