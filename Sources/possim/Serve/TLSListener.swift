// SPDX-License-Identifier: Apache-2.0

import CLinux
import CTLS
import Clockwork
import Glibc
import LinuxHost

/// A TLS server on one port of this machine; without certificates a server without TLS.
@safe final class TLSListener: PollSource {
  /// What the system or OpenSSL refused.
  struct Fault: Error {
    var text: String
  }

  var onConnected: (TLSStream) -> Void = { _ in }
  /// Whether new connections are taken; otherwise they are closed at once.
  var isUp = true
  private let descriptor: Descriptor
  private var context: OpaquePointer?
  private unowned let loop: EventLoop
  private let capture: Capture?
  private var streams: [TLSStream] = []

  init(
    port: UInt16, certificates: Certificates?, loop: EventLoop, capture: Capture?
  ) throws {
    unsafe context = try TLSListener.context(
      certificates?.server(.right), clients: nil)
    self.loop = loop
    self.capture = capture
    descriptor = try TLSListener.listen(port)
  }

  var interests: [PollInterest] { [PollInterest(descriptor.number, Int16(POLLIN))] }
  var deadline: Instant? { nil }
  func wake(at now: Instant) {}

  func ready(_ descriptor: Int32, _ events: Int16) {
    guard let accepted = UnixSocket.accept(self.descriptor.number), isUp,
      let stream = unsafe TLSStream(accepted, context, capture)
    else { return }
    streams.append(stream)
    loop.add(stream)
    stream.onEnd = { [weak self, weak stream] in
      guard let self, let stream else { return }
      loop.remove(stream)
      streams.removeAll { $0 === stream }
    }
    onConnected(stream)
  }

  /// Breaks every connection.
  func breakAll() { for stream in streams { stream.close() } }

  /// Shows new connections this certificate, and wants to see one of this authority from them.
  func show(_ server: Identity, clients: Identity?) throws {
    let next = unsafe try TLSListener.context(server, clients: clients)
    // A connection that is up keeps its own.
    if let context = unsafe context { unsafe SSL_CTX_free(context) }
    unsafe context = unsafe next
  }

  private static func context(
    _ server: Identity?, clients: Identity?
  ) throws -> OpaquePointer? {
    guard let server else { return nil }
    guard let context = unsafe SSL_CTX_new(TLS_server_method()),
      unsafe SSL_CTX_use_certificate(context, server.certificate) == 1,
      unsafe SSL_CTX_use_PrivateKey(context, server.key) == 1
    else { throw Fault(text: "OpenSSL refuses the certificate") }
    guard let clients else { return unsafe context }
    guard let store = unsafe SSL_CTX_get_cert_store(context),
      unsafe X509_STORE_add_cert(store, clients.certificate) == 1
    else { throw Fault(text: "OpenSSL refuses the clients' authority") }
    unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    return unsafe context
  }

  private static func listen(_ port: UInt16) throws -> Descriptor {
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let number = socket(AF_INET, type | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard let descriptor = Descriptor(number) else { throw Fault(text: "no socket") }
    var yes: Int32 = 1
    unsafe setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(number, address, size)
      }
    }
    if result != 0 || Glibc.listen(number, 16) != 0 {
      throw Fault(text: "port \(port): \(SystemFault(code: errno).text)")
    }
    return descriptor
  }

  deinit {
    if let context = unsafe context { unsafe SSL_CTX_free(context) }
  }
}

/// Everything that passes over a wire, as it is on the wire.
final class Capture {
  private let file: Descriptor

  init?(path: String) {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard let file = Descriptor(number) else { return nil }
    self.file = file
  }

  func add(_ bytes: [UInt8]) { _ = writeSome(file.number, bytes[...]) }
}
