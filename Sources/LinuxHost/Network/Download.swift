// SPDX-License-Identifier: Apache-2.0

import CCurl
public import Updates

/// One GET from an update mirror, taken in as it comes.
///
/// Integrity is not the connection's business here: what comes is compared with what was signed. So
/// plain HTTP is as good as any, and nothing but the limit, the time and the status counts.
@safe public final class Download {
  /// What is fetched, which decides about time and redirections.
  public enum Purpose: Hashable, Sendable {
    /// A document of some kilobytes: 30 seconds in all, no redirection.
    case metadata
    /// A file of any size: at least a kilobyte a second over a minute, and up to three
    /// redirections.
    case target
  }

  /// How it ended.
  public enum Outcome: Hashable, Sendable {
    /// Everything has come.
    case arrived
    /// The mirror says that it does not have it.
    case notThere
    /// It has not come.
    case failed(TransferFault)
  }

  private let handle: UnsafeMutableRawPointer
  /// In whose loop it goes on; nil for one that is waited for.
  private var transfers: Transfers?
  /// Called once, at the end.
  private var finished: (Outcome) -> Void = { _ in }
  private var isUnverified = false
  private let limit: Int64
  private let take: ([UInt8]) -> Bool
  private var count: Int64 = 0
  private var isTooLong = false

  /// Fetches what lies at the address, at most `limit` bytes, and waits for it. `take` is given the
  /// bytes in their order and stops the transfer when it says no.
  public static func wait(
    for url: String, limit: Int64, _ purpose: Purpose,
    take: @escaping ([UInt8]) -> Bool
  ) -> Outcome {
    guard let download = Download(url, limit, purpose, take) else {
      return .failed(.connection(code: Int32(CURLE_FAILED_INIT.rawValue)))
    }
    return download.outcome(unsafe curl_easy_perform(download.handle))
  }

  /// Fetches a document in the loop beside everything else; what it is comes by `finished`, unless
  /// it is let go before.
  ///
  /// A certificate that is refused is no reason to fetch nothing: what is fetched is signed, and
  /// what has expired may be what it replaces.
  static func begin(
    _ transfers: Transfers, _ url: String, limit: Int64, authorityFile: String?,
    take: @escaping ([UInt8]) -> Bool, finished: @escaping (Outcome) -> Void
  ) -> Download? {
    guard let download = Download(url, limit, .metadata, take) else { return nil }
    if let authorityFile {
      let code = unsafe posd_easy_set_text(download.handle, CURLOPT_CAINFO, authorityFile)
      if code != CURLE_OK { return nil }
    }
    download.transfers = transfers
    download.finished = finished
    return download.start() ? download : nil
  }

  private func start() -> Bool {
    guard let transfers else { return false }
    return unsafe transfers.add(handle) { [weak self] code in self?.ended(code) }
  }

  private func ended(_ code: CURLcode) {
    unsafe transfers?.remove(handle)
    if code.isOfTrust, !isUnverified {
      isUnverified = true
      let codes = [
        unsafe posd_easy_set_long(handle, CURLOPT_SSL_VERIFYPEER, 0),
        unsafe posd_easy_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0),
      ]
      if codes.allSatisfy({ $0 == CURLE_OK }), start() { return }
    }
    transfers = nil
    finished(outcome(code))
  }

  private init?(
    _ url: String, _ limit: Int64, _ purpose: Purpose,
    _ take: @escaping ([UInt8]) -> Bool
  ) {
    guard let handle = unsafe curl_easy_init() else { return nil }
    unsafe self.handle = unsafe handle
    self.limit = limit
    self.take = take
    let isSafe = url.hasPrefix("https:")
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    var codes = [
      unsafe posd_easy_set_text(handle, CURLOPT_URL, url),
      unsafe posd_easy_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
      // Names may hold "..", percent-encoded or not: they are the mirror's to understand.
      unsafe posd_easy_set_long(handle, CURLOPT_PATH_AS_IS, 1),
      // Nothing of the environment decides where an update comes from.
      unsafe posd_easy_set_text(handle, CURLOPT_PROXY, ""),
      unsafe posd_easy_set_long(handle, CURLOPT_NOSIGNAL, 1),
      unsafe posd_easy_set_long(handle, CURLOPT_CONNECTTIMEOUT, 10),
      unsafe posd_easy_set_writer(handle, Download.write, context),
    ]
    switch purpose {
    case .metadata:
      codes.append(unsafe posd_easy_set_long(handle, CURLOPT_TIMEOUT, 30))
      codes.append(unsafe posd_easy_set_long(handle, CURLOPT_FOLLOWLOCATION, 0))
    case .target:
      codes += [
        unsafe posd_easy_set_long(handle, CURLOPT_LOW_SPEED_LIMIT, 1_000),
        unsafe posd_easy_set_long(handle, CURLOPT_LOW_SPEED_TIME, 60),
        unsafe posd_easy_set_long(handle, CURLOPT_FOLLOWLOCATION, 1),
        unsafe posd_easy_set_long(handle, CURLOPT_MAXREDIRS, 3),
        unsafe posd_easy_set_text(
          handle, CURLOPT_REDIR_PROTOCOLS_STR, isSafe ? "https" : "http,https"),
      ]
    }
    if codes.contains(where: { $0 != CURLE_OK }) { return nil }
  }

  private var status: UInt16 {
    var code: Int = 0
    unsafe _ = posd_easy_get_long(handle, CURLINFO_RESPONSE_CODE, &code)
    return UInt16(clamping: code)
  }

  private func outcome(_ code: CURLcode) -> Outcome {
    switch status {
    case 403, 404: return .notThere
    case 0, 200: break
    case let other: return .failed(.status(other))
    }
    switch code {
    case CURLE_OK where status == 200: return .arrived
    case _ where isTooLong: return .failed(.tooLong(limit: limit))
    case CURLE_OPERATION_TIMEDOUT: return .failed(.tooSlow)
    default: return .failed(.connection(code: Int32(code.rawValue)))
    }
  }

  /// The body of any other answer than 200 is nobody's.
  private func accept(_ bytes: [UInt8]) -> Bool {
    if status != 200 { return false }
    count += Int64(bytes.count)
    isTooLong = count > limit
    return !isTooLong && take(bytes)
  }

  private static let write: posd_write_function = { bytes, size, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let download = unsafe Unmanaged<Download>.fromOpaque(context).takeUnretainedValue()
    let length = size * count
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
    return unsafe download.accept(Array(buffer)) ? length : 0
  }

  deinit {
    unsafe transfers?.remove(handle)
    unsafe curl_easy_cleanup(handle)
  }
}

extension CURLcode {
  /// Whether the mirror was not trusted, or could not be for want of the file that says who is.
  var isOfTrust: Bool { self == CURLE_PEER_FAILED_VERIFICATION || self == CURLE_SSL_CACERT_BADFILE }
}
