// SPDX-License-Identifier: Apache-2.0

import Devices

// Pictures, by `GS v 0`. They may be larger than the buffer, so their dots are taken as they come.

extension PrinterModel {
  /// A picture whose dots are still coming.
  struct IncomingPicture: Hashable, Sendable {
    /// Bytes of a row; 0 where there is no picture.
    var width = 0
    /// Dots of a row, where fewer than its bytes have; 0 for all of them.
    var dots = 0
    /// What it is kept by, one or none; then it is not printed.
    var key: [LogoKey] = []
    /// Whether each dot is two wide, two high.
    var isWide = false
    var isHigh = false
    var bytes: [UInt8] = []
  }

  /// What stands for a picture among the lines on paper. A line of text may read the same: what
  /// comes out is told apart by its effect.
  public static var pictureLine: String { "[picture]" }

  /// Takes a block of so many bytes, of which the buffer has the beginning: a picture, or what is
  /// skipped.
  mutating func beginBlock(_ length: Int) {
    skipped = length
    if buffer[0] == 0x1D, buffer[1] == 0x28, buffer[2] == 0x4C { return beginLogo() }
    guard buffer[0] == 0x1D, buffer[1] == 0x76, buffer.count >= 8 else { return }
    let header = Array(buffer[..<8])
    if !profile.hasPictures || line.cells > 0 { return }
    incoming = IncomingPicture(
      width: Int(header[4]) + Int(header[5]) * 256, isWide: header[3] & 1 == 1,
      isHigh: header[3] & 2 == 2)
    drop(8)
    if skipped == 0 { incoming = IncomingPicture() }
  }

  /// The bytes of a block that are no dots.
  mutating func drop(_ count: Int) {
    skipped -= count
    buffer.removeFirst(count)
    interpreted += count
  }

  /// The last byte of a block has come.
  mutating func endBlock() {
    let picture = incoming
    if picture.width == 0 { return }
    incoming = IncomingPicture()
    if let key = picture.key.first {
      var dots = Raster(width: picture.dots)
      dots.add(rows: picture.bytes[...])
      motion = .keeping(key, dots)
    } else {
      motion = .picture(onPaper(picture))
    }
  }

  /// A picture where it stands on the paper; what is wider is cut off, as printers do.
  func onPaper(_ picture: IncomingPicture) -> Raster {
    let paper = profile.columns * PrintLine.cellDots
    let scale = picture.isWide ? 2 : 1
    let width = min((picture.dots == 0 ? picture.width * 8 : picture.dots) * scale, paper)
    let spare = paper - width
    let left = settings.alignment == 1 ? spare / 2 : settings.alignment == 2 ? spare : 0
    var dots = Raster(width: paper)
    for start in stride(from: 0, to: picture.bytes.count, by: picture.width) {
      var row = [UInt8](repeating: 0, count: dots.bytesPerRow)
      for place in 0..<width {
        let source = place / scale
        if picture.bytes[start + source / 8] & (0x80 >> UInt8(source % 8)) == 0 { continue }
        row[(left + place) / 8] |= 0x80 >> UInt8((left + place) % 8)
      }
      for _ in 0..<(picture.isHigh ? 2 : 1) { dots.add(rows: row[...]) }
    }
    return dots
  }

  /// Puts rows of dots on paper; true when they go on a picture right above them.
  mutating func touches(_ dots: Raster) -> Bool {
    let isOpen = isPictureOpen
    isPictureOpen = true
    if isOpen {
      pictures[pictures.count - 1].add(rows: dots.bytes[...])
    } else {
      pictures.append(dots)
    }
    return isOpen
  }
}
