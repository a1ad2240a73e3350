// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import Testing

/// The ways of travelling that no acquirer of ours has all of.
@Suite("Prefixes, countings, bitmaps and character sets")
struct FormatTests {
  private static func fault<Value>(_ work: () throws -> Value) -> CodecFault? {
    do {
      _ = try work()
      return nil
    } catch {
      return error as? CodecFault
    }
  }

  private static func message(_ elements: (Int, String)...) -> Message {
    var message = Message(mti: Array("0200".utf8))
    for (element, text) in elements { message[element] = Array(text.utf8) }
    return message
  }

  private static func wire(_ text: String, _ format: ElementFormat) throws -> [UInt8] {
    var table = MessageTable()
    table[63] = format
    let codec = Codec(table: table)
    let message = FormatTests.message((63, text))
    let bytes = try codec.encode(message)
    #expect(try codec.decode(bytes) == message)
    return Array(bytes.dropFirst(12))
  }

  @Test("each prefix in each class")
  func prefixes() throws {
    typealias Row = (ElementFormat.Prefix, ElementFormat.Length, [UInt8])
    let rows: [Row] = [
      (.ascii, .llll(max: 9_999), [0x30, 0x30, 0x30, 0x32]), (.bcd, .llll(max: 9_999), [0, 2]),
      (.binary, .llll(max: 9_999), [0, 2]), (.ebcdic, .ll(max: 99), [0xF0, 0xF2]),
      (.ebcdic, .lll(max: 999), [0xF0, 0xF0, 0xF2]),
      (.ebcdic, .llll(max: 9_999), [0xF0, 0xF0, 0xF0, 0xF2]), (.hex, .ll(max: 255), [0x30, 0x32]),
      (.hex, .lll(max: 4_095), [0x30, 0x30, 0x32]),
      (.hex, .llll(max: 9_999), [0x30, 0x30, 0x30, 0x32]),
    ]
    for (prefix, length, expected) in rows {
      let format = ElementFormat(length, prefix: prefix)
      #expect(try FormatTests.wire("AB", format) == expected + [0x41, 0x42])
    }
    let hex = ElementFormat(.ll(max: 255), prefix: .hex)
    let text = String(repeating: "A", count: 171)
    #expect(try FormatTests.wire(text, hex).prefix(2) == [0x41, 0x42])
  }

  @Test("a prefix counts digits or bytes")
  func countings() throws {
    func packed(_ counting: ElementFormat.Counting, max: Int, pad: UInt8) -> ElementFormat {
      ElementFormat(
        .ll(max: max), prefix: .binary, counting: counting, data: .packed, pad: pad)
    }
    #expect(
      try FormatTests.wire("12345", packed(.units, max: 19, pad: 0)) == [5, 0x12, 0x34, 0x50])
    #expect(
      try FormatTests.wire("12345", packed(.bytes, max: 19, pad: 15)) == [3, 0x12, 0x34, 0x5F])
    #expect(try FormatTests.wire("12345", packed(.bytes, max: 5, pad: 0)) == [3, 0x12, 0x34, 0x50])
    var left = packed(.bytes, max: 19, pad: 15)
    left.side = .left
    #expect(try FormatTests.wire("12345", left) == [3, 0xF1, 0x23, 0x45])
    let hex = ElementFormat(.ll(max: 99), prefix: .binary, counting: .bytes, data: .hex)
    #expect(try FormatTests.wire("AB", hex) == [4, 0x34, 0x31, 0x34, 0x32])
    var table = MessageTable()
    table[63] = hex
    let bytes = try Codec(table: table).encode(FormatTests.message((63, "AB")))
    var odd = bytes
    odd[12] = 3
    #expect(FormatTests.fault { try Codec(table: table).decode(odd) }?.rule == .length)
  }

  @Test("a format whose prefix cannot hold its length is impossible")
  func objections() {
    #expect(ElementFormat(.ll(max: 100)).objection != nil)
    #expect(ElementFormat(.ll(max: 100), prefix: .binary).objection == nil)
    #expect(ElementFormat(.ll(max: 256), prefix: .binary).objection != nil)
    #expect(ElementFormat(.ll(max: 60), counting: .bytes, data: .hex).objection != nil)
    #expect(ElementFormat(.lll(max: 4_096), prefix: .hex).objection != nil)
    #expect(ElementFormat(.fixed(0)).objection != nil)
    #expect(ElementFormat(.fixed(10_000)).objection != nil)
    #expect(ElementFormat(.fixed(3), data: .packed, pad: 16).objection != nil)
  }

  @Test("text, digits, type and bitmap in EBCDIC")
  func ebcdic() throws {
    var table = MessageTable(messageType: .ebcdic, bitmap: .ebcdic, bitmapLimit: 1)
    table[41] = ElementFormat(.fixed(8), data: .ebcdic)
    table[63] = ElementFormat(.lll(max: 99), prefix: .ebcdic, data: .ebcdic)
    let codec = Codec(table: table)
    let bytes = try codec.encode(FormatTests.message((41, "T1"), (63, "az=")))
    // 0200 0000000000800002, each character F0–F9 or C1–C6.
    let head: [UInt8] = [0xF0, 0xF2, 0xF0, 0xF0] + [UInt8](repeating: 0xF0, count: 10)
    let map: [UInt8] = [0xF8, 0xF0, 0xF0, 0xF0, 0xF0, 0xF2]
    let text: [UInt8] = [0xE3, 0xF1] + [UInt8](repeating: 0x40, count: 6)
    #expect(bytes == head + map + text + [0xF0, 0xF0, 0xF3, 0x81, 0xA9, 0x7E])
    let read = try codec.decode(bytes)
    #expect(read[41] == Array("T1      ".utf8))
    #expect(read[63] == Array("az=".utf8))
    var all = Message(mti: Array("0200".utf8))
    all[63] = (0..<99).map { UInt8(157 + $0) }
    #expect(try codec.decode(try codec.encode(all)) == all)
  }

  @Test("a third bitmap goes out only when it is needed")
  func thirdBitmap() throws {
    var table = MessageTable.standard1987ASCII
    #expect(table[65] == nil)
    table = MessageTable(bitmapLimit: 3)
    for element in [11, 70, 130, 192] { table[element] = ElementFormat(.fixed(1)) }
    let codec = Codec(table: table)
    let sizes = [(11, 13), (70, 21), (130, 29), (192, 29)]
    for (element, size) in sizes {
      let message = FormatTests.message((element, "A"))
      let bytes = try codec.encode(message)
      #expect(bytes.count == size)
      #expect(try codec.decode(bytes) == message)
    }
    let all = FormatTests.message((11, "A"), (70, "B"), (130, "C"), (192, "D"))
    #expect(all.macElement == 192)
    #expect(try codec.decode(try codec.encode(all)) == all)
    // Bit 65 is no element there, and elsewhere it is one.
    #expect(
      FormatTests.fault { try codec.encode(FormatTests.message((65, "A"))) }?.rule == .undefined)
    var two = MessageTable()
    two[65] = ElementFormat(.fixed(1))
    let message = FormatTests.message((65, "A"))
    #expect(try Codec(table: two).decode(try Codec(table: two).encode(message)) == message)
    #expect(
      FormatTests.fault { try Codec(table: two).encode(FormatTests.message((130, "A"))) }?.rule
        == .secondBitmap)
  }

  @Test("what is read over is counted: padding, lower case, empty maps")
  func overlooked() throws {
    var table = MessageTable(bitmap: .hex)
    table[3] = ElementFormat(.fixed(3), data: .packed, side: .right, pad: 0)
    let codec = Codec(table: table)
    let message = FormatTests.message((3, "123"))
    var read = message
    func overlooked(_ map: String, _ content: [UInt8]) throws -> Int {
      let count = try codec.decode(Array(("0200" + map).utf8) + content, into: &read)
      #expect(read == message)
      return count
    }
    #expect(try overlooked("2000000000000000", [0x12, 0x30]) == 0)
    #expect(try overlooked("2000000000000000", [0x12, 0x3F]) == 1)
    #expect(try overlooked("A0000000000000000000000000000000", [0x12, 0x30]) == 1)
    #expect(try overlooked("a0000000000000000000000000000000", [0x12, 0x31]) == 3)
  }

  @Test("a MAC stands in element 128 when there are elements behind 64")
  func longMAC() throws {
    let codec = Codec(table: .standard1987ASCII)
    var message = FormatTests.message((11, "000001"), (70, "301"))
    message[64] = [9, 9, 9, 9, 9, 9, 9, 9]
    let code: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
    var covered: [UInt8] = []
    let bytes = try codec.encode(message) { text in
      covered = text
      return code
    }
    #expect(bytes == covered + code)
    #expect(covered.count == 4 + 16 + 6 + 3)
    // Bit 128 is in what is covered, and bit 64 is not.
    #expect(covered[11] == 0 && covered[19] == 1)
    let read = try codec.decode(bytes)
    #expect(read[128] == code && read[64] == nil && read.macElement == 128)
    let none = FormatTests.fault {
      try codec.encode(message) { _ in nil }
    }
    #expect(none?.rule == .noMAC && none?.element == 128)
    let short = FormatTests.fault {
      try codec.encode(message) { _ in [1] }
    }
    #expect(short?.rule == .noMAC)
    let without = Codec(table: MessageTable())
    let undefined = FormatTests.fault {
      try without.encode(FormatTests.message()) { _ in code }
    }
    #expect(undefined?.rule == .undefined && undefined?.element == 64)
  }

  @Test("elements may be set in any order, replaced and taken away")
  func contents() {
    var dice = Dice(seed: 3)
    var message = Message(mti: Array("0200".utf8))
    var expected: [Int: [UInt8]] = [:]
    for _ in 0..<2_000 {
      let element = dice.within(2...192)
      let content = dice.chance(1, in: 4) ? nil : dice.bytes(dice.below(20))
      message[element] = content
      expected[element] = content
    }
    #expect(message.present == expected.keys.sorted())
    for element in 0...200 { #expect(message[element] == expected[element]) }
    var again = Message(mti: Array("0200".utf8))
    for (element, content) in expected { again[element] = content }
    #expect(again == message)
    again.mti = Array("0210".utf8)
    #expect(again != message && again.mti == Array("0210".utf8))
  }

  @Test("a fault prints element, place, rule and count, and no content")
  func faults() {
    let codec = Codec(table: .standard1987ASCII)
    let bytes = Array("0200".utf8) + [0x40, 0, 0, 0, 0, 0, 0, 0] + Array("164111".utf8)
    let fault = FormatTests.fault { try codec.decode(bytes) }
    #expect(fault?.count == 12)
    #expect(fault.map { "\($0)" } == "element 2 at byte 14: truncated, 12 bytes")
  }
}
