// SPDX-License-Identifier: Apache-2.0

import Clockwork

// From a start to what became of it. The own half of the payment path decides, inside a time limit;
// the host only keeps waiting, unless the fault is inside the terminal.

extension UpdateMachine {
  mutating func begin(_ start: Start, at now: Instant) -> [Effect]? {
    guard stage == .unknown || stage == .restarting else { return nil }
    self.start = start
    nextCheck = now + .minutes(1 + ring.number)
    guard let boot = start.boot else { return toIdle(at: now) }
    if let trial = boot.trial, trial.slot == start.running {
      switch trial.phase {
      case .switching, .probation:
        // Safe mode proves nothing; the supervisor has its reasons and remembers the trial.
        if start.isSafe { return resting(at: now) }
        lastOrgan = nil
        let limit = trial.phase == .probation ? policy.laterOwnHalf : policy.ownHalf
        stage = .ownHalf(until: now + limit, again: nil)
        return [.testOwnHalf]
      case .reverting:
        // Neither version starts, and what was given up is not brought once more.
        if start.isSafe { return offer?.digest == trial.digest ? drop() : resting(at: now) }
        return revert(trial.failure)
      case .installing:
        break
      }
    }
    return settle(boot, at: now)
  }

  /// Nothing is on trial: what became of the offer that was handed over?
  private mutating func settle(_ boot: BootState, at now: Instant) -> [Effect] {
    guard record.phase == .installing, let offer, boot.trial?.phase != .installing else {
      return resting(at: now)
    }
    // The cause may be that of an earlier update, if the power was cut before this one left a
    // trace.
    let isKept =
      offer.recovery > 0
      ? boot.recovery >= offer.recovery : boot.floors.version >= offer.release.version
    if isKept {
      record.note(offer.release.version, BootCause.committed.code, at: clock)
      return drop()
    }
    // Cut before anything was tried: the bundle is still there.
    if boot.failures(of: offer.digest) <= record.failuresBefore { return resting(at: now) }
    // What starts may do so for another reason by now: that this one has failed is counted.
    var failure = TrialFailure.neverReady
    if case .fellBack(let why) = boot.cause { failure = why }
    problem = .fellBack(failure)
    record.note(offer.release.version, BootCause.fellBack(failure).code, at: clock)
    let told: [Effect] = [.told(.fellBack(failure))]
    if boot.isBanned(offer.digest) { return told + drop() }
    // Not at once: what made it fail may pass, and the shop has been away once.
    record.phase = .ready
    isInsisted = false
    pausedUntil = now + policy.trialPause
    return told + store(then: .wait)
  }

  /// Takes up an offer where it was, as after a pause.
  private mutating func resting(at now: Instant) -> [Effect] {
    if record.offer == nil || record.phase == .none { return toIdle(at: now) }
    return resume(at: now)
  }

  mutating func tried(_ event: Event, at now: Instant) -> [Effect]? {
    switch event {
    case .ownHalfEnded(let failing):
      guard case .ownHalf(let until, nil) = stage else { return nil }
      // What was out of order before is not this version's fault.
      let isNew = { [record] (organ: Organ) in
        failing.contains(organ) && !record.ailing.contains(organ)
      }
      if let organ = Organ.allCases.first(where: isNew) {
        lastOrgan = organ
        stage = .ownHalf(until: until, again: now + policy.ownHalfPause)
        return []
      }
      stage = .savingPass
      return [.pass]
    case .worldHalfEnded(let half):
      guard case .worldHalf(let since) = stage else { return nil }
      switch half {
      case .reached: return commit()
      case .faultInside: return revert(.faultInside)
      case .unreached:
        stage = .hostSilent(since: since, again: now + policy.hostPause)
        return []
      }
    case .saved: return saved(at: now)
    case .notSaved: return notSaved(at: now)
    default: return nil
    }
  }

  /// Asks the host, which is all that is missing.
  mutating func probe(at now: Instant) -> [Effect] {
    stage = .worldHalf(since: now)
    return [.testWorldHalf]
  }

  /// Whether it has been as long since the own half first passed, over however many starts.
  var isProbationOver: Bool {
    guard record.passedAt > 0, let clock else { return false }
    return clock.seconds - record.passedAt >= policy.probation.seconds
  }

  mutating func commit() -> [Effect] {
    stage = .committing
    return [.commit]
  }

  mutating func revert(_ failure: TrialFailure) -> [Effect] {
    stage = .reverting(failure)
    problem = .fellBack(failure)
    return [.told(.fellBack(failure)), .revert(failure)]
  }

  private mutating func saved(at now: Instant) -> [Effect]? {
    switch stage {
    case .savingPass:
      // A shop that is switched off every night has a probation too.
      guard record.passedAt == 0, let clock, clock.seconds > 0 else { return probe(at: now) }
      record.passedAt = clock.seconds
      return store(then: .probe)
    case .committing:
      // The state says it already; from now on this version is the one to measure by.
      if var boot = start?.boot {
        boot.commit()
        start?.boot = boot
      }
      if let offer { record.note(offer.release.version, BootCause.committed.code, at: clock) }
      problem = nil
      return drop()
    case .reverting:
      stage = .restarting
      return [.restart]
    case .unknown, .idle, .listing, .seeking, .offered, .storing, .measuring, .fetching, .resting,
      .verifying, .waiting, .announced, .installing, .installed, .changing, .restarting, .ownHalf,
      .worldHalf, .hostSilent, .unsaved:
      return nil
    }
  }

  private mutating func notSaved(at now: Instant) -> [Effect]? {
    let again = now + policy.ownHalfPause
    switch stage {
    case .savingPass: stage = .unsaved(.pass, again: again)
    case .committing: stage = .unsaved(.commit, again: again)
    case .reverting(let failure): stage = .unsaved(.revert(failure), again: again)
    case .unknown, .idle, .listing, .seeking, .offered, .storing, .measuring, .fetching, .resting,
      .verifying, .waiting, .announced, .installing, .installed, .changing, .restarting, .ownHalf,
      .worldHalf, .hostSilent, .unsaved:
      return nil
    }
    problem = .notStored
    return [.told(.notStored)]
  }

  mutating func retry(_ what: Unsaved) -> [Effect] {
    switch what {
    case .pass:
      stage = .savingPass
      return [.pass]
    case .commit: return commit()
    case .revert(let failure):
      stage = .reverting(failure)
      return [.revert(failure)]
    }
  }
}
