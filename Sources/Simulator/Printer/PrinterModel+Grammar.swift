// SPDX-License-Identifier: Apache-2.0

// How long each command is. Text is one byte; whatever is not listed is unknown.

extension PrinterModel {
  /// What stands at the front of the buffer.
  enum Front: Hashable {
    /// A whole command or character of so many bytes.
    case whole(Int)
    /// The beginning of one; the rest has not come yet.
    case partial
    /// The beginning of a block of so many bytes, which may be larger than the buffer.
    case data(Int)
    /// Nothing in the grammar; so many bytes are dropped.
    case unknown(Int)
  }

  /// Bytes of the longest command that is looked at as a whole; longer ones are pictures.
  static let longest = 32

  /// Measures the front of the buffer.
  func front() -> Front {
    guard let first = buffer.first else { return .partial }
    switch first {
    case 0x00, 0x09, 0x0A, 0x0C, 0x0D, 0x18, 0x20...0xFF: return .whole(1)
    case 0x10, 0x1B, 0x1C, 0x1D: break
    default: return .unknown(1)
    }
    guard buffer.count > 1 else { return .partial }
    let length: Int?
    switch first {
    case 0x10: length = lengthOfRealTime()
    case 0x1B: length = lengthOfEscape()
    case 0x1C: length = lengthOfFS()
    default: length = lengthOfGS()
    }
    guard let length else { return .unknown(2) }
    if length == 0 { return .partial }
    if first == 0x1D, buffer[1] == 0x76 { return .data(length) }
    // A logo to keep, whose dots come behind sixteen bytes.
    if first == 0x1D, buffer[1] == 0x28, at(2) == 0x4C, length > 16 {
      return buffer.count < 16 ? .partial : .data(length)
    }
    if length <= buffer.count { return .whole(length) }
    let isCode = first == 0x1D && (buffer[1] == 0x6B || buffer[1] == 0x28 && at(2) == 0x6B)
    return length > (isCode ? longestCode : PrinterModel.longest) ? .data(length) : .partial
  }

  /// The byte at an index, or 0 if it has not come.
  private func at(_ index: Int) -> Int { index < buffer.count ? Int(buffer[index]) : 0 }

  /// Bytes up to and including the next zero from an index on, or 0 if it has not come.
  private func throughZero(from index: Int, most: Int) -> Int {
    for position in index..<min(buffer.count, index + most + 1) where buffer[position] == 0 {
      return position + 1
    }
    return buffer.count > index + most ? index + most : 0
  }

  private func lengthOfRealTime() -> Int? {
    switch buffer[1] {
    case 0x04: [0x07, 0x08, 0x12].contains(at(2)) ? 4 : 3
    case 0x05: 3
    case 0x14:
      switch at(2) {
      case 1, 2: 5
      case 3: 8
      case 7: 4
      case 8: 10
      default: buffer.count > 2 ? nil : 0
      }
    default: nil
    }
  }

  private func lengthOfEscape() -> Int? {
    switch buffer[1] {
    case 0x0C, 0x32, 0x3C, 0x40, 0x4C, 0x53, 0x69, 0x6D, 0x76: 2
    case 0x20, 0x21, 0x25, 0x2D, 0x33, 0x3D, 0x3F, 0x45, 0x47, 0x4A, 0x4B, 0x4D, 0x52: 3
    case 0x54, 0x55, 0x56, 0x61, 0x64, 0x65, 0x72, 0x74, 0x75, 0x7B: 3
    case 0x24, 0x5C, 0x63: 4
    case 0x70: 5
    case 0x57: 10
    case 0x2A: buffer.count < 5 ? 0 : 5 + (at(3) + at(4) * 256) * (at(2) >= 0x20 ? 3 : 1)
    case 0x44: throughZero(from: 2, most: 32)
    case 0x26: lengthOfGlyphs()
    case 0x28: buffer.count < 5 ? 0 : 5 + at(3) + at(4) * 256
    default: nil
    }
  }

  private func lengthOfGlyphs() -> Int {
    if buffer.count < 5 { return 0 }
    var index = 5
    for _ in stride(from: at(3), through: at(4), by: 1) {
      if index >= buffer.count { return 0 }
      index += 1 + at(2) * at(index)
    }
    return index
  }

  private func lengthOfFS() -> Int? {
    switch buffer[1] {
    case 0x26, 0x2E: 2
    case 0x21, 0x2D, 0x43, 0x57: 3
    case 0x53, 0x3F, 0x70: 4
    case 0x32: 76
    case 0x28: buffer.count < 5 ? 0 : 5 + at(3) + at(4) * 256
    default: nil
    }
  }

  private func lengthOfGS() -> Int? {
    switch buffer[1] {
    case 0x3A: 2
    case 0x21, 0x2F, 0x42, 0x48, 0x49, 0x61, 0x62, 0x66, 0x68, 0x72, 0x77: 3
    case 0x24, 0x4C, 0x50, 0x57, 0x5C: 4
    case 0x5E, 0x7A: 5
    case 0x67: 6
    case 0x56: lengthOfCut()
    case 0x28: buffer.count < 5 ? 0 : 5 + at(3) + at(4) * 256
    case 0x38:
      buffer.count < 7 ? 0 : 7 + at(3) + at(4) * 0x100 + at(5) * 0x10000 + at(6) * 0x1000000
    case 0x76: buffer.count < 8 ? 0 : 8 + (at(4) + at(5) * 256) * (at(6) + at(7) * 256)
    case 0x2A: buffer.count < 4 ? 0 : 4 + 8 * at(2) * at(3)
    case 0x6B: lengthOfBarcode()
    default: nil
    }
  }

  private func lengthOfCut() -> Int {
    if buffer.count < 3 { return 0 }
    return [0x41, 0x42, 0x61, 0x62, 0x67, 0x68].contains(at(2)) ? 4 : 3
  }

  private func lengthOfBarcode() -> Int {
    if buffer.count < 4 { return 0 }
    return at(2) >= 0x41 ? 4 + at(3) : throughZero(from: 3, most: 255)
  }
}
