// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import ISO8583
import PaymentCrypto
import TerminalCore
import Wire

extension World {
  /// The acquirer publishes other sets and orders one of them; or something that no terminal knows.
  /// Nothing in the protocol says that a list has changed between two of its pieces, so it changes
  /// when no terminal is reading it.
  mutating func orderSomething() {
    guard flavour != .generic, let terminal = firmware?.terminal, terminal.downloadsAreAtRest,
      !ledger.hasUnseen, weather.strikes(.orderSent, &weatherDice)
    else { return }
    sightings.note(.orderSent)
    let next = SimulatedShop.downloads(published.count, forChips: readsChips)
    published.append(next)
    acquirer.rules.downloads = next
    let orders: [UInt8] = [1, 4, 5, 7, 7, 9, 8]
    acquirer.orders.append(orders[weatherDice.below(orders.count)])
  }

  /// What is in force is always a whole set that the acquirer has published.
  mutating func watchDownloads() {
    guard let sets = firmware?.terminal.downloadedSets, sets != setsSeen else { return }
    setsSeen = sets
    for set in sets {
      let entries = set.entries.map { $0.exposed }
      let isPublished = published.contains { World.entries(of: set.set, in: $0) == entries }
      if !isPublished || !set.skipped.isEmpty {
        leaks.append("no published set: the " + set.set.name + " in force")
      }
    }
  }

  private static func entries(
    of set: DownloadSet, in published: HostDownloads
  ) -> [[UInt8]] {
    switch set {
    case .keys: return published.keys.map { $0.content }
    case .applications: return published.applications.map { $0.content }
    case .blackList: return published.blackList
    case .contactless:
      let content = published.contactless
      return [Array(content[..<6]) + [content[9]]]
        + [Array(content[10..<16]) + Array(content[19...])]
    case .parameters:
      let widths = [2, 2, 1, 2, 1, 1, 40, 4]
      var rest = published.parameters[...]
      return widths.map { width in
        defer { rest = rest.dropFirst(2 + width) }
        return Array(rest.prefix(2 + width))
      }
    }
  }

  /// Answers to downloads carry no MAC, and not everything in them a check value: a line with TLS
  /// breaks where a bit is changed.
  static func isDownload(_ frame: [UInt8]) -> Bool {
    guard frame.count > 13, frame[13] == 0x08,
      let message = try? Codec(table: UnionPayTable.table).decode(Array(frame[13...])),
      let code = message[60]?.dropFirst(8).prefix(3)
    else { return false }
    return code.first != 0x30
  }

  /// For a planted fault only: what is staged comes into force before its end.
  func swappedEarly(_ entry: JournalEntry) -> JournalEntry {
    let seal = SimulatedShop.settings.keys.seal
    var entry = entry
    for update in entry.updates where update.key == "download-stage" && update.isLive {
      let nonce = Array(update.body.prefix(12))
      let plain = try? seal.open(
        Array(update.body.dropFirst(12)), nonce: nonce, associated: Array(update.key.utf8))
      guard let plain, let fields = try? FieldReader(plain), let number = fields.number(1),
        let set = DownloadSet(rawValue: UInt8(number)), !fields.all(4).isEmpty
      else { continue }
      var early = FieldWriter()
      early.write(1, number)
      for content in fields.all(4) { early.write(2, content) }
      early.write(4, [])
      early.write(5, "too early")
      let key = "download/" + set.name
      guard
        let sealed = try? seal.seal(early.bytes, nonce: nonce, associated: Array(key.utf8))
      else { continue }
      entry.updates.append(RecordUpdate(key: key, isLive: true, body: nonce + sealed))
    }
    return entry
  }
}
