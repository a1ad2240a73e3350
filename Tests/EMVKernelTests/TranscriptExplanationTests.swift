// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import Foundation
import Testing
import Wire

@Suite("A transcript in plain language")
struct TranscriptExplanationTests {
  private static func file(_ name: String) throws -> [UInt8] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fixtures/emv/" + name)
    return Array(try Data(contentsOf: url))
  }

  private static func explain(_ text: [UInt8]) throws -> [String] {
    TranscriptExplanation(try CardTranscript(text: text)).lines
  }

  private static func explain(_ text: String) throws -> [String] { try explain(Array(text.utf8)) }

  @Test("a sale on line: each command by its name, what the terminal saw, who decided")
  func online() throws {
    let lines = try TranscriptExplanationTests.explain(
      TranscriptExplanationTests.file("declined.apdu"))
    for wanted in [
      "1. SELECT   (line 1)", "   answer 9000: done", "   answer 6A83: there is no such record",
      "   ⇒ the issuer has to be asked",
      "   ⇒ declined by the terminal, and the card agreed",
      "   ▸     issuer authentication failed", "   answer 6300: authentication failed",
    ] {
      #expect(lines.contains(wanted), "\(wanted)")
    }
    let heads = lines.filter { $0.first?.isNumber == true }
    #expect(heads.contains { $0.contains("GENERATE AC, asking for an approval (TC), signed") })
    #expect(heads.contains { $0.contains("VERIFY, an enciphered PIN") })
    #expect(heads.contains { $0.contains("GET DATA PIN Try Counter") })
    #expect(lines.contains { $0.contains("enciphered PIN by the chip, if the terminal") })
    let whole = try TranscriptExplanationTests.explain(
      TranscriptExplanationTests.file("offline.apdu"))
    #expect(whole.contains("   ⇒ approved off line by card and terminal"))
  }

  @Test("no card number, no PIN and no command of an issuer's is shown")
  func secrets() throws {
    for name in ["online", "offline", "static", "blocked", "scripts", "declined", "silent"] {
      let bytes = try TranscriptExplanationTests.file(name + ".apdu")
      let said = try TranscriptExplanationTests.explain(bytes).joined(separator: "\n")
      let text = String(decoding: bytes, as: UTF8.self)
      // 5A has seven or eight bytes.
      let place = try #require(text.firstRange(of: try Regex("5A0[78]")))
      let number = text[place.upperBound...].prefix { $0.isNumber }.prefix(16)
      #expect(number.count >= 13 && !said.contains(number))
      let stars = String(repeating: "*", count: number.count - 10)
      #expect(said.contains(number.prefix(6) + stars + number.suffix(4)))
    }
    let pin = try TranscriptExplanationTests.explain(
      "> 0020008008241234FFFFFFFFFF\n< 63C2\n> 8C2400020A11223344556677889900\n< 9000\n")
    #expect(
      pin == [
        "1. VERIFY, a PIN in clear   (line 1)", "   8 bytes, which are not shown",
        "   answer 63C2: wrong PIN, 2 tries are left",
        "2. command of an issuer's script 8C240002   (line 3)",
        "   10 bytes, which are not shown", "   answer 9000: done",
      ])
  }

  @Test("a card without tags, and why its issuer wants it on line")
  func plain() throws {
    let lines = try TranscriptExplanationTests.explain(
      """
      > 00B2010C00
      < 70148C0295059F0F0500000080009F0E0510000000009000
      > 80A8000002830000
      < 80067900080101009000
      > 80AE8000051000008000 00
      < 800B80002A11223344556677889000
      > 80AE8000051000008000 00
      < 7003500141 9000
      > 80CA9F3600
      < -
      """)
    let reasons = lines.filter { $0.contains("the issuer wants that") }
    #expect(
      reasons == [
        "       the issuer wants that it is declined off line, since: "
          + "the card is on the exception file",
        "       the issuer wants that it is asked on line, since: "
          + "the amount reaches the floor limit",
      ])
    #expect(lines.contains("   82 Application Interchange Profile: 7900"))
    #expect(lines.contains("       file 1, records 1 to 1"))
    #expect(lines.contains("   9F36 Application Transaction Counter: 002A"))
    #expect(lines.contains("   ⇒ the issuer has to be asked"))
    #expect(lines.contains("   ⇒ the answer holds no decision: the terminal has to end here"))
    #expect(lines.last == "   the card did not answer: it was gone")
  }

  @Test("whatever a transcript holds, it is explained and nothing traps")
  func hostile() throws {
    for text in [
      "> 80AE8000\n< 9000", "> 80A8000004830500\n< 770182 9000", "> 00A4040005A0\n< 6A82",
      "> 80AE800002AABB\n< 80014000 9000", "> 00880000021234\n< 8050 9000", "",
    ] {
      #expect(!(try TranscriptExplanationTests.explain(text)).isEmpty)
    }
  }
}
