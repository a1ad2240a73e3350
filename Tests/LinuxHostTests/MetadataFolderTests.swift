// SPDX-License-Identifier: Apache-2.0

import CFailingDisk
import Foundation
import LinuxHost
import Testing
import Updates

@Suite("The folder of trusted metadata")
struct MetadataFolderTests {
  private static func names(_ folder: Folder) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  @Test("what is stored is there byte for byte, under plain names, and is replaced as a whole")
  func stores() throws {
    let place = try Folder()
    let folder = MetadataFolder(place.path)
    let name = StoredName.role("../odd")
    #expect(folder.load(name, limit: 10) == nil)
    #expect(folder.store(name, [1, 2, 3]))
    #expect(folder.store(.rootVersion(7), [7]))
    #expect(folder.store(.rootVersion(8), [8]))
    #expect(MetadataFolderTests.names(place) == ["..%2Fodd.json", "root_history"])
    #expect(place.bytes("root_history/8.root.json") == [8])
    #expect(folder.load(name, limit: 3) == [1, 2, 3])
    #expect(folder.store(name, [4]))
    #expect(folder.load(name, limit: 3) == [4])
  }

  @Test("more than was asked for is nothing")
  func limit() throws {
    let folder = MetadataFolder(try Folder().path)
    let place = try Folder()
    let other = MetadataFolder(place.path)
    #expect(other.store(.root, [1, 2, 3, 4]))
    #expect(other.load(.root, limit: 4) == [1, 2, 3, 4])
    #expect(other.load(.root, limit: 3) == nil)
    // A folder that is gone takes nothing and has nothing.
    #expect(!folder.store(.root, [1]))
    #expect(!folder.store(.rootVersion(1), [1]))
    #expect(folder.load(.root, limit: 4) == nil)
  }

  @Test("what a power cut has left beside a document is never taken for it, and goes")
  func leftover() throws {
    let place = try Folder()
    let folder = MetadataFolder(place.path)
    try place.write("timestamp.json.new", [9, 9])
    #expect(folder.load(.role("timestamp"), limit: 10) == nil)
    #expect(folder.store(.role("timestamp"), [1]))
    #expect(MetadataFolderTests.names(place) == ["timestamp.json"])
  }

  @Test("what is deleted is gone, and what was not there is gone too")
  func deletes() throws {
    let place = try Folder()
    let folder = MetadataFolder(place.path)
    #expect(folder.store(.role("snapshot"), [1]))
    #expect(folder.delete(.role("snapshot")))
    #expect(folder.delete(.role("snapshot")))
    #expect(MetadataFolderTests.names(place) == [])
  }

  @Test("whichever write or sync fails, a document is the former one or the new one")
  func failing() async {
    // The failing disk is the whole process's: a process of its own has it.
    await #expect(processExitsWith: .success) { try MetadataFolderTests.sweep() }
  }

  private static func sweep() throws {
    let former = [UInt8](repeating: 1, count: 5_000)
    let new = [UInt8](repeating: 2, count: 7_000)
    var failures = 0
    for call in 1...20 {
      let place = try Folder()
      let folder = MetadataFolder(place.path)
      guard folder.store(.root, former) else { throw CocoaError(.fileWriteUnknown) }
      unsafe failing_disk_arm(place.path, call, false, EIO)
      let isStored = folder.store(.root, new)
      let count = failing_disk_disarm()
      let found = folder.load(.root, limit: 10_000)
      let isWhole = found == new || (found == former && !isStored)
      // Nothing is left beside it that the next one could stumble over.
      if !isWhole || !folder.store(.root, new) { throw CocoaError(.fileReadCorruptFile) }
      if !isStored { failures += 1 }
      if count < call { break }
    }
    if failures < 2 { throw CocoaError(.featureUnsupported) }
  }
}
