// SPDX-License-Identifier: Apache-2.0

import Devices

/// One line of a template, character by character.
struct LineScanner {
  private let scalars: [Unicode.Scalar]
  private let line: TemplatePlace
  private var index: Int

  /// A line without the blanks around it.
  init(_ line: [Unicode.Scalar], _ place: TemplatePlace) {
    var end = line.count
    while end > 0, LineScanner.isBlank(line[end - 1]) { end -= 1 }
    scalars = Array(line[..<end])
    self.line = place
    index = 0
    while index < end, LineScanner.isBlank(scalars[index]) { index += 1 }
  }

  static func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }

  /// The line's beginning.
  var start: TemplatePlace { line }

  /// Whether there is nothing.
  var isBlank: Bool { index == scalars.count }

  /// The next character; nil at the end.
  var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

  /// Where the next character stands.
  var place: TemplatePlace {
    TemplatePlace(name: line.name, line: line.line, column: index + 1)
  }

  /// Whether the line is nothing but this character.
  func consists(of scalar: Unicode.Scalar) -> Bool {
    scalars[index...].allSatisfy { $0 == scalar }
  }

  /// Whether this stands next.
  func isAt(_ text: StaticString) -> Bool {
    var position = index
    for scalar in text.description.unicodeScalars {
      if position >= scalars.count || scalars[position] != scalar { return false }
      position += 1
    }
    return true
  }

  /// Goes on by one character.
  mutating func skip(_ count: Int = 1) { index += count }

  /// Takes a character that stands for itself.
  mutating func literal() throws(TemplateFault) -> Unicode.Scalar {
    let scalar = scalars[index]
    if columns(of: scalar) == 0 {
      throw TemplateFault(.syntax, place, "a character that is not printed")
    }
    index += 1
    return scalar
  }

  /// Takes an escape sequence, of those characters that may be escaped here.
  mutating func escape(of escaped: StaticString) throws(TemplateFault) -> Unicode.Scalar {
    let at = place
    index += 1
    guard let scalar = next else { throw TemplateFault(.syntax, at, "nothing behind a \\") }
    index += 1
    if escaped.description.unicodeScalars.contains(scalar) { return scalar }
    if scalar == "n" { return "\n" }
    if scalar == "x", let high = hexDigit(), let low = hexDigit() {
      let code = Unicode.Scalar(high << 4 | low)
      if columns(of: code) > 0 { return code }
    }
    // ReceiptLine drops such a character without a word.
    throw TemplateFault(.syntax, at, "an escape that ReceiptLine does not have")
  }

  private mutating func hexDigit() -> UInt8? {
    guard let value = next?.value else { return nil }
    index += 1
    switch value {
    case 0x30...0x39: return UInt8(value - 0x30)
    case 0x41...0x46: return UInt8(value - 0x37)
    case 0x61...0x66: return UInt8(value - 0x57)
    default: return nil
    }
  }

  /// Takes what stands up to the end of a `[[`, which has been taken.
  private mutating func upToEnd(_ from: TemplatePlace) throws(TemplateFault) -> String {
    var text = String.UnicodeScalarView()
    while let scalar = next {
      if isAt("]]") {
        index += 2
        return String(text)
      }
      text.append(scalar)
      index += 1
    }
    throw TemplateFault(.syntax, from, "[[ without ]]")
  }

  /// The words of a directive that has the line for itself; nil if the line is text.
  mutating func directive() throws(TemplateFault) -> [String]? {
    guard isAt("[[") else { return nil }
    var ahead = self
    ahead.skip(2)
    let words = try ahead.upToEnd(place).split(separator: " ").map { String($0) }
    let known = ["if", "else", "end", "each", "include"]
    guard let word = words.first, known.contains(word) else { return nil }
    if !ahead.isBlank {
      throw TemplateFault(.syntax, ahead.place, "text behind [[" + word + "]]")
    }
    return words
  }

  /// Takes a field, or a text in one language.
  mutating func bracket() throws(TemplateFault) -> TemplateLine.Piece {
    let at = place
    index += 2
    if isAt("zh:") { return .chinese(CellText(try span(at))) }
    if isAt("en:") { return .english(CellText(try span(at))) }
    let name = try upToEnd(at)
    guard let field = SlipField(rawValue: name) else { throw LineScanner.unknown(name, at) }
    return .field(field)
  }

  private mutating func span(_ at: TemplatePlace) throws(TemplateFault) -> String {
    index += 3
    var text = String.UnicodeScalarView()
    while let scalar = next {
      switch scalar {
      case "]" where isAt("]]"):
        index += 2
        return String(text)
      case "\\": text.append(try escape(of: LineScanner.textEscapes))
      case "~":
        text.append(RowBreaker.hardBlank)
        index += 1
      case "|", "{", "}", "\"", "^", "_", "`", "[":
        throw TemplateFault(.syntax, place, "a mark inside a text of one language")
      default: text.append(try literal())
      }
    }
    throw TemplateFault(.syntax, at, "[[ without ]]")
  }

  /// What may stand behind a backslash in text.
  static let textEscapes: StaticString = "\\|{}-=~_\"`^"

  /// A name that no field has; the ones that are looked for in vain are named.
  static func unknown(_ name: String, _ place: TemplatePlace) -> TemplateFault {
    let secrets = ["expiry", "expiryDate", "pan", "track", "track1", "track2", "cvv", "pinBlock"]
    if secrets.contains(name) {
      return TemplateFault(.forbidden, place, name + " may stand on no slip")
    }
    return TemplateFault(.syntax, place, "there is no field " + name)
  }
}
