// SPDX-License-Identifier: Apache-2.0

import Updates

/// How far an installation is.
enum SlotProgress {
  /// So many thousandths are done.
  case under(permille: Int64)
  /// The slot is whole, and is not what starts next.
  case done
  /// It is not.
  case failed(InstallFault)
}

/// What an update needs of whatever keeps the slots: the folders that posd-boot starts posd from,
/// or RAUC and a boot chooser. What is ordered ends with its closure, at once or later, and one
/// thing is ordered at a time.
protocol SlotEngine: AnyObject {
  /// Which bundles it takes.
  var format: Release.Format { get }
  /// The slot that runs, once it is open.
  var running: SlotName { get }
  /// Its version, as far as anybody knows.
  var version: ReleaseVersion { get }
  /// What is written of the trial.
  var boot: BootState? { get }
  /// What waits for somebody else, for the loop.
  var source: (any PollSource)? { get }
  /// Called as an installation goes.
  var onProgress: (SlotProgress) -> Void { get set }
  /// Whether an installation has a piece of work to be done now.
  var hasWork: Bool { get }

  /// Finds out what runs; whether it could.
  func open(_ done: @escaping (Bool) -> Void)
  /// Why it could not, the last time.
  var silence: String { get }
  /// It could not for as long as a trial may take: whether a start of the machine may bring back
  /// the version before. A few times at most.
  func mayFallBack() -> Bool
  /// Begins to put a bundle, which was compared with what was signed, into the other slot.
  func begin(_ order: InstallOrder, _ bundle: String, isSafe: Bool)
  /// One piece of that work.
  func step()
  /// The next start is a trial.
  func beginTrial(_ done: @escaping (Bool) -> Void)
  /// The own half has passed.
  func pass(_ done: @escaping (Bool) -> Void)
  /// The version stays.
  func commit(_ done: @escaping (Bool) -> Void)
  /// The version before is started next.
  func revert(_ failure: TrialFailure, _ done: @escaping (Bool) -> Void)
}
