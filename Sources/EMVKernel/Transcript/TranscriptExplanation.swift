// SPDX-License-Identifier: Apache-2.0

import Wire

/// A transcript in plain language: each command, what it carried and what came back, the bits of
/// the results, and why terminal and card decided so, as far as the card's own data say it.
///
/// Card numbers are masked. Of PINs, keys of PINs and of commands of issuers nothing is shown.
public struct TranscriptExplanation {
  /// Which data objects a command carries, as the card has asked for them.
  private struct Lists {
    var processing: [UInt8] = []
    var first: [UInt8] = []
    var second: [UInt8] = []
    var dynamic: [UInt8] = [0x9F, 0x37, 0x04]
  }

  /// A line each.
  public private(set) var lines: [String] = []

  private var lists = Lists()
  private var codes = DataObjectList()
  private var cryptograms = 0

  /// Explains all of it.
  public init(_ transcript: CardTranscript) {
    for (index, exchange) in transcript.exchanges.enumerated() {
      explain(exchange, number: index + 1)
    }
    if transcript.exchanges.isEmpty { lines.append("no command was sent") }
  }

  private mutating func explain(_ exchange: CardTranscript.Exchange, number: Int) {
    let command = exchange.command
    let name = CommandWords.name(of: command)
    lines.append("\(number). \(name)   (line \(exchange.line))")
    if command[1] == 0xA4 { lists = Lists() }
    if command[1] == 0xAE { cryptograms += 1 }
    explainData(of: command)
    let answer = exchange.answer
    if answer.isEmpty {
      say("the card did not answer: it was gone")
      return
    }
    let status = Array(answer.suffix(2))
    say(
      "answer " + Hex.text(status) + ": "
        + CommandWords.meaning(of: UInt16(status[0]) << 8 | UInt16(status[1]), after: command[1]))
    explainAnswer(Array(answer.dropLast(2)), to: command)
  }

  private mutating func say(_ text: String) { lines.append("   " + text) }

  // MARK: Commands

  private mutating func explainData(of command: [UInt8]) {
    guard command.count > 5 else { return }
    let data = Array(command[5...].prefix(Int(command[4])))
    if data.count < Int(command[4]) {
      say("the data are shorter than the command says")
      return
    }
    switch command[1] {
    case 0xA4: say("name " + Hex.text(data))
    case 0xA8:
      guard let object = try? TLV.parse(data).first, object.tag.rawValue == 0x83 else {
        say("the data are no command template")
        return
      }
      show(object.value, as: lists.processing)
    case 0x88: show(data, as: lists.dynamic)
    case 0xAE: show(data, as: cryptograms == 1 ? lists.first : lists.second)
    case 0x82:
      for line in Explanation.lines(tag: 0x91, data) { say(line) }
    // A PIN, enciphered or not, or a command of the issuer's: nothing of it is shown.
    default: say("\(data.count) bytes, which are not shown")
    }
  }

  /// Data in the order of a list.
  private mutating func show(_ data: [UInt8], as list: [UInt8]) {
    if list.isEmpty && data.isEmpty { return }
    guard let entries = DOL(list)?.entries, !list.isEmpty,
      entries.reduce(0, { $0 + Int($1.length) }) == data.count
    else {
      say("\(data.count) bytes: the card's list for them is not in this transcript")
      return
    }
    var offset = 0
    for entry in entries {
      let value = Array(data[offset..<offset + Int(entry.length)])
      offset += Int(entry.length)
      for line in Explanation.lines(tag: entry.tag.rawValue, value) { say("▸ " + line) }
      if entry.tag == .tvr { explainCodes(TVR(value)) }
    }
  }

  /// Which of the card's action codes a verification result meets (EMV 4.4 Book 3, 10.7).
  private mutating func explainCodes(_ results: TVR?) {
    guard let results, cryptograms == 1 else { return }
    let wishes: [(DataTag, String)] = [
      (.iacDenial, "it is declined off line"), (.iacOnline, "it is asked on line"),
      (.iacDefault, "it is declined where the host cannot be asked"),
    ]
    for (tag, wish) in wishes {
      guard let value = codes[tag], let code = TVR(value) else { continue }
      let common = TVR(rawValue: code.rawValue & results.rawValue)
      if common.rawValue == 0 { continue }
      let bits = BitWords.sentences(of: 0x95, common.bytes) ?? []
      say("    the issuer wants that \(wish), since: " + TranscriptExplanation.joined(bits))
    }
  }

  // MARK: Answers

  private mutating func explainAnswer(_ data: [UInt8], to command: [UInt8]) {
    if data.isEmpty { return }
    switch command[1] {
    // A challenge goes into the PIN's cipher; the others are not ours to read.
    case 0x84:
      say("a challenge of \(data.count) bytes")
      return
    case 0xA4, 0xB2, 0xA8, 0x88, 0xAE, 0xCA: break
    default:
      say("\(data.count) bytes, which are not shown")
      return
    }
    guard let objects = try? TLV.parse(data), let words = try? Explanation.lines(of: data) else {
      say("\(data.count) bytes that are no data objects")
      return
    }
    if let plain = objects.first, plain.tag.rawValue == 0x80, objects.count == 1 {
      explainPlain(plain.value, command[1])
    } else {
      for line in words { say(line) }
    }
    for object in objects { learn(object) }
    if command[1] == 0xAE { explainDecision(objects, asked: command[2]) }
  }

  /// An answer in format 1: values without tags (EMV 4.4 Book 3, 6.5).
  private mutating func explainPlain(_ value: [UInt8], _ instruction: UInt8) {
    var parts: [(UInt32, Int)] = []
    switch instruction {
    case 0xA8: parts = [(0x82, 2), (0x94, value.count - 2)]
    case 0xAE: parts = [(0x9F27, 1), (0x9F36, 2), (0x9F26, 8), (0x9F10, value.count - 11)]
    case 0x88: parts = [(0x9F4B, value.count)]
    default: break
    }
    var offset = 0
    for (tag, count) in parts {
      if count < 0 || offset + count > value.count {
        say("the answer is too short")
        return
      }
      if count == 0 { continue }
      let part = Array(value[offset..<offset + count])
      for line in Explanation.lines(tag: tag, part) { say(line) }
      offset += count
    }
    if parts.isEmpty { say("\(value.count) bytes without tags") }
  }

  /// Keeps what later commands are explained with.
  private mutating func learn(_ object: TLV) {
    if object.tag.isConstructed {
      for child in object.children { learn(child) }
      return
    }
    switch object.tag.rawValue {
    case 0x9F38: lists.processing = object.value
    case 0x8C: lists.first = object.value
    case 0x8D: lists.second = object.value
    case 0x9F49: lists.dynamic = object.value
    case 0x9F0D, 0x9F0E, 0x9F0F: codes[DataTag(object.tag.rawValue)] = object.value
    default: break
    }
  }

  private mutating func explainDecision(_ objects: [TLV], asked: UInt8) {
    guard let information = TranscriptExplanation.information(objects),
      let given = information.type, let wanted = CryptogramType(rawValue: asked & 0xC0)
    else {
      say("⇒ the answer holds no decision: the terminal has to end here")
      return
    }
    let first = cryptograms == 1
    switch given {
    case _ where given > wanted: say("⇒ the card gave more than was asked for: that may not be")
    case .tc: say(first ? "⇒ approved off line by card and terminal" : "⇒ approved by the card")
    case .arqc:
      say(first ? "⇒ the issuer has to be asked" : "⇒ a second request: it counts as a refusal")
    case .aac:
      let whose = wanted == .aac ? "by the terminal, and the card agreed" : "by the card"
      say("⇒ declined " + whose)
    }
  }

  private static func information(_ objects: [TLV]) -> CryptogramInformation? {
    for object in objects {
      switch object.tag.rawValue {
      case 0x80: return object.value.first.map { CryptogramInformation(rawValue: $0) }
      case 0x9F27: return object.value.first.map { CryptogramInformation(rawValue: $0) }
      case 0x77: return information(object.children)
      default: break
      }
    }
    return nil
  }

  private static func joined(_ parts: [String]) -> String {
    var text = ""
    for part in parts { text += (text.isEmpty ? "" : "; ") + part }
    return text
  }
}
