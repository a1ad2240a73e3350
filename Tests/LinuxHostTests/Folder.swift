// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A folder that is gone when the test is.
final class Folder {
  let path: String

  /// `inMemory` costs no disk a write; for thousands of folders.
  init(inMemory: Bool = false) throws {
    let place =
      inMemory ? URL(fileURLWithPath: "/dev/shm") : FileManager.default.temporaryDirectory
    let url = place.appendingPathComponent("posd-test-" + UUID().uuidString)
    // A state folder is refused when others may enter it.
    try FileManager.default.createDirectory(
      at: url, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try write(name, Array(text.utf8))
  }

  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = path + "/" + name
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }

  func bytes(_ name: String) -> [UInt8] {
    (FileManager.default.contents(atPath: path + "/" + name)).map { [UInt8]($0) } ?? []
  }
}

/// The repository's own folder.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

/// The files of `Config/` that the shipped terminal has.
func shippedConfiguration() throws -> [String] {
  let receipts = try FileManager.default.contentsOfDirectory(
    atPath: repository + "/Config/receipts")
  return ["posd.yaml", "boards/demo.yaml", "acquirers/generic.yaml", "errors.yaml"]
    + receipts.filter { $0.hasSuffix(".receipt") }.map { "receipts/" + $0 }
}
