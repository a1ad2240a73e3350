// SPDX-License-Identifier: Apache-2.0

/// What the disk refused.
public enum DiskFault: Error, Hashable, Sendable {
  /// No room.
  case full
  /// It takes no writes at all.
  case readOnly
  /// There is no such name.
  case absent
  /// The name is taken.
  case taken
  /// Anything else, by the system's number.
  case system(Int32)
}

/// The one folder in which slots live, as few and as small operations as they need: the same rules
/// run on a real disk, and in worlds where the power is cut between any two of them.
///
/// Paths are relative to the folder, with slashes. One file is open at a time. What was written is
/// on the disk only behind `sync` of the file, and its name behind `syncFolder` of its folder.
public protocol SlotDisk: AnyObject {
  /// The bytes of a small file.
  func read(_ path: ByteString, limit: Int) throws(DiskFault) -> [UInt8]
  /// Makes a file that is not there yet and opens it for writing.
  func create(_ path: ByteString, isExecutable: Bool) throws(DiskFault)
  /// Writes behind what the open file has.
  func append(_ bytes: [UInt8]) throws(DiskFault)
  /// Waits until the open file is on the disk, and closes it.
  func sync() throws(DiskFault)
  /// Opens a file for reading.
  func open(_ path: ByteString) throws(DiskFault)
  /// The next bytes of the open file, none at its end.
  func next(limit: Int) throws(DiskFault) -> [UInt8]
  /// Closes the open file, whatever became of it.
  func close()
  /// Makes a folder that is not there yet.
  func makeFolder(_ path: ByteString) throws(DiskFault)
  /// The names in a folder, at most so many of them, and which of them are folders.
  func names(in path: ByteString, limit: Int) throws(DiskFault) -> [DiskName]
  /// Removes a file, or an empty folder.
  func remove(_ path: ByteString, isFolder: Bool) throws(DiskFault)
  /// Makes a symbolic link that is not there yet.
  func link(_ path: ByteString, to target: ByteString) throws(DiskFault)
  /// Where a symbolic link leads.
  func target(of path: ByteString) throws(DiskFault) -> ByteString
  /// Gives a file or link another name, in the place of what had it.
  func rename(_ path: ByteString, to new: ByteString) throws(DiskFault)
  /// Waits until the names in a folder are on the disk; the folder itself is "".
  func syncFolder(_ path: ByteString) throws(DiskFault)
}

/// A name in a folder.
public struct DiskName: Hashable, Sendable {
  /// The name.
  public var name: ByteString
  /// Whether it is a folder.
  public var isFolder: Bool

  /// A name.
  public init(_ name: ByteString, isFolder: Bool) {
    self.name = name
    self.isFolder = isFolder
  }
}

extension SlotDisk {
  /// Puts bytes in the place of a small file: whatever fails, and wherever the power is cut, the
  /// former content is there or the new one.
  func replace(_ path: ByteString, _ bytes: [UInt8]) throws(DiskFault) {
    let new = path + ".new"
    try forget(new)
    do throws(DiskFault) {
      try create(new, isExecutable: false)
      try append(bytes)
      try sync()
    } catch {
      close()
      throw error
    }
    try rename(new, to: path)
    try syncFolder("")
  }

  /// Removes a file that may not be there.
  func forget(_ path: ByteString) throws(DiskFault) {
    do throws(DiskFault) {
      try remove(path, isFolder: false)
    } catch {
      if error != .absent { throw error }
    }
  }
}
