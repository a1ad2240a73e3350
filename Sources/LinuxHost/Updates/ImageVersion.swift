// SPDX-License-Identifier: Apache-2.0

import Updates

/// The version of the system's image as os-release(5) has it: `IMAGE_VERSION`, which RAUC cannot
/// know of an image that it did not install itself.
enum ImageVersion {
  private static let key = Array("IMAGE_VERSION=".utf8)
  private static let limit = 65_536

  /// What a file says; nil where it says nothing that is a version.
  static func read(_ path: String) -> ReleaseVersion? {
    FileSystem.readPlain(path, limit: limit).flatMap(of)
  }

  /// What its text says; the last line counts, as in a shell, and quotes around it are none of it.
  static func of(_ text: [UInt8]) -> ReleaseVersion? {
    let lines = text.split(separator: 0x0A).filter { $0.starts(with: key) }
    guard var value = lines.last?.dropFirst(key.count) else { return nil }
    if let quote = value.first, quote == 0x22 || quote == 0x27, value.count > 1,
      value.last == quote
    {
      value = value.dropFirst().dropLast()
    }
    return ReleaseVersion(ByteString(Array(value)))
  }
}
