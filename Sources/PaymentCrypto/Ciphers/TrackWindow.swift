// SPDX-License-Identifier: Apache-2.0

import Wire

//   6235013452200000069D2611220778801000 0     n characters, L = ⌈n/2⌉ bytes once packed
//                       └── window ────┘       ends before the last of those bytes, one block long
//
// The window is encrypted by itself and put back as hexadecimal digits; everything outside stays.
// The separator may lie in it, and is then D.

/// UnionPay's encryption of the magnetic tracks in DE35 and DE36: one block of each.
public enum TrackWindow {
  /// The least characters of a track that has a window of so many bytes.
  public static func shortest(block: Int) -> Int { 2 * block + 1 }

  /// Where the window lies; nil where the track is too short for one.
  static func range(count: Int, block: Int) -> Range<Int>? {
    let end = 2 * ((count + 1) / 2 - 1)
    let start = end - 2 * block
    return start < 0 ? nil : start..<end
  }
}

extension Key where Purpose == DataEncryption {
  /// A track, of ASCII digits with `=` or D as its separator, with its window encrypted. Throws
  /// `wrongLength` for a track that is too short, `outOfRange` for one with other characters.
  public func encryptTrack(_ track: [UInt8]) throws(CryptoFault) -> [UInt8] {
    let block = algorithm.blockByteCount
    guard let window = TrackWindow.range(count: track.count, block: block) else {
      throw .wrongLength(track.count)
    }
    var plain: [UInt8] = []
    plain.reserveCapacity(block)
    defer { erase(&plain) }
    var high: UInt8 = 0
    for (index, character) in track.enumerated() {
      let isSeparator = character == 0x3D || character == 0x44
      let nibble = isSeparator ? 0x0D : character &- 0x30
      if !isSeparator, nibble > 9 { throw .outOfRange }
      if !window.contains(index) { continue }
      if (index - window.lowerBound) % 2 == 0 {
        high = nibble << 4
      } else {
        plain.append(high | nibble)
      }
    }
    let cipher = Hex.encode(try encrypt(plain, .ecb))
    return Array(track[..<window.lowerBound]) + cipher + Array(track[window.upperBound...])
  }
}
