// SPDX-License-Identifier: Apache-2.0

import CTLS
import Clockwork
import Glibc
import LinuxHost

//   socket ◀─▶ wire bytes ◀─▶ two memory BIOs ◀─▶ SSL ◀─▶ clear bytes
//                         └──────── without TLS ────────┘

/// One connection of a TLS server, or of one without TLS.
@safe final class TLSStream: PollSource {
  var onBytes: ([UInt8]) -> Void = { _ in }
  var onClosed: () -> Void = {}
  /// For the listener.
  var onEnd: () -> Void = {}
  private var descriptor: Descriptor?
  private let number: Int32
  private let ssl: OpaquePointer?
  private let capture: Capture?
  private var outgoing: [UInt8] = []

  init?(_ descriptor: consuming Descriptor, _ context: OpaquePointer?, _ capture: Capture?) {
    number = descriptor.number
    self.capture = capture
    guard let context = unsafe context else {
      unsafe ssl = nil
      self.descriptor = consume descriptor
      return
    }
    guard let ssl = unsafe SSL_new(context), let input = unsafe BIO_new(BIO_s_mem()),
      let output = unsafe BIO_new(BIO_s_mem())
    else { return nil }
    unsafe SSL_set_bio(ssl, input, output)
    unsafe SSL_set_accept_state(ssl)
    unsafe self.ssl = unsafe ssl
    self.descriptor = consume descriptor
  }

  var interests: [PollInterest] {
    if descriptor == nil { return [] }
    return [PollInterest(number, Int16(outgoing.isEmpty ? POLLIN : POLLIN | POLLOUT))]
  }

  var deadline: Instant? { nil }
  func wake(at now: Instant) {}

  func ready(_ descriptor: Int32, _ events: Int16) {
    if events & Int16(POLLOUT) != 0 { flush() }
    if events & Int16(POLLIN | POLLHUP | POLLERR) != 0 { receive() }
  }

  func send(_ bytes: [UInt8]) {
    if descriptor == nil { return }
    guard let ssl = unsafe ssl else {
      capture?.add(bytes)
      outgoing += bytes
      return flush()
    }
    unsafe _ = SSL_write(ssl, bytes, Int32(bytes.count))
    drain()
  }

  func close() {
    if descriptor == nil { return }
    if let ssl = unsafe ssl {
      unsafe SSL_shutdown(ssl)
      drain()
    }
    end()
  }

  private func receive() {
    guard case .success(let read) = readSome(number, limit: 16_384) else { return end() }
    guard let bytes = read else { return }
    if bytes.isEmpty { return end() }
    capture?.add(bytes)
    guard let ssl = unsafe ssl else { return onBytes(bytes) }
    unsafe _ = BIO_write(SSL_get_rbio(ssl), bytes, Int32(bytes.count))
    var clear = [UInt8](repeating: 0, count: 16_384)
    while descriptor != nil {
      let count = unsafe SSL_read(ssl, &clear, Int32(clear.count))
      if count > 0 {
        onBytes(Array(clear[..<Int(count)]))
        continue
      }
      let reason = unsafe SSL_get_error(ssl, count)
      drain()
      if reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE { return }
      ERR_clear_error()
      return close()
    }
  }

  /// Takes what TLS wants to send.
  private func drain() {
    guard let ssl = unsafe ssl else { return }
    var wire = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe BIO_read(SSL_get_wbio(ssl), &wire, Int32(wire.count))
      if count <= 0 { break }
      let bytes = Array(wire[..<Int(count)])
      capture?.add(bytes)
      outgoing += bytes
    }
    flush()
  }

  private func flush() {
    if descriptor == nil || outgoing.isEmpty { return }
    guard case .success(let count) = writeSome(number, outgoing[...]) else { return end() }
    outgoing.removeFirst(count)
  }

  private func end() {
    if descriptor == nil { return }
    descriptor = nil
    onClosed()
    onEnd()
  }

  deinit {
    if let ssl = unsafe ssl { unsafe SSL_free(ssl) }
  }
}
