// SPDX-License-Identifier: Apache-2.0

import Glibc
import SlotFiles
import Updates

/// The slots that posd-boot starts this program from, as it has told them in the environment.
final class FolderSlots: SlotEngine {
  let format = Release.Format.directory
  let running: SlotName
  let version: ReleaseVersion
  let source: (any PollSource)? = nil
  var onProgress: (SlotProgress) -> Void = { _ in }
  private let folder: String
  private let slots: DirectorySlots<FolderDisk>
  private var work: Work?

  /// A class, since a value that cannot be copied is taken out of nothing else.
  private final class Work {
    private var installation: Installation<FolderDisk, BundleFile>

    init(_ installation: consuming Installation<FolderDisk, BundleFile>) {
      self.installation = installation
    }

    func step() -> SlotProgress {
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

  var boot: BootState? { slots.bootState }
  var hasWork: Bool { work != nil }

  func open(_ done: @escaping (Bool) -> Void) { done(true) }
  // Never asked: it is open at once.
  let silence = ""
  func mayFallBack() -> Bool { false }

  func begin(_ order: InstallOrder, _ bundle: String, isSafe: Bool) {
    guard let source = BundleFile(bundle) else { return onProgress(.failed(.disk(.absent))) }
    // A disk of its own: it has one file open, from one piece to the next, while others look up the
    // state.
    let own = DirectorySlots(FolderDisk(folder))
    do throws(InstallFault) {
      work = Work(try Installation(own, source, order, running: running, isSafe: isSafe))
    } catch {
      onProgress(.failed(error))
    }
  }

  func step() {
    guard let progress = work?.step() else { return }
    if case .under = progress {} else { work = nil }
    onProgress(progress)
  }

  func beginTrial(_ done: @escaping (Bool) -> Void) {
    done(save { slots throws(DiskFault) in try slots.beginTrial() })
  }

  func pass(_ done: @escaping (Bool) -> Void) {
    done(save { slots throws(DiskFault) in try slots.pass() })
  }

  func commit(_ done: @escaping (Bool) -> Void) {
    done(save { slots throws(DiskFault) in try slots.commit() })
  }

  func revert(_ failure: TrialFailure, _ done: @escaping (Bool) -> Void) {
    done(save { slots throws(DiskFault) in try slots.revert(failure) })
  }

  private func save(_ order: (DirectorySlots<FolderDisk>) throws(DiskFault) -> Void) -> Bool {
    do throws(DiskFault) {
      try order(slots)
      return true
    } catch {
      return false
    }
  }
}
