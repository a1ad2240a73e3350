// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Testing

@Suite("Frames on a stream")
struct FramingTests {
  private static let tpdu: [UInt8] = [0x60, 0x00, 0x03, 0x00, 0x00]

  @Test("each header, with and without TPDU")
  func headers() {
    let message: [UInt8] = [0xAA, 0xBB]
    #expect(Framing(header: .binary2).frame(message) == [0, 2, 0xAA, 0xBB])
    #expect(
      Framing(header: .bcd2).frame([UInt8](repeating: 1, count: 12)).prefix(2) == [0x00, 0x12])
    #expect(Framing(header: .ascii4).frame(message) == [0x30, 0x30, 0x30, 0x32, 0xAA, 0xBB])
    #expect(
      Framing(header: .binary2, tpdu: FramingTests.tpdu).frame(message)
        == [0, 7] + FramingTests.tpdu + message)
  }

  @Test("a stream is cut into its messages, however it arrives")
  func pieces() throws {
    for header in [Framing.Header.binary2, .bcd2, .ascii4] {
      let framing = Framing(header: header, tpdu: FramingTests.tpdu)
      let messages: [[UInt8]] = [[1], [], [2, 3, 4], [UInt8](repeating: 9, count: 300)]
      let stream = messages.flatMap { framing.frame($0) }
      for size in [1, 2, 3, 7, 100, stream.count] {
        var assembler = FrameAssembler(framing: framing)
        var found: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
          assembler.append(Array(rest.prefix(size)))
          rest = rest.dropFirst(size)
          while let message = try assembler.next() { found.append(message) }
        }
        #expect(found == messages)
      }
    }
  }

  @Test("a length beyond the limit, below the TPDU or of no digits is refused at once")
  func faults() {
    func fault(_ bytes: [UInt8], _ framing: Framing) -> FrameFault? {
      var assembler = FrameAssembler(framing: framing)
      assembler.append(bytes)
      do throws(FrameFault) {
        _ = try assembler.next()
        return nil
      } catch {
        return error
      }
    }
    #expect(fault([0x08, 0x01], Framing(header: .binary2)) == .size(2_049))
    #expect(fault([0x08, 0x00], Framing(header: .binary2)) == nil)
    #expect(fault([0, 4], Framing(header: .binary2, tpdu: FramingTests.tpdu)) == .size(4))
    #expect(fault([0x0A, 0x00], Framing(header: .bcd2)) == .length)
    #expect(fault(Array("00A1".utf8), Framing(header: .ascii4)) == .length)
    #expect(fault(Array("9999".utf8), Framing(header: .ascii4)) == .size(9_999))
    #expect(fault([0], Framing(header: .binary2)) == nil)
  }
}
