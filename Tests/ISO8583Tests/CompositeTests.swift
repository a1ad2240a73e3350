// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Testing
import Wire

@Suite("The parts of an element")
struct CompositeTests {
  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private static func fault<Value>(_ work: () throws -> Value) -> PartFault? {
    do {
      _ = try work()
      return nil
    } catch {
      return error as? PartFault
    }
  }

  @Test("BER-TLV, also of constructed objects and of one tag twice")
  func ber() throws {
    let layout = PartLayout("chip", .ber)
    let content = try Hex.decode(Array("9F260211225F3401017206860400A4000072039F1800".utf8))
    var parts = try Composite(layout, parsing: content)
    #expect(parts.names == ["9F26", "5F34", "72", "72"])
    #expect(parts.all("72") == [[0x86, 4, 0, 0xA4, 0, 0], [0x9F, 0x18, 0]])
    #expect(try parts.encoded() == content)
    parts["5F34"] = nil
    parts["9F26"] = [1]
    parts["95"] = [0, 0, 0, 0, 0]
    #expect(
      try Hex.text(parts.encoded()) == "9F2601017206860400A4000072039F1800" + "95050000000000")
    #expect("\(parts)" == "9F26 72 72 95")
    #expect(
      CompositeTests.fault { try Composite(layout, parsing: [0x9F, 0x26, 5, 1]) } == .unreadable)
    parts["XYZ"] = [1]
    #expect(CompositeTests.fault { try parts.encoded() } == .unknown("XYZ"))
  }

  @Test("objects of characters, within objects too")
  func text() throws {
    let layout = PartLayout("objects", .text(tag: 2, length: 3))
    let inner = "010020202008SERIAL01"
    let content = CompositeTests.bytes("A2020" + inner + "A3003123")
    let parts = try Composite(layout, parsing: content)
    #expect(parts.names == ["A2", "A3"])
    #expect(parts["A3"] == CompositeTests.bytes("123"))
    #expect(try parts.encoded() == content)
    #expect(
      CompositeTests.fault { try Composite(layout, parsing: Array(content.dropLast())) }
        == .unreadable)
    #expect(
      CompositeTests.fault { try Composite(layout, parsing: CompositeTests.bytes("A20X5")) }
        == .unreadable)
    var long = Composite(layout)
    long["A2"] = [UInt8](repeating: 0x41, count: 1_000)
    #expect(CompositeTests.fault { try long.encoded() } == .content("A2"))
    long = Composite(layout)
    long["A"] = [0x41]
    #expect(CompositeTests.fault { try long.encoded() } == .unknown("A"))
  }

  @Test("parts at places end anywhere, and are not left out in between")
  func places() throws {
    let parts = [Part("type", 2), Part("batch", 6), Part("network", 3)]
    let layout = PartLayout("private", .positional(parts, repeating: 0))
    for count in 0...11 {
      let content = CompositeTests.bytes(String("22000105003".prefix(count)))
      let read = try Composite(layout, parsing: content)
      #expect(try read.encoded() == content)
      #expect((read["network"] != nil) == (count > 8))
    }
    #expect(
      CompositeTests.fault {
        try Composite(layout, parsing: CompositeTests.bytes("220001050031"))
      } == .leftOver(1))
    var made = Composite(layout)
    made["network"] = CompositeTests.bytes("003")
    made["type"] = CompositeTests.bytes("22")
    #expect(CompositeTests.fault { try made.encoded() } == .missing("batch"))
    made["batch"] = CompositeTests.bytes("0001")
    #expect(CompositeTests.fault { try made.encoded() } == .content("batch"))
    made["batch"] = CompositeTests.bytes("000105")
    #expect(try made.encoded() == CompositeTests.bytes("22000105003"))
    made["colour"] = [1]
    #expect(CompositeTests.fault { try made.encoded() } == .unknown("colour"))
  }

  @Test("the last parts may repeat, or the last takes the rest")
  func repeating() throws {
    let records = PartLayout(
      "details", .positional([Part("count", 2), Part("a", 1), Part("b", 2)], repeating: 2))
    let content = CompositeTests.bytes("02ABBCDD")
    let read = try Composite(records, parsing: content)
    #expect(read.all("b") == [CompositeTests.bytes("BB"), CompositeTests.bytes("DD")])
    #expect(try read.encoded() == content)
    let rest = PartLayout("text", .positional([Part("label", 2), Part("rest", nil)], repeating: 0))
    let text = CompositeTests.bytes("AAcdefg")
    #expect(try Composite(rest, parsing: text)["rest"] == CompositeTests.bytes("cdefg"))
    #expect(try Composite(rest, parsing: text).encoded() == text)
  }

  @Test("parts with a bitmap of their own, each in its own format")
  func bitmap() throws {
    let layout = PartLayout(
      "own",
      .bitmap(
        bytes: 2,
        [
          NumberedPart(1, "kind", ElementFormat(.fixed(3), data: .packed, side: .left)),
          NumberedPart(9, "name", ElementFormat(.ll(max: 9), prefix: .bcd)),
        ]))
    var parts = Composite(layout)
    parts["name"] = CompositeTests.bytes("ABC")
    parts["kind"] = CompositeTests.bytes("123")
    let content: [UInt8] = [0x80, 0x80, 0x01, 0x23, 0x03, 0x41, 0x42, 0x43]
    #expect(try parts.encoded() == content)
    let read = try Composite(layout, parsing: content)
    #expect(read["kind"] == CompositeTests.bytes("123"))
    #expect(read["name"] == CompositeTests.bytes("ABC"))
    let bad: [([UInt8], PartFault)] = [
      ([0x80], .unreadable), ([0x40, 0x00, 0x01], .unknown("2")),
      ([0x80, 0x00, 0x01], .content("kind")), ([0x80, 0x00, 0x01, 0x23, 0x00], .leftOver(1)),
      ([0x00, 0x80, 0x10], .content("name")),
    ]
    for (bytes, expected) in bad {
      #expect(CompositeTests.fault { try Composite(layout, parsing: bytes) } == expected)
    }
    parts["name"] = [UInt8](repeating: 0x41, count: 10)
    #expect(CompositeTests.fault { try parts.encoded() } == .content("name"))
  }

  @Test("a layout that cannot be is refused")
  func objections() {
    let kinds: [PartLayout.Kind] = [
      .text(tag: 0, length: 3), .positional([], repeating: 0),
      .positional([Part("a", 0)], repeating: 0),
      .positional([Part("a", nil), Part("b", 1)], repeating: 0),
      .positional([Part("a", nil)], repeating: 1), .positional([Part("a", 1)], repeating: 2),
      .bitmap(bytes: 9, []), .bitmap(bytes: 1, [NumberedPart(9, "a", ElementFormat(.fixed(1)))]),
      .bitmap(bytes: 1, [NumberedPart(8, "a", ElementFormat(.fixed(0)))]),
    ]
    for kind in kinds { #expect(PartLayout("x", kind).objection != nil) }
  }
}
