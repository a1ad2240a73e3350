// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
public import Updates

/// A folder of a real disk as slots need it.
public final class FolderDisk: SlotDisk {
  private let root: String
  /// The open file, or -1.
  private var number: Int32 = -1
  /// Bytes of the open file that may not be on the disk yet.
  private var unsynced = 0
  private static let mostUnsynced = 4_194_304

  /// The folder, which must be there.
  public init(_ root: String) { self.root = root }

  deinit { close() }

  /// Where a path lies.
  public func path(_ path: ByteString) -> String {
    let text = String(decoding: path.bytes, as: UTF8.self)
    return text.isEmpty ? root : root + "/" + text
  }

  /// The bytes of a small file.
  public func read(_ path: ByteString, limit: Int) throws(DiskFault) -> [UInt8] {
    try open(path)
    defer { close() }
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let part = try next(limit: 65_536)
      if part.isEmpty { return bytes }
      bytes += part
    }
    throw .system(EFBIG)
  }

  /// Makes a file and opens it; whatever the mask of this process is, it has its mode.
  public func create(_ path: ByteString, isExecutable: Bool) throws(DiskFault) {
    close()
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    number = unsafe Glibc.open(self.path(path), flags, isExecutable ? 0o755 : 0o644)
    unsynced = 0
    if number < 0 { throw FolderDisk.fault() }
    if fchmod(number, isExecutable ? 0o755 : 0o644) != 0 { throw FolderDisk.fault() }
  }

  /// Writes all of the bytes. What is not on the disk yet stays bounded, since whoever waits for
  /// the last of it has a terminal to run.
  public func append(_ bytes: [UInt8]) throws(DiskFault) {
    unsynced += bytes.count
    if unsynced > FolderDisk.mostUnsynced {
      unsynced = bytes.count
      if fdatasync(number) != 0 { throw FolderDisk.fault() }
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let file = number
      let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw FolderDisk.fault()
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits until the open file is on the disk, and closes it.
  public func sync() throws(DiskFault) {
    let result = fsync(number)
    let fault = FolderDisk.fault()
    close()
    // After a sync that failed the file is suspect, whatever a second one would say.
    if result != 0 { throw fault }
  }

  /// Opens a plain file, never through a link.
  public func open(_ path: ByteString) throws(DiskFault) {
    close()
    number = unsafe Glibc.open(self.path(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if number < 0 { throw FolderDisk.fault() }
    var about = stat()
    if unsafe fstat(number, &about) != 0 { throw FolderDisk.fault() }
    if about.st_mode & S_IFMT != S_IFREG { throw .system(EINVAL) }
  }

  /// The next bytes.
  public func next(limit: Int) throws(DiskFault) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    while true {
      let file = number
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, $0.count)
      }
      if count >= 0 { return count == limit ? buffer : Array(buffer[..<count]) }
      if errno != EINTR { throw FolderDisk.fault() }
    }
  }

  /// Closes what is open.
  public func close() {
    if number >= 0 { _ = Glibc.close(number) }
    number = -1
  }

  /// Makes a folder that everybody may read.
  public func makeFolder(_ path: ByteString) throws(DiskFault) {
    if unsafe mkdir(self.path(path), 0o755) != 0 { throw FolderDisk.fault() }
    if unsafe chmod(self.path(path), 0o755) != 0 { throw FolderDisk.fault() }
  }

  /// What is in a folder.
  public func names(in path: ByteString, limit: Int) throws(DiskFault) -> [DiskName] {
    guard let listing = unsafe opendir(self.path(path)) else { throw FolderDisk.fault() }
    defer { unsafe _ = closedir(listing) }
    var names: [DiskName] = []
    while names.count < limit, let entry = unsafe readdir(listing) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      var about = stat()
      let full = self.path(path) + "/" + name
      if unsafe lstat(full, &about) != 0 { throw FolderDisk.fault() }
      names.append(DiskName(ByteString(name), isFolder: about.st_mode & S_IFMT == S_IFDIR))
    }
    return names
  }

  /// Removes a file, a link, or an empty folder.
  public func remove(_ path: ByteString, isFolder: Bool) throws(DiskFault) {
    let result = unsafe isFolder ? rmdir(self.path(path)) : unlink(self.path(path))
    if result != 0 { throw FolderDisk.fault() }
  }

  /// Makes a symbolic link.
  public func link(_ path: ByteString, to target: ByteString) throws(DiskFault) {
    let text = String(decoding: target.bytes, as: UTF8.self)
    if unsafe symlink(text, self.path(path)) != 0 { throw FolderDisk.fault() }
  }

  /// Where a symbolic link leads.
  public func target(of path: ByteString) throws(DiskFault) -> ByteString {
    var buffer = [CChar](repeating: 0, count: 256)
    let count = unsafe readlink(self.path(path), &buffer, buffer.count)
    if count < 0 { throw FolderDisk.fault() }
    return ByteString(buffer[..<count].map { UInt8(bitPattern: $0) })
  }

  /// Renames in one step.
  public func rename(_ path: ByteString, to new: ByteString) throws(DiskFault) {
    if unsafe Glibc.rename(self.path(path), self.path(new)) != 0 { throw FolderDisk.fault() }
  }

  /// Waits until the names are on the disk.
  public func syncFolder(_ path: ByteString) throws(DiskFault) {
    let folder = unsafe Glibc.open(self.path(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder < 0 { throw FolderDisk.fault() }
    let result = fsync(folder)
    let fault = FolderDisk.fault()
    _ = Glibc.close(folder)
    if result != 0 { throw fault }
  }

  /// Bytes that an ordinary user may still write there; 0 where nobody knows.
  public var room: Int64 {
    var about = statvfs()
    if unsafe statvfs(root, &about) != 0 { return 0 }
    return Int64(clamping: UInt64(about.f_bavail) * UInt64(about.f_frsize))
  }

  private static func fault() -> DiskFault {
    switch errno {
    case ENOSPC, EDQUOT: .full
    case EROFS: .readOnly
    case ENOENT: .absent
    case EEXIST: .taken
    case let code: .system(code)
    }
  }
}

/// A bundle in a file of any folder.
public final class BundleFile: BundleSource {
  private let disk: FolderDisk
  private let path: String

  /// The file of this path; nil where it cannot be opened.
  public init?(_ path: String) {
    self.path = path
    // The root of all paths: this one is absolute, or below where the program is.
    disk = FolderDisk(path.hasPrefix("/") ? "" : ".")
    let rest = path.hasPrefix("/") ? String(path.dropFirst()) : path
    if (try? disk.open(ByteString(rest))) == nil { return nil }
  }

  /// The next bytes of the bundle.
  public func next(limit: Int) throws(DiskFault) -> [UInt8] { try disk.next(limit: limit) }
}
