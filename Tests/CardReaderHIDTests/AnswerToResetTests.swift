// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Testing

@Suite("What a chip card says when it is reset")
struct AnswerToResetTests {
  private static func refusal(_ bytes: [UInt8]) -> AnswerToReset.Refusal? {
    do throws(AnswerToReset.Refusal) {
      _ = try AnswerToReset(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test("a card of T=0 alone needs no check byte, and its historical bytes are found")
  func plain() throws {
    let atr = try AnswerToReset([0x3B, 0x65, 0x00, 0x00, 0x20, 0x63, 0xCB, 0x68, 0x00])
    #expect(atr.firstProtocol == .t0)
    #expect(atr.historicalBytes == [0x20, 0x63, 0xCB, 0x68, 0x00])
    #expect(!atr.isInverse)
    let bare = try AnswerToReset([0x3F, 0x00])
    #expect(bare.isInverse)
    #expect(bare.historicalBytes.isEmpty)
  }

  @Test("a card of T=1 is taken with its check byte alone")
  func blocks() throws {
    let bytes = EchoCard.atr
    let atr = try AnswerToReset(bytes)
    #expect(atr.firstProtocol == .t1)
    #expect(atr.historicalBytes == [0x43, 0x41, 0x52])
    for bit in 0..<8 {
      var changed = bytes
      changed[changed.count - 1] ^= 1 << UInt8(bit)
      #expect(AnswerToResetTests.refusal(changed) == .wrongCheckByte)
    }
  }

  @Test("every answer cut short or made longer is refused, whatever it began with")
  func lengths() {
    for whole in [EchoCard.atr, EchoCard.plainATR] {
      for count in 1..<whole.count {
        #expect(AnswerToResetTests.refusal(Array(whole[..<count])) == .truncated)
      }
      #expect(AnswerToResetTests.refusal(whole + [0]) == .leftOver(count: 1))
      #expect(AnswerToResetTests.refusal(whole) == nil)
    }
    #expect(AnswerToResetTests.refusal([]) == .empty)
    let long = [UInt8](repeating: 0x3B, count: 34)
    #expect(AnswerToResetTests.refusal(long) == .tooLong(count: 34))
  }

  @Test("what no terminal can work with is refused with the reason")
  func refused() {
    let cases: [([UInt8], AnswerToReset.Refusal)] = [
      ([0x3C, 0x00], .unknownConvention(0x3C)),
      ([0x00, 0x00], .unknownConvention(0x00)),
      // TD1 offers T=2, then T=14, then the global bytes that are no protocol.
      ([0x3B, 0x80, 0x02, 0x82], .unusableProtocol(2)),
      ([0x3B, 0x80, 0x0E, 0x8E], .unusableProtocol(14)),
      ([0x3B, 0x80, 0x0F, 0x8F], .unusableProtocol(15)),
      // TA2 with bit 5.
      ([0x3B, 0x80, 0x10, 0x10], .implicitParameters),
      // TD1 T=1, TD2 T=1 with TA3 of 00 and FF.
      ([0x3B, 0x80, 0x81, 0x11, 0x00, 0x10], .reservedBlockSize(0x00)),
      ([0x3B, 0x80, 0x81, 0x11, 0xFF, 0xEF], .reservedBlockSize(0xFF)),
    ]
    for (bytes, reason) in cases { #expect(AnswerToResetTests.refusal(bytes) == reason) }
    // Beside them the same answers with values that are allowed.
    #expect(AnswerToResetTests.refusal([0x3B, 0x80, 0x10, 0x00]) == nil)
    #expect(AnswerToResetTests.refusal([0x3B, 0x80, 0x81, 0x11, 0xFE, 0xEE]) == nil)
    // T=0 first and T=15 behind it: the check byte is needed.
    #expect(AnswerToResetTests.refusal([0x3B, 0x80, 0x80, 0x1F, 0x03, 0x1C]) == nil)
    #expect(AnswerToResetTests.refusal([0x3B, 0x80, 0x80, 0x1F, 0x03]) == .truncated)
  }

  @Test("noise is read or refused, never a crash, and what is read is of one piece")
  func noise() {
    var dice = Dice(seed: 7816)
    var accepted = 0
    for _ in 0..<50_000 {
      let bytes = [dice.chance(1, in: 8) ? 0x3F : 0x3B] + dice.bytes(dice.below(36))
      guard let atr = try? AnswerToReset(bytes) else { continue }
      accepted += 1
      #expect(atr.bytes == bytes)
      #expect(atr.historicalBytes.count == Int(bytes[1] & 0x0F))
    }
    #expect(accepted > 100)
  }
}
