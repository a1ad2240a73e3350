// SPDX-License-Identifier: Apache-2.0

public import Clockwork

// From a bundle on the disk to the restart.

extension UpdateMachine {
  mutating func applied(_ event: Event, at now: Instant) -> [Effect]? {
    switch event {
    case .applyAsked:
      let former = problem
      // What comes of it is told anew.
      problem = nil
      guard let effects = insist(at: now) else {
        problem = former
        return nil
      }
      return effects
    case .postponeAsked(let minutes): return postpone(minutes, at: now)
    case .cancelAsked: return cancel(at: now)
    case .installing(let permille):
      guard stage == .installing else { return nil }
      self.permille = permille
      return []
    case .installed:
      guard stage == .installing else { return nil }
      stage = .installed
      return gatesChanged(at: now)
    case .notInstalled(let fault):
      guard stage == .installing else { return nil }
      return notInstalled(fault, at: now)
    case .trialBegun:
      guard stage == .changing else { return nil }
      stage = .restarting
      return [.restart]
    case .trialNotBegun:
      guard stage == .changing else { return nil }
      return notSwitched(at: now)
    default:
      return nil
    }
  }

  // MARK: Locks

  /// Whether the merchant's wishes do not count any more.
  private var isOverdue: Bool { offer?.release.isOverdue(at: clock) == true }

  /// Whether money may stay unsent: it cannot leave because of the version that runs, both roles
  /// want it, and the version before can still read what the new one writes.
  private func isMoneyWaived(at now: Instant) -> Bool {
    guard gates.isMoneyStuck, offer?.release.migration == Release.Migration.none,
      let first = supervisorAgreed, let second = technicianAgreed
    else { return false }
    return now < first + policy.agreement && now < second + policy.agreement
  }

  /// What forbids to interrupt the terminal now.
  public func locks(at now: Instant) -> [UpdateLock] {
    var locks: [UpdateLock] = []
    if gates.isSelling { locks.append(.sale) }
    if gates.hasUnsentMoney, !isMoneyWaived(at: now) { locks.append(.unsentMoney) }
    if gates.owesReceipt { locks.append(.receiptOwed) }
    if !gates.hasPower { locks.append(.noPower) }
    if gates.isMenuInUse, !isOverdue { locks.append(.menuInUse) }
    let isMerchantsWish = isInsisted || isOverdue
    if !gates.isWindowOpen, !isMerchantsWish { locks.append(.windowClosed) }
    let isPostponed = postponedUntil.map { now < $0 } == true && !isOverdue
    if isPostponed || pausedUntil.map({ now < $0 }) == true { locks.append(.postponed) }
    return locks
  }

  /// Whether money or paper of the shop is owed, which a new version is not to begin with.
  public func leavesBusiness(at now: Instant) -> Bool {
    gates.owesReceipt || gates.hasUnsentMoney && !isMoneyWaived(at: now)
  }

  mutating func overridden(_ role: OverrideRole, at now: Instant) -> [Effect]? {
    switch role {
    case .supervisor: supervisorAgreed = now
    case .technician: technicianAgreed = now
    }
    return gatesChanged(at: now)
  }

  /// Goes on where nothing forbids it.
  mutating func gatesChanged(at now: Instant) -> [Effect] {
    switch stage {
    case .waiting:
      guard locks(at: now).isEmpty else { return [] }
      if isInsisted { return startInstalling() }
      if !policy.appliesByItself, !isOverdue { return [] }
      return announce(at: now)
    case .installed:
      guard locks(at: now).isEmpty, heldUntil == nil else { return [] }
      // What has gone out of order since it was installed is not its fault either.
      let ailing = record.ailing.joined(with: gates.ailing)
      if ailing != record.ailing {
        record.ailing = ailing
        return store(then: .change)
      }
      stage = .changing
      return [.beginTrial]
    case .unknown, .idle, .listing, .seeking, .offered, .storing, .measuring, .fetching, .resting,
      .verifying, .announced, .installing, .changing, .restarting, .ownHalf, .savingPass,
      .worldHalf, .hostSilent, .committing, .reverting, .unsaved:
      return []
    }
  }

  private mutating func announce(at now: Instant) -> [Effect] {
    guard let offer else { return toIdle(at: now) }
    stage = .announced(until: now + policy.notice)
    return [
      .announce(
        UpdateNotice(
          version: offer.release.version, inSeconds: policy.notice.seconds,
          minutes: offer.release.minutes, postponementsLeft: postponementsLeft))
    ]
  }

  private var postponementsLeft: UInt8 {
    isOverdue ? 0 : policy.postponements - min(policy.postponements, record.postponed)
  }

  mutating func noticeOver(at now: Instant) -> [Effect] {
    if locks(at: now).isEmpty { return startInstalling() }
    // Somebody sells: it is announced anew when he has done.
    stage = .waiting
    return [.withdraw]
  }

  private mutating func startInstalling() -> [Effect] {
    record.phase = .installing
    record.ailing = gates.ailing
    record.passedAt = 0
    record.failuresBefore = offer.flatMap { start?.boot?.failures(of: $0.digest) } ?? 0
    return store(then: .install)
  }

  // MARK: Wishes

  private mutating func insist(at now: Instant) -> [Effect]? {
    switch stage {
    case .offered:
      isInsisted = true
      return startFetching(at: now)
    case .announced:
      isInsisted = true
      postponedUntil = nil
      return noticeOver(at: now)
    case .waiting, .installed:
      isInsisted = true
      postponedUntil = nil
      pausedUntil = nil
      return gatesChanged(at: now)
    case .storing, .measuring, .fetching, .resting, .verifying, .installing:
      if offer == nil { return nil }
      isInsisted = true
      return []
    case .unknown, .idle, .listing, .seeking, .changing, .restarting, .ownHalf, .savingPass,
      .worldHalf, .hostSilent, .committing, .reverting, .unsaved:
      return nil
    }
  }

  private mutating func postpone(_ minutes: Int64, at now: Instant) -> [Effect]? {
    guard minutes > 0, minutes <= policy.postponementMinutes, postponementsLeft > 0 else {
      return nil
    }
    let wasAnnounced: Bool
    switch stage {
    case .announced: wasAnnounced = true
    case .waiting: wasAnnounced = false
    case .unknown, .idle, .listing, .seeking, .offered, .storing, .measuring, .fetching, .resting,
      .verifying, .installing, .installed, .changing, .restarting, .ownHalf, .savingPass,
      .worldHalf, .hostSilent, .committing, .reverting, .unsaved:
      return nil
    }
    isInsisted = false
    postponedUntil = now + .minutes(minutes)
    record.postponed += 1
    return (wasAnnounced ? [.withdraw] : []) + store(then: .wait)
  }

  private mutating func cancel(at now: Instant) -> [Effect]? {
    switch stage {
    case .fetching: return [.stopFetching] + drop()
    case .announced: return [.withdraw] + drop()
    case .offered, .resting, .waiting, .installed: return drop()
    case .unknown, .idle, .listing, .seeking, .storing, .measuring, .verifying, .installing,
      .changing, .restarting, .ownHalf, .savingPass, .worldHalf, .hostSilent,
      .committing, .reverting, .unsaved:
      return nil
    }
  }

  // MARK: The switch

  /// How often in a row it is refused before a person is told.
  private static let refusals: UInt8 = 3

  /// The terminal has become busy this very moment: a little later. Or the disk or the boot chooser
  /// refuses, which passes less soon.
  private mutating func notSwitched(at now: Instant) -> [Effect] {
    stage = .installed
    if !locks(at: now).isEmpty {
      switchesRefused = 0
      heldUntil = now + policy.firstPause
      return []
    }
    switchesRefused = min(switchesRefused + 1, 30)
    heldUntil = now + policy.pause(after: switchesRefused)
    if switchesRefused != UpdateMachine.refusals { return [] }
    problem = .notStored
    return [.told(.notStored)]
  }

  // MARK: Installing

  /// How often in a row a slot is written for what could not be written.
  private static let installTries: UInt8 = 3

  private mutating func notInstalled(_ fault: InstallFault, at now: Instant) -> [Effect] {
    guard let offer else { return toIdle(at: now) }
    problem = .notInstalled(fault)
    let code = ByteString(fault.code)
    // The same once more is no news, and would push out what was.
    if record.history.last?.version != offer.release.version || record.history.last?.code != code {
      record.note(offer.release.version, code, at: clock)
    }
    let told: [Effect] = [.told(.notInstalled(fault))]
    switch fault {
    case .badBundle, .otherContent:
      // It is what was signed and is no system: the publisher's mistake, which fetching cures not.
      record.badCount = record.badDigest == offer.digest ? record.badCount + 1 : 1
      record.badDigest = offer.digest
      return told + drop()
    case .forged:
      if offer.isFile { return told + drop() }
      // It was right when it was verified: the disk has lost it.
      return told + lost(at: now)
    case .disk(.absent) where offer.isFile:
      // It is gone, and nobody can fetch it.
      return told + drop()
    case .disk, .slotInUse, .unreadable, .engine:
      failedInstalls += 1
      if failedInstalls < UpdateMachine.installTries { return told + rest(at: now) }
      // A slot wears too: from now on once behind each look.
      failedInstalls = 0
      isInsisted = false
      stage = .offered
      return told
    }
  }
}
