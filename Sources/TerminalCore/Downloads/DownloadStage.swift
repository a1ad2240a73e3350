// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Wire

//                 more            each entry                      39 = 00
//   listing ──────────────▶ fetching ───────────▶ ending ───────────────▶ complete
//      │ the answer is all                            ▲
//      └──────────────────────────────────────────────┘
//
// Parameters have no end: their one answer completes them. What is staged is on disk before the
// next message leaves, so that a start goes on where the last one was; what is in force stays as it
// is until the whole set has come.

/// A set that is being downloaded.
struct DownloadStage: Hashable, Sendable {
  /// What is asked for next.
  enum Step: UInt8, Hashable, Sendable {
    /// Nothing is being downloaded.
    case none
    /// What there is, or all of it.
    case listing
    /// The entries, one by one.
    case fetching
    /// That all has come.
    case ending
  }

  /// What an answer makes of it.
  enum Progress: Hashable, Sendable {
    /// This is staged now.
    case goesOn(DownloadStage)
    /// This is the new set.
    case complete(DownloadedSet)
    /// Nothing of it is of use: from the beginning, some time.
    case spoilt(DownloadFlaw)
  }

  /// Which set.
  var set: DownloadSet
  /// How far it is.
  var step = Step.listing
  /// What the query has listed.
  var names: [[UInt8]] = []
  /// What has come and is checked.
  var entries: [SecretBytes] = []
  /// The names of what is left out.
  var skipped: [[UInt8]] = []
  /// How far the black list has come, as the acquirer counts it.
  var position: UInt32 = 0

  init(_ set: DownloadSet) { self.set = set }

  /// Nothing under way.
  static var none: DownloadStage {
    var stage = DownloadStage(.parameters)
    stage.step = .none
    return stage
  }

  /// The next message and its DE62, which may be empty.
  var request: (message: Dialect.Management, content: [UInt8]) {
    switch (step, set) {
    case (.fetching, .keys): (.keyDownload, fetched.flatMap { KeyName($0)?.asked } ?? [])
    case (.fetching, _): (.applicationDownload, fetched ?? [])
    case (.ending, _): (set.closing ?? set.opening, [])
    case (_, .keys), (_, .applications):
      (set.opening, ascii("1") + (Digits.text(UInt64(names.count), 2) ?? []))
    case (_, .blackList):
      (set.opening, Digits.text(UInt64(position == 0 ? 0 : position + 1), 3) ?? [])
    case (_, .parameters), (_, .contactless): (set.opening, [])
    }
  }

  /// The name that is fetched next.
  private var fetched: [UInt8]? {
    let index = entries.count + skipped.count
    return index < names.count ? names[index] : nil
  }

  /// Takes an answer; `old` is the set in force, whose keys need not be fetched again.
  func taking(_ answer: Message, today: UInt32, since: String, old: DownloadedSet?) -> Progress {
    var next = self
    let content = answer[62] ?? []
    if answer[39] != ascii("00") {
      // One key less is better than none; an application that is missing would change what the
      // others mean.
      guard step == .fetching, set == .keys, let name = fetched else {
        return .spoilt(.refused(code: answer[39] ?? []))
      }
      next.skipped.append(name)
      return next.proceeding(old, today)
    }
    switch (step, set) {
    case (.ending, _):
      return .complete(
        DownloadedSet(set: set, entries: entries, skipped: skipped, unknown: [], since: since))
    case (.fetching, .keys): return next.takeKey(content, today: today, old: old)
    case (.fetching, _): return next.takeApplication(content, today: today, old: old)
    case (_, .parameters): return complete(parameters: content, since: since)
    case (_, .contactless):
      guard let read = ContactlessParameters.read(content) else { return .spoilt(.unreadable) }
      next.entries = read.map { SecretBytes($0) }
      next.step = .ending
      return next.proceeding(old, today)
    case (_, .blackList): return next.takeRecords(content, today: today)
    case (_, .keys), (_, .applications): return next.takeNames(content, today: today, old: old)
    }
  }

  private func complete(parameters content: [UInt8], since: String) -> Progress {
    guard !content.isEmpty, let read = AcquirerParameters.read(content) else {
      return .spoilt(.unreadable)
    }
    return .complete(
      DownloadedSet(
        set: set, entries: read.lines.map { SecretBytes($0.code + $0.value) }, skipped: [],
        unknown: read.unknown, since: since))
  }

  /// Goes on as far as it can without asking.
  private mutating func proceeding(_ old: DownloadedSet?, _ today: UInt32) -> Progress {
    if step == .fetching, set == .keys {
      while let name = fetched, let listed = KeyName(name), let known = old?.key(listed) {
        if listed.expiry >= today { entries.append(known) } else { skipped.append(name) }
      }
    }
    if step == .fetching, fetched == nil {
      // Keys are listed and none of them is of use: the old ones are better.
      if entries.isEmpty, !skipped.isEmpty { return .spoilt(.skipped(count: skipped.count)) }
      step = .ending
    }
    let bytes = entries.reduce(0) { $0 + $1.count } + names.reduce(0) { $0 + $1.count }
    if entries.count > set.entryLimit || bytes > DownloadSet.byteLimit {
      return .spoilt(.tooMany)
    }
    return .goesOn(self)
  }
}

extension DownloadStage {
  /// Control: 0 there is nothing (more), 1 the last piece, 2 more to come.
  private static func split(_ content: [UInt8]) -> (isLast: Bool, rest: [UInt8])? {
    let rest = Array(content.dropFirst())
    switch content.first {
    case 0x30: return (true, rest)
    case 0x31: return (true, rest)
    case 0x32: return (false, rest)
    default: return nil
    }
  }

  private mutating func takeNames(
    _ content: [UInt8], today: UInt32, old: DownloadedSet?
  ) -> Progress {
    guard let (isLast, rest) = DownloadStage.split(content),
      let listed = DownloadTLV.entries(rest)
    else { return .spoilt(.unreadable) }
    if !isLast, listed.isEmpty { return .spoilt(.endless) }
    for objects in listed {
      let name: [UInt8]
      if set == .keys {
        guard let key = KeyName(objects) else { return .spoilt(.unreadable) }
        name = key.bytes
        if names.contains(where: { KeyName($0)?.asked == key.asked }) {
          return .spoilt(.duplicate)
        }
      } else {
        guard objects.count == 1, (5...16).contains(objects[0].value.count) else {
          return .spoilt(.unreadable)
        }
        name = objects[0].encoded
        if names.contains(name) { return .spoilt(.duplicate) }
      }
      names.append(name)
    }
    if names.count > set.entryLimit || (!isLast && names.count == set.entryLimit) {
      return .spoilt(.tooMany)
    }
    if isLast { step = .fetching }
    return proceeding(old, today)
  }

  private mutating func takeKey(
    _ content: [UInt8], today: UInt32, old: DownloadedSet?
  ) -> Progress {
    guard let name = fetched, let listed = KeyName(name) else { return .spoilt(.unreadable) }
    let rest = Array(content.dropFirst())
    // A key that cannot be read, is over or has a wrong check value is left out, as one that the
    // acquirer does not give; another key than was asked for says that the list has changed.
    if let objects = try? TLV.parse(rest), let found = KeyName(objects), found != listed {
      return .spoilt(.otherEntry)
    }
    if content.first == 0x31, let key = CAPublicKey(rest), key.expiry >= today {
      entries.append(SecretBytes(rest))
    } else {
      skipped.append(name)
    }
    return proceeding(old, today)
  }

  private mutating func takeApplication(
    _ content: [UInt8], today: UInt32, old: DownloadedSet?
  ) -> Progress {
    let rest = Array(content.dropFirst())
    guard content.first == 0x31, let objects = try? TLV.parse(rest), let name = fetched else {
      return .spoilt(.unreadable)
    }
    let found = objects.first { $0.tag.rawValue == 0x9F06 }
    if found?.encoded != name { return .spoilt(.otherEntry) }
    if ChipApplication(rest) == nil { return .spoilt(.unreadable) }
    entries.append(SecretBytes(rest))
    return proceeding(old, today)
  }

  private mutating func takeRecords(_ content: [UInt8], today: UInt32) -> Progress {
    guard let (isLast, rest) = DownloadStage.split(content), let piece = BlackList.read(rest) else {
      return .spoilt(.unreadable)
    }
    if !isLast, piece.records.isEmpty { return .spoilt(.endless) }
    // Only the empty end of a list does not say how far it is.
    let reached = position + UInt32(piece.records.count)
    if piece.reached != reached, !(isLast && piece.records.isEmpty) {
      return .spoilt(.otherEntry)
    }
    entries += piece.records.map { SecretBytes($0) }
    position = reached
    if !isLast, reached >= UInt32(set.entryLimit) { return .spoilt(.tooMany) }
    if isLast { step = .ending }
    return proceeding(nil, today)
  }
}
