// SPDX-License-Identifier: Apache-2.0

import Wire

/// What the data dictionary says of a tag (EMV 4.4 Book 3, Annex A).
struct DataRule: Hashable, Sendable {
  /// Who a data object comes from.
  enum Source: UInt8, Hashable, Sendable { case card, terminal, issuer }

  /// How a value is written, which decides how it is filled up and cut (EMV 4.4 Book 3, 4.3, 5.4).
  enum Format: UInt8, Hashable, Sendable { case n, cn, text, b }

  /// Where a card may hand a data object over; anywhere else it is passed over (Book 3, 7.5).
  enum Place: UInt8, Hashable, Sendable {
    case record, selection, options, cryptogram, getData, recovered, elsewhere
  }

  let source: Source
  let format: Format
  /// The least number of bytes, 0...252.
  let least: UInt8
  /// The greatest number of bytes.
  let most: UInt8
  let place: Place

  private init(_ source: Source, _ format: Format, _ least: UInt8, _ most: UInt8, _ place: Place) {
    self.source = source
    self.format = format
    self.least = least
    self.most = most
    self.place = place
  }

  /// The rule of a tag; nil for a tag that is not of the Books.
  init?(of tag: DataTag) {
    guard
      let rule = DataRule.ofRecords(tag) ?? DataRule.ofTerminal(tag) ?? DataRule.ofCard(tag)
        ?? DataRule.ofIssuer(tag)
    else { return nil }
    self = rule
  }

  private static func record(_ format: Format, _ least: UInt8, _ most: UInt8) -> DataRule {
    DataRule(.card, format, least, most, .record)
  }

  private static func terminal(_ format: Format, _ most: UInt8) -> DataRule {
    DataRule(.terminal, format, 0, most, .elsewhere)
  }

  // Certificates, remainders and exponents have no limits here: a wrong length fails the
  // authentication and does not end the transaction (EMV 4.4 Book 2, 5.3, 6.3). Names and the
  // discretionary data of tracks have none either: their faults must not hurt (Book 3, 7.5).
  private static func ofRecords(_ tag: DataTag) -> DataRule? {
    switch tag.rawValue {
    case 0x57: record(.b, 1, 19)
    case 0x5A: record(.cn, 1, 10)
    case 0x5F20: record(.text, 0, 252)
    case 0x5F24, 0x5F25: record(.n, 3, 3)
    case 0x5F28, 0x5F30, 0x9F42: record(.n, 2, 2)
    case 0x5F34, 0x9F44: record(.n, 1, 1)
    case 0x8C, 0x8D, 0x97, 0x9F49: record(.b, 1, 252)
    // Its length is judged where it is used (EMV 4.4 Book 3, 10.5).
    case 0x8E: record(.b, 1, 252)
    case 0x8F, 0x9F14, 0x9F23: record(.b, 1, 1)
    case 0x90, 0x92, 0x93, 0x9F2D, 0x9F2E, 0x9F2F, 0x9F32, 0x9F46, 0x9F47, 0x9F48:
      record(.b, 1, 252)
    case 0x9F05: record(.b, 1, 32)
    case 0x9F07, 0x9F08: record(.b, 2, 2)
    case 0x9F0B: record(.text, 0, 252)
    case 0x9F0D, 0x9F0E, 0x9F0F: record(.b, 5, 5)
    case 0x9F19: record(.n, 6, 6)
    case 0x9F1F: record(.text, 0, 252)
    case 0x9F20: record(.cn, 0, 252)
    case 0x9F24: record(.text, 29, 29)
    case 0x9F25: record(.n, 2, 2)
    case 0x9F3B: record(.n, 2, 8)
    case 0x9F43: record(.n, 1, 4)
    case 0x9F4A: record(.b, 1, 252)
    default: nil
    }
  }

  private static func ofTerminal(_ tag: DataTag) -> DataRule? {
    switch tag.rawValue {
    case 0x5F2A, 0x9F15, 0x9F1A, 0x9F3C: terminal(.n, 2)
    case 0x5F36, 0x5F57, 0x9C, 0x9F35, 0x9F39, 0x9F3D: terminal(.n, 1)
    case 0x81, 0x9F04, 0x9F1B, 0x9F37, 0x9F3A: terminal(.b, 4)
    case 0x83: terminal(.b, 252)
    case 0x95, 0x9F40: terminal(.b, 5)
    case 0x98: terminal(.b, 20)
    case 0x99, 0x9F1D: terminal(.b, 8)
    case 0x9A, 0x9F21: terminal(.n, 3)
    case 0x9B, 0x9F09: terminal(.b, 2)
    case 0x9F01: terminal(.n, 6)
    case 0x9F02, 0x9F03: terminal(.n, 6)
    case 0x9F06: terminal(.b, 16)
    case 0x9F16: terminal(.text, 15)
    case 0x9F1C, 0x9F1E: terminal(.text, 8)
    case 0x9F22: terminal(.b, 1)
    case 0x9F33, 0x9F34: terminal(.b, 3)
    case 0x9F41: terminal(.n, 4)
    case 0x9F4E: terminal(.text, 252)
    default: nil
    }
  }

  private static func ofCard(_ tag: DataTag) -> DataRule? {
    switch tag.rawValue {
    case 0x42: DataRule(.card, .n, 3, 3, .elsewhere)
    case 0x4F, 0x9D: DataRule(.card, .b, 5, 16, .elsewhere)
    case 0x50, 0x9F12: DataRule(.card, .text, 1, 16, .selection)
    case 0x5F2D: DataRule(.card, .text, 2, 8, .selection)
    case 0x5F50, 0x5F53, 0x5F54, 0x5F55, 0x5F56: DataRule(.card, .text, 0, 252, .elsewhere)
    case 0x82: DataRule(.card, .b, 2, 2, .options)
    case 0x84: DataRule(.card, .b, 5, 16, .selection)
    case 0x87: DataRule(.card, .b, 1, 1, .selection)
    case 0x88: DataRule(.card, .b, 1, 1, .elsewhere)
    case 0x94: DataRule(.card, .b, 4, 252, .options)
    case 0x9F0A, 0x9F4D, 0x9F4F: DataRule(.card, .b, 0, 252, .elsewhere)
    case 0x9F0C: DataRule(.card, .n, 3, 4, .elsewhere)
    case 0x9F10: DataRule(.card, .b, 0, 32, .cryptogram)
    case 0x9F11: DataRule(.card, .n, 1, 1, .selection)
    case 0x9F13, 0x9F36: DataRule(.card, .b, 2, 2, .getData)
    case 0x9F17: DataRule(.card, .b, 1, 1, .getData)
    case 0x9F26: DataRule(.card, .b, 8, 8, .cryptogram)
    case 0x9F27: DataRule(.card, .b, 1, 1, .cryptogram)
    case 0x9F38: DataRule(.card, .b, 1, 252, .selection)
    case 0x9F45: DataRule(.card, .b, 2, 2, .recovered)
    case 0x9F4B: DataRule(.card, .b, 1, 252, .cryptogram)
    case 0x9F4C: DataRule(.card, .b, 2, 8, .recovered)
    default: nil
    }
  }

  private static func ofIssuer(_ tag: DataTag) -> DataRule? {
    switch tag.rawValue {
    case 0x89: DataRule(.issuer, .text, 6, 6, .elsewhere)
    case 0x8A: DataRule(.issuer, .text, 2, 2, .elsewhere)
    case 0x91: DataRule(.issuer, .b, 8, 16, .elsewhere)
    case 0x9F18: DataRule(.issuer, .b, 4, 4, .elsewhere)
    default: nil
    }
  }
}

extension DataRule {
  /// Whether a value has the length and the digits that its rule demands.
  func allows(_ value: [UInt8]) -> Bool {
    if value.count < Int(least) || value.count > Int(most) { return false }
    switch format {
    case .n: return value.allSatisfy { $0 >> 4 <= 9 && $0 & 0x0F <= 9 }
    case .cn: return BCD.unpack(value).drop { $0 <= 9 }.allSatisfy { $0 == 0x0F }
    case .text, .b: return true
    }
  }

  /// A value exactly as long as a list asks for (EMV 4.4 Book 3, 5.4).
  func fitted(_ value: [UInt8], to length: Int) -> [UInt8] {
    DataRule.fitted(value, to: length, format)
  }

  /// A value exactly as long as a list asks for; a tag that is not of the Books is taken as binary.
  static func fitted(_ value: [UInt8], to length: Int, _ format: Format) -> [UInt8] {
    if value.count >= length {
      return format == .n ? Array(value.suffix(length)) : Array(value.prefix(length))
    }
    let filling = [UInt8](
      repeating: format == .cn ? 0xFF : 0x00, count: length - value.count)
    return format == .n ? filling + value : value + filling
  }
}
