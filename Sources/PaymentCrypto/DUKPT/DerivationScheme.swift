// SPDX-License-Identifier: Apache-2.0

import Wire

/// How one kind of DUKPT derives a key from another, bit by bit of the counter.
protocol DerivationScheme: Hashable, Sendable {
  static var rule: CounterRule { get }
  var keyByteCount: Int { get }

  /// Goes from the key of counter `reached` to that of `counter`, which has all of its set bits:
  /// one step for each further bit, from the highest down.
  func derive(
    _ key: inout ScratchKey, from reached: UInt32, to counter: UInt32
  ) throws(CryptoFault)
}

extension DerivationScheme {
  /// The key of a counter, as a host derives it from the initial key.
  func key(_ initial: SecretBytes, at counter: UInt32) throws(CryptoFault) -> SecretBytes {
    if !Self.rule.allows(counter) { throw .outOfRange }
    return try key(initial, from: 0, to: counter)
  }

  /// The key of a counter, from that of another which has some of its set bits.
  func key(
    _ secret: SecretBytes, from reached: UInt32, to counter: UInt32
  ) throws(CryptoFault) -> SecretBytes {
    var scratch = ScratchKey(secret)
    defer { scratch.erase() }
    try derive(&scratch, from: reached, to: counter)
    return scratch.secret(keyByteCount)
  }
}

/// The terminal's side of DUKPT (ANSI X9.24-1:2009, A.3; X9.24-3:2017, 6.6): one register for each
/// bit of the counter. Only keys of the future are in them, so that whoever opens the device cannot
/// compute what it has sent. A key is erased when it has been used.
struct KeyRegisters<Scheme: DerivationScheme>: Hashable, Sendable {
  private let scheme: Scheme
  /// The key of each bit: that of the counter which has this bit set and the present counter's
  /// bits above it.
  private var registers: [SecretBytes?]
  /// The counter of the next transaction; nil behind the last.
  private(set) var counter: UInt32?

  /// Loads the initial key, which is then forgotten; `counter` is that of the first transaction.
  init(_ scheme: Scheme, initial: SecretBytes, counter: UInt32) throws(CryptoFault) {
    if !Scheme.rule.allows(counter) { throw .outOfRange }
    self.scheme = scheme
    registers = [SecretBytes?](repeating: nil, count: Scheme.rule.bits)
    let lowest = counter.trailingZeroBitCount
    for bit in lowest..<Scheme.rule.bits {
      let mask = UInt32(1) << UInt32(bit)
      // Of the counter's own bits only the lowest names a key that is still to come.
      if counter & mask != 0, bit != lowest { continue }
      let named = counter & ~(mask &+ (mask - 1)) | mask
      if Scheme.rule.allows(named) {
        registers[bit] = try scheme.key(initial, from: 0, to: named)
      }
    }
    self.counter = counter
  }

  /// How many transactions are left.
  var remaining: UInt32 { counter.map { Scheme.rule.remaining(from: $0) } ?? 0 }

  /// The key of the next transaction; its register is erased, and those of the counters that it
  /// leads to are filled. Behind the last counter nothing changes.
  mutating func next() throws(CryptoFault) -> (counter: UInt32, key: SecretBytes) {
    guard let counter else { throw .exhausted }
    let bit = counter.trailingZeroBitCount
    guard let key = registers[bit] else { throw .failed }
    var filled = registers
    // A counter with all the set bits it may have leads to no other.
    if counter.nonzeroBitCount < Scheme.rule.setBits {
      for lower in 0..<bit {
        filled[lower] = try scheme.key(key, from: counter, to: counter | 1 << UInt32(lower))
      }
    }
    filled[bit] = nil
    registers = filled
    self.counter = Scheme.rule.next(after: counter)
    return (counter, key)
  }

  /// How many keys lie in the registers.
  var loaded: Int { registers.count { $0 != nil } }
}
