// SPDX-License-Identifier: Apache-2.0

import CLinux
import Devices
import Glibc

/// A folder of mode 0700 in which one file after the other is replaced in one step.
struct SecretFolder {
  let path: String

  /// Behind a file that is being written; a power cut may leave one, and the next write removes it.
  private static let unfinished = ".new"

  /// Makes the folder when it is not there, and refuses one that others may enter.
  init(_ path: String) throws(SecureFault) {
    self.path = path
    if unsafe mkdir(path, 0o700) == 0 {
      try WholeFile.syncFolder(WholeFile.folder(of: path))
    } else if errno != EEXIST {
      throw .notWritable(path, code: errno)
    }
    var facts = stat()
    if unsafe lstat(path, &facts) != 0 { throw .notReadable(path, code: errno) }
    if facts.st_mode & S_IFMT != S_IFDIR { throw .notWritable(path, code: ENOTDIR) }
    if facts.st_mode & 0o077 != 0 { throw .openToOthers(path) }
  }

  /// Does `work` while no other program, and no other part of this one, works in the folder.
  func locked<Result>(
    _ work: () throws(SecureFault) -> Result
  ) throws(SecureFault) -> Result {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
    guard let folder = Descriptor(unsafe open(path, flags)) else {
      throw .notReadable(path, code: errno)
    }
    // Whoever has the lock needs it for a few writes: it is waited for.
    while flock(folder.number, LOCK_EX) != 0 {
      if errno != EINTR { throw .notWritable(path, code: errno) }
    }
    return try work()
  }

  /// Whether nothing at all is in the folder.
  func isEmpty() throws(SecureFault) -> Bool {
    guard let entries = unsafe opendir(path) else { throw .notReadable(path, code: errno) }
    defer { unsafe _ = closedir(entries) }
    var count = 0
    errno = 0
    while unsafe readdir(entries) != nil { count += 1 }
    if errno != 0 { throw .notReadable(path, code: errno) }
    // The folder itself and the one above.
    return count <= 2
  }

  func path(of name: String) -> String { path + "/" + name }

  func read(_ name: String, limit: Int) throws(SecureFault) -> [UInt8]? {
    try WholeFile.read(path(of: name), limit: limit)
  }

  /// After a power cut at any moment the former file is there or the new one, never a part.
  func replace(_ name: String, _ bytes: [UInt8]) throws(SecureFault) {
    let new = path(of: name) + SecretFolder.unfinished
    try WholeFile.remove(new)
    do throws(SecureFault) {
      try WholeFile.make(new, bytes)
      if unsafe rename(new, path(of: name)) != 0 {
        throw .notWritable(path(of: name), code: errno)
      }
    } catch {
      // What is in the way of writing is the fault to tell, not what is in the way of tidying.
      unsafe _ = unlink(new)
      throw error
    }
    try WholeFile.syncFolder(path)
  }

  func remove(_ name: String) throws(SecureFault) {
    try WholeFile.remove(path(of: name))
    try WholeFile.remove(path(of: name) + SecretFolder.unfinished)
    try WholeFile.syncFolder(path)
  }
}
