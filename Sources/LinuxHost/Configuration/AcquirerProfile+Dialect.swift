// SPDX-License-Identifier: Apache-2.0

import Devices
import ISO8583
import PaymentCrypto
public import TerminalCore

extension AcquirerProfile {
  /// The messages and what belongs to them.
  static func dialect(
    _ reader: YAMLReader, _ table: MessageTable, _ framing: Framing, _ signing: AnswerSigning
  ) throws(ConfigurationFault) -> Dialect {
    let mac: MACAlgorithm = try reader.choice(
      "mac",
      [
        ("x9.19", .retail(.zeros)), ("x9.9", .chained(.zeros)), ("cup-ecb", .unionPay),
        ("cup-ecb-bytes", .unionPayBytes), ("cmac", .cmac),
      ])
    var lines: [(name: String, text: String)] = []
    var places: [FilePlace] = []
    for item in try reader.maps("messages") {
      lines.append((try item.text("name"), try item.text("words")))
      places.append(item.ownPlace)
      try item.finish()
    }
    var dialect: Dialect
    do throws(ScriptFault) {
      dialect = try Dialect(table: table, framing: framing, lines: lines, signing: signing)
    } catch {
      let index = lines.firstIndex { $0.name == error.word || $0.text.contains(error.word) }
      throw ConfigurationFault(
        place: index.map { places[$0] } ?? reader.ownPlace,
        message: "messages: " + error.word + " " + error.reason)
    }
    if let element = dialect.elements.first(where: { table[$0] == nil }) {
      throw ConfigurationFault(
        place: reader.ownPlace,
        message: "messages have element \(element), which message.elements does not define")
    }
    dialect.mac = mac
    dialect.result = try result(try reader.map("settlement"))
    if reader.has("sign-in") { dialect.signIn = try signIn(try reader.map("sign-in")) }
    if reader.has("track-encryption") {
      dialect.trackEncryption = try reader.choice(
        "track-encryption", TrackEncryption.allCases.map { ("\($0)", $0) })
    }
    try checkKeys(of: dialect, reader)
    if reader.has("uploads-in-one") {
      dialect.uploadsInOne = try reader.integer("uploads-in-one", 1...50)
      if !dialect.holdsItsUploads {
        throw reader.fault("uploads-in-one", "has more digits than the upload has room for")
      }
    }
    if !dialect.holdsBatch(of: try reader.integer("batch-limit", 1...100_000)) {
      throw reader.fault("batch-limit", "has more digits than the settlement has room for")
    }
    return dialect
  }

  private static func result(_ reader: YAMLReader) throws(ConfigurationFault) -> SettlementResult {
    let isCode = try reader.choice("result", [("code", true), ("digits", false)])
    let result: SettlementResult
    if isCode {
      result = .code(
        agreed: Array(try reader.text("agreed").utf8),
        differed: Array(try reader.text("differed").utf8))
    } else {
      result = .digits(
        element: try reader.integer("element", 2...128),
        domestic: try reader.integer("domestic", 0...998),
        foreign: try reader.integer("foreign", 0...998))
    }
    try reader.finish()
    return result
  }

  /// Algorithms and elements that do not go with the keys would be found with the first customer.
  private static func checkKeys(
    of dialect: Dialect, _ reader: YAMLReader
  ) throws(ConfigurationFault) {
    let layout = dialect.signIn?.layout
    if dialect.trackEncryption != .none {
      guard let data = layout?.algorithm(of: .data), dialect.trackEncryption.goes(with: data)
      else {
        throw reader.fault("track-encryption", "needs a TDK of its cipher in sign-in.layout")
      }
    }
    if let mac = layout?.algorithm(of: .mac), !dialect.mac.goes(with: mac) {
      throw reader.fault("mac", "does not go with the MAK of sign-in.layout")
    }
    if layout?.algorithm(of: .pin) == .sm4, dialect.table[52]?.length != .fixed(16) {
      throw reader.fault("sign-in", "makes PIN blocks of 16 bytes, which element 52 does not hold")
    }
  }

  private static func signIn(_ reader: YAMLReader) throws(ConfigurationFault) -> SignInRules {
    let isSM4 = try reader.choice("cipher", [("des", false), ("sm4", true)])
    guard var layout = SignInLayout(try reader.text("layout"), isSM4: isSM4) else {
      throw ConfigurationFault(
        place: reader.ownPlace,
        message: "sign-in.layout must be like PIK 16+4, MAK 8z8+4")
    }
    if reader.has("pin-cipher") {
      let isDES = try reader.choice("pin-cipher", [("des", true), ("sm4", false)])
      if !isDES, !isSM4 { throw reader.fault("pin-cipher", "needs cipher: sm4") }
      layout.hasTDESPINKey = isDES
    }
    if reader.has("check-values") {
      let rules = try reader.map("check-values")
      for name in SessionKeyName.allCases where rules.has(name.text) {
        let rule: CheckRule = try rules.choice(
          name.text,
          [("3des-zero", .tdes), ("des-zero", .des), ("sm4-zero", .sm4), ("none", .none)])
        if !layout.check(name, by: rule) {
          throw rules.fault(name.text, "is no key of sign-in.layout")
        }
      }
      try rules.finish()
    }
    let batchAt = reader.has("batch-at") ? try reader.integer("batch-at", 0...24) : nil
    try reader.finish()
    return SignInRules(layout: layout, batchAt: batchAt)
  }
}

/// What an acquirer wants of the terminal beside its messages.
public struct TradeRules: Hashable, Sendable {
  /// Whether a reversal that is owed keeps new money from moving.
  public var reversalsBlock: Bool
  /// Whether money is given back for a sale that this terminal does not have.
  public var allowsUnlinkedRefunds: Bool
  /// How often an advice is sent in vain before it is parked; 0 for ever.
  public var adviceTries: Int
  /// How many transactions a batch may have.
  public var batchLimit: Int
  /// What the account numbers of the acquirer's own organisation begin with; nothing means all.
  public var domesticPrefixes: [String]
  /// What the terminal may approve by itself.
  public var offline: OfflineLimits?
  /// What must have been downloaded before anything is sold.
  public var requiredDownloads: [DownloadSet]

  init(_ reader: YAMLReader) throws(ConfigurationFault) {
    reversalsBlock = try reader.choice(
      "pending-reversal", [("block", true), ("allow", false)])
    allowsUnlinkedRefunds = try reader.choice(
      "unlinked-refund", [("allow", true), ("refuse", false)])
    adviceTries = try reader.integer("advice-tries", 0...1_000)
    batchLimit = try reader.integer("batch-limit", 1...100_000)
    domesticPrefixes = []
    let hasPrefixes = reader.has("domestic-prefixes")
    for (text, place) in hasPrefixes ? try reader.texts("domestic-prefixes") : [] {
      // What is no beginning of a number makes every card a foreign one, and no batch would agree.
      guard (1...12).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
      else {
        throw ConfigurationFault(
          place: place,
          message: "domestic-prefixes holds beginnings of account numbers, 1...12 digits")
      }
      domesticPrefixes.append(text)
    }
    requiredDownloads =
      reader.has("required-downloads")
      ? try reader.choices("required-downloads", DownloadSet.allCases.map { ($0.name, $0) }) : []
    guard reader.has("offline") else {
      offline = nil
      return
    }
    let limits = try reader.map("offline")
    guard let floor = Amount(minorUnits: UInt64(try limits.integer("floor", 1...999_999_999_999)))
    else { return }
    offline = OfflineLimits(
      floor: floor, count: UInt32(try limits.integer("count", 1...100_000)),
      sum: UInt64(try limits.integer("sum", 1...999_999_999_999)),
      days: limits.has("days") ? UInt32(try limits.integer("days", 1...365)) : nil)
    try limits.finish()
  }
}
