// SPDX-License-Identifier: Apache-2.0

import Wire

//  command : "ViVOtech2" 00 | command, sub-command | length(2) | data | CRC low, CRC high
//  answer  : "ViVOtech2" 00 | command, status      | length(2) | data | CRC high, CRC low
//
// CRC-16, polynomial 1021, initial value FFFF, over everything before it. Two pages of the guide
// have the commands of the pass-through group (2C) the other way round: the driver finds out which
// the reader takes, and takes answers in either order.
// Source: ID TECH 80139403-002 rev. 88.1, 3.2, 3.4.

/// Commands of a NEO 2 reader, as far as contact cards need them.
enum NEO2Code {
  /// Ping, 18-01.
  static let ping: UInt8 = 0x18
  /// The pass-through group.
  static let passThrough: UInt8 = 0x2C
  /// The interface that is the slot for contact cards.
  static let contactSlot: UInt8 = 0x20
}

/// What a NEO 2 reader says of a command.
enum NEO2Status {
  static let ok: UInt8 = 0x00
  static let wrongTag: UInt8 = 0x01
  static let wrongCheck: UInt8 = 0x04
  static let timedOut: UInt8 = 0x08
  static let failed: UInt8 = 0x0A
  static let notAllowed: UInt8 = 0x0B
}

/// One answer of a NEO 2 reader.
struct NEO2Answer: Hashable, Sendable {
  /// The command it answers; the reader does not repeat the sub-command.
  var command: UInt8
  var status: UInt8
  var data: [UInt8]

  /// Why bytes are no answer.
  enum Fault: Error, Hashable, Sendable {
    case noTag
    case tooLong
    case truncated
    case leftOver
    case wrongCheck
  }

  /// Reads a message with the padding of its last report behind it.
  init(_ message: [UInt8]) throws(Fault) {
    guard let start = NEO2Frame.tagOffset(message) else { throw .noTag }
    let header = start + NEO2Frame.tagCount
    if message.count < header + 4 { throw .truncated }
    let length = Int(message[header + 2]) << 8 | Int(message[header + 3])
    let end = header + 4 + length
    if end + 2 - start > NEO2Frame.countLimit { throw .tooLong }
    if message.count < end + 2 { throw .truncated }
    // The last report is padded; a whole one too many means that the length is not the message's.
    if message.count - end - 2 >= NEO2Report.payloadCount { throw .leftOver }
    let check = cyclicRedundancyCheck16(message[start..<end], initial: 0xFFFF)
    let sent = UInt16(message[end]) << 8 | UInt16(message[end + 1])
    if sent != check, sent.byteSwapped != check { throw .wrongCheck }
    command = message[header]
    status = message[header + 1]
    data = Array(message[(header + 4)..<end])
  }
}

/// The form in which a NEO 2 reader takes commands.
enum NEO2Frame {
  /// "ViVOtech2" and a zero.
  static let tag: [UInt8] = [0x56, 0x69, 0x56, 0x4F, 0x74, 0x65, 0x63, 0x68, 0x32, 0x00]
  static let tagCount = 10
  /// The longest command or answer (3.2).
  static let countLimit = 1_500

  static func command(
    _ command: UInt8, _ subCommand: UInt8, _ data: [UInt8], isCheckHighFirst: Bool
  ) -> [UInt8] {
    precondition(data.count <= countLimit - 16, "the longest command is an APDU of 261 bytes")
    var bytes = tag + [command, subCommand]
    bytes += [UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
    let check = cyclicRedundancyCheck16(bytes, initial: 0xFFFF)
    let high = UInt8(check >> 8)
    let low = UInt8(check & 0xFF)
    bytes += isCheckHighFirst ? [high, low] : [low, high]
    return bytes
  }

  /// Where the tag begins; bytes in front of it are padding (3.2).
  static func tagOffset(_ bytes: [UInt8]) -> Int? {
    if bytes.count < tagCount { return nil }
    for start in 0...(bytes.count - tagCount) where bytes[start] == tag[0] {
      if bytes[start..<start + tagCount].elementsEqual(tag) { return start }
    }
    return nil
  }
}
