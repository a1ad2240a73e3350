// SPDX-License-Identifier: Apache-2.0

import TerminalCore

/// Everything of a terminal that has a last day, what ends first at the head.
public struct ExpiryReport: Sendable {
  /// How near an end is.
  public enum State: Hashable, Sendable {
    /// More than 90 days away.
    case ok
    /// At most 90 days: long enough to have another one made and brought.
    case soon
    /// At most 7 days.
    case verySoon
    /// It is past.
    case over
    /// The clock cannot be believed.
    case unknown

    /// A word that never changes.
    public var word: String {
      switch self {
      case .ok: "ok"
      case .soon: "soon"
      case .verySoon: "very soon"
      case .over: "over"
      case .unknown: "unknown"
      }
    }
  }

  /// What an end is the end of.
  public enum Kind: Hashable, Sendable {
    /// A certificate.
    case certificate
    /// A key of a certification authority for chips.
    case publicKey
    /// A document of an update repository.
    case metadata

    /// A word that never changes.
    public var word: String {
      switch self {
      case .certificate: "certificate"
      case .publicKey: "public-key"
      case .metadata: "update-metadata"
      }
    }
  }

  /// One thing with an end.
  public struct Item: Hashable, Sendable {
    /// What it is.
    public var name: String
    /// Its kind.
    public var kind: Kind
    /// The file it is in, or where else it comes from.
    public var source: String
    /// The last second in which it counts, since 1970.
    public var end: Int64
    /// The day of that, as it stands in the thing itself: `YYYY-MM-DD`.
    public var lastDay: String
  }

  /// A file that says nothing.
  public struct Unread: Hashable, Sendable {
    /// What it is for.
    public var use: String
    /// Where it is.
    public var file: String
    /// Why it says nothing.
    public var reason: String
  }

  /// Days before the last one from which a person is told in the status: as for the authorities'
  /// keys of chips.
  static let noticeDays: Int64 = 30

  /// What ends, the first end first.
  public let items: [Item]
  /// What should say when it ends, and does not.
  public let unread: [Unread]
  /// The time, seconds since 1970.
  public let now: Int64

  init(_ items: [Item], _ unread: [Unread], now: Int64) {
    self.items = items.sorted { ($0.end, $0.name) < ($1.end, $1.name) }
    self.unread = unread
    self.now = now
  }

  /// Whether the clock can be right: one that has lost its battery stands years before the firmware
  /// was made, and with it nothing is ever over.
  public var isClockBelieved: Bool { now >= Doctor.firstMoment }

  /// Whole days until the end, below 0 behind it; nil where nobody knows what day it is.
  public func daysLeft(_ item: Item) -> Int64? {
    if !isClockBelieved { return nil }
    let seconds = item.end - now
    return seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
  }

  /// How near its end is.
  public func state(_ item: Item) -> State {
    guard let days = daysLeft(item) else { return .unknown }
    if days < 0 { return .over }
    return days <= 7 ? .verySoon : days <= 90 ? .soon : .ok
  }

  /// What a person is told of certificates in the status. Nothing waits for it: neither a sale nor
  /// the update that brings a new one.
  var problems: [Problem] {
    let certificates = items.filter { $0.kind == .certificate }
    let over = certificates.filter { state($0) == .over }
    let ending = certificates.filter {
      (0...ExpiryReport.noticeDays).contains(daysLeft($0) ?? -1)
    }
    func text(_ item: Item) -> String { "\(item.name) in \(item.source), last day \(item.lastDay)" }
    var problems: [Problem] = []
    if let first = over.first {
      problems.append(.certificateOver(text(first), others: over.count - 1))
    }
    if let first = ending.first {
      problems.append(.certificateEnds(text(first), others: ending.count - 1))
    }
    return problems
  }
}
