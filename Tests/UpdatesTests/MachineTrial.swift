// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Simulator
import Updates

/// A machine of updates and the moment at which it is told things.
protocol MachineTrial {
  var machine: UpdateMachine { get set }
  var now: Instant { get set }
}

extension MachineTrial {
  /// Tells it one thing after the other; what it does upon the last.
  @discardableResult
  mutating func tell(_ events: UpdateMachine.Event...) -> [UpdateMachine.Effect] {
    var effects: [UpdateMachine.Effect] = []
    for event in events { effects = machine.handle(event, at: now) }
    return effects
  }

  /// The next moment it waits for.
  mutating func wait() -> [UpdateMachine.Effect] {
    now = machine.deadline ?? now
    return machine.handle(.deadlinePassed, at: now)
  }

  /// A bundle of this version as a repository lists it.
  static func target(
    _ version: ByteString = "1.2", _ more: [MetadataMember] = []
  ) throws -> Target {
    var visit = RepositoryVisit { $0.listsDigests = false }
    let repository = visit.repository
    let bundle = PublishedBundle(version: version).listed(more)
    let list = MetadataMember("targets", .object([MetadataMember("bundle", bundle)]))
    let signed = repository.signed("targets", repository.targets, [list])
    visit.repository.served["1.targets.json"] = repository.document(signed, repository.targets)
    return try visit.find("bundle").get()
  }
}
