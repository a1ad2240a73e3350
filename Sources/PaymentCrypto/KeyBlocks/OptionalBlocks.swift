// SPDX-License-Identifier: Apache-2.0

import Wire

// ANSI X9.143, 4.3: identifier of two characters, length of two hexadecimal digits that counts all
// of the block, data. Length 00 says that the next two digits are the number of digits, two a byte,
// of the length that follows them. The last block may be PB, which fills all of them up to whole
// cipher blocks.

enum OptionalBlocks {
  private static let padding: [UInt8] = [0x50, 0x42]

  /// Reads so many blocks behind the header.
  static func read(
    _ characters: [UInt8], count: Int, multiple: Int
  ) throws(KeyBlockFault) -> (blocks: [KeyBlockHeader.OptionalBlock], end: Int) {
    var blocks: [KeyBlockHeader.OptionalBlock] = []
    var offset = KeyBlock.headerCount
    for number in 0..<count {
      let (block, end) = try one(characters, offset)
      if blocks.contains(where: { $0.identifier == block.identifier }) {
        throw .optionalBlock(offset: offset)
      }
      if block.identifier == padding {
        if number != count - 1 { throw .optionalBlock(offset: offset) }
      } else {
        blocks.append(block)
      }
      offset = end
    }
    if (offset - KeyBlock.headerCount) % multiple != 0 { throw .optionalBlock(offset: offset) }
    return (blocks, offset)
  }

  private static func one(
    _ characters: [UInt8], _ offset: Int
  ) throws(KeyBlockFault) -> (KeyBlockHeader.OptionalBlock, end: Int) {
    guard offset + 4 <= characters.count,
      characters[offset..<offset + 2].allSatisfy(Characters.isAlphanumeric),
      var length = hexadecimal(characters, offset + 2, 2)
    else { throw .optionalBlock(offset: offset) }
    var dataAt = offset + 4
    if length == 0 {
      guard let bytes = hexadecimal(characters, offset + 4, 2), (1...2).contains(bytes),
        let long = hexadecimal(characters, offset + 6, 2 * bytes)
      else { throw .optionalBlock(offset: offset) }
      length = long
      dataAt = offset + 6 + 2 * bytes
    }
    let end = offset + length
    if end < dataAt || end > characters.count { throw .optionalBlock(offset: offset) }
    let block = KeyBlockHeader.OptionalBlock(
      identifier: Array(characters[offset..<offset + 2]), data: Array(characters[dataAt..<end]))
    return (block, end)
  }

  private static func hexadecimal(_ characters: [UInt8], _ offset: Int, _ count: Int) -> Int? {
    if offset + count > characters.count { return nil }
    var value = 0
    for digit in characters[offset..<offset + count] {
      guard let digit = Hex.value(digit) else { return nil }
      value = value << 4 | Int(digit)
    }
    return value
  }

  /// The blocks as characters, filled up by PB if need be; nil when one is none.
  static func write(
    _ blocks: [KeyBlockHeader.OptionalBlock], multiple: Int
  ) -> (characters: [UInt8], count: Int)? {
    var characters: [UInt8] = []
    var count = blocks.count
    for (index, block) in blocks.enumerated() {
      guard !blocks[..<index].contains(where: { $0.identifier == block.identifier }),
        block.identifier.count == 2, block.identifier != padding,
        block.identifier.allSatisfy(Characters.isAlphanumeric),
        block.data.allSatisfy(Characters.isPrintable), block.data.count <= 9_000
      else { return nil }
      characters += block.identifier
      if block.data.count + 4 <= 0xFF {
        characters += Hex.encode([UInt8(block.data.count + 4)])
      } else {
        let length = UInt16(block.data.count + 10)
        characters += Array("0002".utf8) + Hex.encode([UInt8(length >> 8), UInt8(length & 0xFF)])
      }
      characters += block.data
    }
    let over = characters.count % multiple
    if over != 0 {
      // The padding block itself has at least four characters.
      var fill = multiple - over
      while fill < 4 { fill += multiple }
      characters += padding + Hex.encode([UInt8(fill)])
      characters += [UInt8](repeating: 0x30, count: fill - 4)
      count += 1
    }
    return count > 99 ? nil : (characters, count)
  }
}
