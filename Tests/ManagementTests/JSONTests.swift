// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Foundation
import Management
import Testing

@Suite("JSON, strictly")
struct JSONTests {
  private static func parse(_ text: String) throws(JSONFault) -> JSON {
    try JSON(parsing: Array(text.utf8))
  }

  private static func isRefused(_ text: String) -> Bool { (try? parse(text)) == nil }

  @Test("values of every kind are read as what they are")
  func kinds() throws {
    let text = #" {"a" : [null, true, false, -7, "x\u4e2d\n\"\\"], "b": {"c": []}} "#
    let expected = JSON.object([
      JSONMember(
        "a",
        .array([.null, .boolean(true), .boolean(false), .integer(-7), .text("x中\n\"\\")])),
      JSONMember("b", .object([JSONMember("c", .array([]))])),
    ])
    #expect(try JSONTests.parse(text) == expected)
    #expect(try JSONTests.parse(text)["b"]?["c"]?.array == [])
    #expect(try JSONTests.parse(text)["d"] == nil)
  }

  @Test(
    "what is not JSON, or more than we take, is refused",
    arguments: [
      "", " ", "{", "[1,]", "{\"a\":1,\"a\":2}", "{a:1}", "'x'", "[1] 2", "nul", "01", "1.5", "1e3",
      "\"\u{1}\"", "\"\\x\"", "[1,2", "{\"a\"}", "{\"a\":1,}", "-", "\u{FEFF}1",
      "9223372036854775808", "-92233720368547758100", "\"\\ud800\"",
    ])
  func refused(_ text: String) { #expect(JSONTests.isRefused(text)) }

  @Test("the largest and the smallest number are exact")
  func bounds() throws {
    #expect(try JSONTests.parse("9223372036854775807") == .integer(Int64.max))
    #expect(try JSONTests.parse("-9223372036854775808") == .integer(Int64.min))
  }

  @Test("bytes that are no UTF-8 are refused")
  func encoding() {
    for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xE4, 0xB8, 0x22]]
      as [[UInt8]]
    {
      #expect(throws: JSONFault.self) { try JSON(parsing: bytes) }
    }
  }

  @Test("nesting is followed to its limit, and a bomb of brackets does no harm")
  func depth() {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    #expect(!JSONTests.isRefused(nested(17)))
    #expect(JSONTests.isRefused(nested(18)))
    #expect(JSONTests.isRefused(nested(30_000)))
    #expect(JSONTests.isRefused(String(repeating: "[", count: 60_000)))
  }

  @Test("a text longer than the limit is not looked at")
  func limit() {
    let text = Array(("\"" + String(repeating: "x", count: 10) + "\"").utf8)
    #expect((try? JSON(parsing: text, limit: 12)) != nil)
    #expect(throws: JSONFault.tooLong(limit: 11)) { try JSON(parsing: text, limit: 11) }
  }

  @Test("a fault names line and column")
  func place() {
    #expect(throws: JSONFault.malformed(line: 2, column: 2)) { try JSONTests.parse("[1,\n x]") }
  }

  @Test("what we write is what Foundation reads, and what we read again")
  func judged() throws {
    let values: [JSON] = [
      .text("\u{0}\u{1}\u{1F}\"\\/\u{7F}中文😀"), .integer(Int64.min),
      .array([.null, .boolean(false)]),
      .object([JSONMember("a\"b", .text("")), JSONMember("", .object([]))]),
    ]
    for value in values {
      let bytes = value.encoded
      let judged = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      if let text = value.text { #expect(judged as? String == text) }
      if let number = value.integer { #expect((judged as? NSNumber)?.int64Value == number) }
      // A zero byte in a text is the one thing the parser does not take.
      if value.text == nil { #expect(try JSON(parsing: bytes) == value) }
    }
  }

  @Test("cut short at any place, an object is refused")
  func truncated() {
    let whole = Array(#"{"state":"rejected","reasons":[{"field":"place","reason":"no"}]}"#.utf8)
    for length in 0..<whole.count {
      #expect(throws: JSONFault.self) { try JSON(parsing: Array(whole[..<length])) }
    }
  }

  @Test("noise is refused, or is a value that comes back")
  func noise() throws {
    var dice = Dice(seed: 8_259)
    let alphabet = Array(#"{}[]",:0123456789eE.-+truefalsn \u"#.utf8) + [0x00, 0x80, 0xE4, 0xFF]
    for _ in 0..<20_000 {
      let bytes = (0..<dice.below(20)).map { _ in alphabet[dice.below(alphabet.count)] }
      guard let value = try? JSON(parsing: bytes) else { continue }
      #expect(try JSON(parsing: value.encoded) == value)
    }
  }

  @Test("a number that is no whole one of 64 bits is marked for who wants to name its place")
  func oddNumbers() throws {
    func read(_ text: String) throws -> JSON {
      try JSON(parsing: Array(text.utf8), marksOddNumbers: true)
    }
    for text in ["1.0", "1e3", "-0.5", "12345678901234567890", "-9223372036854775810"] {
      #expect(try read(text) == .oddNumber, "\(text)")
      #expect(throws: JSONFault.self) { try JSON(parsing: Array(text.utf8)) }
    }
    #expect(try read("9223372036854775807") == .integer(Int64.max))
    // Beside an odd number the others keep their worth, as far as a fraction is exact.
    let mixed = try read(#"{"a":[7,18446744073709551616],"b":9007199254740993}"#)
    #expect(mixed["a"] == .array([.integer(7), .oddNumber]))
    #expect(mixed["b"] == .oddNumber)
    for text in ["1e999", "{", #"{"a":1.5,"a":1}"#] {
      #expect(throws: JSONFault.self) { try read(text) }
    }
  }
}
