// SPDX-License-Identifier: Apache-2.0

import Wire

/// Bytes with a PIN block in them on their way from where the PIN was entered to the card.
///
/// Whoever passes it on sees a number and nothing else: it prints as that number, and it is equal
/// and hashed by that number, so that neither a log nor the digest of a history can be searched for
/// the ten thousand blocks of four digits. The bytes are overwritten when the last holder lets go.
public struct HeldBlock: Hashable, Sendable, CustomStringConvertible {
  /// What it is known by: the giver counts.
  public let number: UInt32
  private let secret: SecretBytes

  /// Holds bytes; the caller's own copy is the caller's to overwrite.
  public init(number: UInt32, _ bytes: [UInt8]) {
    self.number = number
    secret = SecretBytes(bytes)
  }

  /// How many bytes are held.
  public var count: Int { secret.count }

  /// A plain copy, for the last hands before the card: the reader's driver and its transport.
  public func handOver() -> [UInt8] { secret.exposed }

  /// Same number, same block.
  public static func == (left: HeldBlock, right: HeldBlock) -> Bool {
    left.number == right.number
  }

  /// By the number alone.
  public func hash(into hasher: inout Hasher) { hasher.combine(number) }

  /// Never the bytes.
  public var description: String { "held block \(number)" }
}
