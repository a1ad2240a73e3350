// SPDX-License-Identifier: Apache-2.0

/// Bytes on their way out. What has left is not kept: taking bytes from an array leaves them behind
/// its end, and they may have been a card.
public struct SendQueue: Hashable, Sendable {
  /// What still has to leave, the oldest first.
  public private(set) var bytes: [UInt8] = []

  /// An empty queue.
  public init() {}

  /// Whether nothing waits.
  public var isEmpty: Bool { bytes.isEmpty }
  /// How much waits.
  public var count: Int { bytes.count }

  /// Adds bytes at the end.
  public mutating func add(_ more: [UInt8]) { bytes += more }

  /// So many bytes have left.
  public mutating func sent(_ count: Int) { bytes = Array(bytes.dropFirst(count)) }

  /// Nothing of it is to leave any more.
  public mutating func discard() { bytes = [] }
}
