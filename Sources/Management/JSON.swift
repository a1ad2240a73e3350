// SPDX-License-Identifier: Apache-2.0

/// A JSON value (RFC 8259); whole numbers of 64 bits only, objects in the order of their text.
public enum JSON: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A whole number.
  case integer(Int64)
  /// A number that is not whole or has more than 64 bits, where the reader wants to name its place:
  /// nothing of it is kept, and it is written as `null`.
  case oddNumber
  /// A text.
  case text(String)
  /// An array.
  case array([JSON])
  /// An object.
  case object([JSONMember])

  /// The value of a member of an object.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    for member in members where member.name == name { return member.value }
    return nil
  }

  /// The text, if it is one.
  public var text: String? {
    guard case .text(let text) = self else { return nil }
    return text
  }

  /// The whole number, if it is one.
  public var integer: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  /// The truth value, if it is one.
  public var boolean: Bool? {
    guard case .boolean(let truth) = self else { return nil }
    return truth
  }

  /// The elements, if it is an array.
  public var array: [JSON]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }
}

/// A name and a value of an object.
public struct JSONMember: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The value.
  public var value: JSON

  /// A member.
  public init(_ name: String, _ value: JSON) {
    self.name = name
    self.value = value
  }
}

/// What is wrong with a JSON text.
public enum JSONFault: Error, Hashable, Sendable {
  /// More than `limit` bytes.
  case tooLong(limit: Int)
  /// Not JSON, a name twice, too deep, or a number that is not whole.
  case malformed(line: Int, column: Int)
}

extension JSON {
  /// The text of the value, without white space.
  public var encoded: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .null, .oddNumber: out += Array("null".utf8)
    case .boolean(let truth): out += Array((truth ? "true" : "false").utf8)
    case .integer(let number): out += Array(String(number).utf8)
    case .text(let text): JSON.write(text, to: &out)
    case .array(let elements):
      out.append(0x5B)
      for (index, element) in elements.enumerated() {
        if index > 0 { out.append(0x2C) }
        element.write(to: &out)
      }
      out.append(0x5D)
    case .object(let members):
      out.append(0x7B)
      for (index, member) in members.enumerated() {
        if index > 0 { out.append(0x2C) }
        JSON.write(member.name, to: &out)
        out.append(0x3A)
        member.value.write(to: &out)
      }
      out.append(0x7D)
    }
  }

  /// RFC 8259, 7: the quotation mark, the backslash and the control characters are escaped.
  private static func write(_ text: String, to out: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    out.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C: out += [0x5C, byte]
      case 0x0A: out += [0x5C, 0x6E]
      case 0x00..<0x20:
        out += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
      default: out.append(byte)
      }
    }
    out.append(0x22)
  }
}
