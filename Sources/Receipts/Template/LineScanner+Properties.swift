// SPDX-License-Identifier: Apache-2.0

import Devices

extension LineScanner {
  /// Takes a property line; what it sets holds for the lines below. Returns what a code is made of,
  /// nothing when the line has none.
  mutating func properties(
    _ format: inout LineFormat
  ) throws(TemplateFault) -> [TemplateLine.Piece] {
    var code: [TemplateLine.Piece] = []
    skip()
    while true {
      let at = place
      let key = try word(upTo: ":")
      skip()
      if key == "code" || key == "c" {
        code = try codeValue()
        if code.isEmpty { throw TemplateFault(.syntax, at, "a code of nothing") }
      } else {
        try set(key, try value(), at, &format)
      }
      guard next == ";" else { break }
      skip()
      if LineScanner.isEnd(self) { break }
    }
    guard next == "}" else { throw TemplateFault(.syntax, place, "{ without }") }
    skip()
    if !isBlank { throw TemplateFault(.syntax, place, "text behind }") }
    return code
  }

  /// Whether a list of properties ended with a semicolon.
  private static func isEnd(_ scanner: LineScanner) -> Bool {
    var scanner = scanner
    while let scalar = scanner.next, isBlank(scalar) { scanner.skip() }
    return scanner.next == "}"
  }

  private mutating func word(upTo end: Unicode.Scalar) throws(TemplateFault) -> String {
    let at = place
    var text = String.UnicodeScalarView()
    while let scalar = next, scalar != end {
      if scalar == "}" || scalar == ";" { break }
      if !LineScanner.isBlank(scalar) { text.append(scalar) }
      skip()
    }
    if next != end { throw TemplateFault(.syntax, at, "a property is {key: value}") }
    return String(text)
  }

  private mutating func value() throws(TemplateFault) -> String {
    var text = String.UnicodeScalarView()
    while let scalar = next, scalar != ";", scalar != "}" {
      switch scalar {
      case "\\": text.append(try escape(of: "\\|{};"))
      case "|", "{":
        throw TemplateFault(.syntax, place, "\\ must stand before | { } ; in a property")
      default:
        text.append(scalar)
        skip()
      }
    }
    return String(text)
  }

  /// The value of a code: text and fields, without the blanks around it.
  private mutating func codeValue() throws(TemplateFault) -> [TemplateLine.Piece] {
    var pieces: [TemplateLine.Piece] = []
    var text = CellText()
    while let scalar = next, scalar != ";", scalar != "}" {
      switch scalar {
      case "\\": text.add(try escape(of: "\\|{};"))
      case "[" where isAt("[["):
        if !text.isEmpty { pieces.append(.text(text)) }
        text = CellText()
        pieces.append(try bracket())
      case "|", "{":
        throw TemplateFault(.syntax, place, "\\ must stand before | { } ; in a property")
      case " " where text.isEmpty && pieces.isEmpty: skip()
      default: text.add(try literal())
      }
    }
    if !text.isEmpty { pieces.append(.text(text)) }
    return pieces
  }

  private func set(
    _ key: String, _ text: String, _ at: TemplatePlace, _ format: inout LineFormat
  ) throws(TemplateFault) {
    let words = text.split { $0 == " " || $0 == "," }.map { $0.lowercased() }
    switch key {
    case "width", "w": format.widths = try widths(words, at)
    case "align", "a":
      format.alignment = try choice(
        words, at, [("left", .left), ("center", .centre), ("right", .right)])
    case "border", "b":
      if words == ["line"] { throw TemplateFault(.forbidden, at, "no frames are printed here") }
      format.gap = try choice(
        words, at, [("space", 1), ("none", 0), ("0", 0), ("1", 1), ("2", 2)])
    case "text", "t":
      format.wrap = try choice(
        words, at, [("wrap", .characters), ("nowrap", .none), ("words", .words)])
    case "comment", "_": break
    case "command", "x":
      // It would hand the printer bytes that nobody has looked at.
      throw TemplateFault(.forbidden, at, "command is never taken")
    case "option", "o": format.code = try option(words, at)
    case "image", "i": throw TemplateFault(.forbidden, at, "no pictures are printed here")
    default: throw TemplateFault(.syntax, at, "there is no property " + key)
    }
  }

  /// ReceiptLine takes the words in any order; those that are not there have its defaults.
  private func option(
    _ words: [String], _ at: TemplatePlace
  ) throws(TemplateFault) -> CodeFormat {
    var code = CodeFormat()
    for word in words {
      switch word {
      case "code128": code.kind = .bars
      case "qrcode": code.kind = .qrCode
      case "hri": code.hasText = true
      case "nohri": code.hasText = false
      case "l": code.level = .low
      case "m": code.level = .medium
      case "q": code.level = .quartile
      case "h": code.level = .high
      case "upc", "ean", "jan", "code39", "itf", "codabar", "nw7", "code93":
        throw TemplateFault(.forbidden, at, "the codes printed here are code128 and qrcode")
      default: try size(word, at, &code)
      }
    }
    return code
  }

  /// A number says by itself what it is of.
  private func size(
    _ word: String, _ at: TemplatePlace, _ code: inout CodeFormat
  ) throws(TemplateFault) {
    let number = UInt8(word) ?? 0
    let isCell = QRCode.cells.contains(number)
    let isModule = BarCode.modules.contains(number)
    let isHeight = BarCode.heights.contains(number)
    if isCell { code.cell = number }
    if isModule { code.module = number }
    if isHeight { code.height = number }
    if !isCell, !isModule, !isHeight {
      throw TemplateFault(
        .syntax, at,
        "an option is code128 or qrcode, 2 to 8 dots, 24 to 240 dots of height, hri, nohri, "
          + "l, m, q or h")
    }
  }

  private func choice<Value>(
    _ words: [String], _ at: TemplatePlace, _ choices: [(word: String, value: Value)]
  ) throws(TemplateFault) -> Value {
    if words.count == 1, let found = choices.first(where: { $0.word == words[0] }) {
      return found.value
    }
    var text = ""
    for choice in choices { text += (text.isEmpty ? "" : ", ") + choice.word }
    throw TemplateFault(.syntax, at, "the value is one of " + text)
  }

  private func widths(
    _ words: [String], _ at: TemplatePlace
  ) throws(TemplateFault) -> LineFormat.Widths {
    if words == ["auto"] { return .shared }
    if words.first == "fit" {
      var least: [Int] = []
      for word in words.dropFirst() { least.append(try cells(word, at)) }
      return .fitting(least)
    }
    var widths: [Int?] = []
    for word in words { widths.append(word == "*" ? nil : try cells(word, at)) }
    if widths.isEmpty || widths.count > TemplateLimits.columns || widths.allSatisfy({ $0 == 0 }) {
      throw TemplateFault(.syntax, at, "width has 1 to 16 widths, and not all of them 0")
    }
    return .cells(widths)
  }

  private func cells(_ word: String, _ at: TemplatePlace) throws(TemplateFault) -> Int {
    guard let cells = Int(word), (0...96).contains(cells) else {
      throw TemplateFault(.syntax, at, "a width is *, fit or 0 to 96 cells")
    }
    return cells
  }
}
