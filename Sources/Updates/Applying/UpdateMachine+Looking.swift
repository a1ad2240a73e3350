// SPDX-License-Identifier: Apache-2.0

import Clockwork

// From a question to an offer. The management server only chooses among what is signed.

extension UpdateMachine {
  /// What a release is measured against.
  var device: DeviceFacts {
    let running = start?.version ?? .none
    // Where the state was lost, what runs is still a floor.
    let floors = (start?.boot?.floors ?? .none).joined(
      with: Floors(epoch: 0, version: running))
    return DeviceFacts(
      board: board, format: format, running: running, floors: floors, ring: ring, now: clock)
  }

  mutating func looked(_ event: Event, at now: Instant) -> [Effect]? {
    switch event {
    case .checkAsked:
      guard isFree || isWaiting && isLookedUp else { return nil }
      return check(at: now)
    case .listed(let targets, let isConsistent):
      guard stage == .listing else { return nil }
      return select(among: targets, isConsistent: isConsistent, at: now)
    case .notListed(let refusal):
      guard stage == .listing else { return nil }
      problem = .notListed(refusal)
      // Whatever has expired: the way out is asked for, which nothing can expire.
      if keys != nil {
        stage = .seeking
        return [.told(.notListed(refusal)), .seekRecovery(mirror: mirror)]
      }
      return [.told(.notListed(refusal))] + nextMirror() + lookedInVain(at: now)
    case .recoveryCame(let bytes):
      guard stage == .seeking else { return nil }
      guard let bytes else { return nextMirror() + lookedInVain(at: now) }
      return recover(bytes, at: now)
    case .fileOffered(let length, let digests, let recovery):
      guard isFree || isWaiting else { return nil }
      return file(length, digests, recovery, at: now)
    default:
      return nil
    }
  }

  /// Whether nothing is under way that another release would disturb.
  var isFree: Bool { stage == .idle || stage == .offered }

  /// Whether an offer waits and nothing is outstanding: who brings another file may have his way.
  private var isWaiting: Bool {
    if case .resting = stage { return true }
    return stage == .waiting
  }

  /// Whether a person may bring a file now: not while another one waits that was brought before.
  public var takesFile: Bool { (isFree || isWaiting) && record.offer?.isFile != true }

  mutating func check(at now: Instant) -> [Effect] {
    // Also where nothing is looked up: what is over is not waited for any more.
    nextCheck = now + policy.checkPause
    guard start?.boot != nil else { return toIdle(at: now) }
    stage = .listing
    return [.list(mirror: mirror)]
  }

  /// The look has changed nothing: what waited waits on.
  private mutating func lookedInVain(at now: Instant) -> [Effect] {
    if record.offer == nil || record.phase == .none { return toIdle(at: now) }
    return resume(at: now)
  }

  /// The next look begins at another one; a mirror has no say in which.
  private mutating func nextMirror() -> [Effect] {
    mirror = (mirror + 1) % max(1, policy.mirrors)
    return []
  }

  mutating func wished(_ version: ReleaseVersion?, at now: Instant) -> [Effect]? {
    wish = version
    wishHeard = now
    guard isFree else { return [] }
    return check(at: now)
  }

  private mutating func select(
    among targets: [Target], isConsistent: Bool, at now: Instant
  ) -> [Effect] {
    problem = nil
    // A server that is not heard any more keeps no version out.
    if wishHeard + policy.wishLasts <= now { wish = nil }
    var fitting: [Offer] = []
    var reason: Unfit?
    var newest = ReleaseVersion.none
    var isListed = false
    for target in targets {
      // What cannot be read is unusable by itself and spoils nothing else.
      guard let release = try? Release(target) else { continue }
      let isWanted = wish == nil || release.version == wish
      isListed = isListed || isWanted
      if let unfit = unfit(release) {
        if isWanted, unfit != .otherBoard, unfit != .otherFormat, release.version > newest {
          newest = release.version
          reason = unfit
        }
        continue
      }
      fitting.append(
        Offer(
          target, release, location: target.location(isConsistent: isConsistent), recovery: 0,
          isFile: false))
    }
    fitting.sort { $0.release.version > $1.release.version }
    candidates = Array(fitting.prefix(UpdateMachine.candidateLimit))
    // A person who brings a file may have another than the server wants; and the maker's last day
    // for a version is above its choice too.
    let isBest = { [wish, clock] (offer: Offer) in
      wish == nil || offer.release.version == wish || offer.release.isOverdue(at: clock)
    }
    guard let best = fitting.first(where: isBest) else {
      // A newer one that may not be had is worth a word; that there is none newer is not.
      if !isListed, let wish, wish != device.running { reason = .notListed }
      if let reason, reason != .notNewer { problem = .unfit(reason) }
      if record.offer != nil { return drop() }
      return (problem.map { [.told($0)] } ?? []) + toIdle(at: now)
    }
    return take(best, at: now)
  }

  private func unfit(_ release: Release, isCure: Bool = false) -> Unfit? {
    if let reason = release.unfit(for: device, isCure: isCure) { return reason }
    if start?.boot?.isBanned(release.manifestHash) == true { return .failedBefore }
    if record.badCount >= policy.badContents, record.badDigest == release.manifestHash {
      return .failedBefore
    }
    return nil
  }

  private mutating func recover(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    guard let keys else { return toIdle(at: now) }
    do throws(RecoveryRefusal) {
      let recovery = try keys.judge(bytes, last: start?.boot?.recovery ?? 0, device: device)
      if let reason = unfit(recovery.release, isCure: true) { throw .unfit(reason) }
      let location = recovery.target.location(isConsistent: true)
      return take(
        Offer(
          recovery.target, recovery.release, location: location, recovery: recovery.version,
          isFile: false), at: now)
    } catch {
      // A repository that has had its recovery keeps the document: no news, no word.
      if case .replayed = error { return nextMirror() + lookedInVain(at: now) }
      problem = .recovery(error)
      return [.told(.recovery(error))] + nextMirror() + lookedInVain(at: now)
    }
  }

  /// A file is worth what somebody has signed of it.
  private mutating func file(
    _ length: Int64, _ digests: Digests, _ recovery: [UInt8]?, at now: Instant
  ) -> [Effect] {
    guard start?.boot != nil else { return [] }
    func isIt(_ target: Target) -> Bool {
      do throws(Refusal) {
        try target.check(length: length, digests: digests)
        return true
      } catch {
        return false
      }
    }
    var found = candidates.first { isIt($0.target) }
    if let recovery, let keys {
      do throws(RecoveryRefusal) {
        let cure = try keys.judge(recovery, last: start?.boot?.recovery ?? 0, device: device)
        if isIt(cure.target), unfit(cure.release, isCure: true) == nil {
          found = Offer(
            cure.target, cure.release, location: "", recovery: cure.version, isFile: true)
        }
      } catch {
        problem = .recovery(error)
        return [.told(.recovery(error))]
      }
    }
    guard var found else {
      problem = .unknownFile
      return [.told(.unknownFile)]
    }
    problem = nil
    found.isFile = true
    record.offer = found
    record.phase = .ready
    record.postponed = 0
    forgetTransfer()
    // Who brings a file stands before the terminal.
    isInsisted = true
    return store(then: .wait)
  }

  private mutating func take(_ offer: Offer, at now: Instant) -> [Effect] {
    if let known = record.offer, known.target == offer.target, known.recovery == offer.recovery {
      // Looked at again: what has come of it stays.
      record.offer?.location = offer.location
      switch record.phase {
      case .none: break
      case .fetching: return startFetching(at: now)
      case .ready, .installing:
        stage = .waiting
        return gatesChanged(at: now)
      }
    }
    let isOther = record.offer != nil && record.offer?.target != offer.target
    record.offer = offer
    record.phase = .none
    record.postponed = 0
    forgetTransfer()
    stage = .offered
    let clearing: [Effect] = isOther ? [.discard] : []
    if !policy.fetchesByItself { return clearing }
    return clearing + startFetching(at: now)
  }
}
