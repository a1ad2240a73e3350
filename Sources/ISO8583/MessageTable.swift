// SPDX-License-Identifier: Apache-2.0

/// The table of elements that both ends of a link share; each row is compiled when it is set.
public struct MessageTable: Hashable, Sendable {
  /// How a bitmap travels.
  public enum Bitmap: UInt8, Hashable, Sendable {
    /// Eight raw bytes.
    case raw
    /// Sixteen hexadecimal digits in ASCII.
    case hex
    /// Sixteen hexadecimal digits in EBCDIC.
    case ebcdic
  }

  /// How the message type travels.
  public enum MessageType: UInt8, Hashable, Sendable {
    /// Four ASCII digits.
    case ascii
    /// Two packed bytes.
    case bcd
    /// Four EBCDIC digits.
    case ebcdic
  }

  /// The message type's encoding.
  public var messageType: MessageType
  /// The bitmaps' encoding.
  public var bitmap: Bitmap
  /// The most bitmaps a message may have, 1...3; where there are three, element 65 is the third.
  public let bitmapLimit: Int
  /// The longest message, bytes.
  public var limit: Int
  private var formats: [ElementFormat?]
  private(set) var plans: [ElementPlan]

  /// A table without elements.
  public init(
    messageType: MessageType = .ascii, bitmap: Bitmap = .raw, bitmapLimit: Int = 2,
    limit: Int = 2_048
  ) {
    precondition((1...3).contains(bitmapLimit), "ISO 8583 has one to three bitmaps")
    self.messageType = messageType
    self.bitmap = bitmap
    self.bitmapLimit = bitmapLimit
    self.limit = limit
    formats = [ElementFormat?](repeating: nil, count: 193)
    plans = [ElementPlan](repeating: ElementPlan(), count: 193)
  }

  /// The format of element 2...192, or nil when the table does not define it.
  public subscript(element: Int) -> ElementFormat? {
    get { (2...192).contains(element) ? formats[element] : nil }
    set {
      precondition((2...192).contains(element), "elements are numbered 2...192")
      precondition(newValue?.objection == nil, "who makes a format asks whether it is possible")
      formats[element] = newValue
      plans[element] = newValue?.plan ?? ElementPlan()
    }
  }
}
