// SPDX-License-Identifier: Apache-2.0

//     A | B      ReceiptLine: text is drawn to the pipe that it touches, and pushed away by blanks
//     ^   ^
//     left right

extension LineScanner {
  private enum Content {
    case pipe
    case blank
    case literal(Unicode.Scalar)
    case piece(TemplateLine.Piece)
    case mark(TemplateLine.Look)
  }

  private struct Token {
    var content: Content
    var place: TemplatePlace

    var isPipe: Bool {
      if case .pipe = content { return true }
      return false
    }
    var isBlank: Bool {
      if case .blank = content { return true }
      return false
    }
  }

  /// The rest of the line as columns.
  mutating func text(_ format: LineFormat) throws(TemplateFault) -> TemplateLine {
    var tokens: [Token] = []
    while next != nil { tokens.append(try token()) }
    let first = tokens.firstIndex { $0.isPipe }
    let last = tokens.lastIndex { $0.isPipe }
    let blank = Token(content: .blank, place: start)
    // Text that touches its pipe is pushed towards it.
    if let last, last + 1 < tokens.count, !tokens[last + 1].isBlank { tokens.append(blank) }
    if let first, first > 0, !tokens[first - 1].isBlank { tokens.insert(blank, at: 0) }
    var parts: [[Token]] = [[]]
    for token in tokens {
      if token.isPipe { parts.append([]) } else { parts[parts.count - 1].append(token) }
    }
    if parts.count > 1, tokens.first?.isPipe == true { parts.removeFirst() }
    if parts.count > 1, tokens.last?.isPipe == true { parts.removeLast() }
    if parts.count > TemplateLimits.columns {
      throw TemplateFault(.tooLarge, start, "more than 16 columns")
    }
    var look: TemplateLine.Look?
    var columns: [TemplateLine.Column] = []
    for part in parts { columns.append(try LineScanner.column(part, &look)) }
    return TemplateLine(columns: columns, format: format, look: look ?? .plain)
  }

  private mutating func token() throws(TemplateFault) -> Token {
    let at = place
    return Token(content: try content(at), place: at)
  }

  private mutating func content(_ at: TemplatePlace) throws(TemplateFault) -> Content {
    switch next {
    case "|":
      skip()
      return .pipe
    case " ", "\t":
      skip()
      return .blank
    case "\\": return .literal(try escape(of: LineScanner.textEscapes))
    case "~":
      skip()
      return .literal(RowBreaker.hardBlank)
    case "\"":
      skip()
      return .mark(.bold)
    case "^": return .mark(try carets())
    case "[" where isAt("[["): return .piece(try bracket())
    case "{", "}":
      throw TemplateFault(.syntax, at, "a brace inside text; \\{ and \\} print one")
    case "_", "`":
      throw TemplateFault(
        .forbidden, at, "neither underlined nor reversed text; \\_ and \\` print the character")
    default: return .literal(try literal())
    }
  }

  private mutating func carets() throws(TemplateFault) -> TemplateLine.Look {
    let at = place
    var count = 0
    while next == "^" {
      skip()
      count += 1
    }
    if count != 3 { throw TemplateFault(.forbidden, at, "the one large size is ^^^") }
    return .large
  }

  /// Text of one column; all text of a line looks alike.
  private static func column(
    _ tokens: [Token], _ look: inout TemplateLine.Look?
  ) throws(TemplateFault) -> TemplateLine.Column {
    var column = TemplateLine.Column()
    let isPushedLeft = tokens.last?.isBlank == true
    let isPushedRight = tokens.first?.isBlank == true
    if isPushedLeft != isPushedRight { column.alignment = isPushedLeft ? .left : .right }
    var current = TemplateLine.Look.plain
    var blanks = 0
    var text = CellText()
    for token in tokens {
      switch token.content {
      case .pipe: break
      case .blank: blanks += 1
      case .mark(let mark): current = current == mark ? .plain : mark
      case .literal, .piece:
        if let look, look != current {
          throw TemplateFault(.forbidden, token.place, "a line's text is all plain, bold or large")
        }
        look = current
        // Blanks at the ends place the text and are not printed.
        if !text.isEmpty || !column.pieces.isEmpty { text.addBlanks(blanks) }
        blanks = 0
        if case .literal(let scalar) = token.content { text.add(scalar) }
        if case .piece(let piece) = token.content {
          if !text.isEmpty { column.pieces.append(.text(text)) }
          text = CellText()
          column.pieces.append(piece)
        }
      }
    }
    if !text.isEmpty { column.pieces.append(.text(text)) }
    return column
  }
}
