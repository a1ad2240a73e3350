// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a message, where, and what was read before it.
public struct CodecFault: Error, Hashable, Sendable {
  /// The broken rule.
  public enum Rule: UInt8, Hashable, Sendable {
    /// The bytes end before the element does.
    case truncated
    /// A length is not a number, or larger than the element may be.
    case length
    /// A character or nibble that may not stand there.
    case content
    /// The table does not define the element.
    case undefined
    /// A second bitmap where there may be none.
    case secondBitmap
    /// Bytes are left after the last element.
    case leftOver
    /// The message is longer than the table allows.
    case tooLong
    /// The MAC could not be made.
    case noMAC
  }

  /// The element, 0 for the message type, 1 for the bitmaps.
  public var element: Int
  /// Offset of the first bad byte.
  public var offset: Int
  /// The broken rule.
  public var rule: Rule
  /// What was read before.
  public var partial: Message?

  init(_ element: Int, _ offset: Int, _ rule: Rule, partial: Message? = nil) {
    self.element = element
    self.offset = offset
    self.rule = rule
    self.partial = partial
  }
}
