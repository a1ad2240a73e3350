// SPDX-License-Identifier: Apache-2.0

import Wire

/// Names from outside as parts of a file name or an address (RFC 3986, 2.1).
public enum PercentEncoding {
  /// One segment: all but letters, digits and `_.-~` is encoded, a slash too.
  public static func segment(_ name: ByteString) -> ByteString {
    ByteString(name.bytes.flatMap { isPlain($0) ? [$0] : escaped($0) })
  }

  /// A path: as a segment, but its slashes stay.
  public static func path(_ path: ByteString) -> ByteString {
    ByteString(path.bytes.flatMap { isPlain($0) || $0 == 0x2F ? [$0] : escaped($0) })
  }

  static func escaped(_ byte: UInt8) -> [UInt8] {
    [0x25, Hex.digit(byte >> 4), Hex.digit(byte & 0x0F)]
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D, 0x7E: true
    default: false
    }
  }
}
