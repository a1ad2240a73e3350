// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@Suite("Bytes are read from front to back and never past their end")
struct ByteReaderTests {
  @Test("numbers are read with the most significant byte first")
  func numbers() throws {
    var reader = ByteReader([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07])
    #expect(try reader.readByte() == 0x01)
    #expect(try reader.readUInt16() == 0x0203)
    #expect(try reader.readUInt32() == 0x0405_0607)
    #expect(reader.isAtEnd)
  }

  @Test("a number that is cut short names the place and what is missing, and moves nothing")
  func truncated() {
    var reader = ByteReader([0xAA, 0xBB, 0xCC])
    #expect(throws: WireFault.truncated(offset: 0, missing: 1)) { try reader.readUInt32() }
    #expect(reader.offset == 0)
    #expect(throws: WireFault.leftOver(offset: 0, count: 3)) { try reader.finish() }
  }

  @Test("a reader of a part counts its offsets from the beginning of the whole")
  func split() throws {
    var reader = ByteReader([0, 1, 2, 3, 4])
    try reader.skip(1)
    var part = try reader.split(2)
    #expect(reader.next == 3)
    #expect(try part.read(2) == [1, 2])
    #expect(throws: WireFault.truncated(offset: 3, missing: 1)) { try part.readByte() }
  }
}

@Suite("Small encodings")
struct EncodingTests {
  @Test("hexadecimal text comes back as the bytes it was made of")
  func hex() throws {
    let all = (0...255).map { UInt8($0) }
    #expect(try Hex.decode(Hex.encode(all)) == all)
    #expect(Hex.text([0x0F, 0xA0]) == "0FA0")
    #expect(throws: WireFault.unexpected(offset: 1, byte: 0x47)) { try Hex.decode([0x30, 0x47]) }
    #expect(throws: WireFault.truncated(offset: 3, missing: 1)) {
      try Hex.decode([0x30, 0x31, 0x32])
    }
  }

  @Test("check bytes agree with the published values")
  func checks() {
    let digits = Array("123456789".utf8)
    #expect(cyclicRedundancyCheck16(digits, initial: 0xFFFF) == 0x29B1)
    #expect(cyclicRedundancyCheck16(digits, initial: 0x0000) == 0x31C3)
    // The cancel frame of the "VISA" packet family: its check byte is 06.
    #expect(longitudinalRedundancyCheck([0x37, 0x32, 0x03]) == 0x06)
  }

  @Test("equal means equal in every byte and in length")
  func constantTime() {
    #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
    #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
    #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
  }

  @Test("a secret prints as one")
  func secret() {
    let secret = SecretBytes([0x31, 0x32, 0x33, 0x34])
    #expect("\(secret)" == "<secret>")
    #expect(secret.exposed == [0x31, 0x32, 0x33, 0x34])
    #expect(secret == SecretBytes([0x31, 0x32, 0x33, 0x34]))
    #expect(secret != SecretBytes([0x31, 0x32, 0x33, 0x35]))
  }
}

@Suite("Records of tagged fields")
struct FieldsTests {
  @Test("known fields are found, unknown ones do no harm")
  func roundTrip() throws {
    var writer = FieldWriter()
    writer.write(1, "shop")
    writer.write(200, [9, 9])
    writer.write(2, UInt64(1_234_567))
    let reader = try FieldReader(writer.bytes)
    #expect(reader.text(1) == "shop")
    #expect(reader.number(2) == 1_234_567)
    #expect(reader.bytes(3) == nil)
    #expect(reader.number(1) == nil)
  }

  @Test("a record cut anywhere inside a field is refused")
  func truncated() {
    var writer = FieldWriter()
    writer.write(1, [1, 2, 3, 4])
    for length in 1..<writer.bytes.count {
      #expect(throws: WireFault.self) { try FieldReader(Array(writer.bytes[..<length])) }
    }
  }
}
