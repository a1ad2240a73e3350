// SPDX-License-Identifier: Apache-2.0

import ISO8583

/// The acquirer's own table of elements: what both ends agreed on, written down a second time, so
/// that a mistake in the terminal's table does not agree with itself.
enum AcquirerTable {
  static let table: MessageTable = {
    var table = MessageTable(messageType: .ascii, bitmap: .raw, limit: 8_192)
    table[2] = ElementFormat(.ll(max: 19), data: .digits, secrecy: .pan)
    table[35] = ElementFormat(.ll(max: 37), secrecy: .track)
    table[54] = ElementFormat(.lll(max: 120))
    table[55] = ElementFormat(.lll(max: 255), data: .bytes, secrecy: .pan)
    table[60] = ElementFormat(.lll(max: 999))
    table[62] = ElementFormat(.lll(max: 999), data: .bytes, secrecy: .key)
    table[63] = ElementFormat(.lll(max: 999))
    for (element, count) in [(38, 6), (39, 2), (37, 12), (41, 8), (42, 15)] {
      table[element] = ElementFormat(.fixed(count))
    }
    for (element, count) in [
      (3, 6), (4, 12), (7, 10), (11, 6), (12, 6), (13, 4), (14, 4), (22, 3), (23, 3), (25, 2),
      (49, 3), (70, 3), (90, 42),
    ] {
      table[element] = ElementFormat(.fixed(count), data: .digits)
    }
    table[52] = ElementFormat(.fixed(8), data: .bytes, secrecy: .pin)
    for element in [64, 128] { table[element] = ElementFormat(.fixed(8), data: .bytes) }
    return table
  }()
}
