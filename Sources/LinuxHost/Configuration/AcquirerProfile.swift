// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
public import TerminalCore

/// One acquirer: how it is spoken to and what its rules are.
public struct AcquirerProfile: Hashable, Sendable {
  /// The elements and the frame.
  public var dialect: Dialect
  /// The rules of a purchase.
  public var terms: TransactionTerms
  /// How long the acquirer may take to answer, until parameters say otherwise.
  public var answerSeconds: Int
  /// The pauses between attempts to deliver a reversal, seconds.
  public var reversalPauses: [Int]
  /// How the acquirer wants its connections kept.
  public var link: LinkRules
  /// What response codes mean.
  public var responses: Responses

  /// The rules of the desk: reversals, refunds, batches.
  public var rules: TradeRules
  /// What it takes to read chips; nil where none are read.
  public var chip: ChipRules?

  /// Reads `acquirers/*.yaml`.
  public init(file: String) throws(ConfigurationFault) {
    let reader = try YAMLReader(try Configuration.parse(file))
    let framing = try AcquirerProfile.framing(reader)
    let table = try AcquirerProfile.table(reader, in: framing)
    let signing: AnswerSigning = try reader.choice(
      "answer-mac", [("approvals", .approvals), ("everything", .everything)])
    dialect = try AcquirerProfile.dialect(reader, table, framing, signing)
    terms = try AcquirerProfile.terms(reader)
    answerSeconds = try reader.integer("answer-seconds", 1...300)
    reversalPauses = try reader.integers("reversal-pauses-seconds", 1...86_400)
    link = reader.has("link") ? try LinkRules(try reader.map("link")) : LinkRules()
    rules = try TradeRules(reader)
    if reader.has("chip") { chip = try AcquirerProfile.chip(try reader.map("chip")) }
    responses = try AcquirerProfile.responses(reader)
    try reader.finish()
  }

  private static func terms(_ reader: YAMLReader) throws(ConfigurationFault) -> TransactionTerms {
    let sale = try reader.map("sale")
    var terms = TransactionTerms(
      pinPolicy: try sale.choice(
        "pin", [("always", .always), ("by-service-code", .byServiceCode)]),
      acceptsChipCardsBySwipe: try sale.choice(
        "chip-card-by-swipe", [("accept", true), ("refuse", false)]),
      cardLimit: .seconds(Int64(try sale.integer("card-seconds", 5...300))),
      pinSeconds: UInt16(try sale.integer("pin-seconds", 30...270)))
    try sale.finish()
    let kinds = TransactionKind.allCases.filter { $0.isAskedFor }
      .map { (word: $0.name, value: $0) }
    terms.pinKinds = try reader.choices("pin-kinds", kinds)
    terms.cardKinds = try reader.choices("card-kinds", kinds)
    return terms
  }

  /// The response codes, each once. What 00 and 10 are to a sale, ISO 8583:1987 says itself.
  private static func responses(_ reader: YAMLReader) throws(ConfigurationFault) -> Responses {
    var list: [Responses.Response] = []
    for item in try reader.maps("responses") {
      let code = try item.text("code")
      let kind = try item.choice("class", ResponseClass.allCases.map { ($0.name, $0) })
      var objection: String?
      if !isCode(code) { objection = "code has two characters, each 0-9 or A-Z" }
      if list.contains(where: { $0.code == code }) { objection = "code \(code) stands here twice" }
      if code == "00", kind != .approved { objection = "class of code 00 is approved" }
      if (code == "10") != (kind == .approvedInPart) {
        objection = "class approved-in-part is that of code 10"
      }
      if let objection { throw ConfigurationFault(place: item.ownPlace, message: objection) }
      list.append(
        Responses.Response(
          code: code, kind: kind, english: try item.text("en"), chinese: try item.text("zh")))
      try item.finish()
    }
    for code in ["00", "10"] where !list.contains(where: { $0.code == code }) {
      throw ConfigurationFault(place: reader.ownPlace, message: "responses lacks code \(code)")
    }
    return Responses(list)
  }

  private static func isCode(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 2
      && bytes.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
  }
}
