// SPDX-License-Identifier: Apache-2.0

import Wire

// A message is measured and then written, so that its buffer is allocated once and in the right
// size; what is wrong with a length is found by measuring, and with a character by writing.

extension Codec {
  /// Writes everything; where there is a MAC element, all that stands before it, with room behind.
  func write(
    _ message: Message, mac: Int?, into bytes: inout [UInt8]
  ) throws(CodecFault) {
    bytes.removeAll(keepingCapacity: true)
    var written = message.elements
    if let mac {
      // What such a message had in another MAC's place would be a MAC over something else.
      for element in [64, 128, 192] { written.remove(element) }
      written.insert(mac)
    }
    let maps = try bitmapCount(written)
    let digits = table.messageType == .bcd ? 2 : 4
    let head = digits + maps * (table.bitmap == .raw ? 8 : 16)
    let size = try measure(message, from: head, mac: mac)
    let room = mac.map { table.plans[$0].wireCount(Int(table.plans[$0].maximum)) } ?? 0
    if size + room > table.limit { throw CodecFault(0, table.limit, .tooLong) }
    bytes.reserveCapacity(size + room)
    bytes.append(contentsOf: repeatElement(0, count: size))
    var fault: CodecFault?
    var out = bytes.mutableSpan
    do throws(CodecFault) {
      var offset = 0
      try writeHead(message.typeWord, written, maps, &offset, &out)
      try writeRecords(message, mac: mac, &offset, &out)
    } catch {
      fault = error
    }
    if let fault {
      bytes.removeAll(keepingCapacity: true)
      throw fault
    }
  }

  private func bitmapCount(_ written: ElementSet) throws(CodecFault) -> Int {
    let maps = max(1, (written.highest + 63) / 64)
    let offset = table.messageType == .bcd ? 2 : 4
    if maps > table.bitmapLimit { throw CodecFault(1, offset, .secondBitmap) }
    if table.bitmapLimit == 3, written.contains(65) { throw CodecFault(65, offset, .undefined) }
    return maps
  }

  /// The size of the message in bytes.
  private func measure(
    _ message: Message, from head: Int, mac: Int?
  ) throws(CodecFault) -> Int {
    var size = head
    var start = 0
    while start < message.records.count {
      let element = Int(message.records[start])
      let count = message.count(at: start)
      start += Message.headCount + count
      if isSigned(element, mac) { continue }
      let plan = table.plans[element]
      size += try plan.measure(count, element, at: size)
    }
    if let mac {
      let plan = table.plans[mac]
      if !plan.isDefined || !plan.isFixed { throw CodecFault(mac, size, .undefined) }
    }
    return size
  }

  private func isSigned(_ element: Int, _ mac: Int?) -> Bool { mac != nil && element % 64 == 0 }

  private func writeHead(
    _ type: UInt32, _ written: ElementSet, _ maps: Int, _ offset: inout Int,
    _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) {
    for index in 0..<4 {
      let digit = UInt8(truncatingIfNeeded: type >> UInt32(24 - index * 8))
      if digit &- 0x30 > 9 { throw CodecFault(0, 0, .content) }
      switch table.messageType {
      case .ascii: out[index] = digit
      case .ebcdic: out[index] = EBCDIC.encoded[Int(digit)]
      case .bcd: out[index / 2] = out[index / 2] << 4 | (digit & 0x0F)
      }
    }
    offset = table.messageType == .bcd ? 2 : 4
    for map in 0..<maps {
      var word = written[map]
      if map + 1 < maps { word |= 1 << 63 }
      let digits = table.bitmap == .raw ? 8 : 16
      for index in 0..<digits {
        let shift = UInt64((digits - 1 - index) * (64 / digits))
        let value = UInt8(truncatingIfNeeded: word >> shift)
        switch table.bitmap {
        case .raw: out[offset] = value
        case .hex: out[offset] = Hex.digit(value & 0x0F)
        case .ebcdic: out[offset] = EBCDIC.encoded[Int(Hex.digit(value & 0x0F))]
        }
        offset += 1
      }
    }
  }

  private func writeRecords(
    _ message: Message, mac: Int?, _ offset: inout Int,
    _ out: inout MutableSpan<UInt8>
  ) throws(CodecFault) {
    let records = message.records
    var start = 0
    while start < records.count {
      let element = Int(records[start])
      let content = start + Message.headCount
      start = content + message.count(at: start)
      if isSigned(element, mac) { continue }
      try table.plans[element].write(records, content..<start, element, &offset, &out)
    }
  }
}
