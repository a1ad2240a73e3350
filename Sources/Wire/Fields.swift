// SPDX-License-Identifier: Apache-2.0

// Records that a newer and an older program can both read: a run of fields, each
//
//     tag (1 byte, 1...255)   length (2 bytes, big-endian)   value
//
// A reader takes the fields it knows and keeps quiet about the others.

/// Writes a record of tagged fields.
public struct FieldWriter: Hashable, Sendable {
  private var writer = ByteWriter()

  /// An empty record.
  public init() {}

  /// The record.
  public var bytes: [UInt8] { writer.bytes }

  /// Writes a field of bytes, at most 65,535.
  public mutating func write(_ tag: UInt8, _ value: [UInt8]) {
    precondition(value.count <= 0xFFFF, "every type that is written limits its own length")
    writer.write(tag)
    writer.write(UInt16(value.count))
    writer.write(value)
  }

  /// Writes a field with a number.
  public mutating func write(_ tag: UInt8, _ value: UInt64) {
    var number = ByteWriter(capacity: 8)
    number.write(value)
    write(tag, number.bytes)
  }

  /// Writes a field with a text.
  public mutating func write(_ tag: UInt8, _ value: String) { write(tag, Array(value.utf8)) }
}

/// Reads a record of tagged fields; unknown tags are kept out of the way.
public struct FieldReader: Hashable, Sendable {
  private var tags: [UInt8] = []
  private var values: [[UInt8]] = []

  /// Splits a record; at most 4,096 fields.
  public init(_ record: [UInt8]) throws(WireFault) {
    var reader = ByteReader(record)
    while !reader.isAtEnd {
      if tags.count >= 4_096 { throw .tooLong(offset: reader.offset, limit: 4_096) }
      let tag = try reader.readByte()
      let length = Int(try reader.readUInt16())
      tags.append(tag)
      values.append(try reader.read(length))
    }
  }

  /// The first field with this tag.
  public func bytes(_ tag: UInt8) -> [UInt8]? {
    guard let index = tags.firstIndex(of: tag) else { return nil }
    return values[index]
  }

  /// All fields with this tag, in order.
  public func all(_ tag: UInt8) -> [[UInt8]] {
    var found: [[UInt8]] = []
    for index in 0..<tags.count where tags[index] == tag { found.append(values[index]) }
    return found
  }

  /// The first field with this tag as a number, if it has eight bytes.
  public func number(_ tag: UInt8) -> UInt64? {
    guard let value = bytes(tag), value.count == 8 else { return nil }
    return value.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The first field with this tag as a text.
  public func text(_ tag: UInt8) -> String? {
    guard let value = bytes(tag) else { return nil }
    return String(decoding: value, as: UTF8.self)
  }
}
