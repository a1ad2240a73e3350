// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Whether a folder takes a write that stays, and gives it back.
public enum StorageProbe {
  private static let count = 64

  /// Writes a small file, reads it and removes it.
  public static func passes(folder: String) -> Bool {
    let path = folder + "/probe"
    unsafe _ = unlink(path)
    let bytes = randomBytes(StorageProbe.count)
    defer { unsafe _ = unlink(path) }
    return FileSystem.create(path, bytes)
      && FileSystem.read(path, limit: StorageProbe.count) == bytes
  }
}
