// SPDX-License-Identifier: Apache-2.0

import Clockwork

// From an offer to a bundle that is whole on the disk.

extension UpdateMachine {
  mutating func fetched(_ event: Event, at now: Instant) -> [Effect]? {
    switch event {
    case .downloadAsked:
      guard stage == .offered else { return nil }
      problem = nil
      return startFetching(at: now)
    case .roomRead(let free):
      guard stage == .measuring else { return nil }
      return room(free, at: now)
    case .arrived(let count):
      guard stage == .fetching else { return nil }
      bytes = count
      return []
    case .transferEnded(let end, let count):
      guard stage == .fetching else { return nil }
      return ended(end, count, at: now)
    case .verified(let isSigned):
      guard stage == .verifying else { return nil }
      return verified(isSigned, at: now)
    case .bundleLost:
      guard stage == .verifying else { return nil }
      return lost(at: now)
    default:
      return nil
    }
  }

  mutating func startFetching(at now: Instant) -> [Effect] {
    // What somebody has brought is here, and nowhere else.
    if offer?.isFile == true {
      record.phase = .ready
      return store(then: .wait)
    }
    record.phase = .fetching
    return store(then: .measure)
  }

  private mutating func room(_ free: Int64, at now: Instant) -> [Effect] {
    guard let offer else { return toIdle(at: now) }
    // What lies there already of it needs no room any more; how much that is, the disk knows.
    let missing = offer.target.length + policy.spareRoom - free
    if missing > 0 {
      problem = .noRoom(missing: missing)
      return [.told(.noRoom(missing: missing))] + rest(at: now)
    }
    if !gates.isBearerAllowed { return rest(at: now) }
    return fetch()
  }

  private mutating func fetch() -> [Effect] {
    guard let offer else { return [] }
    stage = .fetching
    return [
      .fetch(
        UpdateFetch(
          mirror: mirror, location: offer.location, length: offer.target.length,
          rate: policy.rate))
    ]
  }

  /// The pause is over.
  mutating func resume(at now: Instant) -> [Effect] {
    guard let offer else { return toIdle(at: now) }
    switch record.phase {
    case .none: return check(at: now)
    case .fetching:
      stage = .measuring
      return [.measureRoom]
    case .ready, .installing:
      stage = offer.isFile ? .waiting : .verifying
      return offer.isFile ? gatesChanged(at: now) : [.verify(offer.target)]
    }
  }

  private mutating func ended(
    _ end: TransferEnd, _ count: Int64, at now: Instant
  ) -> [Effect] {
    guard let offer else { return toIdle(at: now) }
    bytes = count
    switch end {
    case .complete:
      stage = .verifying
      return [.verify(offer.target)]
    case .broken(let later):
      // Only what was never there before is progress: a mirror that begins at the front each time
      // would otherwise be asked for ever.
      if count > highWater {
        highWater = count
        tries = 0
      }
      tries += 1
      if tries >= policy.tries { return leaveMirror(at: now) }
      stage = .resting(until: now + pause(laterSeconds: later))
      return []
    case .final:
      return [.discard] + leaveMirror(at: now)
    case .disk(let fault):
      problem = fault == .full ? .noRoom(missing: offer.target.length - count) : .notStored
      return (problem.map { [.told($0)] } ?? []) + rest(at: now)
    }
  }

  private func pause(laterSeconds: Int64?) -> Interval {
    if let laterSeconds { return .seconds(laterSeconds) }
    let pause = policy.pause(after: tries)
    // Terminals that lost one mirror at the same moment do not come back at the same moment.
    return .microseconds(pause.microseconds / 2 + pause.microseconds * ring.number / 100)
  }

  /// Another mirror, or none for now: the version is none the worse for it.
  private mutating func leaveMirror(at now: Instant) -> [Effect] {
    mirror = (mirror + 1) % max(1, policy.mirrors)
    mirrorsFailed += 1
    tries = 0
    if mirrorsFailed < policy.mirrors { return fetch() }
    mirrorsFailed = 0
    if problem != .forged { problem = .notFetched }
    // The offer stays; the next look takes it up again, if it is still signed.
    stage = .offered
    return (problem.map { [.told($0)] } ?? [])
  }

  /// It is fetched once more, and not again and again from a disk that reads nothing back.
  mutating func lost(at now: Instant) -> [Effect] {
    bytes = 0
    highWater = 0
    record.phase = .fetching
    tries += 1
    return [.discard] + (tries > 1 ? leaveMirror(at: now) : store(then: .measure))
  }

  private mutating func verified(_ isSigned: Bool, at now: Instant) -> [Effect] {
    guard isSigned else {
      problem = .forged
      if offer?.isFile == true { return [.told(.forged)] + drop() }
      bytes = 0
      highWater = 0
      record.phase = .fetching
      return [.discard] + leaveMirror(at: now)
    }
    mirrorsFailed = 0
    problem = nil
    record.phase = .ready
    return store(then: .wait)
  }
}
