// SPDX-License-Identifier: Apache-2.0

//                    ┌── not listed: recovery document ──┐
//   idle ─▶ listing ─┴──▶ offered ─▶ storing ─▶ measuring ─▶ fetching ◀─▶ resting
//    ▲                                                          │
//    │             ┌── postponed, locked ──┐                 verifying ── forged: next mirror
//    │             ▼                       │                    │
//    │          waiting ─▶ announced ──────┘◀───────────────────┘
//    │             │  └──▶ storing ─▶ installing ─▶ installed ─▶ changing ─▶ restarting
//    │                                                 └ locked again: waits
//    │   a new start:
//    │      own half ─▶ saving pass ─▶ world half ◀─▶ host silent ─▶ committing ─┐
//    │         └── failed, too slow ─▶ reverting ─▶ restarting                   │
//    └────────────────────────────────────────────────────────────────────────────┘
//
// What is found is not applied, what is fetched is not installed, what is installed is not kept:
// each step has a condition of its own. Only a trial counts against a version; what a mirror sends
// or the disk refuses never does.

public import Clockwork

/// An update from its being found to its being kept or given up.
///
/// It decides and does nothing: the metadata client, the transfer, the slots and the tests of the
/// payment path are its hands.
public struct UpdateMachine: Machine {
  enum Stage: Hashable, Sendable {
    /// Not started yet.
    case unknown
    case idle
    case listing
    case seeking
    case offered
    case storing(Next)
    case measuring
    case fetching
    case resting(until: Instant)
    case verifying
    case waiting
    case announced(until: Instant)
    case installing
    case installed
    case changing
    case restarting
    case ownHalf(until: Instant, again: Instant?)
    case savingPass
    case worldHalf(since: Instant)
    case hostSilent(since: Instant, again: Instant)
    case committing
    case reverting(TrialFailure)
    /// The disk did not take a commit or a revert: it is tried again.
    case unsaved(Unsaved, again: Instant)
  }

  /// What follows when the record is on the disk.
  enum Next: UInt8, Hashable, Sendable {
    case measure
    case wait
    case install
    case change
    case probe
    case end
  }

  /// What the disk did not take.
  enum Unsaved: Hashable, Sendable {
    case pass
    case commit
    case revert(TrialFailure)
  }

  let policy: UpdatePolicy
  let board: ByteString
  let format: Release.Format
  let ring: ReleaseRing
  let keys: RecoveryKeys?

  var stage = Stage.unknown
  var record: UpdateRecord
  var start: Start?
  var clock: UTCTime?
  var wish: ReleaseVersion?
  /// When the management server was heard last.
  var wishHeard = Instant.start
  var gates = Gates()
  /// What is listed and fits, the newest first.
  var candidates: [Offer] = []
  var nextCheck: Instant?
  var mirror = 0
  /// Mirrors that this offer was not to be had from, in a row.
  var mirrorsFailed = 0
  var tries: UInt8 = 0
  /// How often in a row this offer could not be put into the slot.
  var failedInstalls: UInt8 = 0
  /// Bytes on the disk, and the most that ever were: only beyond it a transfer counts as alive.
  var bytes: Int64 = 0
  var highWater: Int64 = 0
  var permille: Int64 = 0
  /// A person wants it now: the window and the notice are his to waive.
  var isInsisted = false
  var postponedUntil: Instant?
  var heldUntil: Instant?
  /// How often in a row the switch was refused to a terminal that was not busy.
  var switchesRefused: UInt8 = 0
  /// Before a version that failed its trial is tried again, whoever is in a hurry.
  var pausedUntil: Instant?
  var supervisorAgreed: Instant?
  var technicianAgreed: Instant?
  var lastOrgan: Organ?
  /// What a person may want to know of the last attempt.
  public internal(set) var problem: UpdateProblem?
  /// Events that came when nobody waited for them.
  public internal(set) var unexpectedEvents: UInt32 = 0

  /// How many releases that fit are remembered.
  static let candidateLimit = 16

  /// The machine as its record left it; an empty record is that of a new terminal.
  public static func recovered(
    from record: UpdateRecord, policy: UpdatePolicy, board: ByteString, format: Release.Format,
    ring: ReleaseRing, keys: RecoveryKeys?
  ) -> UpdateMachine {
    UpdateMachine(
      policy: policy, board: board, format: format, ring: ring, keys: keys, record: record)
  }

  private init(
    policy: UpdatePolicy, board: ByteString, format: Release.Format, ring: ReleaseRing,
    keys: RecoveryKeys?, record: UpdateRecord
  ) {
    self.policy = policy
    self.board = board
    self.format = format
    self.ring = ring
    self.keys = keys
    self.record = record
  }

  /// What is on offer, being applied, or on trial.
  public var offer: Offer? { record.offer }

  /// What became of earlier versions, the latest last.
  public var history: [UpdateOutcome] { record.history }

  /// How much of the present stage is done, in thousandths.
  public var progress: Int64 {
    switch stage {
    case .fetching, .resting:
      guard let offer, offer.target.length > 0 else { return 0 }
      return min(1_000, bytes * 1_000 / offer.target.length)
    case .installing: return permille
    default: return 0
    }
  }

  /// Which stage people see.
  public var visibleStage: UpdateStage {
    switch stage {
    case .unknown, .idle: .idle
    case .listing, .seeking: .check
    case .offered: .select
    case .storing(let next):
      switch next {
      case .measure: .download
      case .wait: .gate
      case .install: .install
      case .change: .change
      case .probe: .trial
      case .end: .idle
      }
    case .measuring, .fetching, .resting: .download
    case .verifying: .verify
    case .waiting, .announced: .gate
    case .installing: .install
    case .installed, .changing: .change
    case .restarting: .restart
    case .ownHalf, .savingPass, .worldHalf, .hostSilent: .trial
    case .committing: .commit
    case .reverting: .revert
    case .unsaved(.revert, _): .revert
    case .unsaved: .commit
    }
  }

  /// Whether what the terminal does decides when it goes on.
  public var isHeldByGates: Bool {
    switch stage {
    case .waiting, .installed: true
    case .unknown, .idle, .listing, .seeking, .offered, .storing, .measuring, .fetching, .resting,
      .verifying, .announced, .installing, .changing, .restarting, .ownHalf, .savingPass,
      .worldHalf, .hostSilent, .committing, .reverting, .unsaved:
      false
    }
  }

  /// When it wants to be woken.
  public var deadline: Instant? {
    switch stage {
    case .idle, .offered: nextCheck
    case .announced(let until): until
    case .resting(let until): earlier(until, lookDue)
    case .waiting: earlier(earlier(postponedUntil, pausedUntil), earlier(heldUntil, lookDue))
    case .installed: earlier(postponedUntil, heldUntil)
    case .ownHalf(let until, let again): again.map { min($0, until) } ?? until
    case .hostSilent(_, let again): again
    case .unsaved(_, let again): again
    case .unknown, .listing, .seeking, .storing, .measuring, .fetching, .verifying, .installing,
      .changing, .restarting, .savingPass, .worldHalf, .committing, .reverting:
      nil
    }
  }

  /// When what waits is looked up again: it may have been withdrawn, or something newer be there.
  /// Not what a person has brought, nor the way out, which no list has.
  private var lookDue: Instant? { isLookedUp ? nextCheck : nil }

  /// Whether what waits is of a list.
  var isLookedUp: Bool {
    guard let offer else { return false }
    return !offer.isFile && offer.recovery == 0
  }

  /// Moves the machine by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    if let effects = react(to: event, at: now) { return effects }
    unexpectedEvents &+= 1
    return []
  }

  private mutating func react(to event: Event, at now: Instant) -> [Effect]? {
    switch event {
    case .started(let start): return begin(start, at: now)
    case .clockRead(let moment):
      clock = moment
      return []
    case .gatesRead(let gates):
      self.gates = gates
      return gatesChanged(at: now)
    case .wished(let version): return wished(version, at: now)
    case .overridden(let role): return overridden(role, at: now)
    case .deadlinePassed: return wake(at: now)
    case .checkAsked, .listed, .notListed, .recoveryCame, .fileOffered:
      return looked(event, at: now)
    case .downloadAsked, .roomRead, .arrived, .transferEnded, .verified, .bundleLost:
      return fetched(event, at: now)
    case .applyAsked, .postponeAsked, .cancelAsked, .installing, .installed, .notInstalled,
      .trialBegun, .trialNotBegun:
      return applied(event, at: now)
    case .ownHalfEnded, .worldHalfEnded, .saved, .notSaved:
      return tried(event, at: now)
    case .stored:
      guard case .storing(let next) = stage else { return nil }
      return go(on: next, at: now)
    case .notStored:
      guard case .storing(let next) = stage else { return nil }
      // Then its probation counts from this start on.
      if next == .probe { return probe(at: now) }
      problem = .notStored
      return [.told(.notStored)] + rest(at: now)
    }
  }

  /// Woken: too early or twice does nothing.
  private mutating func wake(at now: Instant) -> [Effect] {
    guard let deadline, deadline <= now else { return [] }
    switch stage {
    case .idle, .offered: return check(at: now)
    case .resting(let until): return until <= now ? resume(at: now) : check(at: now)
    case .announced: return noticeOver(at: now)
    case .waiting, .installed:
      if stage == .waiting, let due = lookDue, due <= now { return check(at: now) }
      if let until = postponedUntil, until <= now { postponedUntil = nil }
      if let until = pausedUntil, until <= now { pausedUntil = nil }
      if let until = heldUntil, until <= now { heldUntil = nil }
      return gatesChanged(at: now)
    case .ownHalf(let until, _):
      if until <= now {
        // Whoever said last that it fails is the reason; silence has none.
        return revert(lastOrgan.map { .organ($0) } ?? .tooSlow)
      }
      stage = .ownHalf(until: until, again: nil)
      return [.testOwnHalf]
    case .hostSilent(let since, _):
      if now >= since + policy.probation || isProbationOver { return commit() }
      stage = .worldHalf(since: since)
      return [.testWorldHalf]
    case .unsaved(let what, _): return retry(what)
    case .unknown, .listing, .seeking, .storing, .measuring, .fetching, .verifying, .installing,
      .changing, .restarting, .savingPass, .worldHalf, .committing, .reverting:
      return []
    }
  }

  // MARK: The record

  /// Writes the record; what follows waits until it is there.
  mutating func store(then next: Next) -> [Effect] {
    stage = .storing(next)
    return [.store(record)]
  }

  private mutating func go(on next: Next, at now: Instant) -> [Effect] {
    switch next {
    case .measure:
      stage = .measuring
      return [.measureRoom]
    case .wait:
      stage = .waiting
      return gatesChanged(at: now)
    case .install:
      guard let offer else { return toIdle(at: now) }
      stage = .installing
      permille = 0
      return [.install(offer.order)]
    case .change:
      stage = .changing
      return [.beginTrial]
    case .probe: return probe(at: now)
    case .end:
      // Behind the record: a cut between the two leaves a file that nobody wants, and never an
      // offer without its file.
      return [.discard] + toIdle(at: now)
    }
  }

  mutating func toIdle(at now: Instant) -> [Effect] {
    stage = .idle
    nextCheck = nextCheck ?? now + policy.checkPause
    return []
  }

  /// The offer is over; what was fetched of it goes away behind the record.
  mutating func drop() -> [Effect] {
    record.offer = nil
    record.phase = .none
    record.postponed = 0
    forgetTransfer()
    return store(then: .end)
  }

  mutating func forgetTransfer() {
    isInsisted = false
    postponedUntil = nil
    pausedUntil = nil
    heldUntil = nil
    switchesRefused = 0
    supervisorAgreed = nil
    technicianAgreed = nil
    mirrorsFailed = 0
    tries = 0
    failedInstalls = 0
    bytes = 0
    highWater = 0
    permille = 0
  }

  /// Nothing is done for a while; then it goes on where it stopped.
  mutating func rest(at now: Instant) -> [Effect] {
    stage = .resting(until: now + policy.longestPause)
    return []
  }
}
