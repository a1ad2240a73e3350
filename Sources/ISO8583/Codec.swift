// SPDX-License-Identifier: Apache-2.0

//   message type │ bitmap (│ second (│ third)) │ elements in ascending order
//
// Bit n of the bitmaps says that element n follows; bit 1 says that a second bitmap follows, and
// bit 65, where the table has three bitmaps, that a third does.

/// Turns messages into bytes and bytes into messages, by a table.
public struct Codec: Hashable, Sendable {
  /// The table.
  public let table: MessageTable

  /// A codec for this table.
  public init(table: MessageTable) { self.table = table }

  /// The bytes of a message.
  public func encode(_ message: Message) throws(CodecFault) -> [UInt8] {
    var bytes: [UInt8] = []
    try encode(message, into: &bytes)
    return bytes
  }

  /// Writes a message into a buffer, whose content is replaced; one that is used again costs no
  /// allocation. After a fault the buffer is empty.
  public func encode(_ message: Message, into bytes: inout [UInt8]) throws(CodecFault) {
    try write(message, mac: nil, into: &bytes)
  }

  /// The bytes of a message that ends with a MAC over everything before it: element 64, or the last
  /// of the last bitmap that the message needs. `mac` makes its bytes, or nil if it cannot.
  public func encode(
    _ message: Message, mac: ([UInt8]) -> [UInt8]?
  ) throws(CodecFault) -> [UInt8] {
    var bytes: [UInt8] = []
    let element = message.macElement
    try write(message, mac: element, into: &bytes)
    // There is room behind what is covered, so that the MAC joins it without a copy.
    guard let code = mac(bytes) else { throw CodecFault(element, bytes.count, .noMAC) }
    let plan = table.plans[element]
    let offset = bytes.count
    if code.count != Int(plan.maximum) { throw CodecFault(element, offset, .noMAC) }
    bytes.append(contentsOf: repeatElement(0, count: plan.wireCount(code.count)))
    var out = bytes.mutableSpan
    var end = offset
    try plan.write(code, 0..<code.count, element, &end, &out)
    return bytes
  }

  /// The message of some bytes; the fault says how far they made sense.
  public func decode(_ bytes: [UInt8]) throws(CodecFault) -> Message {
    var message = Message(mti: [0x30, 0x30, 0x30, 0x30])
    do throws(CodecFault) {
      try decode(bytes, into: &message)
    } catch {
      var fault = error
      if message.typeWord != Message.noType { fault.partial = message }
      throw fault
    }
    return message
  }

  /// Reads bytes into a message, whose content is replaced; one that is used again costs no
  /// allocation. After a fault the message has what was read before.
  ///
  /// Returns how much was read over that would be written otherwise: nibbles of padding, digits
  /// A–F in lower case, an empty second or third bitmap. Without any, encoding the message gives
  /// the same bytes.
  @discardableResult
  public func decode(
    _ bytes: [UInt8], into message: inout Message
  ) throws(CodecFault) -> Int {
    var place = ReadingPlace()
    var records = message.begin()
    if bytes.count > table.limit { throw CodecFault(0, table.limit, .tooLong) }
    message.typeWord = try readType(bytes, &place)
    var present = try readBitmaps(bytes, &place)
    // Packed digits become twice as long at most, and nothing else becomes longer.
    let room = present.count * Message.headCount + (bytes.count - place.offset) * 2
    records.append(contentsOf: repeatElement(0, count: room))
    var read = ElementSet()
    var fault: CodecFault?
    var out = records.mutableSpan
    do throws(CodecFault) {
      while let element = present.popFirst() {
        try table.plans[element].read(bytes, element, &place, &out)
        read.insert(element)
      }
    } catch {
      fault = error
    }
    records.removeLast(room - place.written)
    message.end(records, read)
    if let fault { throw fault }
    if place.offset < bytes.count {
      throw CodecFault(0, place.offset, .leftOver, count: bytes.count - place.offset)
    }
    return place.overlooked
  }
}

/// How far reading has come.
struct ReadingPlace {
  /// In the bytes of the message.
  var offset = 0
  /// In the records.
  var written = 0
  /// What was read over that would be written otherwise.
  var overlooked = 0

  /// Passes over bytes that are there, and says where they begin.
  mutating func take(
    _ count: Int, of bytes: [UInt8], for element: Int
  ) throws(CodecFault) -> Int {
    let rest = bytes.count - offset
    if rest < count { throw CodecFault(element, offset, .truncated, count: count - rest) }
    defer { offset += count }
    return offset
  }
}
