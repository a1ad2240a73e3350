// SPDX-License-Identifier: Apache-2.0

/// A message: its type and its elements by number, as content, not as encoded.
public struct Message: Hashable, Sendable, CustomStringConvertible {
  /// Four ASCII digits.
  public var mti: [UInt8]
  private var elements: [[UInt8]?]

  /// A message without elements.
  public init(mti: [UInt8]) {
    precondition(mti.count == 4, "a message type has four digits")
    self.mti = mti
    elements = [[UInt8]?](repeating: nil, count: 129)
  }

  /// The content of element 2...128: ASCII digits, text or raw bytes.
  public subscript(element: Int) -> [UInt8]? {
    get { (2...128).contains(element) ? elements[element] : nil }
    set {
      precondition((2...128).contains(element), "elements are numbered 2...128")
      elements[element] = newValue
    }
  }

  /// The numbers of the elements that are present, ascending.
  public var present: [Int] { (2...128).filter { elements[$0] != nil } }

  /// The type and the numbers of the elements; never their content.
  public var description: String {
    var text = String(decoding: mti, as: UTF8.self)
    for element in present { text += " " + String(element) }
    return text
  }
}
