// SPDX-License-Identifier: Apache-2.0

import Devices

/// A text in UTF-8 and the cells that it takes, counted once. Most texts are ASCII and are copied
/// as they are.
struct CellText: Hashable, Sendable {
  /// While it is laid out, a blank that no row is broken at; no text has a control character.
  private static let hardBlank: UInt8 = 0x1F

  private(set) var bytes: [UInt8] = []
  private(set) var cells = 0
  /// Whether a row ends in the middle of it.
  private(set) var hasBreak = false
  private var hasHardBlank = false

  var isEmpty: Bool { bytes.isEmpty }

  /// No text yet.
  init() {}

  /// A text.
  init(_ text: String) { add(text) }

  /// Adds text.
  mutating func add(_ text: String) {
    if !addPlain(text) {
      for scalar in text.unicodeScalars { add(scalar) }
    }
  }

  /// Adds text if all of it is ASCII that is printed.
  mutating func addPlain(_ text: String) -> Bool {
    let count = bytes.count
    bytes += text.utf8
    for byte in bytes[count...] where byte < 0x20 || byte > 0x7E {
      bytes.removeLast(bytes.count - count)
      return false
    }
    cells += bytes.count - count
    return true
  }

  /// Adds a character.
  mutating func add(_ scalar: Unicode.Scalar) {
    switch scalar {
    case " "..."~": bytes.append(UInt8(scalar.value))
    case RowBreaker.hardBlank:
      bytes.append(CellText.hardBlank)
      hasHardBlank = true
    case "\n":
      bytes.append(0x0A)
      hasBreak = true
    case "\u{800}"..."\u{FFFF}":
      // Nearly all that is not ASCII is Chinese.
      bytes.append(UInt8(0xE0 | scalar.value >> 12))
      bytes.append(UInt8(0x80 | scalar.value >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | scalar.value & 0x3F))
    default: bytes += scalar.utf8
    }
    cells += columns(of: scalar)
  }

  /// Adds blanks.
  mutating func addBlanks(_ count: Int) {
    if count <= 0 { return }
    bytes += repeatElement(0x20, count: count)
    cells += count
  }

  static func += (text: inout CellText, more: CellText) {
    text.bytes += more.bytes
    text.cells += more.cells
    text.hasBreak = text.hasBreak || more.hasBreak
    text.hasHardBlank = text.hasHardBlank || more.hasHardBlank
  }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  /// Takes the blanks at both ends away.
  mutating func trim() {
    trimEnd()
    if bytes.first != 0x20 { return }
    let start = bytes.firstIndex { $0 != 0x20 } ?? bytes.count
    bytes.removeFirst(start)
    cells -= start
  }

  /// Without its first character, which is a blank.
  var withoutFirst: CellText {
    var text = self
    text.bytes.removeFirst()
    text.cells -= 1
    return text
  }

  /// Takes the blanks at the end away.
  mutating func trimEnd() {
    while bytes.last == 0x20 {
      bytes.removeLast()
      cells -= 1
    }
  }

  /// As it is printed.
  var text: String {
    if !hasHardBlank { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: bytes.map { $0 == CellText.hardBlank ? 0x20 : $0 }, as: UTF8.self)
  }

  /// Its characters.
  var scalars: [Unicode.Scalar] {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.map {
      $0.value == UInt32(CellText.hardBlank) ? RowBreaker.hardBlank : $0
    }
  }
}
