// SPDX-License-Identifier: Apache-2.0

import Wire

/// A key with its header, protected against eyes and changes (ANSI X9.143): what is sent to a
/// terminal or PIN pad. It can be read by anybody and opened only with its protection key.
public struct KeyBlock: Hashable, Sendable {
  /// No block is longer: four digits say its length.
  private static let limit = 9_999
  static let headerCount = 16

  /// What stands in front.
  public let header: KeyBlockHeader
  /// The whole block as it travels, printable characters.
  public let characters: [UInt8]
  /// Everything in front of the cipher text, as characters.
  let front: [UInt8]
  let cipher: [UInt8]
  let code: [UInt8]

  /// Reads a block; every field is checked, and nothing of the key is known yet.
  public init(parsing characters: [UInt8]) throws(KeyBlockFault) {
    if let offset = characters.firstIndex(where: { !Characters.isPrintable($0) }) {
      throw .notPrintable(offset: offset)
    }
    if characters.count < KeyBlock.headerCount || characters.count > KeyBlock.limit {
      throw .wrongLength(stated: KeyBlock.headerCount, actual: characters.count)
    }
    guard let version = KeyBlockVersion(rawValue: characters[0]) else {
      throw .unknownVersion(characters[0])
    }
    guard let stated = Characters.decimal(characters[1..<5]), stated == characters.count else {
      throw .wrongLength(
        stated: Characters.decimal(characters[1..<5]) ?? -1, actual: characters.count)
    }
    guard let blockCount = Characters.decimal(characters[12..<14]) else {
      throw .optionalBlock(offset: 12)
    }
    if characters[14] != 0x30 { throw .reserved(offset: 14) }
    if characters[15] != 0x30 { throw .reserved(offset: 15) }
    let optional = try OptionalBlocks.read(
      characters, count: blockCount, multiple: version.blockByteCount)
    header = KeyBlockHeader(
      version: version, usage: Array(characters[5..<7]), algorithm: characters[7],
      mode: characters[8], keyVersion: Array(characters[9..<11]), exportability: characters[11],
      optionalBlocks: optional.blocks)
    try header.checkFields()
    let codeAt = characters.count - 2 * version.codeByteCount
    let cipherCount = codeAt - optional.end
    if cipherCount <= 0 || cipherCount % (2 * version.blockByteCount) != 0 {
      throw .cipherLength(cipherCount)
    }
    self.characters = characters
    front = Array(characters[..<optional.end])
    cipher = try KeyBlock.bytes(characters, optional.end..<codeAt)
    code = try KeyBlock.bytes(characters, codeAt..<characters.count)
  }

  /// A block just made.
  init(header: KeyBlockHeader, front: [UInt8], cipher: [UInt8], code: [UInt8]) {
    self.header = header
    self.front = front
    self.cipher = cipher
    self.code = code
    characters = front + Hex.encode(cipher) + Hex.encode(code)
  }

  /// The front of a block whose cipher text and code have so many characters. Nil when the whole
  /// would be too long or an optional block is none.
  static func front(_ header: KeyBlockHeader, restCount: Int) -> [UInt8]? {
    guard
      let optional = OptionalBlocks.write(
        header.optionalBlocks, multiple: header.version.blockByteCount)
    else { return nil }
    let count = headerCount + optional.characters.count + restCount
    if count > limit { return nil }
    return [header.version.rawValue] + Characters.digits(count, count: 4) + header.usage
      + [header.algorithm, header.mode] + header.keyVersion + [header.exportability]
      + Characters.digits(optional.count, count: 2) + [0x30, 0x30] + optional.characters
  }

  /// Upper-case digits alone: a block has one form.
  private static func bytes(
    _ characters: [UInt8], _ range: Range<Int>
  ) throws(KeyBlockFault) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count / 2)
    var high: UInt8 = 0
    for offset in range {
      let nibble: UInt8
      switch characters[offset] {
      case 0x30...0x39: nibble = characters[offset] - 0x30
      case 0x41...0x46: nibble = characters[offset] - 0x41 + 10
      default: throw .notHexadecimal(offset: offset)
      }
      if (offset - range.lowerBound) % 2 == 0 {
        high = nibble << 4
      } else {
        bytes.append(high | nibble)
      }
    }
    return bytes
  }
}
