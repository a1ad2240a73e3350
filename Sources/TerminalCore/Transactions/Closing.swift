// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

/// Why a person has closed for good what was parked: the matter was settled by hand.
public struct Closing: Hashable, Sendable {
  /// What was agreed, in a few words.
  public var reason: String
  /// Who decided it, as they said.
  public var by: String
  /// When, by the terminal's clock; nil where it was not known.
  public var at: LocalTime?

  /// A closing, before it is dated.
  public init(reason: String, by: String) {
    self.reason = reason
    self.by = by
  }

  init?(_ bytes: [UInt8]) {
    guard let fields = try? FieldReader(bytes), let reason = fields.text(1),
      let by = fields.text(2)
    else { return nil }
    self.init(reason: reason, by: by)
    at = fields.text(3).flatMap { LocalTime(text: $0) }
  }

  var encoded: [UInt8] {
    var fields = FieldWriter()
    fields.write(1, reason)
    fields.write(2, by)
    if let at { fields.write(3, at.text) }
    return fields.bytes
  }

  /// The field that cannot be written down; nil when both can.
  var flaw: String? {
    if !Closing.isWritable(reason, limit: 200) { return "reason" }
    return Closing.isWritable(by, limit: 64) ? nil : "by"
  }

  /// Some words without control characters, and no number in them that may be a card's: journal,
  /// log and screen show them.
  private static func isWritable(_ text: String, limit: Int) -> Bool {
    let bytes = Array(text.utf8)
    if bytes.count > limit || bytes.allSatisfy({ $0 == 0x20 }) { return false }
    if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return false }
    return !mayHaveCardNumber(text)
  }

  /// Whether groups of digits that follow each other, divided by one mark or the same one again,
  /// may be a card number; or part of one group, which other digits may hide. Part of a group and
  /// part of the next is none: else nearly every date before a telephone number would be one.
  private static func mayHaveCardNumber(_ text: String) -> Bool {
    var groups: [[UInt8]] = []
    var last: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { last = scalar }
      let lastIsDigit = last.map { digit($0) != nil } ?? false
      if let digit = digit(scalar) {
        if lastIsDigit { groups[groups.count - 1].append(digit) } else { groups.append([digit]) }
      } else if !isMark(scalar) || !lastIsDigit && scalar != last {
        // An empty group ends what may belong together.
        groups.append([])
      }
    }
    for first in groups.indices {
      if parts(of: groups[first]).contains(where: { PAN.looksLikeOne($0) }) { return true }
      var joined: [UInt8] = []
      for group in groups[first...] {
        joined += group
        if group.isEmpty || joined.count > 19 { break }
        if PAN.looksLikeOne(joined) { return true }
      }
    }
    return false
  }

  /// An ASCII digit, or one of the wide ones of a Chinese keyboard.
  private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar.value {
    case 0x30...0x39: UInt8(truncatingIfNeeded: scalar.value)
    case 0xFF10...0xFF19: UInt8(truncatingIfNeeded: scalar.value - 0xFF10 + 0x30)
    default: nil
    }
  }

  /// Whether it is a blank or a mark of punctuation, of ASCII or of a Chinese keyboard.
  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x41...0x5A, 0x61...0x7A: false
    case 0...0xBF, 0x2000...0x206F, 0x3000...0x303F, 0xFF00...0xFF0F, 0xFF1A...0xFF20: true
    default: false
    }
  }

  /// All that stands together in it and is as long as a card number.
  private static func parts(of group: [UInt8]) -> [[UInt8]] {
    group.indices.flatMap { start in
      (13...19).compactMap { count in
        start + count <= group.count ? Array(group[start..<start + count]) : nil
      }
    }
  }
}
