// SPDX-License-Identifier: Apache-2.0

/// How far an update is, in words that people and programs see.
public enum UpdateStage: UInt8, Hashable, Sendable, CaseIterable {
  /// Nothing is under way.
  case idle
  /// What is current is asked for.
  case check
  /// One release is on offer and nobody has asked for it yet.
  case select
  /// It is fetched.
  case download
  /// It is compared with what was signed.
  case verify
  /// It waits until it may interrupt the terminal.
  case gate
  /// It is written into the slot that does not run.
  case install
  /// The other slot becomes the one that starts.
  case change
  /// The terminal starts anew.
  case restart
  /// The new version proves itself.
  case trial
  /// It stays.
  case commit
  /// The version before comes back.
  case revert

  /// A word that never changes.
  public var code: String {
    switch self {
    case .idle: "idle"
    case .check: "check"
    case .select: "select"
    case .download: "download"
    case .verify: "verify"
    case .gate: "gate"
    case .install: "install"
    case .change: "switch"
    case .restart: "restart"
    case .trial: "trial"
    case .commit: "commit"
    case .revert: "revert"
    }
  }
}

/// What went wrong with an update, as far as a person may want to know.
public enum UpdateProblem: Hashable, Sendable {
  /// What is current cannot be found out.
  case notListed(Refusal)
  /// The recovery document does not count.
  case recovery(RecoveryRefusal)
  /// What is wished for, or newest, is not for this terminal.
  case unfit(Unfit)
  /// Nothing signed is what the file is.
  case unknownFile
  /// Not enough room: so many bytes are missing.
  case noRoom(missing: Int64)
  /// It cannot be fetched for now.
  case notFetched
  /// Every mirror has sent something else than what was signed.
  case forged
  /// It could not be put into the slot.
  case notInstalled(InstallFault)
  /// The new version was given up.
  case fellBack(TrialFailure)
  /// The disk does not take the record or the state.
  case notStored
}

/// That the terminal goes away for a while.
public struct UpdateNotice: Hashable, Sendable {
  /// The version that comes.
  public var version: ReleaseVersion
  /// How long until then.
  public var inSeconds: Int64
  /// How long it is away, minutes.
  public var minutes: Int64
  /// How often the till may still postpone it.
  public var postponementsLeft: UInt8
}

/// What is fetched from where.
public struct UpdateFetch: Hashable, Sendable {
  /// Which mirror, from 0.
  public var mirror: Int
  /// Where it lies beside the other targets.
  public var location: ByteString
  /// How long it is.
  public var length: Int64
  /// Bytes a second at most; 0 for no limit.
  public var rate: Int64
}

extension UpdateMachine {
  /// How the system that runs was started.
  public struct Start: Hashable, Sendable {
    /// What the supervisor's file says; nil where there is no supervisor, and then no updates.
    public var boot: BootState?
    /// The slot that runs.
    public var running: SlotName
    /// Its version.
    public var version: ReleaseVersion
    /// Whether it is safe mode.
    public var isSafe: Bool

    /// A start.
    public init(boot: BootState?, running: SlotName, version: ReleaseVersion, isSafe: Bool) {
      self.boot = boot
      self.running = running
      self.version = version
      self.isSafe = isSafe
    }
  }

  /// How a transfer ended.
  public enum TransferEnd: Hashable, Sendable {
    /// Everything is on the disk.
    case complete
    /// It broke off, or the mirror wants to be asked later.
    case broken(laterSeconds: Int64?)
    /// Not from this mirror.
    case final
    /// The disk did not take it.
    case disk(DiskFault)
  }

  /// How the world half ended.
  public enum WorldHalf: Hashable, Sendable {
    /// The host has answered.
    case reached
    /// It has not, and the fault is outside or nobody knows where.
    case unreached
    /// It has not, and the layered test places the fault in this terminal.
    case faultInside
  }

  /// What has happened.
  public enum Event: Hashable, Sendable {
    /// The system has started, with this.
    case started(Start)
    /// The clock was read; nil where it cannot be believed.
    case clockRead(UTCTime?)
    /// Somebody wants to know what is current.
    case checkAsked
    /// The management server wants this version among those that are signed; nil for the newest.
    case wished(ReleaseVersion?)
    /// What targets lists, each with where it lies.
    case listed([Target], isConsistent: Bool)
    /// It could not be found out.
    case notListed(Refusal)
    /// A recovery document; nil where the mirror has none.
    case recoveryCame([UInt8]?)
    /// A person has brought a file, with a recovery document or without, and what it is.
    case fileOffered(length: Int64, digests: Digests, recovery: [UInt8]?)
    /// It is to be fetched.
    case downloadAsked
    /// It is to be applied as soon as nothing forbids it.
    case applyAsked
    /// The till asks for some minutes.
    case postponeAsked(minutes: Int64)
    /// It is not to be applied after all.
    case cancelAsked
    /// Somebody takes it upon himself that money stays unsent.
    case overridden(OverrideRole)
    /// How the terminal is.
    case gatesRead(Gates)
    /// The record is on the disk.
    case stored
    /// It is not.
    case notStored
    /// Bytes that are free on the disk beside what was fetched before.
    case roomRead(Int64)
    /// So many bytes are on the disk.
    case arrived(Int64)
    /// A transfer has ended with so many bytes on the disk.
    case transferEnded(TransferEnd, bytes: Int64)
    /// What is on the disk is what was signed, or is not.
    case verified(Bool)
    /// What was on the disk cannot be read any more: nobody has forged anything.
    case bundleLost
    /// The installation has come so far.
    case installing(permille: Int64)
    /// The slot is whole.
    case installed
    /// It is not.
    case notInstalled(InstallFault)
    /// The next start is a trial.
    case trialBegun
    /// It is not: the terminal has become busy, or the disk refused.
    case trialNotBegun
    /// These organs fail; none where the whole own half passes.
    case ownHalfEnded(Organs)
    /// The host was asked.
    case worldHalfEnded(WorldHalf)
    /// The state is on the disk: what was ordered last is so.
    case saved
    /// It is not.
    case notSaved
    /// Time has passed.
    case deadlinePassed
  }

  /// What must happen next.
  public enum Effect: Hashable, Sendable {
    /// Find out what is current, from this mirror first.
    case list(mirror: Int)
    /// Fetch the recovery document.
    case seekRecovery(mirror: Int)
    /// Put the record on the disk.
    case store(UpdateRecord)
    /// Say how much room there is.
    case measureRoom
    /// Fetch what is missing of the bundle.
    case fetch(UpdateFetch)
    /// Stop that.
    case stopFetching
    /// Throw away what was fetched.
    case discard
    /// Compare what is on the disk with what was signed.
    case verify(Target)
    /// Say that the terminal goes away.
    case announce(UpdateNotice)
    /// It does not after all.
    case withdraw
    /// Put the bundle into the slot that does not run.
    case install(InstallOrder)
    /// If nothing is under way at this very moment: make the next start a trial, and answer.
    case beginTrial
    /// End, so that the supervisor starts what is to be started.
    case restart
    /// Test the own half of the payment path.
    case testOwnHalf
    /// Ask the host.
    case testWorldHalf
    /// Write that the own half has passed.
    case pass
    /// Write that the version stays.
    case commit
    /// Write that it is given up, and let the version before start.
    case revert(TrialFailure)
    /// Something that a person may want to know.
    case told(UpdateProblem)
  }
}
