// SPDX-License-Identifier: Apache-2.0

import Wire

/// The parts of an element's content, by name; it prints the names alone.
public struct Composite: Hashable, Sendable, CustomStringConvertible {
  private struct Entry: Hashable, Sendable {
    var name: String
    var content: [UInt8]
  }

  private let layout: PartLayout
  private var entries: [Entry] = []

  /// Nothing, in this layout.
  public init(_ layout: PartLayout) {
    precondition(layout.objection == nil, "who makes a layout asks whether it is possible")
    self.layout = layout
  }

  /// The parts of some content.
  public init(_ layout: PartLayout, parsing content: [UInt8]) throws(PartFault) {
    self.init(layout)
    switch layout.kind {
    case .ber: try parseBER(content)
    case .text(let tag, let length): try parseText(content, tag, length)
    case .positional(let parts, let repeating):
      try parsePositional(content, parts, repeating)
    case .bitmap(let bytes, let parts): try parseBitmap(content, bytes, parts)
    }
  }

  /// The first part of this name.
  public subscript(name: String) -> [UInt8]? {
    get { entries.first { $0.name == name }?.content }
    set {
      let index = entries.firstIndex { $0.name == name }
      if let index, let newValue {
        entries[index].content = newValue
      } else if let index {
        entries.remove(at: index)
      } else if let newValue {
        append(name, newValue)
      }
    }
  }

  /// All parts of this name, in order.
  public func all(_ name: String) -> [[UInt8]] {
    entries.filter { $0.name == name }.map { $0.content }
  }

  /// Adds a part, also one of a name that is there.
  public mutating func append(_ name: String, _ content: [UInt8]) {
    entries.append(Entry(name: name, content: content))
  }

  /// The names of the parts, in order.
  public var names: [String] { entries.map { $0.name } }

  /// The names of the parts; never their content.
  public var description: String { names.joined(separator: " ") }

  /// The content of the element.
  public func encoded() throws(PartFault) -> [UInt8] {
    switch layout.kind {
    case .ber: try encodedBER()
    case .text(let tag, let length): try encodedText(tag, length)
    case .positional(let parts, let repeating): try encodedPositional(parts, repeating)
    case .bitmap(let bytes, let parts): try encodedBitmap(bytes, parts)
    }
  }

  // MARK: BER-TLV

  private mutating func parseBER(_ content: [UInt8]) throws(PartFault) {
    do throws(WireFault) {
      for object in try TLV.parse(content) {
        let value = object.children.flatMap { $0.encoded } + object.value
        append(Hex.text(object.tag.bytes), value)
      }
    } catch {
      throw .unreadable
    }
  }

  private func encodedBER() throws(PartFault) -> [UInt8] {
    var out: [UInt8] = []
    for entry in entries {
      guard let bytes = try? Hex.decode(Array(entry.name.utf8)), bytes.count <= 3,
        let tag = TLVTag(bytes.reduce(0) { $0 << 8 | UInt32($1) })
      else { throw .unknown(entry.name) }
      if !tag.isConstructed {
        out += TLV(tag, entry.content).encoded
      } else if let children = try? TLV.parse(entry.content) {
        out += TLV(tag, children: children).encoded
      } else {
        throw .content(entry.name)
      }
    }
    return out
  }

  // MARK: TLV of characters

  private mutating func parseText(
    _ content: [UInt8], _ tag: Int, _ length: Int
  ) throws(PartFault) {
    var rest = content[...]
    while !rest.isEmpty {
      let head = rest.prefix(tag + length)
      if head.count < tag + length { throw .unreadable }
      var count = 0
      for digit in head.suffix(length) {
        if digit &- 0x30 > 9 { throw .unreadable }
        count = count * 10 + Int(digit - 0x30)
      }
      rest = rest.dropFirst(tag + length)
      if rest.count < count { throw .unreadable }
      append(String(decoding: head.prefix(tag), as: UTF8.self), Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
  }

  private func encodedText(_ tag: Int, _ length: Int) throws(PartFault) -> [UInt8] {
    var out: [UInt8] = []
    for entry in entries {
      let name = Array(entry.name.utf8)
      let digits = Array(String(entry.content.count).utf8)
      if name.count != tag { throw .unknown(entry.name) }
      if digits.count > length { throw .content(entry.name) }
      out += name + [UInt8](repeating: 0x30, count: length - digits.count) + digits
      out += entry.content
    }
    return out
  }

  // MARK: Parts at places

  private mutating func parsePositional(
    _ content: [UInt8], _ parts: [Part], _ repeating: Int
  ) throws(PartFault) {
    var rest = content[...]
    var index = 0
    while !rest.isEmpty {
      if index == parts.count {
        if repeating == 0 { throw .leftOver(rest.count) }
        index -= repeating
      }
      let count = parts[index].count ?? rest.count
      append(parts[index].name, Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
      index += 1
    }
  }

  /// A part may be missing only behind the last that is there, and only the last may be short.
  private func encodedPositional(_ parts: [Part], _ repeating: Int) throws(PartFault) -> [UInt8] {
    var out: [UInt8] = []
    var rest = entries
    var index = 0
    while !rest.isEmpty {
      if index == parts.count { index -= repeating }
      if index == parts.count { throw .unknown(rest[0].name) }
      let part = parts[index]
      guard let found = rest.firstIndex(where: { $0.name == part.name }) else {
        throw .missing(part.name)
      }
      let content = rest.remove(at: found).content
      let count = part.count ?? content.count
      if content.count > count || content.count < count && !rest.isEmpty {
        throw .content(part.name)
      }
      out += content
      index += 1
    }
    return out
  }

  // MARK: Parts with a bitmap

  private mutating func parseBitmap(
    _ content: [UInt8], _ bytes: Int, _ parts: [NumberedPart]
  ) throws(PartFault) {
    if content.count < bytes { throw .unreadable }
    var place = ReadingPlace(offset: bytes)
    var records = [UInt8](repeating: 0, count: content.count * 2 + bytes * 8 * Message.headCount)
    for number in 1...bytes * 8 where content[(number - 1) / 8] << ((number - 1) % 8) > 0x7F {
      guard let part = parts.first(where: { $0.number == number }) else {
        throw .unknown(String(number))
      }
      let start = place.written + Message.headCount
      var out = records.mutableSpan
      do throws(CodecFault) {
        try part.format.plan.read(content, number, &place, &out)
      } catch {
        throw .content(part.name)
      }
      append(part.name, Array(records[start..<place.written]))
    }
    if place.offset < content.count { throw .leftOver(content.count - place.offset) }
  }

  private func encodedBitmap(_ bytes: Int, _ parts: [NumberedPart]) throws(PartFault) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: bytes)
    for part in parts.sorted(by: { $0.number < $1.number }) {
      guard let content = self[part.name] else { continue }
      out[(part.number - 1) / 8] |= 0x80 >> UInt8((part.number - 1) % 8)
      let plan = part.format.plan
      do throws(CodecFault) {
        var offset = out.count
        let size = try plan.measure(content.count, part.number, at: offset)
        out += [UInt8](repeating: 0, count: size)
        var span = out.mutableSpan
        try plan.write(content, 0..<content.count, part.number, &offset, &span)
      } catch {
        throw .content(part.name)
      }
    }
    if let stranger = entries.first(where: { entry in !parts.contains { $0.name == entry.name } }) {
      throw .unknown(stranger.name)
    }
    return out
  }
}

/// What is wrong with the parts of an element; it names a part and never its content.
public enum PartFault: Error, Hashable, Sendable {
  /// The content is not in this layout.
  case unreadable
  /// The layout has no such part.
  case unknown(String)
  /// A part is missing in front of others.
  case missing(String)
  /// A part's content is too long, too short or of the wrong kind.
  case content(String)
  /// So many units are left behind the last part.
  case leftOver(Int)
}

extension Codec {
  /// The parts of an element in one of the table's layouts, the first unless it is named; nil where
  /// the message has no such element or the table no such layout.
  public func parts(
    _ element: Int, of message: Message, layout name: String? = nil
  ) throws(PartFault) -> Composite? {
    guard let content = message[element], let layout = layout(element, name) else { return nil }
    return try Composite(layout, parsing: content)
  }

  /// A layout of an element, the first unless it is named.
  public func layout(_ element: Int, _ name: String? = nil) -> PartLayout? {
    table[element]?.layouts.first { name == nil || $0.name == name }
  }
}
