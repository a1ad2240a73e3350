// SPDX-License-Identifier: Apache-2.0

import CCurl
public import Clockwork
public import Devices
import Glibc

/// The byte stream to the acquirer: TCP or TLS by libcurl, one connection at a time.
@safe public final class AcquirerConnection: PollSource {
  private static let queueLimit = 65_536

  /// Called for everything that happens on the connection.
  public var onEvent: (AcquirerEvent) -> Void = { _ in }
  private let transfers: Transfers
  private let authorityFile: String
  private let connectSeconds: Int
  private var handle: UnsafeMutableRawPointer?
  private var socket: Int32 = -1
  private var outgoing = SendQueue()

  /// Connections that trust this certificate authority.
  public init(transfers: Transfers, authorityFile: String, connectSeconds: Int) {
    self.transfers = transfers
    self.authorityFile = authorityFile
    self.connectSeconds = connectSeconds
  }

  /// Waits for bytes, and for room while there is something to send.
  public var interests: [PollInterest] {
    if socket < 0 { return [] }
    return [PollInterest(socket, Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT))]
  }

  /// Never: the terminal has the deadlines.
  public var deadline: Instant? { nil }
  /// Never happens.
  public func wake(at now: Instant) {}

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
    let codes = [
      unsafe posd_easy_set_text(
        easy, CURLOPT_URL, scheme + endpoint.host + ":" + String(endpoint.port)),
      unsafe posd_easy_set_long(easy, CURLOPT_CONNECT_ONLY, 1),
      unsafe posd_easy_set_text(easy, CURLOPT_CAINFO, authorityFile),
      unsafe posd_easy_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
      unsafe posd_easy_set_long(easy, CURLOPT_SSL_ENABLE_ALPN, 0),
      unsafe posd_easy_set_long(easy, CURLOPT_CONNECTTIMEOUT, connectSeconds),
      unsafe posd_easy_set_long(easy, CURLOPT_NOSIGNAL, 1),
      unsafe posd_easy_set_long(easy, CURLOPT_FRESH_CONNECT, 1),
    ]
    unsafe handle = easy
    if codes.contains(where: { $0 != CURLE_OK }) { return fail(.link, 0) }
    let isAdded = unsafe transfers.add(easy) { [weak self] code in self?.connected(code) }
    if !isAdded { fail(.link, 0) }
  }

  private func connected(_ code: CURLcode) {
    guard let easy = unsafe handle else { return }
    if code != CURLE_OK {
      let (layer, number) = unsafe Layer.of(code, easy)
      return fail(layer, number)
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
      fail(.write, Int32(code.rawValue))
    }
  }

  /// The socket is ready.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    if events & Int16(POLLOUT) != 0 { flush() }
    if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive() }
  }

  /// TLS may hold more than the socket shows: it is read until there is nothing left.
  private func receive() {
    while let easy = unsafe handle {
      var buffer = [UInt8](repeating: 0, count: 4_096)
      var count = 0
      let code = unsafe curl_easy_recv(easy, &buffer, buffer.count, &count)
      if code == CURLE_AGAIN { return }
      if code != CURLE_OK { return fail(.read, Int32(code.rawValue)) }
      if count == 0 {
        disconnect()
        return onEvent(.closed)
      }
      onEvent(.received(Array(buffer[..<count])))
    }
  }

  private func fail(_ layer: NetworkLayer, _ code: Int32) {
    disconnect()
    onEvent(.failed(layer, code: code))
  }

  private func disconnect() {
    guard let easy = unsafe handle else { return }
    unsafe handle = nil
    socket = -1
    outgoing.discard()
    unsafe transfers.remove(easy)
    unsafe curl_easy_cleanup(easy)
  }

  deinit { disconnect() }
}
