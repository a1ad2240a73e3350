// SPDX-License-Identifier: Apache-2.0

/// A value of a metadata document: JSON with whole numbers only, whose texts are bytes and whose
/// objects are sorted as the signer sorts them.
public enum MetadataValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A whole number.
  case integer(Int64)
  /// A text.
  case text(ByteString)
  /// A list, in its order.
  case array([MetadataValue])
  /// An object, its members in ascending order of their names, each name once.
  case object([MetadataMember])

  /// An object of members in any order, each name once.
  public static func object(unsorted members: [MetadataMember]) -> MetadataValue {
    .object(members.sorted { $0.name < $1.name })
  }

  /// The member of this name, if this is an object that has it.
  public subscript(name: ByteString) -> MetadataValue? {
    guard case .object(let members) = self else { return nil }
    let position = members.firstPosition { $0.name < name }
    guard position < members.count, members[position].name == name else { return nil }
    return members[position].value
  }
}

/// A name and its value in an object.
public struct MetadataMember: Hashable, Sendable {
  /// The name.
  public let name: ByteString
  /// The value.
  public let value: MetadataValue

  /// A member.
  public init(_ name: ByteString, _ value: MetadataValue) {
    self.name = name
    self.value = value
  }
}

extension Array {
  /// Of a sorted array, where the first element stands that `isBefore` says no to.
  func firstPosition(_ isBefore: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

// The canonical form is that of OLPC: UTF-8 without blanks, members in the order of code points,
// and in texts nothing escaped but the quotation mark and the backslash. A PEM's line ends are
// therefore raw bytes of what is signed.

extension MetadataValue {
  /// The bytes that are signed.
  public var canonical: [UInt8] {
    var out: [UInt8] = []
    write(to: &out)
    return out
  }

  private func write(to out: inout [UInt8]) {
    switch self {
    case .null: out += [0x6E, 0x75, 0x6C, 0x6C]
    case .boolean(true): out += [0x74, 0x72, 0x75, 0x65]
    case .boolean(false): out += [0x66, 0x61, 0x6C, 0x73, 0x65]
    case .integer(let number): out += ByteString(number).bytes
    case .text(let text): MetadataValue.write(text, to: &out)
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
        MetadataValue.write(member.name, to: &out)
        out.append(0x3A)
        member.value.write(to: &out)
      }
      out.append(0x7D)
    }
  }

  private static func write(_ text: ByteString, to out: inout [UInt8]) {
    out.append(0x22)
    for byte in text.bytes {
      if byte == 0x22 || byte == 0x5C { out.append(0x5C) }
      out.append(byte)
    }
    out.append(0x22)
  }
}
