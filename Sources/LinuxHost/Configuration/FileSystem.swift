// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Whole small files.
public enum FileSystem {
  /// The bytes of a file of at most `limit` bytes; nil when it cannot be read.
  public static func read(_ path: String, limit: Int) -> [UInt8]? {
    guard let file = Descriptor(unsafe open(path, O_RDONLY | O_CLOEXEC)) else { return nil }
    return readAll(file, limit: limit)
  }

  /// The same of a path that a stranger has named: of a plain file alone, since others may keep the
  /// reader waiting for ever.
  static func readPlain(_ path: String, limit: Int) -> [UInt8]? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard let file = Descriptor(number) else { return nil }
    var about = stat()
    guard unsafe fstat(file.number, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return readAll(file, limit: limit)
  }

  private static func readAll(_ file: borrowing Descriptor, limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      guard case .success(let part?) = readSome(file.number, limit: 65_536) else { return nil }
      if part.isEmpty { return bytes }
      bytes += part
    }
    return nil
  }

  /// The names in a folder that end so, in order; nil when the folder cannot be read.
  static func names(in folder: String, ending: String) -> [String]? {
    guard let listing = unsafe opendir(folder) else { return nil }
    defer { unsafe _ = closedir(listing) }
    var names: [String] = []
    while let entry = unsafe readdir(listing) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name.hasSuffix(ending), !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a file that only this user may read, synced; false when it exists or cannot be made.
  public static func create(_ path: String, _ bytes: [UInt8]) -> Bool {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard let file = Descriptor(number) else { return false }
    var rest = bytes[...]
    while !rest.isEmpty {
      guard case .success(let count) = writeSome(file.number, rest) else { return false }
      rest = rest.dropFirst(count)
    }
    return fsync(file.number) == 0
  }

  /// Puts bytes in the place of a file, synced. Whatever fails, and wherever the power is cut, the
  /// former content is there or the new one; true only when the new one will stay.
  static func replace(_ path: String, _ bytes: [UInt8]) -> Bool {
    let new = path + ".new"
    // A power cut may have left one.
    unsafe _ = unlink(new)
    guard create(new, bytes), unsafe rename(new, path) == 0 else {
      unsafe _ = unlink(new)
      return false
    }
    return syncFolder(WholeFile.folder(of: path))
  }

  /// Puts the names in a folder on disk; false when the system refuses.
  static func syncFolder(_ path: String) -> Bool {
    guard let folder = Descriptor(unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else {
      return false
    }
    return fsync(folder.number) == 0
  }
}
