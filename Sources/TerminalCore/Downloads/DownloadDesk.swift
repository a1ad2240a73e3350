// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583

//             due, or asked              answer: more             on disk
//   waiting ───────────────▶ asking ───────────────▶ journalling ─────────▶ waiting, due at once
//      ▲                      │  │ answer: complete  ▲      │ the new set is in force
//      │                      │  └───────────────────┘      ▼
//      │   longer pause       │ no answer, or of no use  ended: its order is done
//      └── dropping ◀─────────┘
//          what is staged, where it is of no use; again later, where that is not on disk: what lies
//          there would go on after a restart, with another list's names
//
// After each message the desk waits to be woken: whoever owns it wakes it only when nothing else
// wants the link. So a download never stands in the way of a payment for longer than one message,
// and that one is given up. A person who has asked for a set does not wait for the link for longer
// than `patience`, nor for a set before it that does not come.

/// Downloads what the acquirer orders, one set at a time.
struct DownloadDesk: Machine {
  /// What the desk is told.
  enum Event: Hashable, Sendable {
    /// The acquirer orders a set, or the terminal lacks one.
    case ordered(DownloadSet)
    /// A person wants a set now.
    case asked(DownloadSet)
    /// The acquirer has been asked; the time where the terminal stands.
    case hostEnded(HostResult, LocalTime)
    /// The link was wanted by somebody else; what was asked is asked again.
    case yielded
    /// The acquirer has taken a sign-in: what it refused before it may give now.
    case signedIn
    /// This stands in the way of what a person waits for.
    case heldUp(Problem)
    /// What changed is on disk.
    case journalled
    /// It is not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What the desk asks for.
  enum Effect: Hashable, Sendable {
    /// Send this message with this DE62.
    case ask(Dialect.Management, [UInt8])
    /// Put this on disk, all or nothing, with the orders that are left.
    case journal(DownloadChange)
    /// What a person wanted is over.
    case ended(Problem?)
  }

  private enum Phase: Hashable, Sendable {
    case waiting
    case asking(DownloadStage)
    case journalling(DownloadChange)
    case dropping(DownloadSet)
  }

  /// A set and what keeps it from coming, or what it lacks.
  struct Trouble: Hashable, Sendable {
    var set: DownloadSet
    var problem: Problem
  }

  /// What is ordered and not done, the next first.
  private(set) var orders: [DownloadSet] = []
  /// One bit for each order that came and means nothing here.
  private(set) var ignored: UInt16 = 0
  /// Whether orders are not on disk.
  private(set) var isUnwritten = false
  /// Whether one of them came just now: it has an entry of its own, if there is no other.
  private(set) var isNew = false
  /// The sets in force.
  private(set) var sets: [DownloadedSet] = []
  /// What is being downloaded, as it is on disk.
  private(set) var stage = DownloadStage.none
  /// What is the matter with sets, one line each at most.
  private(set) var troubles: [Trouble] = []
  /// The next moment at which it wants to be woken.
  private(set) var deadline: Instant?
  /// Until when a person waits for the link, while one does.
  private(set) var waitsUntil: Instant?
  /// Events that meant nothing where they came.
  private(set) var unexpectedEvents: UInt32 = 0
  private var asked: DownloadSet?
  /// What was staged, dropped, and is still on disk.
  private var undropped: DownloadSet?
  private var phase = Phase.waiting
  private var failures: UInt32 = 0
  /// Whether a sign-in has cut a pause short since a set came last.
  private var isHurried = false
  private let pauses: [Interval]

  /// What the acquirer has wrong lasts: it is not asked about it more often than this.
  private static let refusalPause = Interval.minutes(30)
  /// A sale in front takes less when all goes well.
  private static let patience = Interval.seconds(30)

  init(pauses: [Interval]) { self.pauses = pauses }

  /// Takes over a set from the journal.
  mutating func adopt(_ set: DownloadedSet) {
    sets.removeAll { $0.set == set.set }
    sets.append(set)
    note(set.flaw.map { .download(set.set, $0) }, of: set.set)
  }

  /// Takes over what was being downloaded; it goes on.
  mutating func adopt(_ stage: DownloadStage) {
    self.stage = stage
    if current != nil { deadline = .start }
  }

  /// Takes over what is ordered.
  mutating func adopt(_ record: OrdersRecord) {
    orders = record.orders
    ignored = record.ignored
    if current != nil { deadline = .start }
  }

  /// Whether nothing is being sent or written at this moment.
  var isWaiting: Bool { phase == .waiting }
  /// Whether an answer is awaited.
  var isAsking: Bool {
    if case .asking = phase { return true }
    return false
  }
  /// Whether nothing is under way and nothing is owed.
  var isAtRest: Bool { isWaiting && current == nil && undropped == nil }

  /// The set in force, once one has come.
  func set(_ set: DownloadSet) -> DownloadedSet? { sets.first { $0.set == set } }

  /// What is downloaded next.
  var current: DownloadSet? {
    stage.step == .none ? asked ?? orders.first : stage.set
  }

  /// An order that means nothing here: noted once.
  mutating func ignore(_ order: UInt8) {
    let bit = UInt16(1) << UInt16(order & 15)
    if ignored & bit != 0 { return }
    ignored |= bit
    isUnwritten = true
    isNew = true
  }

  /// The orders as they are to lie on disk; from now on they count as written.
  mutating func takeOrders() -> OrdersRecord {
    isUnwritten = false
    isNew = false
    return OrdersRecord(orders: orders, ignored: ignored)
  }

  /// An entry that may have had the orders with it is not on disk.
  mutating func entryFailed() { isUnwritten = isUnwritten || !orders.isEmpty || ignored != 0 }

  /// Moves by one event.
  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (_, .ordered(let set)):
      // A host may repeat its order until it is done.
      if orders.contains(set) { return [] }
      orders.append(set)
      isUnwritten = true
      isNew = true
      if phase == .waiting, deadline == nil { deadline = now }
      return []
    case (_, .asked(let set)):
      asked = set
      if phase == .waiting {
        deadline = now
        rest(at: now)
      }
      return []
    case (_, .signedIn):
      // Once between two successes: where each download asks for a sign-in, the pauses are what
      // keeps the two from calling each other for ever.
      if isHurried { return [] }
      isHurried = true
      if phase == .waiting, current != nil { deadline = now }
      return []
    case (.waiting, .heldUp(let problem)):
      return giveUp(problem, at: now)
    case (.waiting, .deadlinePassed):
      guard let deadline, now >= deadline else { return [] }
      return begin()
    case (.asking(let stage), .hostEnded(let result, let time)):
      return judge(result, stage, time, at: now)
    case (.asking, .yielded):
      deadline = now
      rest(at: now)
      return []
    case (.journalling(let change), .journalled):
      return changed(change, at: now)
    case (.journalling(let change), .journalFailed(let fault)):
      return failed(.journal(fault), change.set, staysStaged: true, at: now)
    case (.dropping, .journalled):
      undropped = nil
      dropped(at: now)
      return []
    case (.dropping(let set), .journalFailed):
      undropped = set
      dropped(at: now)
      return []
    case (.asking, .deadlinePassed), (.journalling, .deadlinePassed), (.dropping, .deadlinePassed),
      (.asking, .heldUp), (.journalling, .heldUp), (.dropping, .heldUp):
      return []
    case (.waiting, _), (.asking, _), (.journalling, _), (.dropping, _):
      unexpectedEvents += 1
      return []
    }
  }

  /// Waits for the link.
  private mutating func rest(at now: Instant) {
    phase = .waiting
    waitsUntil = asked == nil ? nil : now + DownloadDesk.patience
  }

  private mutating func begin() -> [Effect] {
    deadline = nil
    waitsUntil = nil
    guard let set = current else { return undropped.map { drop($0) } ?? [] }
    let next = stage.step == .none ? DownloadStage(set) : stage
    phase = .asking(next)
    let request = next.request
    return [.ask(request.message, request.content)]
  }

  private mutating func judge(
    _ result: HostResult, _ stage: DownloadStage, _ time: LocalTime, at now: Instant
  ) -> [Effect] {
    let problem: Problem
    switch result {
    case .answered(let answer, _):
      let old = set(stage.set)
      switch stage.taking(answer, today: time.calendarDay, since: time.text, old: old) {
      case .goesOn(let next): return journal(DownloadChange(set: stage.set, stage: next))
      case .complete(let set):
        return journal(DownloadChange(set: stage.set, stage: .none, taken: [set]))
      case .spoilt(let flaw):
        return failed(.download(stage.set, flaw), stage.set, staysStaged: false, at: now)
      }
    case .notSent(let layer, let code): problem = .network(layer, code: code)
    case .notWritten(let fault): problem = .journal(fault)
    case .noAnswer: problem = .network(.read, code: 0)
    case .badAnswer: problem = .probeAnswer
    }
    return failed(problem, stage.set, staysStaged: true, at: now)
  }

  private mutating func journal(_ change: DownloadChange) -> [Effect] {
    phase = .journalling(change)
    return [.journal(change)]
  }

  private mutating func changed(_ change: DownloadChange, at now: Instant) -> [Effect] {
    stage = change.stage
    undropped = nil
    guard let set = change.taken.first else {
      deadline = now
      rest(at: now)
      return []
    }
    // Not before: a download that comes half the way each time fails each time.
    failures = 0
    isHurried = false
    adopt(set)
    orders.removeAll { $0 == set.set }
    let isAsked = asked == set.set
    if isAsked { asked = nil }
    rest(at: now)
    deadline = current == nil ? nil : now
    return isAsked ? [.ended(set.flaw.map { .download(set.set, $0) })] : []
  }

  /// What is ordered stays so and is tried again, behind what else is ordered; what only a person
  /// wanted is over, also where it stands behind a set that stays staged.
  private mutating func failed(
    _ problem: Problem, _ set: DownloadSet, staysStaged: Bool, at now: Instant
  ) -> [Effect] {
    note(problem, of: set)
    var effects: [Effect] = []
    if asked == set || asked != nil && staysStaged {
      asked = nil
      effects.append(.ended(problem))
    }
    let isOrdered = orders.contains(set)
    if isOrdered {
      orders.removeAll { $0 == set }
      orders.append(set)
    }
    let isRefusal = !staysStaged && Int(failures) >= pauses.count
    let pause =
      isRefusal ? DownloadDesk.refusalPause : pauses[min(Int(failures), pauses.count - 1)]
    failures = min(failures + 1, 1_000_000)
    // What a person wants is not behind the pause of another set.
    deadline = asked == nil ? now + pause : now
    if stage.step != .none, !staysStaged || !isOrdered { return drop(set) + effects }
    rest(at: now)
    waitForOrders(at: now)
    return effects
  }

  private mutating func drop(_ set: DownloadSet) -> [Effect] {
    phase = .dropping(set)
    return [.journal(DownloadChange(set: set, stage: .none))]
  }

  private mutating func dropped(at now: Instant) {
    stage = .none
    rest(at: now)
    waitForOrders(at: now)
    // A person who came meanwhile does not wait for the pause of what was dropped.
    if asked != nil { deadline = now }
  }

  /// Where there is nothing to download, there may still be something to drop.
  private mutating func waitForOrders(at now: Instant) {
    if current != nil { return }
    deadline = undropped == nil ? nil : now + pauses[pauses.count - 1]
  }

  private mutating func giveUp(_ problem: Problem, at now: Instant) -> [Effect] {
    guard let set = asked else { return [] }
    asked = nil
    waitsUntil = nil
    if stage.step != .none, stage.set == set, !orders.contains(set) {
      return drop(set) + [.ended(problem)]
    }
    waitForOrders(at: now)
    return [.ended(problem)]
  }

  private mutating func note(_ problem: Problem?, of set: DownloadSet) {
    troubles.removeAll { $0.set == set }
    if let problem { troubles.append(Trouble(set: set, problem: problem)) }
  }
}

/// What changes on disk with one entry.
struct DownloadChange: Hashable, Sendable {
  var set: DownloadSet
  /// What is staged from then on.
  var stage: DownloadStage
  /// The set that comes into force, if one does.
  var taken: [DownloadedSet] = []
}
