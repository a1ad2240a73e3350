// SPDX-License-Identifier: Apache-2.0

import Devices

// QR codes and bars, which come out as a line that says what is in them.

extension PrinterModel {
  /// What `GS ( k`, `GS h` and `GS w` have set, and the data that wait to be drawn.
  struct Codes: Hashable, Sendable {
    var level = QRCode.Level.low
    var cell: UInt8 = 3
    var data: [UInt8] = []
    var height: UInt8 = 162
  }

  /// Bytes of the longest command of codes that is looked at as a whole.
  var longestCode: Int { profile.receiveBuffer / 2 }

  /// `GS ( k` for QR codes.
  mutating func qrCode(_ command: [UInt8]) {
    if !profile.hasCodes { return unknown(command) }
    if command.count < 8 || command[5] != 0x31 { return }
    switch command[6] {
    case 0x43: settings.codes.cell = command[7]
    case 0x45: settings.codes.level = QRCode.Level(rawValue: command[7] &- 0x30) ?? .low
    case 0x50: settings.codes.data = Array(command[8...])
    case 0x51:
      let text = String(decoding: settings.codes.data, as: UTF8.self)
      guard line.cells == 0, let modules = QRCode.modules(text, settings.codes.level) else {
        return
      }
      draw("[QR " + text + "]", dots: modules * Int(settings.codes.cell))
    default: break
    }
  }

  /// `GS k`; of the symbologies this printer draws Code 128 in sets B and C.
  mutating func barCode(_ command: [UInt8]) {
    if !profile.hasCodes { return unknown(command) }
    if command.count < 7 || command[2] != 0x49 || command[4] != 0x7B || line.cells > 0 { return }
    var text = ""
    var last: UInt8 = 0
    for byte in command[6...] {
      if command[5] == 0x43 {
        text += (byte < 10 ? "0" : "") + String(byte)
      } else if byte != 0x7B || last == 0x7B {
        text.unicodeScalars.append(Unicode.Scalar(byte))
        last = 0
        continue
      }
      last = byte
    }
    draw("[128 " + text + "]", dots: Int(settings.codes.height))
  }

  private mutating func draw(_ text: String, dots: Int) {
    motion = .code(text, lines: (dots + 29) / 30)
  }

  private mutating func unknown(_ command: [UInt8]) {
    unknownCommands.append(
      UnknownCommand(offset: interpreted - command.count, bytes: Array(command.prefix(3))))
  }
}
