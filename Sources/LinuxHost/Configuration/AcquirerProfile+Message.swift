// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Wire

// The stanzas `frame:` and `message:` of an acquirer's file. What may be left out has the value
// that most acquirers have; what cannot be meant is refused at the place where it stands.

extension AcquirerProfile {
  /// What stands around a message.
  static func framing(_ reader: YAMLReader) throws(ConfigurationFault) -> Framing {
    let frame = try reader.map("frame")
    let framing = Framing(
      header: try frame.choice(
        "length",
        [
          ("binary2", .binary2), ("bcd2", .bcd2), ("ascii4", .ascii4), ("hex4", .hex4),
          ("binary4", .binary4), ("binary2-zeros", .binary2Zeros), ("binary2-etx", .binary2ETX),
        ]),
      countsHeader: frame.has("length-counts-itself")
        ? try frame.boolean("length-counts-itself") : false,
      tpdu: frame.has("tpdu") ? try bytes("tpdu", 5...5, of: frame) : [],
      application: frame.has("application") ? try bytes("application", 6...6, of: frame) : [],
      greeting: frame.has("greeting") ? try greeting(try frame.map("greeting")) : nil,
      limit: try frame.integer("limit", 64...8_192))
    if let first = framing.tpdu.first, first != 0x60 {
      throw ConfigurationFault(place: frame.place(of: "tpdu"), message: "frame.tpdu begins with 60")
    }
    try frame.finish()
    return framing
  }

  private static func greeting(
    _ reader: YAMLReader
  ) throws(ConfigurationFault) -> Framing.Greeting {
    let request = try bytes("request", 1...1_024, of: reader)
    // Some gateways listen and say nothing.
    if !reader.has("answer-prefix"), !reader.has("answer-bytes") {
      try reader.finish()
      return Framing.Greeting(request: request, answerPrefix: [], answerCount: 0)
    }
    let prefix = try bytes("answer-prefix", 1...64, of: reader)
    let count = try reader.integer("answer-bytes", prefix.count...1_024)
    try reader.finish()
    return Framing.Greeting(request: request, answerPrefix: prefix, answerCount: count)
  }

  /// The elements: a table to begin with, and what this acquirer does differently.
  static func table(
    _ reader: YAMLReader, in framing: Framing
  ) throws(ConfigurationFault) -> MessageTable {
    let message = try reader.map("message")
    let isEmpty = try message.choice("base", [("iso8583-1987-ascii", false), ("none", true)])
    let bitmaps = message.has("bitmaps") ? try message.integer("bitmaps", 1...3) : 2
    var table = MessageTable(
      messageType: try message.choice(
        "type", [("ascii", .ascii), ("bcd", .bcd), ("ebcdic", .ebcdic)]),
      bitmap: try message.choice(
        "bitmap", [("raw", .raw), ("hex", .hex), ("ebcdic", .ebcdic)]),
      bitmapLimit: bitmaps, limit: try message.integer("limit", 64...8_192))
    if table.limit + framing.overhead > framing.limit {
      throw ConfigurationFault(
        place: message.place(of: "limit"),
        message: "message.limit and \(framing.overhead) bytes around it exceed frame.limit")
    }
    if !isEmpty {
      for element in 2...128 { table[element] = MessageTable.standard1987ASCII[element] }
    }
    if message.has("elements") {
      var seen: [Int] = []
      for item in try message.maps("elements") {
        let number = try item.integer("element", 2...64 * bitmaps)
        if seen.contains(number) {
          throw ConfigurationFault(
            place: item.ownPlace, message: "element \(number) stands here twice")
        }
        seen.append(number)
        table[number] = try element(item)
      }
    }
    try message.finish()
    return table
  }

  private static func element(_ item: YAMLReader) throws(ConfigurationFault) -> ElementFormat {
    var format = try format(item)
    format.secrecy =
      item.has("secret")
      ? try item.choice("secret", ElementFormat.Secrecy.allCases.map { ("\($0)", $0) }) : .none
    if item.has("parts") {
      for parts in try item.maps("parts") { format.layouts.append(try layout(parts)) }
    }
    try item.finish()
    return format
  }

  /// How an element, or a part with a bit, travels.
  private static func format(_ item: YAMLReader) throws(ConfigurationFault) -> ElementFormat {
    let count = try item.integer("length", 1...9_999)
    let length: ElementFormat.Length = try item.choice(
      "class",
      [
        ("fixed", .fixed(count)), ("ll", .ll(max: count)), ("lll", .lll(max: count)),
        ("llll", .llll(max: count)),
      ])
    var format = ElementFormat(
      length,
      data: try item.choice(
        "data",
        [
          ("text", .text), ("digits", .digits), ("packed", .packed), ("bytes", .bytes),
          ("hex", .hex), ("ebcdic", .ebcdic),
        ]))
    if length != .fixed(count) {
      format.prefix = try item.choice(
        "prefix",
        [
          ("ascii", .ascii), ("bcd", .bcd), ("binary", .binary), ("ebcdic", .ebcdic),
          ("hex", .hex),
        ])
      if item.has("counts") {
        format.counting = try item.choice("counts", [("units", .units), ("bytes", .bytes)])
      }
    }
    if item.has("side") {
      format.side = try item.choice("side", [("left", .left), ("right", .right)])
    }
    if item.has("pad") { format.pad = UInt8(try item.integer("pad", 0...255)) }
    if item.has("any-nibble") { format.allowsAnyNibble = try item.boolean("any-nibble") }
    if let objection = format.objection {
      throw ConfigurationFault(place: item.ownPlace, message: objection)
    }
    return format
  }

  private static func layout(_ reader: YAMLReader) throws(ConfigurationFault) -> PartLayout {
    let name = try reader.text("name")
    let kind: PartLayout.Kind
    switch try reader.choice("kind", ["ber", "text", "places", "bitmap"].map { ($0, $0) }) {
    case "ber":
      kind = .ber
    case "text":
      kind = .text(
        tag: try reader.integer("tag", 1...8), length: try reader.integer("digits", 1...4))
    case "bitmap":
      var parts: [NumberedPart] = []
      for item in try reader.maps("of") {
        parts.append(
          NumberedPart(
            try item.integer("bit", 1...64), try item.text("name"), try format(item)))
        try item.finish()
      }
      kind = .bitmap(bytes: try reader.integer("bytes", 1...8), parts)
    default:
      var parts: [Part] = []
      for (text, place) in try reader.texts("of") { parts.append(try part(text, at: place)) }
      kind = .positional(
        parts, repeating: reader.has("repeat") ? try reader.integer("repeat", 1...64) : 0)
    }
    try reader.finish()
    let layout = PartLayout(name, kind)
    if let objection = layout.objection {
      throw ConfigurationFault(place: reader.ownPlace, message: objection)
    }
    return layout
  }

  /// `batch 6`, or `text rest` for what is left.
  private static func part(_ text: String, at place: FilePlace) throws(ConfigurationFault) -> Part {
    let words = text.split(separator: " ").map(String.init)
    if words.count == 2, words[1] == "rest" { return Part(words[0], nil) }
    guard words.count == 2, let count = Int(words[1]), (1...999).contains(count) else {
      throw ConfigurationFault(
        place: place, message: "a part is a name and a length 1...999, or a name and rest")
    }
    return Part(words[0], count)
  }

  /// Bytes in hexadecimal digits.
  static func bytes(
    _ key: String, _ counts: ClosedRange<Int>, of reader: YAMLReader
  ) throws(ConfigurationFault) -> [UInt8] {
    let text = try reader.text(key)
    if let bytes = try? Hex.decode(Array(text.utf8)), counts.contains(bytes.count) { return bytes }
    let limits =
      counts.lowerBound == counts.upperBound
      ? "\(counts.lowerBound)" : "\(counts.lowerBound)...\(counts.upperBound)"
    throw ConfigurationFault(
      place: reader.place(of: key), message: "\(key) is \(limits) bytes in hexadecimal digits")
  }
}
