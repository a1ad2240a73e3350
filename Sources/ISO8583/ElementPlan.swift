// SPDX-License-Identifier: Apache-2.0

/// One row of the compiled table: what reading and writing ask of an element, in a few bytes that
/// are copied without being counted.
struct ElementPlan: Hashable, Sendable {
  var isDefined = false
  var data = ElementFormat.Data.text
  var prefix = ElementFormat.Prefix.ascii
  /// 0 where the length is fixed.
  var prefixDigits: UInt8 = 0
  var prefixBytes: UInt8 = 0
  var countsBytes = false
  var padsLeft = false
  var pad: UInt8 = 0
  var allowsAnyNibble = false
  var maximum: Int32 = 0
  /// The largest number that the prefix may be.
  var largestPrefix: Int32 = 0

  var isFixed: Bool { prefixDigits == 0 }

  /// Bytes on the wire, the prefix excluded.
  func wireCount(_ units: Int) -> Int {
    switch data {
    case .text, .digits, .bytes, .ebcdic: units
    case .packed: (units + 1) / 2
    case .hex: units * 2
    }
  }

  /// Whether a short fixed content is filled up: bytes and digits mean something at every place.
  var fillsUp: Bool { data == .text || data == .ebcdic }
}

extension ElementFormat {
  var plan: ElementPlan {
    var plan = ElementPlan()
    plan.isDefined = true
    plan.data = data
    plan.prefix = prefix
    switch length {
    case .fixed: plan.prefixDigits = 0
    case .ll: plan.prefixDigits = 2
    case .lll: plan.prefixDigits = 3
    case .llll: plan.prefixDigits = 4
    }
    if plan.prefixDigits > 0 {
      switch prefix {
      case .ascii, .ebcdic, .hex: plan.prefixBytes = plan.prefixDigits
      case .bcd: plan.prefixBytes = (plan.prefixDigits + 1) / 2
      case .binary: plan.prefixBytes = plan.prefixDigits == 2 ? 1 : 2
      }
    }
    plan.countsBytes = counting == .bytes
    plan.padsLeft = side == .left
    plan.pad = pad
    plan.allowsAnyNibble = allowsAnyNibble
    plan.maximum = Int32(clamping: maximum)
    let largest = plan.countsBytes ? plan.wireCount(Int(plan.maximum)) : Int(plan.maximum)
    plan.largestPrefix = Int32(clamping: largest)
    return plan
  }
}
