// SPDX-License-Identifier: Apache-2.0

import Testing
import Updates

@Suite("The text of metadata")
struct TextTests {
  private static func problem(_ text: String, limit: Int = 1 << 20) -> MetadataFault.Problem? {
    problem(Array(text.utf8), limit: limit)
  }

  private static func problem(_ text: [UInt8], limit: Int = 1 << 20) -> MetadataFault.Problem? {
    do {
      _ = try MetadataValue(parsing: text, limit: limit)
      return nil
    } catch {
      return error.problem
    }
  }

  private static func isNotJSON(_ problem: MetadataFault.Problem?) -> Bool {
    guard case .notJSON? = problem else { return false }
    return true
  }

  @Test("what is no JSON text, or is not one alone, is refused")
  func texts() {
    let wrong = [
      "", " ", "{", "[1,]", "{\"a\":1,}", "{} {}", "[] x", "\u{FEFF}{}", "{'a':1}", "nul", "01",
      "+1",
      "\"\\u0000\"", "\"\\ud800\"", "\"\\x\"", "\"\n\"", "{\"a\":1,\"a\":2}",
      "[{\"\\u0061\":1,\"a\":2}]", "9223372036854775808", "-92233720368547758080",
    ]
    for text in wrong { #expect(TextTests.isNotJSON(TextTests.problem(text)), "\(text)") }
    let badBytes: [[UInt8]] = [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
    ]
    for bytes in badBytes {
      #expect(TextTests.isNotJSON(TextTests.problem(bytes)))
    }
    let right = [
      "{}", " [ ] \r\n\t", "9223372036854775807", "-9223372036854775808", "null", "\"\"",
    ]
    for text in right { #expect(TextTests.problem(text) == nil, "\(text)") }
  }

  @Test("a number that is not whole is refused, however it is written")
  func numbers() {
    for text in ["1.0", "1e3", "[1.5]", "{\"a\":{\"b\":-0.0}}", "1E-2"] {
      #expect(TextTests.problem(text) == .notWhole, "\(text)")
    }
  }

  @Test("depth, length and number of values end where they are said to end")
  func limits() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(TextTests.problem(nested(32)) == nil)
    #expect(TextTests.problem(nested(33)) == .tooDeep(limit: 32))
    #expect(TextTests.problem(nested(100_000)) == .tooDeep(limit: 32))
    // Brackets in a text are none.
    #expect(TextTests.problem("\"\\\"" + nested(33) + "\"") == nil)
    #expect(TextTests.problem("[1]", limit: 3) == nil)
    #expect(TextTests.problem("[1] ", limit: 3) == .tooLong(limit: 3))
    let many = "[" + String(repeating: "0,", count: 400_000) + "0]"
    #expect(TextTests.problem(many) == .tooMany(limit: 400_000))
    #expect(TextTests.problem("[" + String(repeating: "0,", count: 300_000) + "0]") == nil)
  }

  @Test("two spellings of one letter are two names, and names are sorted by their bytes")
  func names() throws {
    let text = "{\"e\u{301}\":1,\"\u{e9}\":2,\"z\":3,\"Z\":4,\"\u{10000}\":5,\"\u{FFFD}\":6}"
    let value = try MetadataValue(parsing: Array(text.utf8), limit: 100)
    #expect(value["e\u{301}"] == .integer(1))
    #expect(value["\u{e9}"] == .integer(2))
    #expect(value["nothing"] == nil)
    guard case .object(let members) = value else { return }
    #expect(
      members.map(\.name) == ["Z", "e\u{301}", "z", "\u{e9}", "\u{FFFD}", "\u{10000}"])
  }

  @Test("a name that is told has no line end of its own")
  func told() {
    #expect(ByteString("a\nb\u{7F}c").description == "a%0Ab%7Fc")
    let refusal = Refusal(.search, "targets", .noSuchTarget("x\r\nok"))
    #expect(refusal.description == "TUF 5.6.7 targets: no-such-target x%0D%0Aok")
  }
}
