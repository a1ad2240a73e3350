// SPDX-License-Identifier: Apache-2.0

/// One way to divide the content of an element; an element may have several, one a kind of message.
public struct PartLayout: Hashable, Sendable {
  /// How the parts stand in the content.
  public enum Kind: Hashable, Sendable {
    /// BER-TLV data objects, named by their tags in hexadecimal digits: `9F26`.
    case ber
    /// Objects of characters: a tag of so many, a length of so many decimal digits, the value.
    case text(tag: Int, length: Int)
    /// Parts one after the other; the content may end anywhere. So many of the last parts repeat
    /// until the content ends.
    case positional([Part], repeating: Int)
    /// A bitmap of so many bytes, and the parts whose bits are set, each in a format of its own.
    case bitmap(bytes: Int, [NumberedPart])
  }

  /// What the layout is called.
  public var name: String
  /// How the parts stand.
  public var kind: Kind

  /// A layout.
  public init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// What makes the layout impossible, for people, or nil.
  public var objection: String? {
    switch kind {
    case .ber: return nil
    case .text(let tag, let length):
      return (1...8).contains(tag) && (1...4).contains(length)
        ? nil : "a tag has 1...8 characters, a length 1...4 digits"
    case .positional(let parts, let repeating):
      if parts.isEmpty { return "a layout has parts" }
      if parts.contains(where: { $0.count.map { $0 < 1 } ?? false }) {
        return "a part has a length"
      }
      if parts.dropLast().contains(where: { $0.count == nil }) {
        return "only the last part takes the rest"
      }
      if repeating < 0 || repeating > parts.count || repeating > 0 && parts.last?.count == nil {
        return "only parts with a length repeat"
      }
      return nil
    case .bitmap(let bytes, let parts):
      if !(1...8).contains(bytes) { return "a bitmap has 1...8 bytes" }
      if parts.contains(where: { !(1...bytes * 8).contains($0.number) }) {
        return "a part has no bit"
      }
      return parts.compactMap { $0.format.objection }.first
    }
  }
}

/// A part at a place.
public struct Part: Hashable, Sendable {
  /// What it is called.
  public var name: String
  /// Its length in units of the content, or nil for whatever is left.
  public var count: Int?

  /// A part.
  public init(_ name: String, _ count: Int?) {
    self.name = name
    self.count = count
  }
}

/// A part that a bit announces.
public struct NumberedPart: Hashable, Sendable {
  /// The number of its bit, the first bit is 1.
  public var number: Int
  /// What it is called.
  public var name: String
  /// How it travels within the element.
  public var format: ElementFormat

  /// A part.
  public init(_ number: Int, _ name: String, _ format: ElementFormat) {
    self.number = number
    self.name = name
    self.format = format
  }
}
