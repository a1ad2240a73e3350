// SPDX-License-Identifier: Apache-2.0

//   nothing ─install─▶ installing ─whole─▶ switching ─own half passed─▶ probation
//      ▲                   │ cut: anew         │ no start left                │ falls over,
//      │                   ▼                   ▼                              ▼ fault inside
//      └──── commit ◀── (probation)         reverting ──▶ the version before, and why
//
// Starts are counted only while a trial is pending, and before they happen: three quick power cuts
// in everyday service change nothing and write nothing.

/// What the supervisor knows beside the link `current`: a value, written whole before whatever it
/// decides about happens.
public struct BootState: Hashable, Sendable {
  /// How often a new version is started before the one before comes back: a power cut in its first
  /// minute is not its fault.
  public static let tries: UInt8 = 3
  /// How often a version may fall over before it is committed, and how often one that was committed
  /// may fail to start before safe mode.
  public static let crashes: UInt8 = 3
  /// How often a version may fail its trial on this terminal.
  public static let failures: UInt8 = 3
  /// How many bundles that failed are remembered.
  static let failureLimit = 8

  /// How far a trial is.
  public enum Phase: UInt8, Hashable, Sendable, CaseIterable {
    /// The slot is being written.
    case installing
    /// It is whole, and is or will be what starts.
    case switching
    /// Its own half of the payment path has passed; the host has not been reached yet.
    case probation
    /// It is given up, and `failure` says why.
    case reverting
  }

  /// A new version that is not committed yet.
  public struct Trial: Hashable, Sendable {
    /// By what its bundle is remembered: SHA-256 of its manifest.
    public var digest: [UInt8]
    /// Its version.
    public var version: ReleaseVersion
    /// Its security epoch.
    public var epoch: Int64
    /// The version of the recovery document it came with; 0 for none.
    public var recovery: Int64
    /// What comes back if it fails.
    public var from: SlotName
    /// How many starts it still has.
    public var left: UInt8
    /// How often it fell over in probation.
    public var crashes: UInt8
    /// How far it is.
    public var phase: Phase
    /// Why it is given up.
    public var failure: TrialFailure

    /// Where it is.
    public var slot: SlotName { from.other }
  }

  /// A bundle and how often it has failed here.
  struct Failure: Hashable, Sendable {
    var digest: [UInt8]
    var count: UInt8
  }

  /// The slot that was committed last: what starts where `current` is lost.
  public internal(set) var chosen: SlotName
  /// Why it is that one.
  public internal(set) var cause = BootCause.provisioned
  /// What is being tried.
  public internal(set) var trial: Trial?
  /// Whether a slot is not to be started.
  public internal(set) var isABad = false
  /// Whether a slot is not to be started.
  public internal(set) var isBBad = false
  /// How often in a row the committed version failed to start.
  public internal(set) var failedStarts: UInt8 = 0
  /// Below what nothing is started.
  public internal(set) var floors = Floors.none
  /// The version of the last recovery document that led to a commit.
  public internal(set) var recovery: Int64 = 0
  var failed: [Failure] = []

  /// A terminal with one slot.
  public init(chosen: SlotName) { self.chosen = chosen }

  /// Whether a slot is not to be started.
  public func isBad(_ slot: SlotName) -> Bool {
    switch slot {
    case .a: isABad
    case .b: isBBad
    }
  }

  mutating func mark(_ slot: SlotName, isBad: Bool) {
    switch slot {
    case .a: isABad = isBad
    case .b: isBBad = isBad
    }
  }

  /// How often the trial of a bundle has failed here.
  public func failures(of digest: [UInt8]) -> UInt8 {
    failed.first { $0.digest == digest }?.count ?? 0
  }

  /// Whether a bundle is not tried again.
  public func isBanned(_ digest: [UInt8]) -> Bool {
    failures(of: digest) >= BootState.failures
  }

  /// What the maker has put there is the first floor.
  mutating func raise(version: ReleaseVersion, epoch: Int64) {
    floors.raise(version: version, epoch: epoch)
  }

  // MARK: What happens to it

  /// Somebody has started the supervisor anew, who may have put right what kept the version from
  /// starting: it has one more start before safe mode.
  public mutating func allowOneStart() {
    failedStarts = min(failedStarts, BootState.crashes - 1)
  }

  /// The slot is about to be emptied and written: from now on it is not to be started.
  mutating func beginInstall(_ order: InstallOrder, from: SlotName) {
    trial = Trial(
      digest: order.expectations.digest, version: order.expectations.release.version,
      epoch: order.expectations.release.epoch, recovery: order.recovery, from: from,
      left: BootState.tries, crashes: 0, phase: .installing, failure: .neverReady)
    mark(from.other, isBad: true)
  }

  /// The slot is whole: the next thing is the switch.
  mutating func beginSwitch() {
    guard var trial, trial.phase == .installing else { return }
    trial.phase = .switching
    self.trial = trial
    mark(trial.slot, isBad: false)
    cause = .trialStarted
  }

  /// The own half of the payment path has passed, in this start.
  mutating func pass() {
    guard var trial, trial.phase == .switching || trial.phase == .probation else { return }
    trial.phase = .probation
    trial.left = BootState.tries
    self.trial = trial
  }

  /// The version stays, and the floors rise to it.
  mutating func commit() {
    guard let trial else { return }
    chosen = trial.slot
    floors.raise(version: trial.version, epoch: trial.epoch)
    recovery = max(recovery, trial.recovery)
    failed.removeAll { $0.digest == trial.digest }
    failedStarts = 0
    cause = .committed
    self.trial = nil
  }

  /// The version is given up; what comes next is the switch back.
  mutating func beginRevert(_ failure: TrialFailure) {
    guard var trial, trial.phase == .switching || trial.phase == .probation else { return }
    trial.phase = .reverting
    trial.failure = failure
    self.trial = trial
  }

  /// The version before starts again.
  mutating func endRevert() {
    guard let trial, trial.phase == .reverting else { return }
    let count = failures(of: trial.digest)
    failed.removeAll { $0.digest == trial.digest }
    failed.append(Failure(digest: trial.digest, count: count == .max ? count : count + 1))
    if failed.count > BootState.failureLimit { failed.removeFirst() }
    mark(trial.slot, isBad: true)
    chosen = trial.from
    cause = .fellBack(trial.failure)
    self.trial = nil
  }

  /// The version before cannot come back either: the trial ends, and counts.
  mutating func abandonTrial() {
    guard trial != nil else { return }
    let before = cause
    beginRevert(trial?.crashes ?? 0 >= BootState.crashes ? .crashed : .neverReady)
    endRevert()
    cause = before
  }

  /// The trial ends without anybody's fault.
  mutating func dropTrial(_ cause: BootCause) {
    guard let trial else { return }
    chosen = trial.from
    // It was never committed, so it is started as every day only behind another trial.
    mark(trial.slot, isBad: true)
    self.cause = cause
    self.trial = nil
  }
}

/// What is to be put into the slot that does not run.
public struct InstallOrder: Hashable, Sendable {
  /// What the bundle must be.
  public var expectations: SlotExpectations
  /// The version of the recovery document it came with; 0 for none.
  public var recovery: Int64

  /// An order.
  public init(_ expectations: SlotExpectations, recovery: Int64) {
    self.expectations = expectations
    self.recovery = recovery
  }
}
