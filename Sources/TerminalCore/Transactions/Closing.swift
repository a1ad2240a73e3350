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

  /// Some words without control characters, and no number in them that may be a card's, however it
  /// is divided: journal, log and screen show them.
  private static func isWritable(_ text: String, limit: Int) -> Bool {
    let bytes = Array(text.utf8)
    if bytes.count > limit || bytes.allSatisfy({ $0 == 0x20 }) { return false }
    if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return false }
    var digits: [UInt8] = []
    for byte in bytes + [0x2E] {
      switch byte {
      case 0x30...0x39: digits.append(byte)
      case 0x20, 0x2D: break
      default:
        if PAN.looksLikeOne(digits) { return false }
        digits = []
      }
    }
    return true
  }
}
