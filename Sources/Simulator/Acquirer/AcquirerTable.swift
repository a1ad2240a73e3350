// SPDX-License-Identifier: Apache-2.0

import ISO8583

/// The acquirer's own table of elements: what both ends agreed on, written down a second time, so
/// that a mistake in the terminal's table does not agree with itself.
enum AcquirerTable {
  static let table: MessageTable = {
    var table = MessageTable(messageType: .ascii, bitmap: .raw, limit: 8_192)
    table[2] = ElementFormat(.ll(max: 19), data: .digits, secrecy: .pan)
    table[35] = ElementFormat(.ll(max: 37), secrecy: .all)
    table[62] = ElementFormat(.lll(max: 999), secrecy: .all)
    for (element, count) in [(38, 6), (39, 2), (37, 12), (41, 8), (42, 15)] {
      table[element] = ElementFormat(.fixed(count))
    }
    for (element, count) in [
      (3, 6), (4, 12), (7, 10), (11, 6), (12, 6), (13, 4), (14, 4), (22, 3), (25, 2), (49, 3),
      (70, 3),
    ] {
      table[element] = ElementFormat(.fixed(count), data: .digits)
    }
    for element in [52, 64] { table[element] = ElementFormat(.fixed(8), secrecy: .all) }
    return table
  }()
}
