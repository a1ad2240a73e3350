// SPDX-License-Identifier: Apache-2.0

import Devices

// A logo that the printer keeps in its flash memory (NV graphics): sent once, and from then on
// eleven bytes a paper. The memory wears with each writing, so who orders it counts.

extension Encoder {
  /// The two characters by which the printer knows the logo.
  private static let logoKey: [UInt8] = [0x47, 0x31]

  /// Adds the order to print the logo (`GS ( L`, function 69).
  mutating func logo() {
    add(command: changes(to: .plain, .centre))
    add(command: [0x1D, 0x28, 0x4C, 0x06, 0x00, 0x30, 0x45] + Encoder.logoKey + [0x01, 0x01])
  }

  /// Adds the order to keep a logo (`GS ( L`, function 67: one colour).
  mutating func keep(_ logo: Raster) {
    precondition(Encoder.takes(logo), "logos are checked first")
    var logo = logo
    // The length may be no real-time command either, which printers obey wherever they meet it. A
    // row more, white, makes it another; of the other numbers none is large enough.
    while Encoder.isRealTime(Encoder.size(of: logo)) {
      logo.add(rows: [UInt8](repeating: 0, count: logo.bytesPerRow)[...])
    }
    var header: [UInt8] = [0x1D, 0x28, 0x4C] + Encoder.lowFirst(Encoder.size(of: logo))
    header += [0x30, 0x43, 0x30] + Encoder.logoKey + [0x01]
    header += Encoder.lowFirst(logo.width) + Encoder.lowFirst(logo.height) + [0x31]
    add(command: header)
    add(block: Encoder.harmless(logo.bytes[...]))
  }

  /// Whether a logo is none that no printer takes.
  static func takes(_ logo: Raster) -> Bool {
    (1...PrintJob.mostLogoDots).contains(logo.height)
      && logo.bytes.count <= PrintJob.mostLogoBytes
  }

  /// Bytes behind the length: eleven of the order, and the dots.
  private static func size(of logo: Raster) -> Int { 11 + logo.bytes.count }

  private static func lowFirst(_ number: Int) -> [UInt8] {
    [UInt8(number & 0xFF), UInt8(number >> 8)]
  }

  /// Whether two bytes of a number begin `DLE EOT`, `DLE ENQ` or `DLE DC4`.
  private static func isRealTime(_ number: Int) -> Bool {
    number & 0xFF == 0x10 && [0x04, 0x05, 0x14].contains(number >> 8)
  }
}
