// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import LinuxHost

// A name comes with `mknod` or a symbolic link, which udev makes after the port itself and whose
// rights it sets last; so creation, renaming and a change of rights all count.

/// Watches the folder in which a port's name will appear, so that a device is opened when it comes
/// and not at the next glance.
final class PortWatch {
  private let descriptor: Descriptor
  /// The last part of the port's name, or that of the folder which is not there yet either.
  private let name: [UInt8]

  /// Bytes of an event before its name (inotify(7)).
  private static let headCount = 16

  /// A watch for this path; nil when the system has none, and the port is looked for by the clock.
  init?(_ path: String) {
    let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard let descriptor = Descriptor(number) else { return nil }
    var folder = path
    var name = ""
    // Folders such as /dev/serial/by-path come with the first device.
    repeat {
      guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { return nil }
      name = String(folder[folder.index(after: slash)...])
      folder = String(folder[..<slash])
    } while unsafe access(folder, F_OK) != 0
    let kinds = UInt32(IN_CREATE | IN_MOVED_TO | IN_ATTRIB)
    if unsafe inotify_add_watch(descriptor.number, folder, kinds) < 0 { return nil }
    self.descriptor = descriptor
    self.name = Array(name.utf8)
  }

  /// What is waited for.
  var number: Int32 { descriptor.number }

  /// Whether what has happened in the folder concerns the port.
  func isNews() -> Bool {
    guard case .success(let bytes?) = readSome(descriptor.number, limit: 4_096) else {
      return false
    }
    var offset = 0
    while offset + PortWatch.headCount <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 12 + $1]) << (8 * $1) }
      let end = offset + PortWatch.headCount + length
      if end > bytes.count { return true }
      let happened = bytes[(offset + PortWatch.headCount)..<end].prefix { $0 != 0 }
      if happened.elementsEqual(name) { return true }
      offset = end
    }
    return false
  }
}
