// SPDX-License-Identifier: Apache-2.0

import CCurl
import CTLS

/// Whether TLS works here at all, which needs no host: the library, the authority's certificates
/// and the terminal's own are taken, and the first message of a handshake is made.
@safe public enum TLSStart {
  /// Whether a connection with these settings can be begun.
  public static func works(_ settings: AcquirerConnection.Settings) -> Bool {
    guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { return false }
    defer { unsafe SSL_CTX_free(context) }
    if unsafe SSL_CTX_load_verify_locations(context, settings.authorityFile, nil) != 1 {
      return false
    }
    if let client = settings.client, unsafe !takes(client, context) { return false }
    guard let connection = unsafe SSL_new(context) else { return false }
    // The two pipes belong to the connection from here on.
    defer { unsafe SSL_free(connection) }
    guard let incoming = unsafe BIO_new(BIO_s_mem()), let outgoing = unsafe BIO_new(BIO_s_mem())
    else { return false }
    unsafe SSL_set_bio(connection, incoming, outgoing)
    unsafe SSL_set_connect_state(connection)
    let result = unsafe SSL_do_handshake(connection)
    let isWaiting = unsafe SSL_get_error(connection, result) == SSL_ERROR_WANT_READ
    return unsafe isWaiting && BIO_ctrl_pending(outgoing) > 0
  }

  /// Whether TLS was not begun for a reason in the terminal itself: its own certificate or key, or
  /// the file of authorities.
  public static func isOwnFault(_ code: Int32) -> Bool {
    code == TLSFault.ownCertificate || code == Int32(CURLE_SSL_CACERT_BADFILE.rawValue)
  }

  private static func takes(
    _ client: AcquirerConnection.ClientCertificate, _ context: OpaquePointer
  ) -> Bool {
    unsafe SSL_CTX_use_certificate_chain_file(context, client.certificateFile) == 1
      && SSL_CTX_use_PrivateKey_file(context, client.keyFile, SSL_FILETYPE_PEM) == 1
      && SSL_CTX_check_private_key(context) == 1
  }
}
