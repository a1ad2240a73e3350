// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Testing
import Wire

@Suite("Packed digits")
struct BCDTests {
  private static func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test(
    "digits are packed, filled up on their side, and come back",
    arguments: [
      ("", BCD.Filling.right, UInt8(0), [] as [UInt8]), ("12", .right, 0, [0x12]),
      ("123", .right, 0xF, [0x12, 0x3F]), ("123", .right, 0, [0x12, 0x30]),
      ("123", .left, 0, [0x01, 0x23]), ("9876543210", .left, 0, [0x98, 0x76, 0x54, 0x32, 0x10]),
    ])
  func rows(_ text: String, _ filling: BCD.Filling, _ fill: UInt8, _ bytes: [UInt8]) throws {
    let digits = BCDTests.ascii(text)
    #expect(try BCD.encode(digits: digits, filling: filling, fill: fill) == bytes)
    #expect(try BCD.decode(bytes, count: digits.count, filling: filling) == digits)
  }

  @Test("what is no digit is refused with its place, either way")
  func refused() {
    #expect(throws: WireFault.unexpected(offset: 2, byte: 0x3A)) {
      try BCD.encode(digits: BCDTests.ascii("12:4"), filling: .left, fill: 0)
    }
    #expect(throws: WireFault.unexpected(offset: 1, byte: 0x3A)) {
      try BCD.decode([0x12, 0x3A], count: 4, filling: .right)
    }
    #expect(throws: WireFault.truncated(offset: 1, missing: 1)) {
      try BCD.decode([0x12], count: 3, filling: .right)
    }
    #expect(throws: WireFault.leftOver(offset: 1, count: 1)) {
      try BCD.decode([0x12, 0x34], count: 2, filling: .right)
    }
  }

  @Test("the filling is not looked at, whatever it is")
  func filling() throws {
    for fill in UInt8(0)...15 {
      #expect(
        try BCD.decode([0x12, 0x30 | fill], count: 3, filling: .right) == [0x31, 0x32, 0x33])
      #expect(try BCD.decode([fill << 4 | 1], count: 1, filling: .left) == [0x31])
    }
  }
}

@Suite("Data objects of cards")
struct TLVTests {
  private static func tag(_ value: UInt32) throws -> TLVTag { try #require(TLVTag(value)) }

  private static func bytes(_ hex: String) throws -> [UInt8] {
    try Hex.decode(Array(hex.utf8))
  }

  @Test("the file control information of a payment system environment")
  func controlInformation() throws {
    // EMV 4.4 Book 1, 11.3.4: name 1PAY.SYS.DDF01, SFI 1, language en.
    let text = "6F1A840E315041592E5359532E4444463031A5088801015F2D02656E"
    let objects = try TLV.parse(TLVTests.bytes(text))
    #expect(objects.count == 1)
    let name = try #require(TLV.first(TLVTests.tag(0x84), in: objects))
    #expect(name.value == Array("1PAY.SYS.DDF01".utf8))
    #expect(TLV.first(try TLVTests.tag(0x5F2D), in: objects)?.value == Array("en".utf8))
    #expect(TLV.first(try TLVTests.tag(0x9F26), in: objects) == nil)
    #expect(objects.flatMap { $0.encoded } == (try TLVTests.bytes(text)))
  }

  @Test("tags of one to three bytes, and what is none")
  func tags() throws {
    for value in [0x5A, 0x9F26, 0x5F2D, 0xBF0C, 0xDF8101] as [UInt32] {
      #expect(TLVTag(value)?.rawValue == value)
    }
    #expect(TLVTag(0x9F26)?.bytes == [0x9F, 0x26])
    #expect(TLVTag(0xBF0C)?.isConstructed == true)
    #expect(TLVTag(0x5A)?.isConstructed == false)
    for value in [0x9F, 0x5A5A, 0xDF81, 0xDF818101] as [UInt32] { #expect(TLVTag(value) == nil) }
  }

  @Test("lengths in every form, at their bounds")
  func lengths() throws {
    let tag = try TLVTests.tag(0xDF01)
    for count in [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF, 0x10000] {
      let object = TLV(tag, [UInt8](repeating: 0xAB, count: count))
      var limits = TLV.Limits()
      limits.length = 0x10000
      #expect(try TLV.parse(object.encoded, limits: limits) == [object])
      let head = object.encoded.count - count - 2
      #expect(head == (count < 0x80 ? 1 : count < 0x100 ? 2 : count < 0x10000 ? 3 : 4))
    }
    // Longer than need be is allowed.
    #expect(try TLV.parse([0x5A, 0x83, 0, 0, 1, 0x12]).first?.value == [0x12])
  }

  @Test("padding between objects is passed over")
  func padding() throws {
    let objects = try TLV.parse([0, 0, 0x5A, 1, 0x12, 0, 0x82, 1, 0x34, 0])
    #expect(objects.map { $0.value } == [[0x12], [0x34]])
    #expect(try TLV.parse([]).isEmpty)
    #expect(try TLV.parse([0, 0, 0]).isEmpty)
  }

  @Test("indefinite, reserved and endless forms are refused with their place")
  func refused() {
    func fault(_ bytes: [UInt8], _ limits: TLV.Limits = TLV.Limits()) -> WireFault? {
      do throws(WireFault) {
        _ = try TLV.parse(bytes, limits: limits)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault([0x5A, 0x80, 0, 0]) == .unexpected(offset: 1, byte: 0x80))
    #expect(fault([0x5A, 0x84, 0, 0, 0, 1, 1]) == .unexpected(offset: 1, byte: 0x84))
    #expect(fault([0x5A, 0xFF]) == .unexpected(offset: 1, byte: 0xFF))
    #expect(fault([0x9F, 0x81, 0x82, 0x83, 0]) == .tooLong(offset: 0, limit: 3))
    #expect(fault([0x5A, 0x82, 0x10, 0x01]) == .tooLong(offset: 1, limit: 4_096))
    #expect(fault([0x5A, 2, 0x12]) == .truncated(offset: 2, missing: 1))
    // A child may not reach beyond its parent.
    #expect(fault([0x70, 3, 0x5A, 2, 0x12, 0x34]) == .truncated(offset: 4, missing: 1))
    var limits = TLV.Limits()
    limits.objects = 2
    #expect(fault([0x5A, 0, 0x5A, 0, 0x5A, 0], limits) == .tooLong(offset: 4, limit: 2))
  }

  @Test("nesting is followed to its limit and not one deeper")
  func depth() throws {
    var bytes: [UInt8] = []
    for level in 1...9 {
      bytes = [0x70, UInt8(bytes.count)] + bytes
      if level <= 8 {
        // The innermost level holds nothing: it is looked into only when it has bytes.
        #expect((try? TLV.parse(bytes)) != nil || level == 8)
      } else {
        #expect(throws: WireFault.self) { try TLV.parse(bytes) }
      }
    }
  }

  @Test("cut short at any place, an object is refused, never read in part")
  func truncated() throws {
    let whole = try TLVTests.bytes("6F1A840E315041592E5359532E4444463031A5088801015F2D02656E")
    for length in 1..<whole.count {
      #expect(throws: WireFault.self) { try TLV.parse(Array(whole[..<length])) }
    }
  }

  @Test("noise is refused or parsed to what encodes and parses to the same")
  func noise() throws {
    var dice = Dice(seed: 55)
    var parsed = 0
    for _ in 0..<20_000 {
      let bytes = dice.bytes(dice.below(24))
      guard let objects = try? TLV.parse(bytes) else { continue }
      parsed += 1
      #expect(try TLV.parse(objects.flatMap { $0.encoded }) == objects)
    }
    #expect(parsed > 100)
  }
}
