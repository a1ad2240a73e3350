// SPDX-License-Identifier: Apache-2.0

/// Which counters name keys: those with a limited number of set bits, so that a host derives any of
/// them in few steps. TDES: 21 bits, at most ten set (ANSI X9.24-1:2009, A.2). AES: 32 bits, at
/// most sixteen set (ANSI X9.24-3:2017, 6.3).
struct CounterRule: Hashable, Sendable {
  var bits: Int
  var setBits: Int

  static let tdes = CounterRule(bits: 21, setBits: 10)
  static let aes = CounterRule(bits: 32, setBits: 16)

  /// The highest counter that names a key: its set bits are the topmost ones.
  var last: UInt32 {
    let all = bits == 32 ? UInt32.max : (1 << UInt32(bits)) - 1
    return all & ~((1 << UInt32(bits - setBits)) - 1)
  }

  /// Whether a counter names a key.
  func allows(_ counter: UInt32) -> Bool {
    counter > 0 && counter <= last && counter.nonzeroBitCount <= setBits
  }

  /// The next counter that names a key, or nil behind the last.
  func next(after counter: UInt32) -> UInt32? {
    if counter >= last { return nil }
    var next = counter + 1
    while next.nonzeroBitCount > setBits { next += next & (~next + 1) }
    return next
  }

  /// How many keys there are from this counter on, itself included if it names one.
  func remaining(from counter: UInt32) -> UInt32 {
    if counter > last { return 0 }
    let from = UInt64(counter)
    // The counters below 2^bits with few enough set bits, less those below this one; zero is none.
    let below = from == 0 ? 1 : count(below: from)
    return UInt32(count(below: 1 << UInt64(bits)) - below)
  }

  /// How many numbers below this one have at most so many set bits, zero among them.
  private func count(below end: UInt64) -> UInt64 {
    var total: UInt64 = 0
    var set = 0
    for bit in (0...bits).reversed() where end & (1 << UInt64(bit)) != 0 {
      // All numbers that are like the end above this bit and have a zero in its place.
      if set <= setBits {
        for further in 0...max(0, min(setBits - set, bit)) {
          total += CounterRule.choose(bit, further)
        }
      }
      set += 1
    }
    return total
  }

  private static func choose(_ count: Int, _ taken: Int) -> UInt64 {
    var result: UInt64 = 1
    for step in 0..<taken { result = result * UInt64(count - step) / UInt64(step + 1) }
    return result
  }
}
