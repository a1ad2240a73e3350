// SPDX-License-Identifier: Apache-2.0

import CCurl
public import Devices

/// Requests to the management server: HTTPS only, TLS 1.2 or later, its own certificate authority.
public final class HTTPClient {
  /// Where the server is and how it is trusted.
  public struct Settings: Hashable, Sendable {
    /// `https://host[:port]`, without a path.
    public var base: String
    /// File of the certificate authority, PEM.
    public var authorityFile: String
    /// How long a request may take in all, seconds.
    public var limitSeconds: Int

    /// Settings.
    public init(base: String, authorityFile: String, limitSeconds: Int) {
      self.base = base
      self.authorityFile = authorityFile
      self.limitSeconds = limitSeconds
    }
  }

  private static let bodyLimit = 65_536

  /// Called with each answer.
  public var onAnswer: (HTTPAnswer) -> Void = { _ in }
  private let transfers: Transfers
  private let settings: Settings
  private var running: [Request] = []

  /// A client of this server.
  public init(transfers: Transfers, settings: Settings) {
    self.transfers = transfers
    self.settings = settings
  }

  /// Sends a request; exactly one answer follows.
  public func perform(_ request: HTTPRequest) {
    guard let transfer = Request(request, settings, limit: HTTPClient.bodyLimit) else {
      return onAnswer(.failed(number: request.number, .link, code: 0))
    }
    running.append(transfer)
    let isAdded = unsafe transfers.add(transfer.handle) { [weak self, weak transfer] code in
      if let self, let transfer { finish(transfer, code) }
    }
    if !isAdded { finish(transfer, CURLE_FAILED_INIT) }
  }

  private func finish(_ transfer: Request, _ code: CURLcode) {
    unsafe transfers.remove(transfer.handle)
    running.removeAll { $0 === transfer }
    if code == CURLE_OK {
      onAnswer(.answered(number: transfer.number, status: transfer.status, body: transfer.body))
    } else {
      let (layer, number) = unsafe Layer.of(code, transfer.handle)
      onAnswer(.failed(number: transfer.number, layer, code: number))
    }
  }

  /// One request on its way.
  @safe private final class Request {
    let number: UInt32
    let handle: UnsafeMutableRawPointer
    private(set) var body: [UInt8] = []
    private let limit: Int
    private var headers: UnsafeMutablePointer<curl_slist>?

    init?(_ request: HTTPRequest, _ settings: Settings, limit: Int) {
      guard let handle = unsafe curl_easy_init() else { return nil }
      number = request.number
      unsafe self.handle = unsafe handle
      self.limit = limit
      let context = unsafe Unmanaged.passUnretained(self).toOpaque()
      unsafe headers = curl_slist_append(nil, "Content-Type: application/json")
      // A forced "100 Continue" costs a round trip and helps nobody with bodies this small.
      unsafe headers = curl_slist_append(headers, "Expect:")
      var codes = [
        unsafe posd_easy_set_text(handle, CURLOPT_URL, settings.base + request.path),
        unsafe posd_easy_set_text(handle, CURLOPT_PROTOCOLS_STR, "https"),
        unsafe posd_easy_set_text(handle, CURLOPT_CAINFO, settings.authorityFile),
        unsafe posd_easy_set_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
        unsafe posd_easy_set_long(handle, CURLOPT_TIMEOUT, settings.limitSeconds),
        unsafe posd_easy_set_long(handle, CURLOPT_CONNECTTIMEOUT, settings.limitSeconds),
        unsafe posd_easy_set_long(handle, CURLOPT_NOSIGNAL, 1),
        unsafe posd_easy_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
        unsafe posd_easy_set_pointer(handle, CURLOPT_HTTPHEADER, headers),
        unsafe posd_easy_set_writer(handle, Request.take, context),
      ]
      if request.isPost {
        codes.append(unsafe posd_easy_set_long(handle, CURLOPT_POST, 1))
        codes.append(
          unsafe posd_easy_set_long(handle, CURLOPT_POSTFIELDSIZE, request.body.count))
        let text = request.body.map { CChar(bitPattern: $0) } + [0]
        codes.append(unsafe posd_easy_set_text(handle, CURLOPT_COPYPOSTFIELDS, text))
      }
      if codes.contains(where: { $0 != CURLE_OK }) { return nil }
    }

    var status: UInt16 {
      var code: Int = 0
      unsafe _ = posd_easy_get_long(handle, CURLINFO_RESPONSE_CODE, &code)
      return UInt16(clamping: code)
    }

    private static let take: posd_write_function = { bytes, size, count, context in
      guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let request = unsafe Unmanaged<Request>.fromOpaque(context).takeUnretainedValue()
      let length = size * count
      if request.body.count + length > request.limit { return 0 }
      let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
      unsafe request.body.append(contentsOf: buffer)
      return length
    }

    deinit {
      unsafe curl_easy_cleanup(handle)
      unsafe curl_slist_free_all(headers)
    }
  }
}
