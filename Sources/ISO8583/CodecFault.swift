// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a message, where, and what was read before it; it prints no content.
public struct CodecFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// The broken rule.
  public enum Rule: UInt8, Hashable, Sendable {
    /// The bytes end before the element does.
    case truncated
    /// A length is not a number, larger than the element may be, or shorter than it must be.
    case length
    /// A character or nibble that may not stand there.
    case content
    /// The table does not define the element.
    case undefined
    /// A bitmap more than there may be.
    case secondBitmap
    /// Bytes are left after the last element.
    case leftOver
    /// The message is longer than the table allows.
    case tooLong
    /// The MAC could not be made.
    case noMAC
  }

  /// The element, 0 for the message type and the message as a whole, 1 for the bitmaps.
  public var element: Int
  /// Offset of the first bad byte.
  public var offset: Int
  /// The broken rule.
  public var rule: Rule
  /// How many bytes are missing or left, or 0 where the rule is not about that.
  public var count: Int
  /// What was read before.
  public var partial: Message?

  init(_ element: Int, _ offset: Int, _ rule: Rule, count: Int = 0) {
    self.element = element
    self.offset = offset
    self.rule = rule
    self.count = count
    partial = nil
  }

  /// Element, place and rule.
  public var description: String {
    let place = "element \(element) at byte \(offset): \(rule)"
    return count == 0 ? place : place + ", \(count) bytes"
  }
}
