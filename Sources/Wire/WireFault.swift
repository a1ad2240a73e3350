// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with bytes from outside; every case carries the offset at which it was seen.
public enum WireFault: Error, Hashable, Sendable {
  /// The bytes end at `offset` although `missing` more are needed.
  case truncated(offset: Int, missing: Int)
  /// A length or count at `offset` says more than the limit allows.
  case tooLong(offset: Int, limit: Int)
  /// The byte at `offset` is not one that may stand there.
  case unexpected(offset: Int, byte: UInt8)
  /// `count` bytes from `offset` on belong to nothing.
  case leftOver(offset: Int, count: Int)
  /// The structure beginning at `offset` is nested deeper than the limit.
  case tooDeep(offset: Int)
  /// The check bytes at `offset` do not match what they protect.
  case checkFailed(offset: Int)
}
