// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

// DE62 of the answer to 390: control, three digits of how far the list has come, and records of two
// digits of length and a field of fourteen characters. Such a field may be a whole card number: the
// list lies sealed in the journal and is never shown.

/// The first digits of cards that are refused.
enum BlackList {
  private static let recordLength = 16

  /// How far a piece leads, and its records; nil when it makes no sense.
  static func read(_ content: [UInt8]) -> (reached: UInt32, records: [[UInt8]])? {
    guard content.count >= 3, let reached = Digits.number(Array(content.prefix(3))),
      (content.count - 3) % recordLength == 0
    else { return nil }
    var records: [[UInt8]] = []
    for start in stride(from: 3, to: content.count, by: recordLength) {
      let field = Array(content[start..<start + recordLength])
      // An empty record would refuse every card.
      guard let count = Digits.number(Array(field.prefix(2))), (1...14).contains(count) else {
        return nil
      }
      let digits = Array(field[2..<2 + Int(count)])
      guard Digits.number(digits) != nil else { return nil }
      records.append(digits)
    }
    return (UInt32(reached), records)
  }

  static func refuses(_ pan: PAN, by records: [SecretBytes]) -> Bool {
    let digits = pan.exposed
    return records.contains { digits.starts(with: $0.exposed) }
  }
}

/// What holds for contactless cards: tags of six characters, lengths of three digits, values.
enum ContactlessParameters {
  /// The entries, tag and value together; nil when they make no sense.
  static func read(_ content: [UInt8]) -> [[UInt8]]? {
    var entries: [[UInt8]] = []
    var rest = content[...]
    while !rest.isEmpty {
      let tag = Array(rest.prefix(6))
      guard tag.count == 6, let count = Digits.number(Array(rest.dropFirst(6).prefix(3))),
        rest.count >= 9 + Int(count)
      else { return nil }
      if entries.contains(where: { $0.starts(with: tag) }) { return nil }
      entries.append(tag + Array(rest.dropFirst(9).prefix(Int(count))))
      rest = rest.dropFirst(9 + Int(count))
    }
    return entries
  }
}
