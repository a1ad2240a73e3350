// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

@Suite("Headers of key blocks")
struct KeyBlockHeaderTests {
  /// A published block with some characters replaced, from this place on.
  private static func fault(_ offset: Int, _ text: String) -> KeyBlockFault? {
    var characters = Array(KeyBlockTests.examples[1].block.utf8)
    characters.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
    do throws(KeyBlockFault) {
      _ = try KeyBlock(parsing: characters)
      return nil
    } catch {
      return error
    }
  }

  @Test("each field has its own fault, with its place")
  func fields() {
    let fault = KeyBlockHeaderTests.fault
    #expect(fault(0, "E") == .unknownVersion(0x45))
    #expect(fault(0, "b") == .unknownVersion(0x62))
    #expect(fault(1, "0081") == .wrongLength(stated: 81, actual: 80))
    #expect(fault(1, "00 0") == .wrongLength(stated: -1, actual: 80))
    #expect(fault(5, "ZZ") == .unknownUsage(offset: 5))
    #expect(fault(5, "p0") == .unknownUsage(offset: 5))
    #expect(fault(5, "P?") == .unknownUsage(offset: 5))
    #expect(fault(7, "R") == .wrongAlgorithm(0x52))
    #expect(fault(7, "?") == .wrongAlgorithm(0x3F))
    #expect(fault(8, "G") == .wrongMode(0x47))
    #expect(fault(8, "e") == .wrongMode(0x65))
    #expect(fault(9, "?0") == .wrongKeyVersion(offset: 9))
    #expect(fault(9, "c0") == .wrongKeyVersion(offset: 10))
    #expect(fault(11, "X") == .wrongExportability(0x58))
    #expect(fault(12, "0x") == .optionalBlock(offset: 12))
    #expect(fault(14, "1") == .reserved(offset: 14))
    #expect(fault(15, "1") == .reserved(offset: 15))
    #expect(fault(40, "a") == .notHexadecimal(offset: 40))
    #expect(fault(40, "G") == .notHexadecimal(offset: 40))
  }

  @Test(
    "what a usage goes with: algorithms and modes of the standard's tables",
    arguments: [
      ("B0", "TA", "X"), ("B1", "TA", "X"), ("D0", "TA", "BDE"), ("K0", "TA", "BDE"),
      ("K1", "TA", "BDE"), ("P0", "TA", "BDE"), ("M1", "TA", "CGV"), ("M3", "TA", "CGV"),
      ("M6", "TA", "CGV"), ("V0", "TA", "CGV"), ("C0", "TA", "CGV"), ("E0", "TA", "X"),
      ("M7", "H", "CGV"), ("I0", "TA", "N"),
    ])
  func combinations(_ usage: String, _ algorithms: String, _ modes: String) {
    for algorithm in "TADHRES" {
      for mode in "BCDEGNSTVXY" {
        let characters = usage + String(algorithm) + String(mode)
        let fault = KeyBlockHeaderTests.fault(5, characters)
        let isDES = algorithm == "D" && algorithms.contains("T")
        let isAllowed = (algorithms.contains(algorithm) || isDES) && modes.contains(mode)
        #expect((fault == nil) == isAllowed, "\(characters)")
      }
    }
  }

  @Test("optional blocks that overlap, repeat, end too early or too late")
  func optionalBlocks() {
    func fault(_ blocks: String, count: String) -> KeyBlockFault? {
      let rest = "94B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E"
      let length = String(16 + blocks.utf8.count + rest.utf8.count + 10_000).dropFirst()
      let text = "B\(length)P0TE00E\(count)00\(blocks)\(rest)"
      do throws(KeyBlockFault) {
        _ = try KeyBlock(parsing: Array(text.utf8))
        return nil
      } catch {
        return error
      }
    }
    #expect(fault("KS08ABCD", count: "01") == nil)
    #expect(fault("KS08ABCDPB080000", count: "02") == nil)
    #expect(fault("KS0002000EABCDPB0A000000", count: "02") == nil)
    // Shorter than itself, longer than the whole, no number, not whole blocks, a second time.
    #expect(fault("KS03ABCD", count: "01") == .optionalBlock(offset: 16))
    #expect(fault("KSFFABCD", count: "01") == .optionalBlock(offset: 16))
    #expect(fault("KSG8ABCD", count: "01") == .optionalBlock(offset: 16))
    #expect(fault("K?08ABCD", count: "01") == .optionalBlock(offset: 16))
    #expect(fault("KS07ABC0", count: "01") == .optionalBlock(offset: 23))
    #expect(fault("KS08ABCDKS08ABCD", count: "02") == .optionalBlock(offset: 24))
    #expect(fault("PB080000KS08ABCD", count: "02") == .optionalBlock(offset: 16))
    // More or fewer than the header counts.
    #expect(fault("KS08ABCD", count: "99") != nil)
    #expect(fault("KS08ABCD", count: "00") == .cipherLength(56))
    // A long length that is none.
    #expect(fault("KS0003000000EABC", count: "01") == .optionalBlock(offset: 16))
    #expect(fault("KS00020003ABCDEF", count: "01") == .optionalBlock(offset: 16))
  }
}
