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

  /// Listens on a socket, in place of one that a killed program has left; fails with `EADDRINUSE`
  /// when a program listens there, and with `EEXIST` when something else stands there. Only this
  /// user and group may connect.
  public static func listen(_ path: String, _ kind: Kind) throws(SystemFault) -> UnixListener {
    // Who has the lock has the name: two programs that start together cannot both take it.
    let number = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard let lock = Descriptor(number) else { throw SystemFault(code: errno) }
    do {
      try lock.lock()
    } catch {
      throw SystemFault(code: error.code == EWOULDBLOCK ? EADDRINUSE : error.code)
    }
    try removeStale(path, kind)
    let descriptor = try make(kind)
    let socket = descriptor.number
    try unsafe withAddress(path) { address, size in
      unsafe bind(socket, address, size)
    }
    let listener = UnixListener(consume descriptor, consume lock, path)
    if unsafe chmod(path, 0o660) != 0 { throw SystemFault(code: errno) }
    if Glibc.listen(socket, 16) != 0 { throw SystemFault(code: errno) }
    return listener
  }

  /// Removes a socket at which nobody listens any more.
  private static func removeStale(_ path: String, _ kind: Kind) throws(SystemFault) {
    var about = stat()
    if unsafe lstat(path, &about) != 0 {
      if errno == ENOENT { return }
      throw SystemFault(code: errno)
    }
    if about.st_mode & S_IFMT != S_IFSOCK { throw SystemFault(code: EEXIST) }
    do throws(SystemFault) {
      _ = try connect(path, kind)
    } catch {
      switch error.code {
      case ECONNREFUSED: break
      // A full queue, or a socket of another kind: somebody listens.
      case EAGAIN, EPROTOTYPE: throw SystemFault(code: EADDRINUSE)
      default: throw error
      }
      if unsafe unlink(path) != 0, errno != ENOENT { throw SystemFault(code: errno) }
      return
    }
    throw SystemFault(code: EADDRINUSE)
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

/// A socket that is listened on; its file is gone when this value is.
public struct UnixListener: ~Copyable {
  /// The descriptor, valid as long as this value lives.
  public var number: Int32 { descriptor.number }
  private let descriptor: Descriptor
  private let lock: Descriptor
  private let path: String

  fileprivate init(
    _ descriptor: consuming Descriptor, _ lock: consuming Descriptor, _ path: String
  ) {
    self.descriptor = consume descriptor
    self.lock = consume lock
    self.path = path
  }

  deinit {
    // A name that stays is taken for a stale one by the next program.
    _ = unsafe unlink(path)
  }
}
