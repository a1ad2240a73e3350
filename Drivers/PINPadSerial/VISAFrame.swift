// SPDX-License-Identifier: Apache-2.0

import Wire

//   transaction:     02 <message> 03 LRC         administration: 0F <message> 0E LRC
//   single bytes:    06 ACK   15 NAK   04 EOT
//
// The byte after 03 or 0E is the LRC whatever its value: it may look like any control byte.
// Source: UIC PP791 Programmer's Manual, UDN PM0103-U rev. 06, section 4.

/// What comes over the line, cut out of the stream.
enum VISAToken: Hashable, Sendable {
  case acknowledged
  case refused
  case ended
  case frame(VISAFrame)
  /// A frame whose check byte is wrong, whose ends do not pair, or that is too long.
  case damaged
}

/// One frame, without its ends and its check byte.
struct VISAFrame: Hashable, Sendable {
  var isAdministrative: Bool
  var message: [UInt8]

  /// The bytes on the line.
  var bytes: [UInt8] {
    let end: UInt8 = isAdministrative ? 0x0E : 0x03
    let checked = message + [end]
    return [isAdministrative ? 0x0F : 0x02] + checked
      + [longitudinalRedundancyCheck(checked)]
  }
}

/// Cuts the stream, a byte at a time.
struct VISAScanner: Hashable, Sendable {
  private enum Phase: Hashable, Sendable {
    case outside
    case inside(isAdministrative: Bool)
    case atCheck(isAdministrative: Bool, isPaired: Bool)
  }

  /// No message of the family is longer.
  private static let limit = 600

  private var phase = Phase.outside
  private var message: [UInt8] = []

  /// Whether a frame has begun and not ended.
  var isInside: Bool { phase != .outside }

  mutating func reset() {
    phase = .outside
    for index in message.indices { message[index] = 0 }
    message.removeAll()
  }

  mutating func take(_ byte: UInt8) -> VISAToken? {
    switch phase {
    case .outside:
      switch byte {
      case 0x06: return .acknowledged
      case 0x15: return .refused
      case 0x04: return .ended
      case 0x02, 0x0F:
        message.removeAll()
        phase = .inside(isAdministrative: byte == 0x0F)
        return nil
      default: return nil
      }
    case .inside(let isAdministrative):
      if byte == 0x03 || byte == 0x0E {
        let isPaired = (byte == 0x0E) == isAdministrative
        phase = .atCheck(isAdministrative: isAdministrative, isPaired: isPaired)
      } else if message.count >= VISAScanner.limit {
        reset()
        return .damaged
      } else {
        message.append(byte)
      }
      return nil
    case .atCheck(let isAdministrative, let isPaired):
      let frame = VISAFrame(isAdministrative: isAdministrative, message: message)
      let expected = frame.bytes.last
      reset()
      return isPaired && byte == expected ? .frame(frame) : .damaged
    }
  }
}
