// SPDX-License-Identifier: Apache-2.0

import Clockwork
public import ISO8583

/// Draws messages that a table allows: any of its elements, of any length, with any content that
/// may stand there. They mean nothing; they are for codecs.
public struct MessageMaker {
  private static let types = ["0100", "0200", "0210", "0220", "0320", "0400", "0500", "0800"]
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -./".utf8)
  private static let nibbles = Array("0123456789ABC=EF".utf8)

  private let table: MessageTable
  private var dice: Dice

  /// The messages of one table and one seed.
  public init(table: MessageTable, seed: UInt64) {
    self.table = table
    dice = Dice(seed: seed)
  }

  /// The next message; it is shorter than the table's limit.
  public mutating func next() -> Message {
    let type = MessageMaker.types[dice.below(MessageMaker.types.count)]
    var message = Message(mti: Array(type.utf8))
    // The head, and so many bytes for the elements.
    var room = table.limit - 64
    let share = dice.within(2...9)
    for element in 2...192 {
      guard let format = table[element], !(element == 65 && table.bitmapLimit == 3),
        dice.chance(share, in: 10)
      else { continue }
      let count = length(format)
      // No element is longer on the wire than two bytes a unit and its prefix.
      if count * 2 + 4 > room { continue }
      room -= count * 2 + 4
      message[element] = content(format, count)
    }
    return message
  }

  private mutating func length(_ format: ElementFormat) -> Int {
    if case .fixed(let count) = format.length { return count }
    switch dice.below(8) {
    case 0: return format.maximum
    case 1: return 1
    default: return dice.within(1...min(format.maximum, 60))
    }
  }

  private mutating func content(_ format: ElementFormat, _ count: Int) -> [UInt8] {
    switch format.data {
    case .bytes, .hex:
      return dice.bytes(count)
    case .digits:
      return (0..<count).map { _ in 0x30 + UInt8(dice.below(10)) }
    case .packed:
      let kinds = format.allowsAnyNibble ? 16 : 10
      return (0..<count).map { _ in MessageMaker.nibbles[dice.below(kinds)] }
    case .text, .ebcdic:
      if dice.chance(1, in: 8) { return dice.bytes(count) }
      return (0..<count).map { _ in MessageMaker.letters[dice.below(MessageMaker.letters.count)] }
    }
  }
}
