// SPDX-License-Identifier: Apache-2.0

/// How one element travels. Nothing in a message says how an element is encoded, so both ends own
/// the same table of these.
public struct ElementFormat: Hashable, Sendable {
  /// How long the content is, in its own units: digits of a packed element, else bytes.
  public enum Length: Hashable, Sendable {
    /// Always so long.
    case fixed(Int)
    /// Two digits of length in front, at most so long.
    case ll(max: Int)
    /// Three digits of length in front, at most so long.
    case lll(max: Int)
    /// Four digits of length in front, at most so long.
    case llll(max: Int)
  }

  /// How the length in front travels.
  public enum Prefix: UInt8, Hashable, Sendable {
    /// ASCII digits.
    case ascii
    /// Packed digits: LL in one byte, LLL in two with a zero in front, LLLL in two.
    case bcd
    /// A binary number: LL in one byte, LLL and LLLL in two, the more significant first.
    case binary
    /// EBCDIC digits.
    case ebcdic
    /// Hexadecimal digits in ASCII, as many as the class has L.
    case hex
  }

  /// What the length in front counts.
  public enum Counting: UInt8, Hashable, Sendable {
    /// The content's own units: digits of a packed element, raw bytes of a hexadecimal one.
    case units
    /// Bytes on the wire.
    case bytes
  }

  /// How the content travels.
  public enum Data: UInt8, Hashable, Sendable {
    /// Text as it is, in whatever character set; a short fixed one is filled up.
    case text
    /// Digits in ASCII, checked to be digits.
    case digits
    /// Two digits a byte; the nibbles A–F may occur where the format says so.
    case packed
    /// Raw bytes; a short fixed one is refused.
    case bytes
    /// Raw bytes as pairs of hexadecimal digits.
    case hex
    /// Text in EBCDIC, whose content is ISO 8859-1; a short fixed one is filled up.
    case ebcdic
  }

  /// On which side of an odd number of packed digits, or of a short fixed text, the padding stands.
  public enum Side: UInt8, Hashable, Sendable {
    /// In front.
    case left
    /// Behind.
    case right
  }

  /// What the content would give away: such content is never printed.
  public enum Secrecy: UInt8, Hashable, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// The card's number; its first six and last four digits may be seen.
    case pan
    /// A track.
    case track
    /// A PIN.
    case pin
    /// A key.
    case key
    /// A code that pays, as a scanned one does.
    case code
  }

  /// The length.
  public var length: Length
  /// The prefix.
  public var prefix: Prefix
  /// What the prefix counts.
  public var counting: Counting
  /// The content.
  public var data: Data
  /// The side of the padding.
  public var side: Side
  /// The padding: a nibble of packed digits, else a character.
  public var pad: UInt8
  /// Whether packed content may hold the nibbles A–F; D stands for the `=` of a track.
  public var allowsAnyNibble: Bool
  /// What must not be printed.
  public var secrecy: Secrecy
  /// What the content consists of, where the table says it; the first is the usual one.
  public var layouts: [PartLayout]

  /// A format; padding is a blank, or a zero nibble of packed digits, unless it is said.
  public init(
    _ length: Length, prefix: Prefix = .ascii, counting: Counting = .units, data: Data = .text,
    side: Side = .right, pad: UInt8? = nil, allowsAnyNibble: Bool = false,
    secrecy: Secrecy = .none, layouts: [PartLayout] = []
  ) {
    self.length = length
    self.prefix = prefix
    self.counting = counting
    self.data = data
    self.side = side
    self.pad = pad ?? (data == .packed ? 0 : 0x20)
    self.allowsAnyNibble = allowsAnyNibble
    self.secrecy = secrecy
    self.layouts = layouts
  }

  /// The longest content, in the format's own units.
  public var maximum: Int {
    switch length {
    case .fixed(let count), .ll(let count), .lll(let count), .llll(let count): count
    }
  }

  /// What makes the format impossible, for people, or nil.
  public var objection: String? {
    if maximum < 1 || maximum > 9_999 { return "an element has 1...9999 units" }
    if data == .packed, pad > 0x0F { return "the padding of packed digits is a nibble, 0...15" }
    let digits = plan.prefixDigits
    if digits == 0 { return nil }
    let largest = [2: (99, 0xFF, 0xFF), 3: (999, 0xFFFF, 0xFFF), 4: (9_999, 0xFFFF, 0xFFFF)]
    guard let (decimal, binary, hex) = largest[Int(digits)] else { return nil }
    let room =
      switch prefix {
      case .ascii, .bcd, .ebcdic: decimal
      case .binary: binary
      case .hex: hex
      }
    return plan.largestPrefix > room ? "the longest content does not fit its prefix" : nil
  }
}
