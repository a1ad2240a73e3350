// SPDX-License-Identifier: Apache-2.0

import SlotFiles
import Updates

/// A note that a boot chooser is being told to start the other slot. It lies where a start of the
/// machine empties everything, so that a posd which finds it was itself started anew and not the
/// machine: then nobody has fallen back.
struct SwitchNote {
  private static let name: ByteString = "switch-ordered"
  private let disk: FolderDisk

  /// In a folder that a start of the machine empties.
  init(_ folder: String) { disk = FolderDisk(folder) }

  /// Whether it is there.
  var isThere: Bool {
    do throws(DiskFault) {
      try disk.open(SwitchNote.name)
      disk.close()
      return true
    } catch {
      return false
    }
  }

  /// Leaves it. Where that fails, a posd that ends before the machine does counts against a version
  /// that was not tried: nothing is stopped by it.
  func leave() {
    do throws(DiskFault) {
      remove()
      try disk.create(SwitchNote.name, isExecutable: false)
      try disk.sync()
    } catch {}
  }

  /// Takes it away.
  func remove() {
    do throws(DiskFault) { try disk.remove(SwitchNote.name, isFolder: false) } catch {}
  }
}
