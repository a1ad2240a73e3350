// SPDX-License-Identifier: Apache-2.0

import Devices

/// The commands the driver sends.
enum Command {
  /// Real-time status question 1...4 (`DLE EOT n`).
  static func status(_ question: UInt8) -> [UInt8] { [0x10, 0x04, question] }

  /// Report status by itself from now on (`GS a`), and once at once.
  static let automaticStatus: [UInt8] = [0x1D, 0x61, 0x0F]

  /// Answer one byte when everything before is processed (`GS r 1`).
  static let fence: [UInt8] = [0x1D, 0x72, 0x01]

  /// Clear the receive and print buffers in real time and confirm (`DLE DC4 8`).
  static let clear: [UInt8] = [0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08]

  /// Answer this number when everything before is on paper (`GS ( H`, function 48).
  static func processID(_ number: UInt16) -> [UInt8] {
    [0x1D, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30] + ProcessID.digits(number)
  }

  /// Feed to the cutter and cut, or feed to the tear bar.
  static func end(_ profile: PrinterProfile) -> [UInt8] {
    profile.hasCutter ? [0x1D, 0x56, 0x42, 0x00] : [0x1B, 0x64, 0x04]
  }

  /// Everything a document may not inherit, then a status report and a fence: together their
  /// answers prove that the interpreter lives and what state it is in.
  static func preamble(_ profile: PrinterProfile) -> [UInt8] {
    var bytes: [UInt8] = [0x1B, 0x40] + automaticStatus
    if profile.chinese == .gbk { bytes += [0x1C, 0x2E] }
    bytes += [0x1B, 0x52, 0x00, 0x1B, 0x74, profile.codePage, 0x1B, 0x20, 0x00]
    if profile.chinese == .gbk { bytes += [0x1C, 0x53, 0x00, 0x00] }
    return bytes + [0x1B, 0x63, 0x34, 0x00] + fence
  }
}

/// The numbers of process IDs, 1...9999, sent as four digits.
enum ProcessID {
  /// The number after this one.
  static func next(_ number: UInt16) -> UInt16 { number >= 9_999 ? 1 : number + 1 }

  /// Four ASCII digits.
  static func digits(_ number: UInt16) -> [UInt8] {
    [number / 1_000 % 10, number / 100 % 10, number / 10 % 10, number % 10]
      .map { UInt8($0) + 0x30 }
  }
}

/// Turns lines into commands. It keeps a shadow of the printer's settings and sends differences.
struct Encoder {
  let profile: PrinterProfile
  private var isHanzi = false
  private var style = PrintLine.Style.plain
  private var alignment = PrintLine.Alignment.left
  private var chunk: [UInt8] = []
  private var row: [UInt8] = []

  /// Bytes that the pictures of a document may have together. A port holds twice as many before it
  /// closes, and the text of the longest document needs a part of the other half.
  static let mostPictureBytes = 131_072

  /// Bytes of the pictures so far.
  var pictureBytes = 0

  /// Finished writes, each of whole commands and at most `Limits.chunkBytes` long.
  private(set) var chunks: [[UInt8]] = []

  /// An encoder for a printer that has just been sent the preamble.
  init(profile: PrinterProfile) { self.profile = profile }

  /// Adds a line; a code that the printer does not draw goes out as a picture, and is spelled where
  /// it draws no pictures either
  /// or the document has no room for one more.
  mutating func add(_ line: PrintLine) {
    switch line.style {
    case .plain, .bold, .large: add(line.text, line.style, line.alignment)
    case .qrCode(let code):
      if profile.hasQRCode { draw(code, line) } else { picture(code, line) }
    case .barCode(let code):
      if profile.hasBarCode { draw(code, line) } else { picture(code, line) }
    }
  }

  /// Adds a row of text.
  mutating func add(
    _ text: String, _ style: PrintLine.Style, _ alignment: PrintLine.Alignment
  ) {
    // The buffer of the row before is used again.
    var bytes = row
    row = []
    bytes.removeAll(keepingCapacity: true)
    if style != self.style || alignment != self.alignment {
      bytes += changes(to: style, alignment)
    }
    let count = bytes.count
    bytes += text.utf8
    // Most rows are ASCII and go out as they are.
    if bytes[count...].contains(where: { $0 < 0x20 || $0 > 0x7E }) {
      bytes.removeLast(bytes.count - count)
      for scalar in text.unicodeScalars {
        if (0x20...0x7E).contains(scalar.value) {
          bytes.append(UInt8(scalar.value))
        } else {
          append(scalar, to: &bytes)
        }
      }
    }
    bytes.append(0x0A)
    if isHanzi {
      bytes.append(0x1C)
      bytes.append(0x2E)
      isHanzi = false
    }
    add(command: bytes)
    row = bytes
  }

  /// Adds a command, in a new write if this one is full.
  mutating func add(command: [UInt8]) {
    if !chunk.isEmpty && chunk.count + command.count > Limits.chunkBytes { flush() }
    chunk += command
  }

  /// Adds the data of a command, in as many writes as they need.
  mutating func add(block: [UInt8]) {
    var rest = block[...]
    while !rest.isEmpty {
      if chunk.count >= Limits.chunkBytes { flush() }
      let part = rest.prefix(Limits.chunkBytes - chunk.count)
      chunk += part
      rest = rest.dropFirst(part.count)
    }
  }

  /// Ends the current write.
  mutating func flush() {
    if chunk.isEmpty { return }
    chunks.append(chunk)
    chunk = []
    chunk.reserveCapacity(Limits.chunkBytes)
  }

  /// The commands that change look and place; both are honoured only at the start of a line.
  mutating func changes(
    to style: PrintLine.Style, _ alignment: PrintLine.Alignment
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    if alignment != self.alignment {
      bytes += [0x1B, 0x61, alignment == .centre ? 1 : 0]
      self.alignment = alignment
    }
    if (style == .large) != (self.style == .large) {
      bytes += [0x1D, 0x21, style == .large ? 0x11 : 0x00]
    }
    if (style == .bold) != (self.style == .bold) {
      bytes += [0x1B, 0x45, style == .bold ? 1 : 0]
    }
    self.style = style
    return bytes
  }

  private mutating func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    let cells = columns(of: scalar)
    if cells == 0 { return }
    if scalar.value == 0x09 {
      bytes.append(0x20)
    } else if profile.chinese == .gbk, let code = GBK.code(of: scalar) {
      if !isHanzi {
        bytes.append(0x1C)
        bytes.append(0x26)
        isHanzi = true
      }
      bytes.append(UInt8(code >> 8))
      bytes.append(UInt8(code & 0xFF))
    } else {
      bytes += substitute(for: scalar, cells: cells)
    }
  }

  /// What a printer without this character prints, as many cells as the layout counted.
  private func substitute(for scalar: Unicode.Scalar, cells: Int) -> [UInt8] {
    switch scalar.value {
    case 0xA5, 0xFFE5:
      if let yen = profile.yenByte { return [0x20, yen] }
      return [0x43, 0x59]
    case 0x2013, 0x2014: return [0x2D, 0x2D]
    default: return [UInt8](repeating: 0x3F, count: cells)
    }
  }
}
