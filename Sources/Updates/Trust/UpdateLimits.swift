// SPDX-License-Identifier: Apache-2.0

/// How much is taken from a repository, whatever it says of itself.
public struct UpdateLimits: Hashable, Sendable {
  /// Bytes of a root: a root with ten keys has 5 kB.
  public var root: Int64 = 65_536
  /// Bytes of a timestamp: it has half a kilobyte.
  public var timestamp: Int64 = 16_384
  /// Bytes of a snapshot: one of 16,384 hash bins with digests has less.
  public var snapshot: Int64 = 2_097_152
  /// Bytes of a targets document, that of a delegated role too.
  public var targets: Int64 = 5_242_880
  /// New roots in one run: a terminal that was in a drawer for years follows all of them.
  public var roots = 1_024
  /// Roles that a search may visit beside targets.
  public var roles = 32

  /// The limits as they are.
  public init() {}
}
