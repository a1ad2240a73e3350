// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Testing

@Suite("Dice and digests")
struct DiceTests {
  @Test("the published first numbers of SplitMix64 for the seed 1234567")
  func splitMix() {
    // From the reference implementation of Sebastiano Vigna, as Rosetta Code lists them.
    var dice = Dice(seed: 1_234_567)
    let published: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
    ]
    #expect(published.map { _ in dice.next() } == published)
  }

  @Test("a number is within its range, and every number of a small range comes")
  func ranges() {
    var dice = Dice(seed: 7)
    var seen = [Bool](repeating: false, count: 6)
    for _ in 0..<1_000 {
      let number = dice.within(10...15)
      #expect((10...15).contains(number))
      seen[number - 10] = true
    }
    #expect(!seen.contains(false))
    #expect((0..<100).allSatisfy { _ in dice.chance(1, in: 1) })
    #expect(!(0..<100).contains { _ in dice.chance(0, in: 10) })
  }

  @Test("what a fork draws does not move what its parent draws")
  func forks() {
    var one = Dice(seed: 3)
    var other = Dice(seed: 3)
    var child = one.fork()
    _ = other.fork()
    _ = child.bytes(100)
    #expect(one.next() == other.next())
    #expect(child.next() != one.next())
  }

  @Test(
    "the published values of FNV-1a, 64 bits",
    arguments: [
      ("", 0xCBF2_9CE4_8422_2325), ("a", 0xAF63_DC4C_8601_EC8C),
      ("foobar", 0x8594_4171_F739_67E8),
    ] as [(String, UInt64)])
  func digests(_ text: String, _ value: UInt64) {
    var digest = Digest()
    digest.add(text.utf8)
    #expect(digest.value == value)
  }

  @Test("a number is digested as its eight bytes, the most significant first")
  func numbers() {
    var one = Digest()
    one.add(UInt64(0x0102_0304_0506_0708))
    var other = Digest()
    other.add([1, 2, 3, 4, 5, 6, 7, 8])
    #expect(one == other)
  }
}
