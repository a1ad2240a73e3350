// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Testing

@Suite("Frames on a stream")
struct FramingTests {
  private static let tpdu: [UInt8] = [0x60, 0x00, 0x03, 0x00, 0x00]

  private static let application: [UInt8] = [0x60, 0x31, 0x00, 0x31, 0x00, 0x00]

  private static func fault(_ bytes: [UInt8], _ framing: Framing) -> FrameFault? {
    var assembler = FrameAssembler(framing: framing)
    assembler.append(bytes)
    do throws(FrameFault) {
      _ = try assembler.next()
      return nil
    } catch {
      return error
    }
  }

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
    let long = [UInt8](repeating: 1, count: 0x2AB)
    #expect(Framing(header: .hex4).frame(long).prefix(4) == [0x30, 0x32, 0x41, 0x42])
    #expect(Framing(header: .binary4).frame(message) == [0, 0, 0, 2, 0xAA, 0xBB])
    #expect(Framing(header: .binary2Zeros).frame(message) == [0, 2, 0, 0, 0xAA, 0xBB])
    #expect(Framing(header: .binary2ETX).frame(message) == [0, 3, 0xAA, 0xBB, 0x03])
    #expect(Framing(countsHeader: true).frame(message) == [0, 4, 0xAA, 0xBB])
    #expect(
      Framing(header: .binary4, countsHeader: true).frame(message) == [0, 0, 0, 6, 0xAA, 0xBB])
    #expect(
      Framing(tpdu: FramingTests.tpdu, application: FramingTests.application)
        .frame(message, order: 5)
        == [0, 13] + FramingTests.tpdu + [0x60, 0x31, 0x05, 0x31, 0x00, 0x00] + message)
  }

  @Test("an answer's addresses have changed places, and its header says what to do next")
  func orders() throws {
    let framing = Framing(
      tpdu: [0x60, 0x12, 0x34, 0x56, 0x78], application: FramingTests.application)
    #expect(framing.answering.tpdu == [0x60, 0x56, 0x78, 0x12, 0x34])
    #expect(framing.answering.answering == framing)
    var assembler = FrameAssembler(framing: framing)
    for order: UInt8 in [0, 4, 15] {
      assembler.append(framing.answering.frame([order], order: order))
      #expect(try assembler.next() == Frame(message: [order], order: order))
    }
    #expect(try assembler.next() == nil)
  }

  @Test("frames of length zero keep the line alive and are nothing else")
  func keepAlive() throws {
    for header in Framing.Header.allCases where header != .binary2ETX {
      let framing = Framing(header: header, tpdu: FramingTests.tpdu)
      let nothing = Framing(header: header).frame([])
      var assembler = FrameAssembler(framing: framing)
      assembler.append(nothing + nothing + framing.frame([7]) + nothing)
      #expect(try assembler.next()?.message == [7])
      #expect(try assembler.next() == nil)
      assembler.append(framing.frame([8]))
      #expect(try assembler.next()?.message == [8])
    }
  }

  @Test("two frames in one segment and a half one: the half waits for its rest")
  func segments() throws {
    let framing = Framing()
    let frame = framing.frame([UInt8](repeating: 5, count: 40))
    var assembler = FrameAssembler(framing: framing)
    assembler.append(frame + frame + frame.prefix(20))
    #expect(try assembler.next() != nil)
    #expect(try assembler.next() != nil)
    #expect(try assembler.next() == nil)
    assembler.append(Array(frame.dropFirst(20)))
    #expect(try assembler.next()?.message == [UInt8](repeating: 5, count: 40))
    #expect(try assembler.next() == nil)
  }

  @Test("a frame of a megabyte is refused by its length, and the rest of it is not gathered")
  func endless() {
    let framing = Framing(header: .binary4, limit: 8_192)
    var assembler = FrameAssembler(framing: framing)
    assembler.append([0x00, 0x10, 0x00, 0x00])
    let refused = assembler
    for _ in 0..<1_024 { assembler.append([UInt8](repeating: 1, count: 1_024)) }
    #expect(assembler == refused)
    #expect(throws: FrameFault.size(0x10_0000)) { try assembler.next() }
    #expect(throws: FrameFault.size(0x10_0000)) { try assembler.next() }
  }

  @Test("a greeting is answered before the first frame, or the line is none of ours")
  func greetings() throws {
    let greeting = Framing.Greeting(request: [1, 2], answerPrefix: [0, 4, 0x30], answerCount: 6)
    let framing = Framing(greeting: greeting)
    let stream: [UInt8] = [0, 4, 0x30, 0x30, 9, 9] + framing.frame([7])
    for size in 1...stream.count {
      var assembler = FrameAssembler(framing: framing)
      var found: [Frame] = []
      var taken = 0
      while taken < stream.count {
        #expect(assembler.isGreeted == (taken >= 6))
        assembler.append(Array(stream[taken..<min(taken + size, stream.count)]))
        taken += size
        while let frame = try assembler.next() { found.append(frame) }
      }
      #expect(found == [Frame(message: [7])])
    }
    #expect(FramingTests.fault([0, 5], framing) == .greeting)
    #expect(FramingTests.fault([0, 4], framing) == nil)
  }

  @Test("a stream is cut into its messages, however it arrives")
  func pieces() throws {
    for header in Framing.Header.allCases {
      let framing = Framing(
        header: header, countsHeader: header == .binary4, tpdu: FramingTests.tpdu,
        application: header == .hex4 ? FramingTests.application : [])
      let messages: [[UInt8]] = [[1], [], [2, 3, 4], [UInt8](repeating: 9, count: 300)]
      let stream = messages.flatMap { framing.frame($0) }
      for size in [1, 2, 3, 7, 100, stream.count] {
        var assembler = FrameAssembler(framing: framing)
        var found: [[UInt8]] = []
        var rest = stream[...]
        while !rest.isEmpty {
          assembler.append(Array(rest.prefix(size)))
          rest = rest.dropFirst(size)
          while let frame = try assembler.next() { found.append(frame.message) }
        }
        #expect(found == messages)
      }
    }
  }

  @Test("a length beyond the limit, below the TPDU or of no digits is refused at once")
  func faults() {
    let fault = FramingTests.fault
    #expect(fault([0x08, 0x01], Framing(header: .binary2)) == .size(2_049))
    #expect(fault([0x08, 0x00], Framing(header: .binary2)) == nil)
    #expect(fault([0, 4], Framing(header: .binary2, tpdu: FramingTests.tpdu)) == .size(4))
    #expect(fault([0x0A, 0x00], Framing(header: .bcd2)) == .length)
    #expect(fault(Array("00A1".utf8), Framing(header: .ascii4)) == .length)
    #expect(fault(Array("9999".utf8), Framing(header: .ascii4)) == .size(9_999))
    #expect(fault([0], Framing(header: .binary2)) == nil)
    #expect(fault([0, 2, 1, 0], Framing(header: .binary2Zeros)) == .length)
    #expect(fault(Array("00G0".utf8), Framing(header: .hex4)) == .length)
    #expect(fault([0, 1], Framing(countsHeader: true)) == .length)
    #expect(fault([0, 2, 7, 4], Framing(header: .binary2ETX)) == .trailer)
    #expect(
      fault([0, 6, 0x61, 0, 3, 0, 0, 1], Framing(header: .binary2, tpdu: FramingTests.tpdu))
        == .tpdu)
  }
}
