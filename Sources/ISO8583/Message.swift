// SPDX-License-Identifier: Apache-2.0

//   number (1) │ length (3) │ content      one record an element, in ascending order
//
// All contents are in one buffer: a message costs one allocation, and one that is used again costs
// none. A message has some twenty elements, so going through the records beats a table of places.

/// A message: its type and its elements by number, as content, not as encoded.
public struct Message: Hashable, Sendable, CustomStringConvertible {
  static let headCount = 4
  /// The type of a message whose type could not be read.
  static let noType: UInt32 = 0x3030_3030

  /// The four digits as a number, the first the most significant.
  var typeWord: UInt32
  private(set) var elements = ElementSet()
  private(set) var records: [UInt8] = []

  /// A message without elements; the type has four ASCII digits.
  public init(mti: [UInt8]) { typeWord = Message.packed(mti) }

  /// Four ASCII digits.
  public var mti: [UInt8] {
    get { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: typeWord >> UInt32($0)) } }
    set { typeWord = Message.packed(newValue) }
  }

  /// The content of element 2...192: ASCII digits, text or raw bytes.
  public subscript(element: Int) -> [UInt8]? {
    get { content(of: element).map { Array($0) } }
    set { set(element, newValue?[...]) }
  }

  /// The content of element 2...192 where it lies, without a copy.
  public func content(of element: Int) -> ArraySlice<UInt8>? {
    guard (2...192).contains(element), elements.contains(element) else { return nil }
    let start = place(of: element) + Message.headCount
    return records[start..<start + count(at: start - Message.headCount)]
  }

  /// Sets the content of element 2...192 from a part of some bytes, or takes the element away.
  public mutating func set(_ element: Int, _ content: ArraySlice<UInt8>?) {
    precondition((2...192).contains(element), "elements are numbered 2...192")
    if elements.contains(element) {
      let start = place(of: element)
      records.removeSubrange(start..<start + Message.headCount + count(at: start))
      elements.remove(element)
    }
    guard let content else { return }
    precondition(content.count <= 0xFF_FFFF, "no message is so long")
    let head = Message.head(element, content.count)
    if element > elements.highest {
      for byte in head { records.append(byte) }
      records.append(contentsOf: content)
    } else {
      records.insert(contentsOf: head + content, at: place(of: element))
    }
    elements.insert(element)
  }

  /// The numbers of the elements that are present, ascending.
  public var present: [Int] {
    var rest = elements
    var numbers: [Int] = []
    numbers.reserveCapacity(rest.count)
    while let element = rest.popFirst() { numbers.append(element) }
    return numbers
  }

  /// The element that holds a MAC over all before it: the last of the last bitmap that is needed.
  public var macElement: Int { max(1, (elements.highest + 63) / 64) * 64 }

  /// The type and the numbers of the elements; never their content.
  public var description: String {
    var text = String(decoding: mti, as: UTF8.self)
    for element in present { text += " " + String(element) }
    return text
  }

  private static func packed(_ mti: [UInt8]) -> UInt32 {
    precondition(mti.count == 4, "a message type has four digits")
    return mti.reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func head(_ element: Int, _ count: Int) -> [UInt8] {
    [
      UInt8(element), UInt8(truncatingIfNeeded: count >> 16),
      UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count),
    ]
  }
}

// What the codec needs of the records.
extension Message {
  /// The length of the content whose record begins here.
  func count(at start: Int) -> Int {
    Int(records[start + 1]) << 16 | Int(records[start + 2]) << 8 | Int(records[start + 3])
  }

  /// Gives up type, elements and the buffer, which is to be filled again.
  mutating func begin() -> [UInt8] {
    typeWord = Message.noType
    elements = ElementSet()
    var buffer: [UInt8] = []
    swap(&buffer, &records)
    buffer.removeAll(keepingCapacity: true)
    return buffer
  }

  /// Takes the records that a codec has written.
  mutating func end(_ records: consuming [UInt8], _ elements: ElementSet) {
    self.records = records
    self.elements = elements
  }

  /// Where the record of an element begins, or would.
  private func place(of element: Int) -> Int {
    var start = 0
    while start < records.count, records[start] < UInt8(element) {
      start += Message.headCount + count(at: start)
    }
    return start
  }
}
