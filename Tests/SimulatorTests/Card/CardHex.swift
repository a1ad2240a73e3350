// SPDX-License-Identifier: Apache-2.0

import Wire

/// Bytes of hexadecimal digits; blanks are for the reader.
func cardHex(_ digits: String) -> [UInt8] {
  (try? Hex.decode(Array(digits.filter { !$0.isWhitespace }.utf8))) ?? []
}
