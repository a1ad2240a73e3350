// SPDX-License-Identifier: Apache-2.0

import CLinux
import Devices
import Glibc

/// Small files that only their owner may read, whole or not at all.
enum WholeFile {
  /// Opens a file that nobody but its owner may read or change; nil when there is none.
  static func open(
    _ path: String, followsLinks: Bool
  ) throws(SecureFault) -> Descriptor? {
    // Without O_NONBLOCK a pipe in the file's place would hold the terminal's start for ever.
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW)
    guard let file = Descriptor(unsafe Glibc.open(path, flags)) else {
      let code = errno
      if code == ENOENT { return nil }
      if code == ELOOP { throw .damaged(path) }
      throw .notReadable(path, code: code)
    }
    var facts = stat()
    if unsafe fstat(file.number, &facts) != 0 { throw .notReadable(path, code: errno) }
    if facts.st_mode & S_IFMT != S_IFREG { throw .damaged(path) }
    if facts.st_mode & 0o077 != 0 { throw .openToOthers(path) }
    return file
  }

  /// The bytes of a file; nil when there is none. One of more than `limit` bytes is none of ours.
  static func read(
    _ path: String, limit: Int, followsLinks: Bool = false
  ) throws(SecureFault) -> [UInt8]? {
    guard let file = try open(path, followsLinks: followsLinks) else { return nil }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      switch readSome(file.number, limit: limit + 1) {
      case .success(let part?) where part.isEmpty: return bytes
      case .success(let part?): bytes += part
      case .success(nil): continue
      case .failure(let fault): throw .notReadable(path, code: fault.code)
      }
    }
    throw .damaged(path)
  }

  /// Makes a new file of mode 0600 and waits until it is on the disk.
  static func make(_ path: String, _ bytes: [UInt8]) throws(SecureFault) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    guard let file = Descriptor(unsafe Glibc.open(path, flags, 0o600)) else {
      throw .notWritable(path, code: errno)
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      switch writeSome(file.number, rest) {
      case .success(let count): rest = rest.dropFirst(count)
      case .failure(let fault): throw .notWritable(path, code: fault.code)
      }
    }
    if fsync(file.number) != 0 { throw .notWritable(path, code: errno) }
  }

  /// Removes a file; one that is not there is removed already.
  static func remove(_ path: String) throws(SecureFault) {
    if unsafe unlink(path) != 0, errno != ENOENT { throw .notWritable(path, code: errno) }
  }

  /// Waits until the names in a folder are on the disk.
  static func syncFolder(_ path: String) throws(SecureFault) {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    guard let folder = Descriptor(unsafe Glibc.open(path, flags)) else {
      throw .notWritable(path, code: errno)
    }
    if fsync(folder.number) != 0 { throw .notWritable(path, code: errno) }
  }

  /// The folder a path lies in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
