// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc

// A refused certificate is one code of libcurl's (60) with many causes; OpenSSL has the cause
// (openssl-verification-options(1), X509_V_ERR_*). Both travel in one number.

/// Why TLS could not be started, as the code of a failure at that layer: libcurl's code, and in
/// front of three digits for it OpenSSL's verdict on the certificate.
enum TLSFault {
  /// The other end broke the handshake off, or speaks no version and cipher that is allowed here.
  static let handshake = Int32(CURLE_SSL_CONNECT_ERROR.rawValue)
  /// The client certificate or its key cannot be used.
  static let ownCertificate = Int32(CURLE_SSL_CERTPROBLEM.rawValue)
  /// The host refused or missed the client certificate.
  static let clientCertificate = Int32(CURLE_SSL_CLIENTCERT.rawValue)

  private static let peer = Int32(CURLE_PEER_FAILED_VERIFICATION.rawValue)

  /// The code of a failure; `verdict` is OpenSSL's, `message` libcurl's own text.
  static func code(_ code: CURLcode, verdict: Int, message: String) -> Int32 {
    if blamesClientCertificate(message) { return clientCertificate }
    let number = Int32(code.rawValue)
    return number == peer ? Int32(clamping: verdict) * 1_000 + number : number
  }

  /// Whether what broke the connection is the host's word on our certificate. With TLS 1.3 it comes
  /// when the handshake is over on this side (RFC 8446, 4.4.2.4 and 6.2).
  static func blamesClientCertificate(_ message: String) -> Bool {
    [
      "bad certificate", "unsupported certificate", "certificate revoked", "certificate expired",
      "certificate unknown", "unknown ca", "access denied", "certificate required",
    ].contains { message.contains("alert " + $0) }
  }

  /// Whether the certificate was refused for a time that has not come.
  static func isNotYetValid(_ code: Int32) -> Bool { code == 9 * 1_000 + peer }

  /// Whether the certificate was refused for a time that is over.
  static func isExpired(_ code: Int32) -> Bool { code == 10 * 1_000 + peer }

  /// What people read.
  static func text(_ code: Int32) -> String {
    // The system's number, in the place of one of libcurl's.
    if code == ETIMEDOUT { return "the host does not answer the handshake in time" }
    let meaning =
      switch code % 1_000 {
      case handshake: "no version, cipher or client certificate that both take"
      case ownCertificate: "the client certificate or its key cannot be used"
      case clientCertificate: "the host refused the client certificate, or wants one"
      case Int32(CURLE_SSL_PINNEDPUBKEYNOTMATCH.rawValue): "the host has not the pinned key"
      case Int32(CURLE_SSL_CACERT_BADFILE.rawValue): "the authority file cannot be used"
      case peer: "the certificate was refused: " + verdict(code / 1_000)
      default: ""
      }
    return "libcurl code \(code % 1_000)" + (meaning.isEmpty ? "" : ": " + meaning)
  }

  /// libcurl compares the host's name itself, when OpenSSL has nothing against the certificate; the
  /// verdict is then the one it began with, 1.
  private static func verdict(_ number: Int32) -> String {
    switch number {
    case 0, 1, 62, 64: "it is for another host name"
    case 9: "it is not valid yet"
    case 10: "it has expired"
    case 2, 18, 19, 20, 21, 27: "another authority made it"
    default: "OpenSSL verdict \(number)"
    }
  }
}
