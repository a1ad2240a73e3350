// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The socket at which a started program says how it is (sd_notify(3)), and the way to whoever
/// started the supervisor.
final class NotifySocket {
  /// What the started program finds in its environment.
  let name: String
  let number: Int32
  private let outer: String?

  /// Listens in the folder, or, where that takes no name, in the kernel's own space of names.
  init?(folder: String) {
    outer = unsafe getenv("NOTIFY_SOCKET").map { unsafe String(cString: $0) }
    let made = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if made < 0 { return nil }
    number = made
    let path = folder + "/boot.notify"
    unsafe _ = unlink(path)
    if unsafe NotifySocket.use(path, { unsafe bind(made, $0, $1) }) == 0 {
      name = path
    } else {
      name = "@posd-boot.\(getpid())"
      if unsafe NotifySocket.use(name, { unsafe bind(made, $0, $1) }) != 0 { return nil }
    }
  }

  deinit {
    close(number)
    if !name.hasPrefix("@") { unsafe _ = unlink(name) }
  }

  /// The next message, if there is one.
  func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let socket = number
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(socket, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT))
    }
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  /// Passes a message on; not to be heard is no reason to stop working.
  func tell(_ text: String) {
    guard let outer else { return }
    let bytes = Array(text.utf8)
    let socket = number
    unsafe _ = NotifySocket.use(outer) { address, size in
      unsafe bytes.withUnsafeBytes { buffer in
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        let sent = unsafe sendto(socket, buffer.baseAddress, buffer.count, flags, address, size)
        return Int32(clamping: sent)
      }
    }
  }

  private static func use(
    _ name: String, _ work: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    // A name of the kernel's begins with a zero.
    if bytes.first == 0x40 { bytes[0] = 0 }
    let isSet = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
      if bytes.isEmpty || bytes.count >= field.count { return false }
      unsafe field.copyBytes(from: bytes)
      return true
    }
    if !isSet { return -1 }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe work($0, size) }
    }
  }
}
