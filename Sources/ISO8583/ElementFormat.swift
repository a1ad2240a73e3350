// SPDX-License-Identifier: Apache-2.0

/// How one element travels. Nothing in a message says how an element is encoded, so both ends own
/// the same table of these.
public struct ElementFormat: Hashable, Sendable {
  /// How long the element is, in its own units: digits of a packed element, else bytes.
  public enum Length: Hashable, Sendable {
    /// Always so long.
    case fixed(Int)
    /// Two digits of length in front, at most so long.
    case ll(max: Int)
    /// Three digits of length in front, at most so long.
    case lll(max: Int)
  }

  /// How the length in front travels.
  public enum Prefix: UInt8, Hashable, Sendable {
    /// ASCII digits.
    case ascii
    /// Packed digits: LL in one byte, LLL in two with a zero in front.
    case bcd
    /// A binary number: LL in one byte, LLL in two, the more significant first.
    case binary
  }

  /// How the content travels.
  public enum Data: UInt8, Hashable, Sendable {
    /// Bytes as they are: text, or raw bytes.
    case bytes
    /// Digits in ASCII, checked to be digits.
    case digits
    /// Two digits a byte; the nibbles A–F may occur where the format says so.
    case packed
    /// Raw bytes as pairs of hexadecimal digits.
    case hex
  }

  /// On which side of an odd number of packed digits, or of a short fixed text, the padding stands.
  public enum Side: UInt8, Hashable, Sendable {
    /// In front.
    case left
    /// Behind.
    case right
  }

  /// What must never be printed of the content.
  public enum Secrecy: UInt8, Hashable, Sendable {
    /// Nothing.
    case none
    /// All but first six and last four.
    case pan
    /// Everything.
    case all
  }

  /// The length.
  public var length: Length
  /// The prefix.
  public var prefix: Prefix
  /// The content.
  public var data: Data
  /// The side of the padding.
  public var side: Side
  /// The padding: a nibble of packed digits, else a byte.
  public var pad: UInt8
  /// Whether packed content may hold the nibbles A–F; D stands for the `=` of a track.
  public var allowsAnyNibble: Bool
  /// What must not be printed.
  public var secrecy: Secrecy

  /// A format.
  public init(
    _ length: Length, prefix: Prefix = .ascii, data: Data = .bytes, side: Side = .right,
    pad: UInt8 = 0x20, allowsAnyNibble: Bool = false, secrecy: Secrecy = .none
  ) {
    self.length = length
    self.prefix = prefix
    self.data = data
    self.side = side
    self.pad = pad
    self.allowsAnyNibble = allowsAnyNibble
    self.secrecy = secrecy
  }

  /// The longest content, in the format's own units.
  public var maximum: Int {
    switch length {
    case .fixed(let count), .ll(let count), .lll(let count): count
    }
  }
}
