// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Glibc
import SlotFiles
import Updates

/// The slots that posd-boot starts this program from, as it has told them in the environment.
final class FolderSlots {
  /// How far an installation is.
  enum Progress {
    /// So many thousandths are done.
    case under(permille: Int64)
    /// The slot is whole.
    case done
    /// It is not.
    case failed(InstallFault)
  }

  /// The slots of a real disk.
  typealias Slots = DirectorySlots<FolderDisk>

  /// The slot that runs.
  let running: SlotName
  /// Its version.
  let version: ReleaseVersion
  private let folder: String
  private let slots: Slots
  private var work: Work?

  /// A class, since a value that cannot be copied is taken out of nothing else.
  private final class Work {
    private var installation: Installation<FolderDisk, BundleFile>

    init(_ installation: consuming Installation<FolderDisk, BundleFile>) {
      self.installation = installation
    }

    func step() -> Progress {
      do throws(InstallFault) {
        return try installation.step() ? .under(permille: installation.permille) : .done
      } catch {
        return .failed(error)
      }
    }
  }

  /// Nil where no supervisor has started this program: then there are no updates.
  init?() {
    guard let folder = unsafe getenv("POSD_SLOTS").map({ unsafe String(cString: $0) }),
      let name = unsafe getenv("POSD_SLOT").map({ unsafe String(cString: $0) }),
      let running = SlotName(ByteString(name))
    else { return nil }
    self.folder = folder
    self.running = running
    slots = DirectorySlots(FolderDisk(folder))
    version = slots.version(running)
  }

  /// What the supervisor's file says.
  var boot: BootState? { slots.bootState }

  /// Begins to put a bundle into the slot that does not run.
  func begin(_ order: InstallOrder, _ bundle: String, isSafe: Bool) -> Progress {
    guard let source = BundleFile(bundle) else { return .failed(.disk(.absent)) }
    // A disk of its own: it has one file open, from one piece to the next, while others look up the
    // state.
    let own = DirectorySlots(FolderDisk(folder))
    do throws(InstallFault) {
      work = Work(try Installation(own, source, order, running: running, isSafe: isSafe))
      return .under(permille: 0)
    } catch {
      return .failed(error)
    }
  }

  /// One piece of it; nothing where nothing was begun.
  func step() -> Progress? {
    guard let progress = work?.step() else { return nil }
    if case .under = progress { return progress }
    work = nil
    return progress
  }

  /// Whether it is under way.
  var isInstalling: Bool { work != nil }

  /// Does what the machine orders; whether it is on the disk.
  func save(_ order: (Slots) throws(DiskFault) -> Void) -> Bool {
    do throws(DiskFault) {
      try order(slots)
      return true
    } catch {
      return false
    }
  }
}
