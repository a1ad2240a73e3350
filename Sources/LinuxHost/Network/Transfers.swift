// SPDX-License-Identifier: Apache-2.0

import CCurl
public import Clockwork
import Devices
import Glibc

// libcurl's multi interface inside our own poll: libcurl says which sockets it waits for and until
// when, and is told what became of them.

/// All transfers of the program; the requests and connections belong to their owners.
@safe public final class Transfers: PollSource {
  typealias Handle = UnsafeMutableRawPointer

  @safe private struct Owner {
    let handle: Handle
    let finished: (CURLcode) -> Void
  }

  private let multi: UnsafeMutableRawPointer
  /// The TLS sessions of earlier connections: a new one to the same host takes one up again, and
  /// both sides are spared the certificates. libcurl sends no early data.
  private let sessions: UnsafeMutableRawPointer
  private var sockets: [PollInterest] = []
  private var timer: Instant?
  private var owners: [Owner] = []

  /// Nil when libcurl cannot be started.
  public init?() {
    guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK,
      let multi = unsafe curl_multi_init(), let sessions = unsafe curl_share_init()
    else { return nil }
    unsafe self.multi = unsafe multi
    unsafe self.sessions = unsafe sessions
    let shared = unsafe posd_share_set_long(
      sessions, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_SSL_SESSION.rawValue))
    if shared != CURLSHE_OK { return nil }
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let code = unsafe posd_multi_set_callbacks(
      multi,
      { _, socket, what, context, _ in
        guard let context = unsafe context else { return 0 }
        unsafe Unmanaged<Transfers>.fromOpaque(context).takeUnretainedValue().watch(socket, what)
        return 0
      },
      { _, milliseconds, context in
        guard let context = unsafe context else { return 0 }
        unsafe Unmanaged<Transfers>.fromOpaque(context).takeUnretainedValue().arm(milliseconds)
        return 0
      }, context)
    if code != CURLM_OK { return nil }
  }

  /// The sockets libcurl waits for.
  public var interests: [PollInterest] { sockets }
  /// The moment libcurl waits for.
  public var deadline: Instant? { timer }

  /// A socket is ready.
  public func ready(_ descriptor: Int32, _ events: Int16) {
    var bits: Int32 = 0
    if events & Int16(POLLIN | POLLHUP) != 0 { bits |= CURL_CSELECT_IN }
    if events & Int16(POLLOUT) != 0 { bits |= CURL_CSELECT_OUT }
    if events & Int16(POLLERR) != 0 { bits |= CURL_CSELECT_ERR }
    act(descriptor, bits)
  }

  /// libcurl's moment has come.
  public func wake(at now: Instant) {
    timer = nil
    act(CURL_SOCKET_TIMEOUT, 0)
  }

  func add(_ handle: Handle, finished: @escaping (CURLcode) -> Void) -> Bool {
    if unsafe posd_easy_set_pointer(handle, CURLOPT_SHARE, sessions) != CURLE_OK { return false }
    owners.append(unsafe Owner(handle: handle, finished: finished))
    return unsafe curl_multi_add_handle(multi, handle) == CURLM_OK
  }

  /// Ends a transfer; its owner hears no more of it.
  func remove(_ handle: Handle) {
    owners.removeAll { unsafe $0.handle == handle }
    unsafe _ = curl_multi_remove_handle(multi, handle)
  }

  private func watch(_ socket: curl_socket_t, _ what: Int32) {
    sockets.removeAll { $0.descriptor == socket }
    var events: Int16 = 0
    if what == CURL_POLL_IN || what == CURL_POLL_INOUT { events |= Int16(POLLIN) }
    if what == CURL_POLL_OUT || what == CURL_POLL_INOUT { events |= Int16(POLLOUT) }
    if events != 0 { sockets.append(PollInterest(socket, events)) }
  }

  private func arm(_ milliseconds: Int) {
    timer = milliseconds < 0 ? nil : SystemClock.now + .milliseconds(Int64(milliseconds))
  }

  private func act(_ socket: curl_socket_t, _ bits: Int32) {
    var running: Int32 = 0
    unsafe _ = curl_multi_socket_action(multi, socket, bits, &running)
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(multi, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE,
        let handle = unsafe message.pointee.easy_handle
      else { continue }
      let result = unsafe posd_message_result(message)
      if let owner = owners.first(where: { unsafe $0.handle == handle }) {
        owner.finished(result)
      }
    }
  }

  deinit {
    owners.forEach { unsafe _ = curl_multi_remove_handle(multi, $0.handle) }
    unsafe _ = curl_multi_cleanup(multi)
    unsafe _ = curl_share_cleanup(sessions)
  }
}

/// Which layer a failure belongs to.
enum Layer {
  static func of(
    _ code: CURLcode, _ handle: UnsafeMutableRawPointer, message: String = ""
  ) -> (NetworkLayer, Int32) {
    var system: Int = 0
    unsafe _ = posd_easy_get_long(handle, CURLINFO_OS_ERRNO, &system)
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return (.name, 0)
    case CURLE_COULDNT_CONNECT:
      let number = Int32(system)
      return (number == ENETUNREACH || number == EHOSTUNREACH ? .address : .tcp, number)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_SSL_INVALIDCERTSTATUS:
      var verdict: Int = 0
      unsafe _ = posd_easy_get_long(handle, CURLINFO_SSL_VERIFYRESULT, &verdict)
      return (.tls, TLSFault.code(code, verdict: verdict, message: message))
    case CURLE_SEND_ERROR: return (.write, Int32(system))
    case CURLE_OPERATION_TIMEDOUT: return unsafe (furthest(handle), ETIMEDOUT)
    default: return (.read, Int32(code.rawValue))
    }
  }

  /// How far a transfer came before its time was over.
  private static func furthest(_ handle: UnsafeMutableRawPointer) -> NetworkLayer {
    func took(_ info: CURLINFO) -> Bool {
      var time: curl_off_t = 0
      return unsafe posd_easy_get_time(handle, info, &time) == CURLE_OK && time > 0
    }
    if !took(CURLINFO_NAMELOOKUP_TIME_T) { return .name }
    if !took(CURLINFO_CONNECT_TIME_T) {
      // libcurl counts the connection's time up to the end of TLS; a port of its own it has before.
      var port: Int = 0
      unsafe _ = posd_easy_get_long(handle, CURLINFO_LOCAL_PORT, &port)
      return port > 0 ? .tls : .tcp
    }
    return took(CURLINFO_APPCONNECT_TIME_T) ? .read : .tls
  }
}
