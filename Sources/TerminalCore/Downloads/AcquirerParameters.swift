// SPDX-License-Identifier: Apache-2.0

import Devices

// DE62 of the answer to 360: codes of two digits, each with a value of fixed width. An unknown code
// cannot be skipped, since nothing says where its value ends: what came before it is kept.

/// What the acquirer has set by its parameters; what it has not said is nil.
public struct AcquirerParameters: Hashable, Sendable {
  /// One code with its value, as it came.
  public struct Line: Hashable, Sendable {
    /// Two digits.
    public var code: [UInt8]
    /// The value.
    public var value: [UInt8]
  }

  /// How long the acquirer may take to answer, seconds: code 12.
  public private(set) var answerSeconds: UInt16?
  /// Whether tips are taken: code 18.
  public private(set) var allowsTips: Bool?
  /// The largest tip, per cent of the original: code 19.
  public private(set) var tipPercent: UInt64?
  /// Whether card numbers may be keyed: code 20.
  public private(set) var allowsKeyedEntry: Bool?
  /// Whether the terminal signs off after a settlement: code 21.
  public private(set) var signsOffAfterSettlement: Bool?
  /// The merchant's name for receipts: code 22.
  public private(set) var merchantName: String?
  /// Which transactions are switched on, four bytes: code 26.
  public private(set) var switches: [UInt8]?

  /// Nothing said.
  public init() {}

  init(_ lines: [Line]) {
    for line in lines { take(line) }
  }

  private mutating func take(_ line: Line) {
    switch (line.code[0], line.code[1]) {
    case (0x31, 0x32):
      // A host that says 00 has not said anything.
      let seconds = Digits.number(line.value) ?? 0
      answerSeconds = seconds == 0 ? nil : UInt16(seconds)
    case (0x31, 0x38): allowsTips = AcquirerParameters.flag(line.value)
    case (0x31, 0x39): tipPercent = Digits.number(line.value)
    case (0x32, 0x30): allowsKeyedEntry = AcquirerParameters.flag(line.value)
    case (0x32, 0x31): signsOffAfterSettlement = AcquirerParameters.flag(line.value)
    case (0x32, 0x32): merchantName = GBK.text(of: AcquirerParameters.trimmed(line.value))
    case (0x32, 0x36): switches = line.value
    default: break
    }
  }

  private static func flag(_ value: [UInt8]) -> Bool? {
    value == [0x31] ? true : value == [0x30] ? false : nil
  }

  private static func trimmed(_ value: [UInt8]) -> [UInt8] {
    var value = value
    while let last = value.last, last == 0x20 || last == 0 { value.removeLast() }
    return value
  }

  /// Whether a kind of transaction is switched on. Bit 1 is the most significant of the first byte;
  /// tips have a code of their own.
  func allows(_ kind: TransactionKind) -> Bool {
    if kind == .tip { return allowsTips != false }
    guard let switches, switches.count == 4 else { return true }
    let (byte, mask): (Int, UInt8) =
      switch kind {
      case .balance: (0, 0x80)
      case .preAuthorisation: (0, 0x40)
      case .preAuthorisationVoid: (0, 0x20)
      case .completion: (0, 0x10)
      case .completionVoid: (0, 0x08)
      case .sale: (0, 0x04)
      case .void, .offlineVoid: (0, 0x02)
      case .refund: (0, 0x01)
      case .offlineSale: (1, 0x80)
      case .completionAdvice: (1, 0x20)
      case .scriptNotice: (1, 0x10)
      case .tip: (1, 0)
      }
    return switches[byte] & mask != 0
  }

  /// How many bytes the value of a code has; nil for a code that is not known.
  private static func width(of code: [UInt8]) -> Int? {
    switch Digits.number(code) {
    case 1, 2, 3, 4, 5, 13, 18, 20, 21, 23, 24, 25: 1
    case 11, 12, 19, 27: 2
    case 14, 15, 16, 17: 14
    case 22: 40
    case 26: 4
    case 51: 12
    default: nil
    }
  }

  /// The lines of an answer, and the code at which reading stopped; nil when it makes no sense.
  static func read(_ content: [UInt8]) -> (lines: [Line], unknown: [UInt8])? {
    var lines: [Line] = []
    var rest = content[...]
    while !rest.isEmpty {
      let code = Array(rest.prefix(2))
      guard Digits.number(code) != nil, code.count == 2 else { return nil }
      guard let width = width(of: code) else { return (lines, code) }
      rest = rest.dropFirst(2)
      let value = Array(rest.prefix(width))
      if value.count != width || lines.contains(where: { $0.code == code }) { return nil }
      lines.append(Line(code: code, value: value))
      rest = rest.dropFirst(width)
    }
    return (lines, [])
  }
}
