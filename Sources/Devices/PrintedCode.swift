// SPDX-License-Identifier: Apache-2.0

// Codes that a printer draws by itself or is sent as pictures. Layout, encoder, picture and
// simulated printer share these sizes, so that what fits the paper is decided once.

/// How a QR code (ISO/IEC 18004) is printed.
public struct QRCode: Hashable, Sendable {
  /// How much of it may be lost, in the order of the standard's levels L, M, Q, H.
  public enum Level: UInt8, Hashable, Sendable, CaseIterable {
    /// 7 %, 15 %, 25 %, 30 %.
    case low, medium, quartile, high
  }

  /// How much of it may be lost.
  public var level: Level
  /// Dots of a module's side.
  public var cell: UInt8

  /// Dots that a module's side can have: fewer are not read by telephones.
  public static let cells: ClosedRange<UInt8> = 3...8

  /// Modules of the quiet zone on each side.
  public static let quiet = 4

  /// A code that looks like this.
  public init(level: Level, cell: UInt8) {
    self.level = level
    self.cell = cell
  }

  /// The code for a text with the largest modules, up to those wanted, that fit so many dots; nil
  /// for what cannot be a code or does not fit.
  public init?(_ text: String, level: Level, cell: UInt8, dots: Int) {
    guard let modules = QRCode.modules(text, level) else { return nil }
    let most = dots / (modules + 2 * QRCode.quiet)
    if most < Int(QRCode.cells.lowerBound) { return nil }
    self.init(level: level, cell: UInt8(min(Int(cell), most)))
  }

  /// The smallest version, up to 10, that holds a text as bytes; nil when none does or when it has
  /// a control character, which a printer could take for a command.
  public static func version(_ text: String, _ level: Level) -> Int? {
    let bytes = text.utf8
    if bytes.isEmpty || bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return nil }
    let count = bytes.count
    return capacities(level).firstIndex { $0 >= count }.map { $0 + 1 }
  }

  /// Modules of a side, without the quiet zone.
  public static func modules(_ text: String, _ level: Level) -> Int? {
    version(text, level).map { 17 + 4 * $0 }
  }

  /// Bytes that versions 1...10 hold (ISO/IEC 18004, table 7), as far as a driver's write has room.
  private static func capacities(_ level: Level) -> [Int] {
    switch level {
    case .low: [17, 32, 53, 78, 106, 134, 154, 192, 230]
    case .medium: [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]
    case .quartile: [11, 20, 32, 46, 60, 74, 86, 108, 130, 151]
    case .high: [7, 14, 24, 34, 44, 58, 64, 84, 98, 119]
    }
  }
}

/// How a bar code is printed.
public struct BarCode: Hashable, Sendable {
  /// Dots of the narrowest bar.
  public var module: UInt8
  /// Dots of the bars' height.
  public var height: UInt8

  /// Dots that the narrowest bar can have.
  public static let modules: ClosedRange<UInt8> = 2...4
  /// Dots that bars can be high.
  public static let heights: ClosedRange<UInt8> = 24...240
  /// Modules of the quiet zone on each side.
  public static let quiet = 10

  /// A code that looks like this.
  public init(module: UInt8, height: UInt8) {
    self.module = module
    self.height = height
  }

  /// The code for a text with the widest bars, up to those wanted, that fit so many dots; nil for
  /// what cannot be a code or does not fit: a printer feeds for it without printing.
  public init?(_ text: String, module: UInt8, height: UInt8, dots: Int) {
    guard let code = Code128(text) else { return nil }
    let most = dots / (code.modules + 2 * BarCode.quiet)
    if most < Int(BarCode.modules.lowerBound) { return nil }
    self.init(module: UInt8(min(Int(module), most)), height: height)
  }
}

/// A text in Code 128 (ISO/IEC 15417): pairs of digits in set C, whatever else in set B.
public struct Code128: Hashable, Sendable {
  /// The values of start, data and check.
  public let symbols: [UInt8]

  private static let startB: UInt8 = 104
  private static let startC: UInt8 = 105

  /// Whether the data are pairs of digits.
  public var isPairs: Bool { symbols[0] == Code128.startC }

  /// Modules from the first bar to the last.
  public var modules: Int { 11 * symbols.count + 13 }

  /// Nil for what has no place in it or is longer than a printer takes.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    if bytes.isEmpty || bytes.count > 80 { return nil }
    if bytes.contains(where: { $0 < 0x20 || $0 > 0x7E }) { return nil }
    var symbols = [Code128.startB] + bytes.map { $0 - 0x20 }
    if let pairs = Code128.pairs(bytes) { symbols = [Code128.startC] + pairs }
    var sum = Int(symbols[0])
    for (place, symbol) in symbols.enumerated() { sum += place * Int(symbol) }
    self.symbols = symbols + [UInt8(sum % 103)]
  }

  /// Two digits a symbol. A printer is sent them as they are, so what could be a real-time command
  /// in them stays in set B.
  private static func pairs(_ digits: [UInt8]) -> [UInt8]? {
    if digits.count % 2 == 1 || !digits.allSatisfy({ (0x30...0x39).contains($0) }) { return nil }
    var pairs: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      let pair = (digits[index] - 0x30) * 10 + digits[index + 1] - 0x30
      if pairs.last == 0x10, [0x04, 0x05, 0x14].contains(pair) { return nil }
      pairs.append(pair)
    }
    return pairs
  }
}
