// SPDX-License-Identifier: Apache-2.0

/// A text by its UTF-8 bytes: equal, ordered and hashed bytewise.
///
/// Swift's own `String` takes two spellings of one letter for equal, so two target paths would
/// become one and members would be sorted otherwise than the signer sorted them.
public struct ByteString: Hashable, Comparable, Sendable {
  /// The bytes, well-formed UTF-8.
  public let bytes: [UInt8]

  /// A text of these bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// A text.
  public init(_ text: String) { bytes = Array(text.utf8) }

  /// By bytes, which for UTF-8 is the order of code points.
  public static func < (left: ByteString, right: ByteString) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// The one text behind the other.
  public static func + (left: ByteString, right: ByteString) -> ByteString {
    ByteString(left.bytes + right.bytes)
  }
}

extension ByteString: ExpressibleByStringLiteral {
  /// A text that stands in the program.
  public init(stringLiteral text: String) { self.init(text) }
}

extension ByteString: CustomStringConvertible {
  /// For people and logs: control characters are percent-encoded, so that no name from outside
  /// makes a line of its own.
  public var description: String {
    var out: [UInt8] = []
    for byte in bytes {
      if byte < 0x20 || byte == 0x7F {
        out += PercentEncoding.escaped(byte)
      } else {
        out.append(byte)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}

extension ByteString {
  /// The decimal digits of a number.
  init(_ number: Int64) { self.init(Array(String(number).utf8)) }

  func hasPrefix(_ prefix: ByteString) -> Bool { bytes.starts(with: prefix.bytes) }
}
