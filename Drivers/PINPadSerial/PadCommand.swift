// SPDX-License-Identifier: Apache-2.0

import Devices
import Wire

// UIC PP791, sections 5 to 10:
//
//   11             is anybody there?                         ACK
//   06             serial number                             06…       EOT
//   04 slot 1      what is in the slot?                      040, 04F… EOT
//   08 slot        use this master key                       080, 081  EOT
//   02 slot block  load a key                                echo, 02? EOT
//   90, 94 block   load an initial key, set 0 or 1           91…
//   96 set         use this set                              ACK
//   Z2 RS n SUB    show prompt n, which asks for a PIN       Z20, Z21
//   Z60.           ask for a PIN                             71…
//   Z66            MAC, packet by packet                     Z67…

/// One exchange with the pad.
enum PadCommand: Hashable, Sendable {
  case probe
  case serial
  case query(PadSlotID)
  case selectSlot(PadSlotID)
  case load(PadKeyPlace, block: [UInt8])
  case selectSet(PadKeySet)
  case prompt([UInt8])
  case askPIN(PINPrompt)
  /// The packet of this number.
  case mac(PadMACRequest, packet: Int)

  private static let separator: UInt8 = 0x1C
  /// Bytes in a packet: 224 hexadecimal digits, a multiple of a block.
  static let packetBytes = 112

  /// Whether the pad answers with its ACK alone.
  var endsWithAcknowledgement: Bool {
    switch self {
    case .probe, .selectSet: true
    case .serial, .query, .selectSlot, .load, .prompt, .askPIN, .mac: false
    }
  }

  /// Whether the pad may have done it already when its answer is late.
  var isDoneOnce: Bool {
    switch self {
    case .load, .mac: true
    case .probe, .serial, .query, .selectSlot, .selectSet, .prompt, .askPIN: false
    }
  }

  /// Whether an EOT follows the answer.
  var hasTrailingEnd: Bool {
    switch self {
    case .serial, .query, .selectSlot, .load(.slot, _): true
    case .probe, .load(.set, _), .selectSet, .prompt, .askPIN, .mac: false
    }
  }

  /// The bytes on the line.
  var frame: VISAFrame {
    switch self {
    case .probe: administrative("11")
    case .serial: administrative("06")
    case .query(let slot): administrative("04", [slot.character, 0x31])
    case .selectSlot(let slot): administrative("08", [slot.character])
    case .load(.slot(let slot), let block): administrative("02", [slot.character] + block)
    case .load(.set(let number), let block): transaction(number == .zero ? "90" : "94", block)
    case .selectSet(let number): transaction("96", [0x30 + number.rawValue])
    case .prompt(let number): transaction("Z2", [0x1E] + number + [0x1A])
    case .askPIN(let prompt): transaction("Z60.", PadCommand.fields(prompt))
    case .mac(let request, let packet): transaction("Z66", PadCommand.fields(request, packet))
    }
  }

  private func administrative(_ number: String, _ fields: [UInt8] = []) -> VISAFrame {
    VISAFrame(isAdministrative: true, message: Array(number.utf8) + fields)
  }

  private func transaction(_ number: String, _ fields: [UInt8]) -> VISAFrame {
    VISAFrame(isAdministrative: false, message: Array(number.utf8) + fields)
  }

  /// Account, session key if there is one, time-out digit of 30 s each.
  private static func fields(_ prompt: PINPrompt) -> [UInt8] {
    var fields = prompt.pan.exposed + [separator]
    if let session = prompt.session { fields += Hex.encode(session.cryptogram) + [separator] }
    return fields + [0x30 + PadCommand.timeoutDigit(prompt)]
  }

  static func timeoutDigit(_ prompt: PINPrompt) -> UInt8 {
    UInt8(max(1, min(9, prompt.seconds / 30)))
  }

  /// Type 7 for a packet that others follow, 6 for the last: binary, which takes every byte. The
  /// message is filled up here, since pads disagree about what to fill with.
  private static func fields(_ request: PadMACRequest, _ packet: Int) -> [UInt8] {
    let start = packet * packetBytes
    var data = Array(request.message[start..<min(start + packetBytes, request.message.count)])
    while data.count % 8 != 0 { data.append(0) }
    let type: UInt8 = isLast(request, packet) ? 0x36 : 0x37
    let sequence = [0x30 + UInt8(packet / 10), 0x30 + UInt8(packet % 10)]
    return [type] + sequence + [request.key.slot.character, separator]
      + Hex.encode(request.key.cryptogram) + [separator, separator] + Hex.encode(data)
  }

  static func isLast(_ request: PadMACRequest, _ packet: Int) -> Bool {
    (packet + 1) * packetBytes >= request.message.count
  }
}
