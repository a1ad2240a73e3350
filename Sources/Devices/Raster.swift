// SPDX-License-Identifier: Apache-2.0

/// A picture of black and white dots, as printers take it.
public struct Raster: Hashable, Sendable {
  /// Dots of a row.
  public let width: Int
  /// Row by row, each of whole bytes; the highest bit is the dot at the left, and 1 is black.
  public private(set) var bytes: [UInt8] = []

  /// Bytes of a row.
  public var bytesPerRow: Int { (width + 7) / 8 }
  /// Rows of dots.
  public var height: Int { bytes.count / bytesPerRow }

  /// A picture without a row.
  public init(width: Int) {
    precondition(width > 0, "a row has a dot")
    self.width = width
  }

  /// A picture of grey values, row by row; what is darker than the middle is black, as line art
  /// wants it.
  public init(grey: [UInt8], width: Int) {
    self.init(width: width)
    bytes.reserveCapacity(grey.count / width * bytesPerRow)
    var start = 0
    while start + width <= grey.count {
      let end = start + width
      while start + 8 <= end {
        // The highest bit says which half a value is in; eight of them become a byte.
        var byte: UInt8 = 0
        for place in 0..<8 { byte = byte << 1 | (grey[start &+ place] >> 7 ^ 1) }
        bytes.append(byte)
        start += 8
      }
      if start < end {
        var byte: UInt8 = 0
        for place in start..<end { byte = byte << 1 | (grey[place] >> 7 ^ 1) }
        bytes.append(byte << UInt8(8 - (end - start)))
        start = end
      }
    }
  }

  /// A QR code without its quiet zone, its modules so many dots wide and high; nil for what cannot
  /// be one.
  public init?(qrCode text: String, _ code: QRCode) {
    guard let symbol = QRSymbol(text, level: code.level) else { return nil }
    let cell = Int(code.cell)
    self.init(width: symbol.side * cell)
    for y in 0..<symbol.side { add(row: { symbol[$0 / cell, y] }, times: cell) }
  }

  /// Bars without their quiet zone; nil for what cannot be bars.
  public init?(bars text: String, _ code: BarCode) {
    guard let bars = Code128(text)?.bars else { return nil }
    let module = Int(code.module)
    self.init(width: bars.count * module)
    add(row: { bars[$0 / module] }, times: Int(code.height))
  }

  /// Adds rows of the same width below.
  public mutating func add(rows: ArraySlice<UInt8>) {
    precondition(rows.count % bytesPerRow == 0, "rows are whole")
    bytes += rows
  }

  private mutating func add(row isBlack: (Int) -> Bool, times: Int) {
    var row = [UInt8](repeating: 0, count: bytesPerRow)
    for place in 0..<width where isBlack(place) { row[place / 8] |= 0x80 >> UInt8(place % 8) }
    for _ in 0..<times { bytes += row }
  }

  /// Whether a dot is black.
  public subscript(_ x: Int, _ y: Int) -> Bool {
    bytes[y * bytesPerRow + x / 8] & (0x80 >> UInt8(x % 8)) != 0
  }
}
