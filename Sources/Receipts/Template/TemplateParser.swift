// SPDX-License-Identifier: Apache-2.0

/// Turns the text of a template, and of what it includes, into steps.
struct TemplateParser {
  /// A block that has not ended yet.
  private struct Block {
    var place: TemplatePlace
    /// The step that is told where the block ends.
    var step: Int
    var isCondition: Bool
    var hasElse = false
  }

  private let files: [TemplateFile]
  private var steps: [ReceiptTemplate.Step] = []
  private var blocks: [Block] = []
  private var linesRead = 0

  private init(files: [TemplateFile]) { self.files = files }

  /// The template of this name.
  static func parse(
    _ name: String, of files: [TemplateFile]
  ) throws(TemplateFault) -> ReceiptTemplate {
    var parser = TemplateParser(files: files)
    let start = TemplatePlace(name: name, line: 1, column: 1)
    let end = try parser.file(name, from: start, depth: 0)
    return ReceiptTemplate(steps: parser.steps, end: end)
  }

  /// Each file begins with nothing set, whatever includes it.
  private mutating func file(
    _ name: String, from place: TemplatePlace, depth: Int
  ) throws(TemplateFault) -> TemplatePlace {
    guard let file = files.first(where: { $0.name == name }) else {
      throw TemplateFault(.missing, place, "there is no template " + name)
    }
    if depth > TemplateLimits.depth {
      throw TemplateFault(.tooLarge, place, "templates include each other more than 4 deep")
    }
    var format = LineFormat()
    let outer = blocks.count
    let lines = try file.lines()
    for (index, scalars) in lines.enumerated() {
      let scanner = LineScanner(scalars, TemplatePlace(name: name, line: index + 1, column: 1))
      // Counted before it is read: a few lines that include each other make many.
      linesRead += 1
      if linesRead > TemplateLimits.linesWithIncluded {
        throw TemplateFault(.tooLarge, scanner.start, "more than 2000 lines with what is included")
      }
      try line(scanner, &format, outer: outer, depth: depth)
    }
    if blocks.count > outer {
      throw TemplateFault(.syntax, blocks[blocks.count - 1].place, "has no [[end]]")
    }
    return TemplatePlace(name: name, line: max(1, lines.count), column: 1)
  }

  private mutating func line(
    _ scanner: LineScanner, _ format: inout LineFormat, outer: Int, depth: Int
  ) throws(TemplateFault) {
    var scanner = scanner
    if scanner.isBlank {
      steps.append(.blank)
    } else if scanner.consists(of: "-") {
      steps.append(.rule(format))
    } else if scanner.consists(of: "=") {
      throw TemplateFault(.forbidden, scanner.start, "the printer cuts behind a slip by itself")
    } else if scanner.next == "{" {
      let code = try scanner.properties(&format)
      if !code.isEmpty { steps.append(.code(code, format)) }
    } else if let words = try scanner.directive() {
      try directive(words, scanner.start, outer: outer, depth: depth)
    } else {
      steps.append(.line(try scanner.text(format)))
    }
  }

  private mutating func directive(
    _ words: [String], _ place: TemplatePlace, outer: Int, depth: Int
  ) throws(TemplateFault) {
    switch words[0] {
    case "if":
      let condition = try condition(words, place)
      try open(place, isCondition: true)
      steps.append(.unless(condition, to: 0))
    case "each":
      guard words.count == 2, let list = SlipList(rawValue: words[1]) else {
        throw TemplateFault(
          .syntax, place, "each takes one of " + names(SlipList.allCases.map { $0.rawValue }))
      }
      try open(place, isCondition: false)
      steps.append(.each(list, to: 0))
    case "else":
      guard words.count == 1, blocks.count > outer, let block = blocks.last, block.isCondition,
        !block.hasElse
      else { throw TemplateFault(.syntax, place, "else without an if") }
      steps.append(.jump(to: 0))
      close(block)
      blocks[blocks.count - 1].step = steps.count - 1
      blocks[blocks.count - 1].hasElse = true
    case "end":
      guard words.count == 1, blocks.count > outer, let block = blocks.popLast() else {
        throw TemplateFault(.syntax, place, "end without an if or each")
      }
      close(block)
    default:
      guard words.count == 2 else {
        throw TemplateFault(.syntax, place, "include takes the name of a template")
      }
      _ = try file(words[1], from: place, depth: depth + 1)
    }
  }

  private mutating func open(
    _ place: TemplatePlace, isCondition: Bool
  ) throws(TemplateFault) {
    if blocks.count == TemplateLimits.depth {
      throw TemplateFault(.tooLarge, place, "more than 4 blocks inside each other")
    }
    blocks.append(Block(place: place, step: steps.count, isCondition: isCondition))
  }

  /// The block's step leads to what comes next.
  private mutating func close(_ block: Block) {
    switch steps[block.step] {
    case .unless(let condition, _): steps[block.step] = .unless(condition, to: steps.count)
    case .each(let list, _): steps[block.step] = .each(list, to: steps.count)
    case .jump: steps[block.step] = .jump(to: steps.count)
    case .line, .code, .rule, .blank: break
    }
  }

  private func condition(
    _ words: [String], _ place: TemplatePlace
  ) throws(TemplateFault) -> ReceiptTemplate.Condition {
    if words.count == 3, words[1] == "columns", let columns = Int(words[2]) {
      return .columns(columns)
    }
    guard words.count == 2 else {
      throw TemplateFault(.syntax, place, "if takes one name, or columns and a number")
    }
    if let flag = SlipFlag(rawValue: words[1]) { return .flag(flag) }
    if let list = SlipList(rawValue: words[1]) { return .list(list) }
    if let field = SlipField(rawValue: words[1]) { return .field(field) }
    throw LineScanner.unknown(words[1], place)
  }

  private func names(_ names: [String]) -> String {
    var text = ""
    for name in names { text += (text.isEmpty ? "" : ", ") + name }
    return text
  }
}
