// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

/// Bytes of hexadecimal digits; blanks are for the reader.
func hex(_ digits: String) throws -> [UInt8] {
  try Hex.decode(Array(digits.filter { !$0.isWhitespace }.utf8))
}

func key<Purpose: KeyPurpose>(
  _ algorithm: CipherAlgorithm, _ digits: String
) throws -> Key<Purpose> {
  try Key<Purpose>(algorithm, hex(digits))
}

extension Key {
  /// The bytes as digits, which only the modules that compute with keys and their tests can see.
  var digits: String { Hex.text(material.secret.exposed) }
}

/// The key of ANSI X9.24's examples.
let publishedKey = "0123456789ABCDEFFEDCBA9876543210"
