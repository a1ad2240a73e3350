// SPDX-License-Identifier: Apache-2.0

import EMVKernel
import PaymentCrypto
import Testing
import Wire

@Suite("Unpredictable numbers are made as the Books say")
struct UnpredictableNumberTests {
  private static let old = [UInt8](repeating: 7, count: 32)

  private static func started() -> UnpredictableNumbers {
    UnpredictableNumbers(
      stored: SecretBytes(old), time: 1, device: Array("12345678".utf8),
      terminal: Array("TERM0001".utf8), random: hex("A0A1A2A3A4A5A6A7"))
  }

  @Test("a number comes from what was kept, the terminal, the time and chance")
  func number() {
    let kept = sha256(
      UnpredictableNumberTests.old + hex("0000000000000001") + Array("12345678TERM0001".utf8)
        + hex("A0A1A2A3A4A5A6A7"))
    let expected = sha256(kept + hex("B0")).suffix(4)
    let number = UnpredictableNumberTests.started().number(random: hex("B0"))
    #expect(Array(expected) == [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) })
  }

  @Test("without chance the next number is another one, for the transaction is remembered")
  func chain() {
    var numbers = UnpredictableNumberTests.started()
    let first = numbers.number(random: [])
    let kept = numbers.stored
    numbers.finish(time: 2, random: [], cryptogram: hex("1122334455667788"))
    #expect(numbers.number(random: []) != first)
    #expect(
      numbers.stored.exposed
        == sha256(kept.exposed + hex("0000000000000002") + hex("1122334455667788")))
    #expect(!"\(numbers)".contains("\(kept.exposed[0]), "))
  }
}
