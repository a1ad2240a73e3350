// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Wire

// A certification authority's key has a last day, on which it is used still (DF05). A set in force
// may pass that day, and nobody but the acquirer can bring another one: a person is told 30 days
// before, and when it is over.

extension Terminal {
  /// The certification authorities' public keys in force, those that have ended among them.
  public var publicKeys: [CAPublicKey] {
    downloads.set(.keys)?.entries.compactMap { CAPublicKey($0.exposed) } ?? []
  }

  /// Those of them with which a card may be authenticated today; none where nobody knows the day.
  func valid(_ keys: [CAPublicKey], at now: Instant) -> [CAPublicKey] {
    guard let today = clock?.local(at: now).calendarDay else { return [] }
    return keys.filter { $0.expiry >= today }
  }

  /// From how many days before the last one a person is told: long enough for an acquirer to bring
  /// other keys, short enough not to be forgotten.
  private static let noticeDays = 30

  /// Looks at the keys' last days where the day or the keys may be others than before.
  mutating func judgeKeysIfDue(at now: Instant) {
    if let keysJudgedUntil, now < keysJudgedUntil { return }
    keysJudgedUntil = nil
    keyProblems = []
    guard let clock, let set = downloads.set(.keys) else { return }
    let time = clock.local(at: now)
    keysJudgedUntil = now + time.untilMidnight
    let keys = set.entries.compactMap { KeyName($0.exposed) }.sorted { $0.expiry < $1.expiry }
    let over = keys.filter { $0.expiry < time.calendarDay }
    let ending = keys.dropFirst(over.count).filter {
      LocalTime(calendarDay: $0.expiry).days(since: time) <= Terminal.noticeDays
    }
    if let first = over.first { keyProblems.append(.keyOver(first, others: over.count - 1)) }
    if let first = ending.first {
      keyProblems.append(.keyEnds(first, others: ending.count - 1))
    }
  }
}
