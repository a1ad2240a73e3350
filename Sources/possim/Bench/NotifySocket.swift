// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import LinuxHost

/// The socket on which a service says READY, as systemd listens on it.
final class NotifySocket {
  private let descriptor: Descriptor

  init(path: String) throws {
    unsafe _ = unlink(path)
    let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    guard let descriptor = Descriptor(number), setNonBlocking(number) else {
      throw SystemFault(code: errno)
    }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(number, address, size)
      }
    }
    if result != 0 { throw SystemFault(code: errno) }
    self.descriptor = consume descriptor
    unsafe setenv("NOTIFY_SOCKET", path, 1)
  }

  /// Waits for READY.
  func awaitReady() throws {
    while true {
      var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&entry, 1, 20_000) == 1 else {
        throw Child.Fault(description: "no READY in 20 s")
      }
      guard case .success(let bytes?) = readSome(descriptor.number) else { continue }
      if String(decoding: bytes, as: UTF8.self).contains("READY=1") { return }
    }
  }

  /// Reads what has come, as systemd always does: sd_notify waits for a reader.
  func drain() {
    while case .success(let bytes?) = readSome(descriptor.number), !bytes.isEmpty {}
  }
}
