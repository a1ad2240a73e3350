// SPDX-License-Identifier: Apache-2.0

import CCurl
public import Clockwork
public import Devices
import Glibc

/// The byte stream to the acquirer: TCP or TLS by libcurl, one connection at a time.
@safe public final class AcquirerConnection: PollSource {
  /// How hosts are connected to and trusted. Nothing turns the verification off.
  public struct Settings: Hashable, Sendable {
    /// File of the certificate authority, PEM.
    public var authorityFile: String
    /// How long a connection may take, seconds.
    public var connectSeconds: Int
    /// What the terminal shows the host of itself, if the host wants to see something.
    public var client: ClientCertificate?
    /// The host's public key, as `sha256//` and base64; several are separated by semicolons.
    public var pinnedKey: String?

    /// Settings.
    public init(
      authorityFile: String, connectSeconds: Int, client: ClientCertificate? = nil,
      pinnedKey: String? = nil
    ) {
      self.authorityFile = authorityFile
      self.connectSeconds = connectSeconds
      self.client = client
      self.pinnedKey = pinnedKey
    }
  }

  /// A certificate and its key, both files PEM.
  public struct ClientCertificate: Hashable, Sendable {
    /// The certificate, and those between it and its authority.
    public var certificateFile: String
    /// The key, not encrypted.
    public var keyFile: String

    /// A certificate.
    public init(certificateFile: String, keyFile: String) {
      self.certificateFile = certificateFile
      self.keyFile = keyFile
    }
  }

  private static let queueLimit = 65_536
  /// How many pieces of what the host sends are read in one turn of the loop.
  private static let piecesATurn = 16

  /// Called for everything that happens on the connection.
  public var onEvent: (AcquirerEvent) -> Void = { _ in }
  private let transfers: Transfers
  private let settings: Settings
  private var handle: UnsafeMutableRawPointer?
  private var socket: Int32 = -1
  private var outgoing = SendQueue()
  /// Whether reading was broken off.
  private var hasMore = false
  /// Where libcurl puts its own words on a failure; they tell a refused client certificate apart.
  private let words: UnsafeMutablePointer<CChar>

  /// Connections by these settings.
  public init(transfers: Transfers, settings: Settings) {
    self.transfers = transfers
    self.settings = settings
    unsafe words = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  /// Waits for bytes, and for room while there is something to send.
  public var interests: [PollInterest] {
    if socket < 0 { return [] }
    return [PollInterest(socket, Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT))]
  }

  /// At once while there may be more to read than a turn takes; all else the terminal has.
  public var deadline: Instant? { hasMore ? .start : nil }
  /// Goes on reading.
  public func wake(at now: Instant) { receive() }

  /// Does what the terminal asks for.
  public func perform(_ order: AcquirerOrder) {
    switch order {
    case .connect(let endpoint): connect(endpoint)
    case .send(let bytes): send(bytes)
    case .disconnect: disconnect()
    }
  }

  private func connect(_ endpoint: Endpoint) {
    disconnect()
    guard let easy = unsafe curl_easy_init() else { return onEvent(.failed(.link, code: 0)) }
    let scheme = endpoint.usesTLS ? "https://" : "http://"
    unsafe words.pointee = 0
    var codes = [
      unsafe posd_easy_set_text(
        easy, CURLOPT_URL, scheme + endpoint.host + ":" + String(endpoint.port)),
      unsafe posd_easy_set_long(easy, CURLOPT_CONNECT_ONLY, 1),
      unsafe posd_easy_set_text(easy, CURLOPT_CAINFO, settings.authorityFile),
      unsafe posd_easy_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
      unsafe posd_easy_set_long(easy, CURLOPT_SSL_ENABLE_ALPN, 0),
      unsafe posd_easy_set_long(easy, CURLOPT_CONNECTTIMEOUT, settings.connectSeconds),
      unsafe posd_easy_set_long(easy, CURLOPT_NOSIGNAL, 1),
      unsafe posd_easy_set_long(easy, CURLOPT_FRESH_CONNECT, 1),
      unsafe posd_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, words),
    ]
    if let client = settings.client {
      codes += [
        unsafe posd_easy_set_text(easy, CURLOPT_SSLCERT, client.certificateFile),
        unsafe posd_easy_set_text(easy, CURLOPT_SSLKEY, client.keyFile),
      ]
    }
    if let pinnedKey = settings.pinnedKey {
      codes.append(unsafe posd_easy_set_text(easy, CURLOPT_PINNEDPUBLICKEY, pinnedKey))
    }
    unsafe handle = easy
    if codes.contains(where: { $0 != CURLE_OK }) { return fail(.link, 0) }
    let isAdded = unsafe transfers.add(easy) { [weak self] code in self?.connected(code) }
    if !isAdded { fail(.link, 0) }
  }

  private func connected(_ code: CURLcode) {
    guard let easy = unsafe handle else { return }
    if code != CURLE_OK {
      return unsafe fail(code, easy)
    }
    var active = curl_socket_t(-1)
    guard unsafe posd_easy_get_socket(easy, &active) == CURLE_OK, active >= 0 else {
      return fail(.tcp, 0)
    }
    socket = active
    onEvent(.connected)
  }

  private func send(_ bytes: [UInt8]) {
    if socket < 0 { return }
    if outgoing.count + bytes.count > AcquirerConnection.queueLimit {
      return fail(.write, ENOBUFS)
    }
    outgoing.add(bytes)
    flush()
  }

  private func flush() {
    guard let easy = unsafe handle, !outgoing.isEmpty else { return }
    var sent = 0
    let code = unsafe curl_easy_send(easy, outgoing.bytes, outgoing.count, &sent)
    if code == CURLE_OK {
      outgoing.sent(sent)
    } else if code != CURLE_AGAIN {
      unsafe fail(code, easy, otherwise: .write)
    }
  }

  /// The socket is ready.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    if events & Int16(POLLOUT) != 0 { flush() }
    if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive() }
  }

  /// TLS may hold more than the socket shows: it is read until there is nothing left, and a host
  /// that never ends is read beside everything else.
  private func receive() {
    hasMore = false
    for _ in 0..<AcquirerConnection.piecesATurn {
      // What it hears of may make the terminal close this connection and begin the next one, of
      // which there is nothing to read before it is up.
      guard socket >= 0, let easy = unsafe handle else { return }
      var buffer = [UInt8](repeating: 0, count: 4_096)
      var count = 0
      let code = unsafe curl_easy_recv(easy, &buffer, buffer.count, &count)
      if code == CURLE_AGAIN { return }
      if code != CURLE_OK { return unsafe fail(code, easy, otherwise: .read) }
      if count == 0 {
        disconnect()
        return onEvent(.closed)
      }
      onEvent(.received(Array(buffer[..<count])))
    }
    hasMore = socket >= 0
  }

  /// A failure as libcurl has it. One of a connection that was up is at the layer of what was being
  /// done, unless the host has refused the client certificate.
  private func fail(
    _ code: CURLcode, _ easy: UnsafeMutableRawPointer, otherwise: NetworkLayer? = nil
  ) {
    let message = unsafe String(cString: words)
    if let otherwise, !TLSFault.blamesClientCertificate(message) {
      return fail(otherwise, Int32(code.rawValue))
    }
    if otherwise != nil { return fail(.tls, TLSFault.clientCertificate) }
    let (layer, number) = unsafe Layer.of(code, easy, message: message)
    fail(layer, number)
  }

  private func fail(_ layer: NetworkLayer, _ code: Int32) {
    disconnect()
    onEvent(.failed(layer, code: code))
  }

  private func disconnect() {
    guard let easy = unsafe handle else { return }
    unsafe handle = nil
    socket = -1
    hasMore = false
    outgoing.discard()
    unsafe transfers.remove(easy)
    unsafe curl_easy_cleanup(easy)
  }

  deinit {
    disconnect()
    unsafe words.deallocate()
  }
}
