// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
import Wire

//               set              probe answered            commit             on disk
//   committed ───────▶ probing ─────────────────▶ proven ─────────▶ journalling ──────▶ committed
//       ▲                 │ probe failed             │ rollback, or nobody commits in time
//       └─────────────────┴──────────────────────────┘
//
// Both hosts are probed where there are two, the back-up whatever became of the first.

/// Network settings: tried in memory, proven by a probe, kept only when somebody commits.
public struct NetworkSetup: Machine {
  /// What it is told.
  public enum Event: Hashable, Sendable {
    /// Try these settings.
    case proposed(NetworkSettings)
    /// The probe ended.
    case probed(Problem?)
    /// Keep the candidate.
    case committed
    /// Forget the candidate.
    case rolledBack
    /// The settings are on disk.
    case journalled
    /// They are not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What it asks for.
  public enum Effect: Hashable, Sendable {
    /// Try to reach the acquirer at this host.
    case probe(Endpoint)
    /// Put the candidate on disk.
    case journal(RecordUpdate)
    /// What was asked for has ended.
    case ended(Problem?)
  }

  /// Where it stands.
  public enum Phase: Hashable, Sendable {
    /// No candidate.
    case settled
    /// The candidate is being tried.
    case probing(NetworkSettings)
    /// Its first host has been tried, with this problem, and the back-up is being tried.
    case probingBackup(NetworkSettings, primary: Problem?)
    /// The candidate works and waits for a commit.
    case proven(NetworkSettings)
    /// The candidate is going to disk.
    case journalling(NetworkSettings)
  }

  /// How long a proven candidate waits for a commit.
  private static let commitLimit = Interval.minutes(10)
  static let key = "network"

  /// The settings in force, if any were ever committed.
  public private(set) var settings: NetworkSettings?
  /// Where it stands.
  public private(set) var phase = Phase.settled
  /// Why the last candidate was dropped.
  public private(set) var problem: Problem?
  /// The next moment at which it wants to be woken.
  public private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  public private(set) var unexpectedEvents: UInt32 = 0

  /// From the settings of an earlier run.
  public init(settings: NetworkSettings?) { self.settings = settings }

  /// The candidate, while there is one.
  public var candidate: NetworkSettings? {
    switch phase {
    case .settled: nil
    case .probing(let settings), .probingBackup(let settings, _), .proven(let settings),
      .journalling(let settings):
      settings
    }
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (.settled, .proposed(let candidate)), (.proven, .proposed(let candidate)):
      phase = .probing(candidate)
      problem = nil
      deadline = nil
      return [.probe(candidate.acquirer)]
    case (.probing(let candidate), .probed(let problem)):
      guard let backup = candidate.backup else { return probed(candidate, problem, at: now) }
      phase = .probingBackup(candidate, primary: problem)
      return [.probe(backup)]
    case (.probingBackup(let candidate, let primary), .probed(let problem)):
      let isWell = primary == nil && problem == nil
      let both = Problem.hosts(primary: primary, backup: problem)
      return probed(candidate, isWell ? nil : both, at: now)
    case (.proven(let candidate), .committed):
      phase = .journalling(candidate)
      deadline = nil
      return [.journal(candidate.update)]
    case (.proven, .rolledBack):
      return drop(nil)
    case (.proven, .deadlinePassed):
      guard let deadline, now >= deadline else { return [] }
      phase = .settled
      self.deadline = nil
      problem = .candidateNotProven
      return []
    case (.journalling(let candidate), .journalled):
      settings = candidate
      phase = .settled
      return [.ended(nil)]
    case (.journalling, .journalFailed(let fault)):
      return drop(.journal(fault))
    case (.settled, .committed), (.settled, .rolledBack):
      return [.ended(.noCandidate)]
    case (.probing, .committed), (.probing, .rolledBack), (.probing, .proposed),
      (.probingBackup, .committed), (.probingBackup, .rolledBack), (.probingBackup, .proposed),
      (.journalling, .committed), (.journalling, .rolledBack), (.journalling, .proposed):
      return [.ended(.busy)]
    case (_, .deadlinePassed):
      return []
    case (.settled, .probed), (.settled, .journalled), (.settled, .journalFailed),
      (.probing, .journalled), (.probing, .journalFailed), (.probingBackup, .journalled),
      (.probingBackup, .journalFailed), (.proven, .probed),
      (.proven, .journalled), (.proven, .journalFailed), (.journalling, .probed):
      unexpectedEvents += 1
      return []
    }
  }

  private mutating func probed(
    _ candidate: NetworkSettings, _ problem: Problem?, at now: Instant
  ) -> [Effect] {
    if let problem { return drop(problem) }
    phase = .proven(candidate)
    deadline = now + NetworkSetup.commitLimit
    return [.ended(nil)]
  }

  private mutating func drop(_ problem: Problem?) -> [Effect] {
    phase = .settled
    deadline = nil
    self.problem = problem
    return [.ended(problem)]
  }
}

extension NetworkSettings {
  var update: RecordUpdate {
    var fields = FieldWriter()
    fields.write(1, acquirer.host)
    fields.write(2, UInt64(acquirer.port))
    fields.write(3, acquirer.usesTLS ? 1 : 0)
    if let backup {
      fields.write(4, backup.host)
      fields.write(5, UInt64(backup.port))
      fields.write(6, backup.usesTLS ? 1 : 0)
    }
    return RecordUpdate(key: NetworkSetup.key, isLive: true, body: fields.bytes)
  }

  init?(_ body: [UInt8]) {
    guard let fields = try? FieldReader(body), let host = fields.text(1),
      let port = fields.number(2).flatMap({ UInt16(exactly: $0) })
    else { return nil }
    acquirer = Endpoint(host: host, port: port, usesTLS: fields.number(3) == 1)
    // Records of a time without back-ups have no field 4.
    guard let host = fields.text(4) else { return }
    guard let port = fields.number(5).flatMap({ UInt16(exactly: $0) }) else { return nil }
    backup = Endpoint(host: host, port: port, usesTLS: fields.number(6) == 1)
  }
}
