// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Updates

/// A folder in which trusted metadata lies: each file whole or not at all, whatever happens.
public struct MetadataFolder {
  private let path: String

  /// The folder, which must be there.
  public init(_ path: String) { self.path = path }

  /// What lies under a name; nil where there is nothing legible of at most so many bytes.
  public func load(_ name: StoredName, limit: Int64) -> [UInt8]? {
    FileSystem.read(file(name), limit: Int(limit))
  }

  /// Puts a document there; false when the system refuses, and then the former one or this one is
  /// there, whole.
  public func store(_ name: StoredName, _ bytes: [UInt8]) -> Bool {
    let final = file(name)
    let folder = WholeFile.folder(of: final)
    if folder != path {
      if unsafe mkdir(folder, 0o755) == 0 {
        if !FileSystem.syncFolder(path) { return false }
      } else if errno != EEXIST {
        return false
      }
    }
    return FileSystem.replace(final, bytes)
  }

  /// Takes a document out; one that is not there is out already.
  public func delete(_ name: StoredName) -> Bool {
    if unsafe unlink(file(name)) != 0 { return errno == ENOENT }
    return FileSystem.syncFolder(path)
  }

  private func file(_ name: StoredName) -> String {
    path + "/" + String(decoding: name.fileName.bytes, as: UTF8.self)
  }
}
