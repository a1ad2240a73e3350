// SPDX-License-Identifier: Apache-2.0

import CCurl
import CLinux
import Glibc
public import Updates

/// One transfer of a bundle from a mirror, in the loop beside everything else, which goes on behind
/// what an earlier one has left in the file.
///
/// How much is there is the file's length and nothing else. What comes is put behind it only where
/// the mirror says that it belongs there (``RangeAnswer``); whether it is what was signed is seen
/// when all of it is there.
@safe public final class BundleDownload {
  /// Of which file what is there is the beginning: a strong entity tag, beside the file.
  private static let tagLimit = 256

  /// Called as bytes arrive, with how many are there.
  public var onProgress: (Int64) -> Void = { _ in }
  /// Called once, at the end.
  public var onEnd: (UpdateMachine.TransferEnd, Int64) -> Void = { _, _ in }
  /// Whether the mirror's certificate was not taken: what is fetched needs none, and it is told.
  public private(set) var isUnverified = false

  /// Whether what has come is what was signed, where all of it came in this one transfer; nil where
  /// the file must be read for it.
  public private(set) var isSigned: Bool?

  private let transfers: Transfers
  private let target: Target?
  /// What has come since the file was empty.
  private var arrival: Arrival?
  private let url: String
  private let path: String
  private let length: Int64
  private let rate: Int64
  private let authorityFile: String?
  private var handle: UnsafeMutableRawPointer?
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var file: Int32 = -1
  private var count: Int64 = 0
  private var judged: RangeAnswer?
  private var fault: DiskFault?

  /// A transfer of `length` bytes into the file of this path, at most `rate` bytes a second; 0 is
  /// no limit.
  public init(
    _ transfers: Transfers, url: String, into path: String, length: Int64, rate: Int64,
    authorityFile: String? = nil, target: Target? = nil
  ) {
    self.transfers = transfers
    self.url = url
    self.path = path
    self.length = length
    self.rate = rate
    self.authorityFile = authorityFile
    self.target = target
  }

  /// Bytes that are there.
  public var bytes: Int64 { count }

  /// Begins; what follows comes by the closures.
  public func start() {
    file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    var about = stat()
    if unsafe file < 0 || fstat(file, &about) != 0 {
      return end(.disk(errno == ENOSPC ? .full : .system(errno)))
    }
    count = Int64(about.st_size)
    if count > length { discard() }
    if count == length { return end(.complete) }
    if count == 0 { arrival = target.map { Arrival($0) } }
    begin()
  }

  /// Ends it; nothing more is told.
  public func cancel() {
    close()
  }

  private func begin() {
    judged = nil
    guard let easy = unsafe curl_easy_init() else { return end(.broken(laterSeconds: nil)) }
    unsafe handle = easy
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    var codes = [
      unsafe posd_easy_set_text(easy, CURLOPT_URL, url),
      unsafe posd_easy_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
      unsafe posd_easy_set_long(easy, CURLOPT_PATH_AS_IS, 1),
      unsafe posd_easy_set_text(easy, CURLOPT_PROXY, ""),
      unsafe posd_easy_set_long(easy, CURLOPT_NOSIGNAL, 1),
      unsafe posd_easy_set_long(easy, CURLOPT_CONNECTTIMEOUT, 10),
      unsafe posd_easy_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, 1_000),
      unsafe posd_easy_set_long(easy, CURLOPT_LOW_SPEED_TIME, 60),
      unsafe posd_easy_set_long(easy, CURLOPT_FOLLOWLOCATION, 1),
      unsafe posd_easy_set_long(easy, CURLOPT_MAXREDIRS, 3),
      unsafe posd_easy_set_text(
        easy, CURLOPT_REDIR_PROTOCOLS_STR, url.hasPrefix("https:") ? "https" : "http,https"),
      unsafe posd_easy_set_writer(easy, BundleDownload.write, context),
    ]
    if let authorityFile {
      codes.append(unsafe posd_easy_set_text(easy, CURLOPT_CAINFO, authorityFile))
    }
    if rate == 0 { codes.append(unsafe posd_easy_set_long(easy, CURLOPT_BUFFERSIZE, 262_144)) }
    if rate > 0 {
      // libcurl takes up to a hundred buffers at once before it looks at its clock.
      codes.append(unsafe posd_easy_set_long(easy, CURLOPT_BUFFERSIZE, 1_024))
      codes.append(
        unsafe posd_easy_set_offset(easy, CURLOPT_MAX_RECV_SPEED_LARGE, curl_off_t(rate)))
    }
    if isUnverified {
      codes.append(unsafe posd_easy_set_long(easy, CURLOPT_SSL_VERIFYPEER, 0))
      codes.append(unsafe posd_easy_set_long(easy, CURLOPT_SSL_VERIFYHOST, 0))
    }
    if count > 0 {
      // Not CURLOPT_RESUME_FROM, which judges by itself.
      unsafe headers = curl_slist_append(nil, "Range: bytes=\(count)-")
      if let tag = FileSystem.read(path + ".tag", limit: BundleDownload.tagLimit) {
        let text = String(decoding: tag, as: UTF8.self)
        unsafe headers = curl_slist_append(headers, "If-Range: " + text)
      }
      codes.append(unsafe posd_easy_set_pointer(easy, CURLOPT_HTTPHEADER, headers))
    }
    if codes.contains(where: { $0 != CURLE_OK }) { return end(.broken(laterSeconds: nil)) }
    let isAdded = unsafe transfers.add(easy) { [weak self] code in self?.finished(code) }
    if !isAdded { end(.broken(laterSeconds: nil)) }
  }

  // MARK: What comes

  private var status: UInt16 {
    guard let handle = unsafe handle else { return 0 }
    var code: Int = 0
    unsafe _ = posd_easy_get_long(handle, CURLINFO_RESPONSE_CODE, &code)
    return UInt16(clamping: code)
  }

  private func header(_ name: String) -> String? {
    guard let handle = unsafe handle, let text = unsafe posd_easy_header(handle, name) else {
      return nil
    }
    return unsafe String(cString: text)
  }

  private func judge() -> RangeAnswer {
    if let judged { return judged }
    let answer = RangeAnswer.judge(
      status: status, range: header("Content-Range").map { ByteString($0) },
      retryAfter: header("Retry-After").flatMap { Int64($0) }, offset: count, length: length)
    judged = answer
    switch answer {
    case .restart:
      discard()
      // A weak tag says nothing about bytes.
      if let tag = header("ETag"), tag.hasPrefix("\""), tag.utf8.count <= BundleDownload.tagLimit {
        _ = FileSystem.create(path + ".tag", Array(tag.utf8))
      }
    case .discard: discard()
    case .append, .complete, .final, .later: break
    }
    return answer
  }

  private func discard() {
    if file >= 0, ftruncate(file, 0) != 0 { fault = .system(errno) }
    unsafe _ = unlink(path + ".tag")
    count = 0
    arrival = target.map { Arrival($0) }
  }

  private func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
    switch judge() {
    case .append, .restart: break
    case .discard, .complete, .final, .later: return false
    }
    // Not one byte more than was signed.
    if fault != nil || count + Int64(bytes.count) > length { return false }
    if let digests = arrival, !digests.take(unsafe Array(bytes)) { arrival = nil }
    var offset = 0
    while offset < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
      let written = unsafe pwrite(file, rest.baseAddress, rest.count, off_t(count))
      if written <= 0 {
        if errno == EINTR { continue }
        fault = errno == ENOSPC || errno == EDQUOT ? .full : .system(errno)
        return false
      }
      offset += written
      count += Int64(written)
    }
    onProgress(count)
    return true
  }

  private static let write: posd_write_function = { bytes, size, number, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let download = unsafe Unmanaged<BundleDownload>.fromOpaque(context).takeUnretainedValue()
    let length = size * number
    let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: length)
    return unsafe download.accept(buffer) ? length : 0
  }

  // MARK: The end

  private func finished(_ code: CURLcode) {
    if code.isOfTrust, !isUnverified {
      // The clock may be wrong, or what has expired is what the update replaces: integrity is not
      // the connection's.
      isUnverified = true
      release()
      return begin()
    }
    if status == 0 { return end(.broken(laterSeconds: nil)) }
    let answer = judge()
    if let fault { return end(.disk(fault)) }
    switch answer {
    case .append, .restart: end(count == length ? .complete : .broken(laterSeconds: nil))
    case .discard: end(.broken(laterSeconds: 1))
    case .complete: end(.complete)
    case .final: end(.final)
    case .later(let seconds): end(.broken(laterSeconds: seconds))
    }
  }

  private func end(_ end: UpdateMachine.TransferEnd) {
    var end = end
    // Whatever is told to be there stays there.
    if file >= 0, fsync(file) != 0 { end = .disk(.system(errno)) }
    if end == .complete, let arrival {
      do throws(Refusal) {
        try arrival.check()
        isSigned = true
      } catch {
        isSigned = false
      }
    }
    let count = count
    close()
    onEnd(end, count)
  }

  private func release() {
    if let easy = unsafe handle {
      unsafe transfers.remove(easy)
      unsafe curl_easy_cleanup(easy)
    }
    unsafe handle = nil
    unsafe curl_slist_free_all(headers)
    unsafe headers = nil
  }

  private func close() {
    release()
    if file >= 0 { _ = Glibc.close(file) }
    file = -1
  }

  deinit { close() }
}
