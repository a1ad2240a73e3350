// SPDX-License-Identifier: Apache-2.0

/// Repeatable chance: one seed, one sequence, on every machine (SplitMix64).
public struct Dice: Hashable, Sendable {
  private var state: UInt64

  /// The sequence of this seed.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number 0..<bound; the slight bias of the remainder does not matter to a simulation.
  public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0, "there is no number below nothing")
    return Int(next() % UInt64(bound))
  }

  /// A number within the range.
  public mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// True in `wins` of `outOf` cases.
  public mutating func chance(_ wins: Int, in outOf: Int) -> Bool { below(outOf) < wins }

  /// So many bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) }
  }

  /// A sequence of its own, so that what one part draws does not move what another part draws.
  public mutating func fork() -> Dice { Dice(seed: next()) }
}
