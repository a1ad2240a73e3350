// SPDX-License-Identifier: Apache-2.0

import ISO8583

// What a message to an acquirer consists of is a line of words in the acquirer's file:
//
//     card   2?!track={pan} 4={amount} 11={stan} 35={track} 41={terminal} 49={currency} 64=mac
//     sale   0200 @card 3=000000 25=00 60=22{batch}000600
//
//     0200            the message type
//     @card           the words of the line "card"
//     3=000000        element 3, literally
//     60=22{batch}    element 60, of literal text and values
//     {stan:4}        a number with so many digits, zeros in front; a text with zeros in front
//     59=A3[3:{code}] what the brackets hold, with its length in three digits in front
//     52?pin=…        only when there is a PIN;  2?!track=…  only when there is no track
//     -26             without element 26, whatever came before
//     64=mac          the message carries a MAC
//
// A later word for an element takes the place of an earlier one. A word whose value is not known
// changes nothing.

/// What a script does not say clearly.
public struct ScriptFault: Error, Hashable, Sendable {
  /// The word.
  public var word: String
  /// What is wrong with it.
  public var reason: String
}

/// A message as its acquirer's file has it.
public struct MessageScript: Hashable, Sendable {
  /// One word.
  struct Step: Hashable, Sendable {
    var element: Int
    var condition: MessageCondition?
    var isNegated: Bool
    /// Nil takes the element out.
    var pieces: [Piece]?
  }

  /// A part of an element's content.
  enum Piece: Hashable, Sendable {
    case literal([UInt8])
    case value(MessageValue, width: Int?)
    case counted([Piece], digits: Int)
  }

  /// Four ASCII digits, or empty for a line that others include.
  var mti: [UInt8]
  var steps: [Step]
  /// Whether the message carries a MAC.
  var isSigned: Bool

  /// Reads a line; `lines` has the lines that it may include.
  public init(
    _ text: String, including lines: [(name: String, script: MessageScript)] = []
  ) throws(ScriptFault) {
    mti = []
    steps = []
    isSigned = false
    for word in text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x0A }) {
      try take(Array(word), lines)
    }
  }

  private mutating func take(
    _ word: [UInt8], _ lines: [(name: String, script: MessageScript)]
  ) throws(ScriptFault) {
    let text = String(decoding: word, as: UTF8.self)
    if word[0] == 0x40 {
      guard let line = lines.first(where: { "@" + $0.name == text })?.script else {
        throw ScriptFault(word: text, reason: "no line has this name")
      }
      steps += line.steps
      isSigned = isSigned || line.isSigned
      return
    }
    if !word.contains(0x3D), word[0] != 0x2D {
      if word.count != 4 || !MessageScript.isDigits(word) || !mti.isEmpty {
        throw ScriptFault(word: text, reason: "is neither one message type nor an element")
      }
      mti = word
      return
    }
    try takeElement(word, text)
  }

  private mutating func takeElement(_ word: [UInt8], _ text: String) throws(ScriptFault) {
    let isRemoval = word[0] == 0x2D
    let equals = word.firstIndex(of: 0x3D) ?? word.count
    var head = Array(word[(isRemoval ? 1 : 0)..<equals])
    var condition: MessageCondition?
    var isNegated = false
    if let mark = head.firstIndex(of: 0x3F) {
      var name = head[(mark + 1)...]
      isNegated = name.first == 0x21
      if isNegated { name = name.dropFirst() }
      condition = MessageCondition(name: String(decoding: name, as: UTF8.self))
      if condition == nil { throw ScriptFault(word: text, reason: "asks for no known condition") }
      head = Array(head[..<mark])
    }
    guard MessageScript.isDigits(head), head.count <= 3, let number = Digits.number(head),
      (2...192).contains(number)
    else { throw ScriptFault(word: text, reason: "names no element 2 to 192") }
    if isRemoval != (equals == word.count) {
      throw ScriptFault(word: text, reason: "is neither a removal nor a content")
    }
    let element = Int(number)
    if isRemoval {
      steps.append(
        Step(element: element, condition: condition, isNegated: isNegated, pieces: nil))
      return
    }
    let content = Array(word[(equals + 1)...])
    if content == ascii("mac") {
      if element != 64 && element != 128 {
        throw ScriptFault(word: text, reason: "puts a MAC where none belongs")
      }
      isSigned = true
      return
    }
    steps.append(
      Step(
        element: element, condition: condition, isNegated: isNegated,
        pieces: try MessageScript.pieces(content, text)))
  }

  private static func pieces(
    _ content: [UInt8], _ text: String
  ) throws(ScriptFault) -> [Piece] {
    var rest = content[...]
    let pieces = try pieces(&rest, depth: 0, text)
    if !rest.isEmpty { throw ScriptFault(word: text, reason: "closes a bracket that is not open") }
    return pieces
  }

  /// The pieces up to the end, or to the bracket that closes those it is in.
  private static func pieces(
    _ rest: inout ArraySlice<UInt8>, depth: Int, _ text: String
  ) throws(ScriptFault) -> [Piece] {
    var pieces: [Piece] = []
    while let first = rest.first, first != 0x5D {
      switch first {
      case 0x7B: pieces.append(try value(&rest, text))
      case 0x5B: pieces.append(try counted(&rest, depth: depth, text))
      default:
        let end = rest.firstIndex { [0x7B, 0x5B, 0x5D].contains($0) } ?? rest.endIndex
        pieces.append(.literal(Array(rest[rest.startIndex..<end])))
        rest = rest[end...]
      }
    }
    return pieces
  }

  private static func value(
    _ rest: inout ArraySlice<UInt8>, _ text: String
  ) throws(ScriptFault) -> Piece {
    guard let end = rest.firstIndex(of: 0x7D) else {
      throw ScriptFault(word: text, reason: "opens a brace and does not close it")
    }
    let parts = rest[(rest.startIndex + 1)..<end].split(
      separator: 0x3A, omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      let value = MessageValue(name: String(decoding: parts[0], as: UTF8.self))
    else { throw ScriptFault(word: text, reason: "names no known value") }
    let width = parts.count == 2 ? Digits.number(Array(parts[1])).map { Int($0) } : nil
    if parts.count == 2, width.map({ (1...99).contains($0) }) != true {
      throw ScriptFault(word: text, reason: "has a width that is none")
    }
    rest = rest[(end + 1)...]
    return .value(value, width: width)
  }

  /// A tag's content may hold tags itself, of which two levels are known.
  private static func counted(
    _ rest: inout ArraySlice<UInt8>, depth: Int, _ text: String
  ) throws(ScriptFault) -> Piece {
    let head = Array(rest.prefix(3))
    guard depth < 2, head.count == 3, (0x31...0x34).contains(head[1]), head[2] == 0x3A else {
      throw ScriptFault(word: text, reason: "has a bracket without the digits of its length")
    }
    rest = rest.dropFirst(3)
    let content = try pieces(&rest, depth: depth + 1, text)
    if content.isEmpty || rest.first != 0x5D {
      throw ScriptFault(word: text, reason: "has a bracket that is empty or not closed")
    }
    rest = rest.dropFirst()
    return .counted(content, digits: Int(head[1] - 0x30))
  }

  private static func isDigits(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { (0x30...0x39).contains($0) }
  }
}

/// Decimal digits as numbers and back.
enum Digits {
  /// The number of at most 18 digits; nil when they are none.
  static func number(_ digits: [UInt8]) -> UInt64? {
    if digits.isEmpty || digits.count > 18 { return nil }
    var number: UInt64 = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      number = number * 10 + UInt64(digit - 0x30)
    }
    return number
  }

  /// A number with so many digits; nil when it has more.
  static func text(_ number: UInt64, _ width: Int) -> [UInt8]? {
    padded(Array(String(number).utf8), width)
  }

  /// Zeros in front up to this width; nil when it is wider already.
  static func padded(_ text: [UInt8], _ width: Int) -> [UInt8]? {
    if text.count > width { return nil }
    return [UInt8](repeating: 0x30, count: width - text.count) + text
  }
}

extension MessageScript {
  /// Whether a value stands anywhere in it.
  func asks(for value: MessageValue) -> Bool {
    steps.contains { MessageScript.asks($0.pieces ?? [], for: value) }
  }

  private static func asks(_ pieces: [Piece], for value: MessageValue) -> Bool {
    pieces.contains { piece in
      switch piece {
      case .literal: false
      case .value(let found, _): found == value
      case .counted(let inner, _): asks(inner, for: value)
      }
    }
  }

  /// The message with these facts; elements without a known value are left out.
  func message(_ facts: MessageFacts) -> Message? {
    guard mti.count == 4 else { return nil }
    var message = Message(mti: mti)
    apply(facts, to: &message)
    return message
  }

  /// Changes a message as the words say.
  func apply(_ facts: MessageFacts, to message: inout Message) {
    for step in steps {
      if let condition = step.condition, facts.holds(condition) == step.isNegated { continue }
      guard let pieces = step.pieces else {
        message[step.element] = nil
        continue
      }
      if let content = MessageScript.content(pieces, facts) { message[step.element] = content }
    }
    if mti.count == 4 { message.mti = mti }
  }

  static func content(_ pieces: [Piece], _ facts: MessageFacts) -> [UInt8]? {
    var content: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .literal(let bytes): content += bytes
      case .value(let value, let width):
        guard var bytes = facts.value(value) else { return nil }
        if let width {
          guard let padded = Digits.padded(bytes, width) else { return nil }
          bytes = padded
        }
        content += bytes
      case .counted(let inner, let digits):
        guard let bytes = MessageScript.content(inner, facts),
          let length = Digits.text(UInt64(bytes.count), digits)
        else { return nil }
        content += length + bytes
      }
    }
    return content
  }
}
