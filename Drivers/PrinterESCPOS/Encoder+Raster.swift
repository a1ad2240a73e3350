// SPDX-License-Identifier: Apache-2.0

public import Devices

// Pictures, by `GS v 0`: obsolete in the manuals, and what nearly every printer takes. It feeds as
// many rows as it prints, so bands join without a seam.

extension PrinterProfile {
  /// What the driver writes for a picture on a line of its own, a write each.
  public func writes(of picture: Raster, _ alignment: PrintLine.Alignment) -> [[UInt8]] {
    var encoder = Encoder(profile: self)
    encoder.draw(picture, alignment)
    encoder.flush()
    return encoder.chunks
  }
}

extension Encoder {
  /// Adds a picture in bands of as many rows as the printer takes at once.
  mutating func draw(_ picture: Raster, _ alignment: PrintLine.Alignment) {
    add(command: changes(to: .plain, alignment))
    let width = picture.bytesPerRow
    let most = max(1, min(profile.pictureRows, Limits.bandRows, Limits.bandBytes / width))
    var first = 0
    while first < picture.height {
      let rows = min(most, picture.height - first)
      add(command: [
        0x1D, 0x76, 0x30, 0x00, UInt8(width & 0xFF), UInt8(width >> 8), UInt8(rows), 0x00,
      ])
      add(block: Encoder.harmless(picture.bytes[first * width..<(first + rows) * width]))
      first += rows
    }
  }

  /// The dots with one more where they would be a real-time command, which printers obey in the
  /// middle of a picture: at the left of one that is there, where nobody sees it. What becomes of
  /// the byte begins no command, so once through is enough; nor does the byte before the dots,
  /// which is zero.
  static func harmless(_ dots: ArraySlice<UInt8>) -> [UInt8] {
    var dots = Array(dots)
    for place in dots.indices.dropLast() where dots[place] == 0x10 {
      switch dots[place + 1] {
      case 0x04, 0x05, 0x14: dots[place] = 0x30
      default: break
      }
    }
    return dots
  }
}
