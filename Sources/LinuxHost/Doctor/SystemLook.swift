// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What the files of the system say to whoever looks for the cause of a fault.
///
/// Everything is read below a root, which is the system's own but in tests.
public struct SystemLook: Sendable {
  private let root: String
  private let mayUse: @Sendable (String) -> Bool

  /// A look at this system.
  public init() {
    self.init(root: "") { path in unsafe access(path, R_OK | W_OK) == 0 }
  }

  init(root: String, mayUse: @escaping @Sendable (String) -> Bool) {
    self.root = root
    self.mayUse = mayUse
  }

  /// The names in a folder, in order; none of one that cannot be read.
  func names(_ folder: String) -> [String] {
    FileSystem.names(in: root + folder, ending: "") ?? []
  }

  /// The text of a file without the blanks at its end; empty for one that cannot be read.
  func text(_ path: String) -> String {
    var bytes = bytes(path)
    while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes of a file; none of one that cannot be read.
  func bytes(_ path: String) -> [UInt8] { FileSystem.read(root + path, limit: 65_536) ?? [] }

  private func exists(_ path: String) -> Bool { unsafe access(root + path, F_OK) == 0 }

  /// Whether this user may read and write it.
  func isUsable(_ path: String) -> Bool { mayUse(root + path) }

  /// The file behind all symbolic links; nil when there is none.
  func resolved(_ path: String) -> String? {
    // A name that the kernel has for a port stands for itself, as it does for the transport.
    let isKernels = path.hasPrefix("/dev/") && exists("/sys/class/tty/" + path.dropFirst(5))
    if isKernels { return path }
    guard let found = unsafe realpath(root + path, nil) else { return nil }
    defer { unsafe free(found) }
    let whole = unsafe String(cString: found)
    return whole.hasPrefix(root) ? String(whole.dropFirst(root.utf8.count)) : whole
  }

  /// Owner, group and mode of a file, as in "0:0 660".
  func rights(_ path: String) -> String {
    var about = stat()
    guard unsafe stat(root + path, &about) == 0 else { return "" }
    return "owner \(about.st_uid), group \(about.st_gid), mode "
      + String(about.st_mode & 0o777, radix: 8)
  }

  /// The programs that have a file open, as far as this user may see them: number and name.
  func holders(of path: String) -> [(process: Int, name: String)] {
    var found: [(process: Int, name: String)] = []
    for entry in names("/proc") {
      guard let process = Int(entry), process != Int(getpid()) else { continue }
      let folder = "/proc/" + entry
      for number in names(folder + "/fd") where target(folder + "/fd/" + number) == path {
        found.append((process, text(folder + "/comm")))
        break
      }
    }
    return found
  }

  /// Free megabytes of the file system that a folder is on; nil when nobody can say.
  func freeMegabytes(_ folder: String) -> Int? {
    var about = statvfs()
    guard unsafe statvfs(root + folder, &about) == 0 else { return nil }
    return Int(clamping: UInt64(about.f_bavail) * UInt64(about.f_frsize) / 1_048_576)
  }

  private func target(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4_096)
    let count = unsafe readlink(root + path, &buffer, buffer.count)
    guard count > 0 else { return nil }
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
