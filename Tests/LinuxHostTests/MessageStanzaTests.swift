// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO8583
import LinuxHost
import TerminalCore
import Testing

@Suite("The stanzas frame and message of an acquirer's file")
struct MessageStanzaTests {
  private static let file = repository + "/Config/acquirers/unionpay.yaml"

  private static func profile(_ from: String, _ to: String) throws -> AcquirerProfile {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains(from), "\(from)")
    let folder = try Folder()
    return try AcquirerProfile(
      file: folder.write("acquirer.yaml", text.replacingOccurrences(of: from, with: to)))
  }

  private typealias Mistake = (from: String, to: String, says: String)

  private static let known: [Mistake] = [
    (
      "length: binary2", "length: binary3",
      "frame.length must be one of binary2, bcd2, ascii4, hex4, binary4, binary2-zeros, binary2-etx"
    ),
    (#"tpdu: "6000030000""#, #"tpdu: "60000300""#, "tpdu is 5 bytes in hexadecimal digits"),
    (#"tpdu: "6000030000""#, #"tpdu: "600003000X""#, "tpdu is 5 bytes in hexadecimal digits"),
    (#"tpdu: "6000030000""#, #"tpdu: "6100030000""#, "frame.tpdu begins with 60"),
    (
      #"application: "603100310000""#, #"application: "60""#,
      "application is 6 bytes in hexadecimal digits"
    ),
    (
      "limit: 2048", "limit: 2070",
      "message.limit and 11 bytes around it exceed frame.limit"
    ),
    ("bitmaps: 1", "bitmaps: 4", "message.bitmaps must be a number 1...3"),
    ("element: 64,", "element: 65,", "message.elements.element must be a number 2...64"),
    ("element: 3,", "element: 2,", "element 2 stands here twice"),
    (
      "class: ll, length: 19", "class: ll, length: 190",
      "the longest content does not fit its prefix"
    ),
    (
      "side: left }", "side: left, pad: 16 }",
      "the padding of packed digits is a nibble, 0...15"
    ),
    (
      "length: 19, prefix: bcd, data: packed", "length: 19, data: packed",
      "message.elements.prefix is missing"
    ),
    (
      "element: 3, class: fixed, length: 6, data: packed",
      "element: 3, class: fixed, length: 6, data: packed, prefix: bcd",
      "unknown key message.elements.prefix; did you mean pad?"
    ),
    (
      "secret: track", "secret: all",
      "message.elements.secret must be one of none, pan, track, pin, key, code"
    ),
    (
      "kind: ber", "kind: bar",
      "message.elements.parts.kind must be one of ber, text, places, bitmap"
    ),
    (
      "of: [operator 3]", "of: [operator]",
      "a part is a name and a length 1...999, or a name and rest"
    ),
    ("more rest]", "more rest, less 1]", "only the last part takes the rest"),
    ("repeat: 4", "repeat: 9", "only parts with a length repeat"),
  ]

  @Test("each mistake is named with its line and column", arguments: known.indices)
  func mistakes(_ index: Int) throws {
    let mistake = MessageStanzaTests.known[index]
    var found: ConfigurationFault?
    do {
      _ = try MessageStanzaTests.profile(mistake.from, mistake.to)
    } catch {
      found = error as? ConfigurationFault
    }
    let fault = try #require(found)
    #expect(fault.message == mistake.says)
    let text = try String(contentsOfFile: MessageStanzaTests.file, encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let line = (lines.firstIndex { $0.contains(mistake.from) } ?? -1) + 1
    // A format and a layout are named where their map begins; parts stand below their layout.
    #expect((line - 5...line + 1).contains(fault.place.line), "\(fault.text)")
    #expect(fault.place.column > 1)
  }

  @Test("a gateway that only listens is greeted all the same, and half an answer is none")
  func listening() throws {
    let profile = try MessageStanzaTests.profile(
      "  limit: 2080\n", "  limit: 2080\n  greeting: { request: \"0102\" }\n")
    #expect(
      profile.dialect.framing.greeting
        == Framing.Greeting(request: [1, 2], answerPrefix: [], answerCount: 0))
    for half in [#", answer-prefix: "00""#, ", answer-bytes: 3"] {
      #expect(throws: ConfigurationFault.self) {
        try MessageStanzaTests.profile(
          "  limit: 2080\n", "  limit: 2080\n  greeting: { request: \"0102\"" + half + " }\n")
      }
    }
  }

  @Test("everything that may be said is understood")
  func everything() throws {
    let profile = try MessageStanzaTests.profile(
      "  limit: 2080\n",
      """
        limit: 2080
        length-counts-itself: true
        greeting: { request: "0102", answer-prefix: "0022", answer-bytes: 36 }

      """)
    #expect(profile.dialect.framing.countsHeader)
    #expect(
      profile.dialect.framing.greeting
        == Framing.Greeting(request: [1, 2], answerPrefix: [0, 0x22], answerCount: 36))
    let table = try MessageStanzaTests.profile(
      "    - { element: 64, class: fixed, length: 8, data: bytes }",
      """
          - { element: 64, class: llll, length: 80, prefix: hex, counts: bytes, data: ebcdic,
              side: left, pad: 48, secret: code, parts: [
                { name: own, kind: bitmap, bytes: 2, of: [
                    { bit: 1, name: first, class: fixed, length: 3, data: packed,
                      any-nibble: true },
                    { bit: 16, name: last, class: ll, length: 9, prefix: ascii, data: text }] }] }
      """
    ).dialect.table
    let nibbles = ElementFormat(.fixed(3), data: .packed, allowsAnyNibble: true)
    let parts = [
      NumberedPart(1, "first", nibbles), NumberedPart(16, "last", ElementFormat(.ll(max: 9))),
    ]
    #expect(
      table[64]
        == ElementFormat(
          .llll(max: 80), prefix: .hex, counting: .bytes, data: .ebcdic, side: .left, pad: 48,
          secrecy: .code, layouts: [PartLayout("own", .bitmap(bytes: 2, parts))]))
  }
}
