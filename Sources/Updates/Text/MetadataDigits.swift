// SPDX-License-Identifier: Apache-2.0

import Wire

/// Hexadecimal digits as metadata has them, in lower case.
enum MetadataDigits {
  static func lowerCase(_ bytes: [UInt8]) -> ByteString {
    ByteString(bytes.flatMap { [lowerCase($0 >> 4), lowerCase($0 & 0x0F)] })
  }

  static func lowerCase(_ nibble: UInt8) -> UInt8 {
    let digit = Hex.digit(nibble)
    return digit >= 0x41 ? digit | 0x20 : digit
  }
}
