// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
public import TerminalCore

/// One acquirer: how it is spoken to and what its rules are.
public struct AcquirerProfile: Hashable, Sendable {
  /// The elements and the frame.
  public var dialect: Dialect
  /// The rules of a purchase.
  public var terms: PurchaseTerms
  /// How long the acquirer may take to answer, until parameters say otherwise.
  public var answerSeconds: Int
  /// The pauses between attempts to deliver a reversal, seconds.
  public var reversalPauses: [Int]
  /// What response codes mean.
  public var responses: Responses

  /// Reads `acquirers/*.yaml`.
  public init(file: String) throws(ConfigurationFault) {
    let reader = try YAMLReader(try Configuration.parse(file))
    let frame = try reader.map("frame")
    let header: Framing.Header = try frame.choice(
      "length", [("binary2", .binary2), ("bcd2", .bcd2), ("ascii4", .ascii4)])
    let limit = try frame.integer("limit", 64...8_192)
    try frame.finish()
    dialect = Dialect(
      table: try AcquirerProfile.table(reader), framing: Framing(header: header, limit: limit),
      signing: try reader.choice(
        "answer-mac", [("approvals", .approvals), ("everything", .everything)]))
    let sale = try reader.map("sale")
    terms = PurchaseTerms(
      pinPolicy: try sale.choice(
        "pin", [("always", .always), ("by-service-code", .byServiceCode)]),
      acceptsChipCardsBySwipe: try sale.choice(
        "chip-card-by-swipe", [("accept", true), ("refuse", false)]),
      cardLimit: .seconds(Int64(try sale.integer("card-seconds", 5...300))),
      pinSeconds: UInt16(try sale.integer("pin-seconds", 30...270)))
    try sale.finish()
    answerSeconds = try reader.integer("answer-seconds", 1...300)
    reversalPauses = try reader.integers("reversal-pauses-seconds", 1...86_400)
    responses = try AcquirerProfile.responses(reader)
    try reader.finish()
  }

  /// The elements: the standard table, and what this acquirer does differently.
  private static func table(_ reader: YAMLReader) throws(ConfigurationFault) -> MessageTable {
    let message = try reader.map("message")
    _ = try message.choice("base", [("iso8583-1987-ascii", true)])
    var table = MessageTable.standard1987ASCII
    table.messageType = try message.choice("type", [("ascii", .ascii), ("bcd", .bcd)])
    table.bitmap = try message.choice("bitmap", [("raw", .raw), ("hex", .hex)])
    table.limit = try message.integer("limit", 64...8_192)
    if message.has("elements") {
      for item in try message.maps("elements") {
        let number = try item.integer("element", 2...128)
        table[number] = try element(item)
        try item.finish()
      }
    }
    try message.finish()
    return table
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

  private static func element(_ item: YAMLReader) throws(ConfigurationFault) -> ElementFormat {
    let count = try item.integer("length", 1...999)
    let length: ElementFormat.Length = try item.choice(
      "class", [("fixed", .fixed(count)), ("ll", .ll(max: count)), ("lll", .lll(max: count))])
    return ElementFormat(
      length,
      prefix: try item.choice(
        "prefix", [("ascii", .ascii), ("bcd", .bcd), ("binary", .binary)]),
      data: try item.choice(
        "data", [("bytes", .bytes), ("digits", .digits), ("packed", .packed), ("hex", .hex)]),
      side: try item.choice("side", [("left", .left), ("right", .right)]),
      pad: UInt8(try item.integer("pad", 0...255)),
      allowsAnyNibble: try item.boolean("any-nibble"),
      secrecy: try item.choice("secret", [("none", .none), ("pan", .pan), ("all", .all)]))
  }
}
