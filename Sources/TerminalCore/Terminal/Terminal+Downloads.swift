// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Wire

// An order stands in the header of any answer. It is written with the entry that the answer leads
// to, or with one of its own, and carried out when nothing else is: behind reversals and advices,
// never while a transaction runs.

extension Terminal {
  /// What the acquirer has set by its parameters.
  public var acquirerParameters: AcquirerParameters { parameters }

  /// The chip applications in force.
  public var chipApplications: [ChipApplication] {
    downloads.set(.applications)?.entries.compactMap { ChipApplication($0.exposed) } ?? []
  }

  /// What is in force, what is owed and what is the matter.
  public var downloadReport: DownloadReport {
    let known = DownloadSet.allCases.filter { dialect.knows($0.opening) }
    var lines: [DownloadReport.Line] = []
    for set in known {
      var line = DownloadReport.Line(set: set)
      if let inForce = downloads.set(set) {
        line.since = inForce.since
        line.count = inForce.entries.count
        line.skipped = inForce.skipped.count
      }
      line.isRequired = settings.requiredDownloads.contains(set)
      line.isOrdered = downloads.orders.contains(set)
      line.isRunning = downloads.stage.step != .none && downloads.stage.set == set
      line.problem = downloads.troubles.first { $0.set == set }?.problem
      if set == .keys, line.problem == nil { line.problem = keyProblems.first }
      lines.append(line)
    }
    return DownloadReport(
      lines: lines, staged: downloads.stage.step == .none ? 0 : downloads.stage.entries.count,
      parameters: downloads.set(.parameters)?.entries.map { $0.exposed } ?? [],
      ignoredOrders: (0..<16).filter { downloads.ignored >> UInt16($0) & 1 == 1 })
  }

  /// Whether nothing is being downloaded or ordered.
  public var downloadsAreAtRest: Bool { downloads.isAtRest }
  /// The sets in force.
  public var downloadedSets: [DownloadedSet] { downloads.sets }

  /// Whether the acquirer's black list has a card. What follows an earlier transaction stands by
  /// that one.
  func isRefused(_ pan: PAN) -> Bool {
    guard sale?.original == nil, let list = downloads.set(.blackList) else { return false }
    return BlackList.refuses(pan, by: list.entries)
  }

  /// The set that must be there and has never come.
  var missingDownload: DownloadSet? {
    settings.requiredDownloads.first { dialect.knows($0.opening) && downloads.set($0) == nil }
  }

  /// What must be there is fetched without being ordered.
  mutating func orderMissingDownloads(at now: Instant) {
    for set in settings.requiredDownloads
    where dialect.knows(set.opening) && downloads.set(set) == nil {
      _ = downloads.handle(.ordered(set), at: now)
    }
  }

  /// Notes the order of an answer; that to sign in is another's.
  mutating func heed(_ result: HostResult, at now: Instant) {
    guard case .answered(_, let order) = result, order != 0, order != 3 else { return }
    if let set = DownloadSet(order: order), dialect.knows(set.opening) {
      _ = downloads.handle(.ordered(set), at: now)
    } else {
      downloads.ignore(order)
    }
  }

  /// Puts orders that are not on disk into the entry that is written anyway. An entry of their own
  /// they have only once, when they come: a storage that refuses it is not asked again and again,
  /// and what is in memory is done all the same.
  mutating func writingOrders(_ effects: [TerminalEffect]) -> [TerminalEffect] {
    guard downloads.isUnwritten else { return effects }
    var effects = effects
    for index in effects.indices {
      guard case .journal(var entry) = effects[index] else { continue }
      entry.updates.append(downloads.takeOrders().update)
      effects[index] = .journal(entry)
      return effects
    }
    if !downloads.isNew { return effects }
    journalOwners.append(.orders)
    return effects + [.journal(JournalEntry(updates: [downloads.takeOrders().update]))]
  }

  /// Whether a download may use the link that nobody else wants now.
  var downloadsMayRun: Bool {
    downloads.isWaiting && sale == nil && reversals.queue.isEmpty && advices.isEmpty
      && !settlement.isRunning && merchant != nil && network.settings != nil && clock != nil
      && ledgerFault == nil
  }

  /// Whether somebody uses the link who does not give it up.
  var isLinkTaken: Bool { linkOwner != nil && linkOwner != .download }

  /// Gives up what a download waits for: others go first.
  mutating func freeLink(at now: Instant) -> [TerminalEffect] {
    guard linkOwner == .download else { return [] }
    _ = downloads.handle(.yielded, at: now)
    let effects = run(exchange.handle(.abandoned(ticket: downloadTicket), at: now), at: now)
    if linkOwner == .download { linkOwner = nil }
    return effects
  }

  mutating func askForDownload(
    _ id: RequestID, _ set: DownloadSet, at now: Instant
  ) -> [TerminalEffect] {
    if !dialect.knows(set.opening) { return [.answer(id, .refused(.notKnownHere))] }
    if network.settings == nil { return [.answer(id, .refused(.networkNotConfigured))] }
    if askers.download != nil { return [.answer(id, .refused(.busy))] }
    askers.download = id
    let effects = run(downloads.handle(.asked(set), at: now), at: now)
    if downloadsMayRun, linkOwner == nil {
      return effects + run(downloads.handle(.deadlinePassed, at: now), at: now)
    }
    return effects + hurryQueue(at: now)
  }

  /// A person hears what the link is kept for, and that nothing comes before it is free.
  mutating func endDownloadIfOverdue(at now: Instant) -> [TerminalEffect] {
    guard let limit = downloads.waitsUntil, now >= limit else { return [] }
    return run(downloads.handle(.heldUp(downloadObstacle), at: now), at: now)
  }

  /// What goes before a download, the cause first.
  private var downloadObstacle: Problem {
    if let ledgerFault { return .journal(ledgerFault) }
    if sale != nil || settlement.isRunning { return .notAllowed(.download, in: state) }
    if !reversals.queue.isEmpty { return .reversalPending }
    return advices.isEmpty ? .busy : .advicePending
  }

  mutating func downloadAnswered(_ result: HostResult, at now: Instant) -> [TerminalEffect] {
    // It was given up.
    guard downloads.isAsking, let clock else { return [] }
    return run(downloads.handle(.hostEnded(result, clock.local(at: now)), at: now), at: now)
  }

  mutating func run(_ effects: [DownloadDesk.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .ask(let message, let content):
        out += askers.download.map { [.progress($0, .askingAcquirer)] } ?? []
        var facts = managementFacts(of: message, at: now)
        facts?.asked = content
        out += send(message, facts, for: .download, at: now)
      case .journal(let change):
        out += journal(change, at: now)
      case .ended(let problem):
        out += askers.download.take(problem)
      }
    }
    return out
  }

  private mutating func journal(
    _ change: DownloadChange, at now: Instant
  ) -> [TerminalEffect] {
    journalOwners.append(.download)
    var orders = downloads.takeOrders()
    var updates: [RecordUpdate?] = []
    for set in change.taken {
      orders.orders.removeAll { $0 == set.set }
      updates.append(
        SealedRecord.update(
          DownloadedSet.key(of: set.set), set.bytes, with: settings.keys.seal, nonce: takeNonce()))
    }
    if change.stage.step == .none {
      updates.append(
        RecordUpdate(key: DownloadStage.key, isLive: false, body: [], erasesEarlier: true))
    } else {
      updates.append(
        SealedRecord.update(
          DownloadStage.key, change.stage.bytes, with: settings.keys.seal, nonce: takeNonce()))
    }
    let sealed = updates.compactMap { $0 }
    if sealed.count != updates.count {
      journalOwners.removeLast()
      return run(downloads.handle(.journalFailed(.failed), at: now), at: now)
    }
    return [.journal(JournalEntry(updates: sealed + [orders.update]))]
  }

  mutating func downloadJournalled(
    _ fault: JournalFault?, at now: Instant
  ) -> [TerminalEffect] {
    let effects = downloads.handle(fault.map { .journalFailed($0) } ?? .journalled, at: now)
    useParameters()
    keysJudgedUntil = nil
    return run(effects, at: now)
  }

  /// Takes the acquirer's parameters into use.
  mutating func useParameters() {
    let lines = downloads.set(.parameters)?.entries.map { $0.exposed } ?? []
    parameters = AcquirerParameters(
      lines.filter { $0.count > 2 }.map {
        AcquirerParameters.Line(code: Array($0.prefix(2)), value: Array($0.dropFirst(2)))
      })
  }
}

/// What is downloaded from the acquirer.
public struct DownloadReport: Hashable, Sendable {
  /// One set.
  public struct Line: Hashable, Sendable {
    /// Which.
    public var set: DownloadSet
    /// Local time at which it came into force; empty when none is.
    public var since = ""
    /// How many entries it has.
    public var count = 0
    /// How many that the acquirer listed are left out.
    public var skipped = 0
    /// Whether nothing is sold without it.
    public var isRequired = false
    /// Whether the acquirer has ordered it, or the terminal needs it.
    public var isOrdered = false
    /// Whether it is being downloaded.
    public var isRunning = false
    /// What is the matter with it.
    public var problem: Problem?

    init(set: DownloadSet) { self.set = set }
  }

  /// The sets that the acquirer's file knows.
  public var lines: [Line]
  /// How many entries of a set that is being downloaded have come.
  public var staged: Int
  /// The parameters in force: two digits of code and the value.
  public var parameters: [[UInt8]]
  /// Orders that came and mean nothing here.
  public var ignoredOrders: [Int]
}
