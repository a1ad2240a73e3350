// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// UNIX sockets, which never block.
public enum UnixSocket {
  /// How bytes travel.
  public enum Kind: Hashable, Sendable {
    /// As a stream.
    case stream
    /// In packets whose bounds are kept.
    case packets

    fileprivate var type: Int32 {
      let kind = self == .stream ? SOCK_STREAM : SOCK_SEQPACKET
      return Int32(kind.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    }
  }

  /// Connects to a socket, without waiting; fails when nobody listens there.
  public static func connect(_ path: String, _ kind: Kind) throws(SystemFault) -> Descriptor {
    let descriptor = try make(kind)
    let number = descriptor.number
    try unsafe withAddress(path) { address, size in
      unsafe Glibc.connect(number, address, size)
    }
    return descriptor
  }

  /// Listens on a socket in place of a stale one; only this user and group may connect.
  public static func listen(_ path: String, _ kind: Kind) throws(SystemFault) -> Descriptor {
    // A socket file that a killed program left would refuse the new one.
    if unsafe unlink(path) != 0, errno != ENOENT { throw SystemFault(code: errno) }
    let descriptor = try make(kind)
    let number = descriptor.number
    try unsafe withAddress(path) { address, size in
      unsafe bind(number, address, size)
    }
    if unsafe chmod(path, 0o660) != 0 { throw SystemFault(code: errno) }
    if Glibc.listen(number, 16) != 0 { throw SystemFault(code: errno) }
    return descriptor
  }

  /// Takes the next connection; nil when there is none.
  public static func accept(_ listener: Int32) -> Descriptor? {
    let number = Glibc.accept(listener, nil, nil)
    guard let descriptor = Descriptor(number), setNonBlocking(number) else { return nil }
    return consume descriptor
  }

  private static func make(_ kind: Kind) throws(SystemFault) -> Descriptor {
    guard let descriptor = Descriptor(socket(AF_UNIX, kind.type, 0)) else {
      throw SystemFault(code: errno)
    }
    return descriptor
  }

  private static func withAddress(
    _ path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(SystemFault) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let isSet = unsafe withUnsafeMutableBytes(of: &address.sun_path) { field in
      // One byte stays zero: it ends the path.
      if bytes.isEmpty || bytes.count >= field.count { return false }
      unsafe field.copyBytes(from: bytes)
      return true
    }
    if !isSet { throw SystemFault(code: ENAMETOOLONG) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe use($0, size) }
    }
    if result != 0 { throw SystemFault(code: errno) }
  }
}
