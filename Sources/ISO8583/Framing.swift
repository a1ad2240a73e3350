// SPDX-License-Identifier: Apache-2.0

import Wire

//   length │ TPDU (5) │ application header (6) │ message │ 03
//
// The length is always there; the others are where the acquirer has them. The TPDU is 60, a
// destination and a source of two bytes each, which change places in the answer. The application
// header is twelve nibbles:
//
//   class 2 │ version of the specification 2 │ state 1 │ order 1 │ version of the software 6
//
// State is the terminal's, order is what the host wants done next; a request orders nothing.

/// What stands around a message on a stream.
public struct Framing: Hashable, Sendable {
  /// How the length in front travels.
  public enum Header: UInt8, Hashable, Sendable, CaseIterable {
    /// Two bytes, the more significant first.
    case binary2
    /// Two packed bytes, four digits.
    case bcd2
    /// Four ASCII digits.
    case ascii4
    /// Four hexadecimal digits in ASCII.
    case hex4
    /// Four bytes, the most significant first.
    case binary4
    /// Two bytes, the more significant first, and two zero bytes.
    case binary2Zeros
    /// Two bytes, the more significant first, of a length that counts a byte 03 behind the message.
    case binary2ETX
  }

  /// What passes on a new connection before the first frame.
  public struct Greeting: Hashable, Sendable {
    /// What the terminal sends.
    public var request: [UInt8]
    /// How the answer begins.
    public var answerPrefix: [UInt8]
    /// How long the answer is, bytes; 0 where none comes.
    public var answerCount: Int

    /// A greeting.
    public init(request: [UInt8], answerPrefix: [UInt8], answerCount: Int) {
      precondition(answerPrefix.count <= answerCount, "the prefix is a part of the answer")
      self.request = request
      self.answerPrefix = answerPrefix
      self.answerCount = answerCount
    }
  }

  /// The length.
  public var header: Header
  /// Whether the length counts its own bytes.
  public var countsHeader: Bool
  /// Five bytes in front of the message, or nothing.
  public var tpdu: [UInt8]
  /// Six bytes behind the TPDU, or nothing.
  public var application: [UInt8]
  /// What passes before the first frame, or nothing.
  public var greeting: Greeting?
  /// The longest frame, bytes, length excluded.
  public var limit: Int

  /// Framing.
  public init(
    header: Header = .binary2, countsHeader: Bool = false, tpdu: [UInt8] = [],
    application: [UInt8] = [], greeting: Greeting? = nil, limit: Int = 2_048
  ) {
    precondition(tpdu.isEmpty || tpdu.count == 5, "a TPDU has five bytes")
    precondition(application.isEmpty || application.count == 6, "the header has six bytes")
    self.header = header
    self.countsHeader = countsHeader
    self.tpdu = tpdu
    self.application = application
    self.greeting = greeting
    self.limit = limit
  }

  /// Bytes of the length.
  public var headerCount: Int {
    switch header {
    case .binary2, .bcd2, .binary2ETX: 2
    case .ascii4, .hex4, .binary4, .binary2Zeros: 4
    }
  }

  /// Bytes of a frame beside the length and the message.
  public var overhead: Int { tpdu.count + application.count + trailerCount }

  /// The other end's framing: the addresses of the TPDU have changed places.
  public var answering: Framing {
    var framing = self
    if !tpdu.isEmpty { framing.tpdu = [tpdu[0], tpdu[3], tpdu[4], tpdu[1], tpdu[2]] }
    return framing
  }

  /// The terminal's state in the application header, a nibble; 0 where there is no header.
  public var state: UInt8 {
    get { application.isEmpty ? 0 : application[2] >> 4 }
    set {
      if !application.isEmpty { application[2] = newValue << 4 | application[2] & 0x0F }
    }
  }

  /// The frame of a message; a host's says what it orders next.
  public func frame(_ message: [UInt8], order: UInt8 = 0) -> [UInt8] {
    let count = overhead + message.count
    let length = count + (countsHeader ? headerCount : 0)
    precondition(length <= largestLength, "the limit of a message is below that of any length")
    var out: [UInt8] = []
    out.reserveCapacity(headerCount + count)
    append(length, to: &out)
    out += tpdu
    out += application
    if order != 0, !application.isEmpty {
      let at = out.count - 4
      out[at] = out[at] & 0xF0 | order & 0x0F
    }
    out += message
    if header == .binary2ETX { out.append(Framing.endOfText) }
    return out
  }

  static let endOfText: UInt8 = 0x03

  var trailerCount: Int { header == .binary2ETX ? 1 : 0 }

  private var largestLength: Int {
    switch header {
    case .bcd2, .ascii4: 9_999
    case .binary2, .hex4, .binary2Zeros, .binary2ETX: 0xFFFF
    case .binary4: Int(clamping: UInt32.max)
    }
  }

  private func append(_ length: Int, to out: inout [UInt8]) {
    switch header {
    case .binary2, .binary2Zeros, .binary2ETX, .binary4:
      if header == .binary4 {
        out.append(UInt8(truncatingIfNeeded: length >> 24))
        out.append(UInt8(truncatingIfNeeded: length >> 16))
      }
      out.append(UInt8(truncatingIfNeeded: length >> 8))
      out.append(UInt8(truncatingIfNeeded: length))
      if header == .binary2Zeros { out += [0, 0] }
    case .bcd2:
      out.append(UInt8(length / 1_000) << 4 | UInt8(length / 100 % 10))
      out.append(UInt8(length / 10 % 10) << 4 | UInt8(length % 10))
    case .ascii4:
      for power in [1_000, 100, 10, 1] { out.append(0x30 + UInt8(length / power % 10)) }
    case .hex4:
      for shift in [12, 8, 4, 0] { out.append(Hex.digit(UInt8(length >> shift & 0x0F))) }
    }
  }

  /// How many bytes follow the length that begins at this place; nil when it is none.
  func count(in bytes: [UInt8], at start: Int) -> Int? {
    var length = 0
    for index in start..<start + headerCount {
      let byte = bytes[index]
      switch header {
      case .binary2, .binary4, .binary2ETX:
        length = length << 8 | Int(byte)
      case .binary2Zeros:
        if index < start + 2 {
          length = length << 8 | Int(byte)
        } else if byte != 0 {
          return nil
        }
      case .bcd2:
        if byte >> 4 > 9 || byte & 0x0F > 9 { return nil }
        length = length * 100 + Int(byte >> 4) * 10 + Int(byte & 0x0F)
      case .ascii4:
        if byte &- 0x30 > 9 { return nil }
        length = length * 10 + Int(byte - 0x30)
      case .hex4:
        guard let value = Hex.value(byte) else { return nil }
        length = length << 4 | Int(value)
      }
    }
    // A length of nothing keeps the line alive, whether it should have counted itself or not.
    if !countsHeader || length == 0 { return length }
    return length < headerCount ? nil : length - headerCount
  }
}
