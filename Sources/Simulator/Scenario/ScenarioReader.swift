// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore
import Wire

extension Scenario {
  /// Reads a file. Throws the first line that is wrong.
  public init(text: [UInt8]) throws(ScenarioFault) {
    self.init()
    let all = text.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (index, bytes) in all.enumerated() {
      let content = bytes.prefix { $0 != 0x23 }
      let words = content.split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }
      if words.isEmpty { continue }
      var reader = ScenarioWords(line: index + 1, words: words)
      if try setting(&reader) { continue }
      let step = try reader.step()
      try reader.end()
      lines.append(Line(number: index + 1, text: reader.text, step: step))
    }
    if lines.isEmpty {
      throw ScenarioFault(line: max(1, all.count), word: 1, wanted: "something that happens")
    }
  }

  /// What the shop is like stands before what happens in it.
  private mutating func setting(_ reader: inout ScenarioWords) throws(ScenarioFault) -> Bool {
    if reader.take("shop") {
      if !lines.isEmpty { throw reader.fault("`shop` above all that happens") }
      switch try reader.word("generic, unionpay or chips") {
      case "generic": shop = .generic
      case "unionpay": shop = .unionPay
      case "chips": shop = .chips
      default: throw reader.fault("generic, unionpay or chips", back: true)
      }
    } else if reader.take("printer", "plain") {
      isPrinterPlain = true
    } else if reader.take("printer", "narrow") {
      isPrinterNarrow = true
    } else {
      return false
    }
    if !lines.isEmpty { throw reader.fault("this line above all that happens") }
    try reader.end()
    return true
  }
}

/// The words of a line, taken one after the other.
struct ScenarioWords {
  let line: Int
  let words: [String]
  private var next = 0

  init(line: Int, words: [String]) {
    self.line = line
    self.words = words
  }

  /// The line with one space between its words.
  var text: String { ScenarioWords.joined(words[...]) }

  static func joined(_ words: ArraySlice<String>) -> String {
    var text = ""
    for word in words { text += text.isEmpty ? word : " " + word }
    return text
  }

  func fault(_ wanted: String, back: Bool = false) -> ScenarioFault {
    ScenarioFault(line: line, word: back ? next : next + 1, wanted: wanted)
  }

  var isAtEnd: Bool { next == words.count }

  func end() throws(ScenarioFault) {
    if !isAtEnd { throw fault("the end of the line") }
  }

  /// Takes these words, if they come next.
  mutating func take(_ wanted: String...) -> Bool {
    if words.count - next < wanted.count { return false }
    for (index, word) in wanted.enumerated() where words[next + index] != word { return false }
    next += wanted.count
    return true
  }

  mutating func word(_ wanted: String) throws(ScenarioFault) -> String {
    if isAtEnd { throw fault(wanted) }
    next += 1
    return words[next - 1]
  }

  /// The rest of the line.
  mutating func rest(_ wanted: String) throws(ScenarioFault) -> String {
    if isAtEnd { throw fault(wanted) }
    defer { next = words.count }
    return ScenarioWords.joined(words[next...])
  }

  mutating func number(_ wanted: String, _ range: ClosedRange<Int>) throws(ScenarioFault) -> Int {
    let word = try word(wanted)
    guard let number = Digits.number(Array(word.utf8)), number <= UInt64(range.upperBound),
      case let value = Int(number), range.contains(value)
    else { throw fault(wanted, back: true) }
    return value
  }

  /// "12.00", in minor units.
  mutating func amount() throws(ScenarioFault) -> UInt64 {
    let bytes = Array(try word("an amount such as 12.00").utf8)
    guard bytes.count >= 4, bytes[bytes.count - 3] == 0x2E,
      let number = Digits.number(Array(bytes.dropLast(3) + bytes.suffix(2)))
    else { throw fault("an amount such as 12.00", back: true) }
    return number
  }

  mutating func interval() throws(ScenarioFault) -> Interval {
    let count = Int64(try number("a number of at most 100000", 0...100_000))
    switch try word("ms, s or min") {
    case "ms": return .milliseconds(count)
    case "s": return .seconds(count)
    case "min": return .minutes(count)
    default: throw fault("ms, s or min", back: true)
    }
  }
}
