// SPDX-License-Identifier: Apache-2.0

import Wire

// The file of a test card, a setting a line; `#` begins a remark. What stands before the first
// `application` is of the card, the rest of the application above it. Every line may be left out.
//
//     posd-test-card 1                 the first line
//     seed 7                           keys and chance
//     keys 144 128 96 80               bytes: authority, issuer, card, PIN key
//     exponent 3                       or 65537
//     link t1                          or t0
//     directory yes                    or no
//     fault directory-absent           a fault by its name; a line each
//     gone-at 5                        no answer from the fifth command on
//     garbled-at 5                     one byte instead of the answer to the fifth command
//
//     application F0504F53440101       a name; a line each, and below it:
//     label POSD TEST
//     priority 01                      87
//     account 4111111111111111         and its sequence number:
//     sequence 01
//     expires 491231                   and effective 200101; certificates 1249 (MMYY)
//     interchange 7D00                 82
//     pin 1234                         and tries 3
//     counter 1                        9F36 and, as last-online, 9F13, in decimal
//     policy follow                    or online, decline, counters
//     proof code                       or update: how the issuer proves itself
//     needs-proof yes                  or no
//     answers tagged                   or plain: 77 or 80
//     issuer-data results              or digits: a fixed 9F10
//     filling mark                     or zeros: of the cryptogram's data
//     derivation a                     or b
//     object 9F08 0096                 another content of an object, or one more; a line each
//     without 9F4A                     an object left out; a line each

/// Why a card's file cannot be read: the line, counted from 1, and its first word.
public struct CardFileFault: Error, Hashable, Sendable {
  /// Which line.
  public let line: Int
  /// The setting.
  public let word: String

  /// A fault in a line.
  public init(line: Int, word: String) {
    self.line = line
    self.word = word
  }
}

extension CardProfile {
  /// A card from its file.
  public init(text: String) throws(CardFileFault) {
    self.init()
    applications = []
    var isBegun = false
    for (index, bytes) in CardProfile.lines(text).enumerated() {
      let content = bytes.prefix { $0 != 0x23 }
      let words = content.split(separator: 0x20)
      guard let first = words.first else { continue }
      let word = String(decoding: first, as: UTF8.self)
      let values = words.dropFirst().map { Array($0) }
      let isRight =
        isBegun ? set(word, values) : word == "posd-test-card" && values == [Array("1".utf8)]
      if !isRight { throw CardFileFault(line: index + 1, word: word) }
      isBegun = true
    }
    if !isBegun { throw CardFileFault(line: 1, word: "posd-test-card") }
    if applications.isEmpty { applications = [Application()] }
    if !sizes.arePossible { throw CardFileFault(line: 1, word: "keys") }
  }

  private static func lines(_ text: String) -> [[UInt8]] {
    text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
  }

  private mutating func set(_ word: String, _ values: [[UInt8]]) -> Bool {
    if word == "application" {
      guard values.count == 1, let name = try? Hex.decode(values[0]), (5...16).contains(name.count)
      else { return false }
      applications.append(Application())
      applications[applications.count - 1].name = name
      return true
    }
    if applications.isEmpty { return setCard(word, values) }
    return applications[applications.count - 1].set(word, values)
  }

  private mutating func setCard(_ word: String, _ values: [[UInt8]]) -> Bool {
    guard let value = values.first else { return false }
    switch word {
    case "seed": return TextValue.number(value, &seed)
    case "keys": return setSizes(values)
    case "exponent":
      sizes.exponent = TextValue.text(value) == "65537" ? [1, 0, 1] : [3]
      return ["3", "65537"].contains(TextValue.text(value))
    case "link":
      return TextValue.choice(value, [("t0", Link.t0), ("t1", Link.t1)], &link)
    case "directory": return TextValue.yes(value, &hasDirectory)
    case "fault":
      guard let fault = CardFault(rawValue: TextValue.text(value)) else { return false }
      faults.append(fault)
      return true
    case "gone-at":
      goneAt = TextValue.number(value).map { Int($0) }
      return goneAt != nil
    case "garbled-at":
      garbledAt = TextValue.number(value).map { Int($0) }
      return garbledAt != nil
    default: return false
    }
  }

  private mutating func setSizes(_ values: [[UInt8]]) -> Bool {
    let numbers = values.compactMap { TextValue.number($0) }.filter { $0 <= 248 }.map { Int($0) }
    guard numbers.count == 4, values.count == 4 else { return false }
    sizes.authority = numbers[0]
    sizes.issuer = numbers[1]
    sizes.card = numbers[2]
    sizes.pin = numbers[3]
    return true
  }
}

extension CardProfile.Application {
  fileprivate mutating func set(_ word: String, _ values: [[UInt8]]) -> Bool {
    guard let value = values.first else { return false }
    switch word {
    case "label":
      label = String(decoding: Array(values.joined(separator: [0x20])), as: UTF8.self)
      return label.utf8.count <= 14
    case "account": return TextValue.digits(value, 13...19, &pan)
    case "pin": return TextValue.digits(value, 4...12, &pin)
    case "priority": return TextValue.byte(value, &priority)
    case "sequence": return TextValue.byte(value, &sequence)
    case "expires": return TextValue.bytes(value, 3...3, &expires)
    case "effective": return TextValue.bytes(value, 3...3, &effective)
    case "certificates": return TextValue.bytes(value, 2...2, &certificates)
    case "interchange": return TextValue.bytes(value, 2...2, &interchange)
    case "tries":
      guard let number = TextValue.number(value), (1...15).contains(number) else { return false }
      tries = UInt8(number)
      return true
    case "counter": return TextValue.number(value, &counter)
    case "last-online": return TextValue.number(value, &lastOnline)
    case "object": return setObject(values)
    case "without":
      guard let tag = TextValue.tag(value) else { return false }
      leftOut.append(tag)
      return true
    default: return setKind(word, value)
    }
  }

  private mutating func setKind(_ word: String, _ value: [UInt8]) -> Bool {
    switch word {
    case "policy":
      let choices: [(String, CardProfile.Policy)] = [
        ("follow", .follow), ("online", .online), ("decline", .decline), ("counters", .counters),
      ]
      return TextValue.choice(value, choices, &policy)
    case "proof":
      let choices: [(String, CardProfile.Proof)] = [("code", .code), ("update", .update)]
      return TextValue.choice(value, choices, &proof)
    case "needs-proof": return TextValue.yes(value, &needsProof)
    case "answers":
      return TextValue.choice(value, [("tagged", true), ("plain", false)], &answersTagged)
    case "filling":
      let choices: [(String, CryptogramKey.Filling)] = [("mark", .mark), ("zeros", .zeros)]
      return TextValue.choice(value, choices, &filling)
    case "derivation":
      let choices: [(String, DerivationOption)] = [("a", .optionA), ("b", .optionB)]
      return TextValue.choice(value, choices, &derivation)
    case "issuer-data":
      if TextValue.text(value) == "results" {
        issuerData = .results
        return true
      }
      guard let bytes = TextValue.content(value), bytes.count <= 32 else { return false }
      issuerData = .fixed(bytes)
      return true
    default: return false
    }
  }

  private mutating func setObject(_ values: [[UInt8]]) -> Bool {
    guard values.count == 2, let tag = TextValue.tag(values[0]),
      let content = TextValue.content(values[1])
    else { return false }
    replaced.append(CardObject(tag, content))
    return true
  }
}

/// What a word of a card's file can mean.
private enum TextValue {
  static func text(_ word: [UInt8]) -> String { String(decoding: word, as: UTF8.self) }

  static func number(_ word: [UInt8]) -> UInt64? {
    if word.isEmpty || word.count > 18 || !word.allSatisfy({ (0x30...0x39).contains($0) }) {
      return nil
    }
    return word.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
  }

  static func number(_ word: [UInt8], _ target: inout UInt64) -> Bool {
    guard let number = number(word) else { return false }
    target = number
    return true
  }

  static func number(_ word: [UInt8], _ target: inout UInt16) -> Bool {
    guard let number = number(word), number <= 0xFFFF else { return false }
    target = UInt16(number)
    return true
  }

  static func digits(
    _ word: [UInt8], _ counts: ClosedRange<Int>, _ target: inout [UInt8]
  ) -> Bool {
    if !counts.contains(word.count) || !word.allSatisfy({ (0x30...0x39).contains($0) }) {
      return false
    }
    target = word.map { $0 - 0x30 }
    return true
  }

  static func bytes(_ word: [UInt8], _ counts: ClosedRange<Int>, _ target: inout [UInt8]) -> Bool {
    guard let bytes = try? Hex.decode(word), counts.contains(bytes.count) else { return false }
    target = bytes
    return true
  }

  static func byte(_ word: [UInt8], _ target: inout UInt8) -> Bool {
    guard let bytes = try? Hex.decode(word), bytes.count == 1 else { return false }
    target = bytes[0]
    return true
  }

  /// Digits, or `-` for no bytes.
  static func content(_ word: [UInt8]) -> [UInt8]? {
    word == [0x2D] ? [] : try? Hex.decode(word)
  }

  static func tag(_ word: [UInt8]) -> UInt32? {
    guard let bytes = try? Hex.decode(word), bytes.count <= 3,
      let tag = TLVTag(bytes.reduce(0) { $0 << 8 | UInt32($1) })
    else { return nil }
    return tag.rawValue
  }

  static func yes(_ word: [UInt8], _ target: inout Bool) -> Bool {
    choice(word, [("yes", true), ("no", false)], &target)
  }

  static func choice<Value>(
    _ word: [UInt8], _ choices: [(String, Value)], _ target: inout Value
  ) -> Bool {
    for (name, value) in choices where Array(name.utf8) == word {
      target = value
      return true
    }
    return false
  }
}
