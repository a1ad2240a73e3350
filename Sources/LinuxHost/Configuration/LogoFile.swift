// SPDX-License-Identifier: Apache-2.0

public import Devices

/// The logo above the papers, as a file: a portable bitmap (PBM, P4 of netpbm), black on white, as
/// every picture editor writes it.
public enum LogoFile {
  /// The largest file: the dots of the largest logo, and a comment.
  private static let limit = 65_536

  /// Reads a logo for a paper of so many columns, at most as wide as that and
  /// `PrintJob.mostLogoDots` high, and of no more than `PrintJob.mostLogoBytes`.
  public static func read(
    _ file: String, columns: Int
  ) throws(ConfigurationFault) -> Raster {
    guard let bytes = FileSystem.readPlain(file, limit: limit) else {
      throw fault(file, "cannot be read, or is too long")
    }
    do throws(Flaw) {
      return try parse(bytes, mostWidth: columns * PrintLine.cellDots)
    } catch {
      throw fault(file, error.text)
    }
  }

  /// What is wrong with a file.
  struct Flaw: Error {
    var text: String
  }

  static func parse(_ bytes: [UInt8], mostWidth: Int) throws(Flaw) -> Raster {
    var rest = bytes[...]
    guard rest.starts(with: [0x50, 0x34]) else {
      throw Flaw(text: "is no portable bitmap: it must begin with P4 (binary PBM)")
    }
    rest = rest.dropFirst(2)
    let width = try number(&rest)
    let height = try number(&rest)
    // One blank, and then dots: a second one would be dots too.
    guard let blank = rest.popFirst(), isBlank(blank) else {
      throw Flaw(text: "has no dots behind its size")
    }
    guard (1...mostWidth).contains(width), (1...PrintJob.mostLogoDots).contains(height) else {
      throw Flaw(
        text: "is \(width) by \(height) dots; this printer has room for \(mostWidth) by "
          + "\(PrintJob.mostLogoDots)")
    }
    var logo = Raster(width: width)
    let count = logo.bytesPerRow * height
    guard count <= PrintJob.mostLogoBytes else {
      throw Flaw(
        text: "has \(count) bytes of dots; printers are given \(PrintJob.mostLogoBytes) at most")
    }
    guard rest.count == count else {
      throw Flaw(text: "has \(rest.count) bytes of dots, and its size wants \(count)")
    }
    // What stands behind the last dot of a row means nothing in the file, and prints.
    var rows = Array(rest)
    let spare = UInt8(logo.bytesPerRow * 8 - width)
    for place in stride(from: logo.bytesPerRow - 1, to: count, by: logo.bytesPerRow) {
      rows[place] &= 0xFF << spare
    }
    logo.add(rows: rows[...])
    return logo
  }

  /// A number behind blanks and comments.
  private static func number(_ rest: inout ArraySlice<UInt8>) throws(Flaw) -> Int {
    while let next = rest.first, isBlank(next) || next == 0x23 {
      if next == 0x23 {
        rest = rest.drop { $0 != 0x0A }
      } else {
        rest = rest.dropFirst()
      }
    }
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    // Nothing that fits a printer has more.
    guard (1...5).contains(digits.count) else { throw Flaw(text: "does not say how large it is") }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func fault(_ file: String, _ message: String) -> ConfigurationFault {
    ConfigurationFault(place: FilePlace(file: file, line: 1, column: 1), message: message)
  }
}
