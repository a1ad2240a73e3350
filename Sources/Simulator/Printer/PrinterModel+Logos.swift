// SPDX-License-Identifier: Apache-2.0

import Devices

// Logos, by `GS ( L`: function 67 writes one into the memory, 69 prints it. An order that a printer
// does not know is dropped by its length.

extension PrinterModel {
  /// Sixteen bytes of the order to keep a logo have come; its dots follow.
  mutating func beginLogo() {
    let header = Array(buffer[..<16])
    let width = Int(header[11]) + Int(header[12]) * 256
    let height = Int(header[13]) + Int(header[14]) * 256
    let isWhole = skipped == 16 + (width + 7) / 8 * height
    // Of two tones, of single size, and in one colour.
    guard profile.keepsLogos, header[5...7] == [0x30, 0x43, 0x30], header[10] == 1,
      header[15] == 0x31, width > 0, height > 0, isWhole
    else {
      return noteUnknown(Array(header.prefix(7)))
    }
    let key = LogoKey(first: header[8], second: header[9])
    incoming = IncomingPicture(width: (width + 7) / 8, dots: width, key: [key])
    drop(16)
  }

  /// A logo is in the memory, in the place of one with the same key.
  mutating func keep(_ key: LogoKey, _ dots: Raster) {
    logoWritings += 1
    if let place = logoKeys.firstIndex(of: key) {
      logos[place] = dots
    } else {
      logoKeys.append(key)
      logos.append(dots)
    }
  }

  /// A whole order about logos: to print one, or nothing that this printer knows.
  mutating func logo(_ command: [UInt8]) {
    guard profile.keepsLogos, command.count == 11, command[5...6] == [0x30, 0x45],
      command[9...10] == [0x01, 0x01]
    else {
      return noteUnknown(Array(command.prefix(7)))
    }
    // What it does not keep it does not print.
    let key = LogoKey(first: command[7], second: command[8])
    guard line.cells == 0, let place = logoKeys.firstIndex(of: key) else { return }
    let dots = logos[place]
    motion = .picture(
      onPaper(IncomingPicture(width: dots.bytesPerRow, dots: dots.width, bytes: dots.bytes)))
  }

  private mutating func noteUnknown(_ bytes: [UInt8]) {
    if unknownCommands.count == 64 { return }
    unknownCommands.append(UnknownCommand(offset: interpreted, bytes: bytes))
  }
}
