// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import Testing
import Wire

@Suite("Elements travel as the table says")
struct CodecTests {
  private static func table(_ format: ElementFormat) -> MessageTable {
    var table = MessageTable(bitmapLimit: 1)
    table[63] = format
    return table
  }

  /// The bytes of one element behind type and bitmap.
  private static func encoded(
    _ content: [UInt8], _ format: ElementFormat
  ) throws(CodecFault) -> [UInt8] {
    var message = Message(mti: Array("0800".utf8))
    message[63] = content
    return Array(try Codec(table: table(format)).encode(message).dropFirst(12))
  }

  private static func decoded(
    _ bytes: [UInt8], _ format: ElementFormat
  ) throws(CodecFault) -> [UInt8]? {
    let head = Array("0800".utf8) + [0, 0, 0, 0, 0, 0, 0, 2]
    return try Codec(table: table(format)).decode(head + bytes)[63]
  }

  private static func fault(_ work: () throws(CodecFault) -> Void) -> CodecFault? {
    do throws(CodecFault) {
      try work()
      return nil
    } catch {
      return error
    }
  }

  private typealias Row = (format: ElementFormat, content: String, bytes: [UInt8])

  private static let rows: [Row] = [
    (ElementFormat(.fixed(3)), "ABC", [0x41, 0x42, 0x43]),
    (ElementFormat(.fixed(3), data: .digits), "007", [0x30, 0x30, 0x37]),
    (ElementFormat(.ll(max: 19), data: .digits), "12", [0x30, 0x32, 0x31, 0x32]),
    (ElementFormat(.lll(max: 999)), "A", [0x30, 0x30, 0x31, 0x41]),
    (ElementFormat(.ll(max: 99), prefix: .bcd), "AB", [0x02, 0x41, 0x42]),
    (ElementFormat(.lll(max: 999), prefix: .bcd), "AB", [0x00, 0x02, 0x41, 0x42]),
    (ElementFormat(.ll(max: 99), prefix: .binary), "AB", [0x02, 0x41, 0x42]),
    (ElementFormat(.lll(max: 999), prefix: .binary), "AB", [0x00, 0x02, 0x41, 0x42]),
    (ElementFormat(.fixed(4), data: .packed), "1234", [0x12, 0x34]),
    (ElementFormat(.fixed(3), data: .packed, side: .left, pad: 0), "123", [0x01, 0x23]),
    (ElementFormat(.fixed(3), data: .packed, side: .right, pad: 0), "123", [0x12, 0x30]),
    (ElementFormat(.fixed(3), data: .packed, side: .right, pad: 0xF), "123", [0x12, 0x3F]),
    (
      ElementFormat(.ll(max: 19), prefix: .bcd, data: .packed, side: .right, pad: 0), "123",
      [0x03, 0x12, 0x30]
    ),
    (
      ElementFormat(.ll(max: 37), prefix: .bcd, data: .packed, pad: 0, allowsAnyNibble: true),
      "12=34", [0x05, 0x12, 0xD3, 0x40]
    ),
    (ElementFormat(.fixed(2), data: .hex), "\u{1}\u{7F}", [0x30, 0x31, 0x37, 0x46]),
    (ElementFormat(.ll(max: 99)), "", [0x30, 0x30]),
  ]

  @Test("each kind of element has its bytes, and they are read back", arguments: 0..<16)
  func kinds(_ index: Int) throws {
    let row = CodecTests.rows[index]
    let content = Array(row.content.utf8)
    #expect(try CodecTests.encoded(content, row.format) == row.bytes)
    #expect(try CodecTests.decoded(row.bytes, row.format) == content)
  }

  @Test("short fixed text is filled on its side, short digits are refused")
  func padding() throws {
    #expect(try CodecTests.encoded([0x41], ElementFormat(.fixed(3))) == [0x41, 0x20, 0x20])
    #expect(
      try CodecTests.encoded([0x41], ElementFormat(.fixed(3), side: .left)) == [0x20, 0x20, 0x41])
    for data in [ElementFormat.Data.digits, .packed, .hex] {
      let format = ElementFormat(.fixed(3), data: data)
      #expect(
        CodecTests.fault { () throws(CodecFault) in
          _ = try CodecTests.encoded([0x31], format)
        }?.rule == .length)
    }
  }

  @Test("content that is too long or of the wrong kind does not leave")
  func refusedToEncode() {
    func rule(_ content: String, _ format: ElementFormat) -> CodecFault.Rule? {
      CodecTests.fault { () throws(CodecFault) in
        _ = try CodecTests.encoded(Array(content.utf8), format)
      }?.rule
    }
    #expect(rule("ABCD", ElementFormat(.fixed(3))) == .length)
    #expect(rule("ABCD", ElementFormat(.ll(max: 3))) == .length)
    #expect(rule("12A", ElementFormat(.fixed(3), data: .digits)) == .content)
    #expect(rule("12A", ElementFormat(.fixed(3), data: .packed)) == .content)
    #expect(rule("12G", ElementFormat(.fixed(3), data: .packed, allowsAnyNibble: true)) == .content)
  }

  @Test("lengths, digits and nibbles that make no sense are refused with their place")
  func refusedToDecode() {
    func fault(_ bytes: [UInt8], _ format: ElementFormat) -> CodecFault? {
      CodecTests.fault { () throws(CodecFault) in _ = try CodecTests.decoded(bytes, format) }
    }
    let track = ElementFormat(.ll(max: 37), prefix: .bcd, data: .packed)
    let cases: [(CodecFault?, CodecFault.Rule, Int)] = [
      (fault([0x30, 0x3A, 0x31], ElementFormat(.ll(max: 9))), .length, 12),
      (fault([0x31, 0x30], ElementFormat(.ll(max: 9))), .length, 12),
      (fault([0x0A], track), .length, 12),
      (fault([0x38], track), .length, 12),
      (fault([0x02, 0x1A], track), .content, 13),
      (fault([0x31, 0x41, 0x31], ElementFormat(.fixed(3), data: .digits)), .content, 13),
      (fault([0x30, 0x47], ElementFormat(.fixed(1), data: .hex)), .content, 13),
      (fault([0xFF, 0xFF], ElementFormat(.lll(max: 999), prefix: .binary)), .length, 12),
    ]
    for (fault, rule, offset) in cases {
      #expect(fault?.rule == rule)
      #expect(fault?.offset == offset)
      #expect(fault?.element == 63)
    }
  }

  @Test("an element that the table does not have is named, and a second bitmap only where allowed")
  func undefined() {
    let head = Array("0800".utf8)
    let codec = Codec(table: CodecTests.table(ElementFormat(.fixed(1))))
    let unknown = CodecTests.fault { () throws(CodecFault) in
      _ = try codec.decode(head + [0x40, 0, 0, 0, 0, 0, 0, 0, 0x41])
    }
    #expect(unknown?.element == 2)
    #expect(unknown?.rule == .undefined)
    let second = CodecTests.fault { () throws(CodecFault) in
      _ = try codec.decode(head + [0x80] + [UInt8](repeating: 0, count: 15))
    }
    #expect(second?.rule == .secondBitmap)
    var message = Message(mti: head)
    message[100] = [0x31]
    #expect(CodecTests.fault { () throws(CodecFault) in _ = try codec.encode(message) } != nil)
  }

  @Test("bitmap and message type in their other encodings")
  func heads() throws {
    var table = MessageTable(messageType: .bcd, bitmap: .hex, bitmapLimit: 1)
    table[11] = ElementFormat(.fixed(6), data: .packed)
    var message = Message(mti: Array("0810".utf8))
    message[11] = Array("000042".utf8)
    let bytes = [0x08, 0x10] + Array("0020000000000000".utf8) + [0x00, 0x00, 0x42]
    #expect(try Codec(table: table).encode(message) == bytes)
    #expect(try Codec(table: table).decode(bytes) == message)
    var wrong = bytes
    wrong[5] = 0x67
    #expect(
      CodecTests.fault { () throws(CodecFault) in
        _ = try Codec(table: table).decode(wrong)
      }?.element == 1)
  }

  @Test("a MAC covers everything before it and stands last")
  func mac() throws {
    let codec = Codec(table: .standard1987ASCII)
    var message = Message(mti: Array("0800".utf8))
    message[11] = Array("000001".utf8)
    var covered: [UInt8] = []
    let bytes = try codec.encode(message) { text in
      covered = text
      return [1, 2, 3, 4, 5, 6, 7, 8]
    }
    #expect(bytes == covered + [1, 2, 3, 4, 5, 6, 7, 8])
    // Bit 64 of the bitmap is in what is covered.
    #expect(covered[11] == 1)
    #expect(try codec.decode(bytes)[64] == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test("a message longer than the table allows neither leaves nor comes in")
  func limit() {
    var table = MessageTable(limit: 40)
    table[63] = ElementFormat(.lll(max: 999))
    var message = Message(mti: Array("0800".utf8))
    message[63] = [UInt8](repeating: 0x41, count: 30)
    let codec = Codec(table: table)
    #expect(
      CodecTests.fault { () throws(CodecFault) in _ = try codec.encode(message) }?.rule
        == .tooLong)
    let bytes = [UInt8](repeating: 0x30, count: 41)
    #expect(
      CodecTests.fault { () throws(CodecFault) in _ = try codec.decode(bytes) }?.rule
        == .tooLong)
  }

  @Test("noise is refused or is a message that encodes to the same bytes")
  func noise() {
    var dice = Dice(seed: 8_583)
    for judged in JudgedMessage.all {
      let codec = Codec(table: judged.table)
      for _ in 0..<50 {
        var bytes = judged.bytes
        for _ in 0...dice.below(3) { bytes[dice.below(bytes.count)] = UInt8(dice.below(256)) }
        guard let message = try? codec.decode(bytes), let again = try? codec.encode(message),
          let twice = try? codec.decode(again)
        else { continue }
        // Padding nibbles are the only thing a reader may overlook.
        #expect(twice == message)
        #expect(again.count == bytes.count)
      }
      _ = try? codec.decode(dice.bytes(dice.below(200)))
    }
  }

  @Test("a message prints its type and elements and never their content")
  func printing() {
    var message = Message(mti: Array("0200".utf8))
    message[2] = Array("4111111111111111".utf8)
    message[3] = Array("000000".utf8)
    #expect("\(message)" == "0200 2 3")
  }
}
