// SPDX-License-Identifier: Apache-2.0

import Testing
import Wire

@Suite("Data objects as they came")
struct TLVSliceTests {
  private func slices(_ digits: String) throws -> [String] {
    try TLVSlice.all(of: try Hex.decode(Array(digits.utf8))).map { Hex.text($0.bytes) }
  }

  @Test("a length written longer than it needs is kept, and padding is left out")
  func kept() throws {
    #expect(try slices("9F2701800000" + "9F36820002002A" + "00") == ["9F270180", "9F36820002002A"])
    #expect(try slices("") == [])
    #expect(try slices("0000") == [])
    let one = try TLVSlice.all(of: [0x70, 0x03, 0x50, 0x01, 0x41])
    #expect(one.map { $0.value } == [[0x50, 0x01, 0x41]])
    #expect(one.map { $0.tag.rawValue } == [0x70])
  }

  @Test("what is no object is refused where it ends")
  func refused() {
    #expect(throws: WireFault.truncated(offset: 3, missing: 2)) { try slices("9F3602") }
    #expect(throws: WireFault.unexpected(offset: 1, byte: 0x80)) { try slices("5080") }
    #expect(throws: WireFault.truncated(offset: 1, missing: 1)) { try slices("9F") }
    #expect(throws: WireFault.tooLong(offset: 3072, limit: 512)) {
      try TLVSlice.all(of: many(513))
    }
  }

  private func many(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { _ in [0x50, 0x04, 0x41, 0x41, 0x41, 0x41] as [UInt8] }
  }
}
