// SPDX-License-Identifier: Apache-2.0

//     bytes ─▶ data words ─▶ blocks with check words ─▶ interleaved ─▶ zigzag ─▶ best of 8 masks
//
// ISO/IEC 18004, model 2, byte mode, versions 1...10: what `QRCode` lets through.

/// The modules of a QR code, for a printer that draws none by itself.
public struct QRSymbol: Hashable, Sendable {
  /// Modules of a side, without the quiet zone.
  public private(set) var side: Int
  private var version: Int
  private var isBlack: [Bool]
  /// Modules that are the same whatever the data are, and so are not masked.
  private var isFixed: [Bool]

  /// The code of a text, with the mask that is read best or with this one (0...7); nil for what
  /// cannot be one.
  public init?(_ text: String, level: QRCode.Level, mask: Int? = nil) {
    guard let version = QRCode.version(text, level) else { return nil }
    self.version = version
    side = 17 + 4 * version
    isBlack = [Bool](repeating: false, count: side * side)
    isFixed = isBlack
    drawFixed()
    draw(QRWords(text, level: level, version: version).words)
    if let mask {
      draw(mask: mask & 7, level)
      return
    }
    var best = self
    var least = Int.max
    for mask in 0..<8 {
      var masked = self
      masked.draw(mask: mask, level)
      let penalty = masked.penalty
      if penalty < least {
        least = penalty
        best = masked
      }
    }
    self = best
  }

  /// Whether a module is black, counted from the upper left corner.
  public subscript(_ x: Int, _ y: Int) -> Bool { isBlack[y * side + x] }

  private mutating func fix(_ x: Int, _ y: Int, _ black: Bool) {
    isBlack[y * side + x] = black
    isFixed[y * side + x] = true
  }

  private mutating func drawFixed() {
    for place in 0..<side {
      fix(6, place, place % 2 == 0)
      fix(place, 6, place % 2 == 0)
    }
    for (x, y) in [(3, 3), (side - 4, 3), (3, side - 4)] { drawFinder(x, y) }
    let places = alignments
    for (row, y) in places.enumerated() {
      for (column, x) in places.enumerated() {
        let last = places.count - 1
        let isFinder =
          row == 0 && column == 0 || row == 0 && column == last || row == last && column == 0
        if !isFinder { drawAlignment(x, y) }
      }
    }
    drawFormat(0)
    drawVersion()
  }

  private mutating func drawFinder(_ x: Int, _ y: Int) {
    for down in -4...4 {
      for across in -4...4 {
        let (column, row) = (x + across, y + down)
        if !(0..<side).contains(column) || !(0..<side).contains(row) { continue }
        let ring = max(abs(across), abs(down))
        fix(column, row, ring != 2 && ring != 4)
      }
    }
  }

  private mutating func drawAlignment(_ x: Int, _ y: Int) {
    for down in -2...2 {
      for across in -2...2 { fix(x + across, y + down, max(abs(across), abs(down)) != 1) }
    }
  }

  /// Middles of the alignment patterns (table E.1).
  private var alignments: [Int] {
    if version == 1 { return [] }
    return version < 7 ? [6, side - 7] : [6, (side - 1) / 2, side - 7]
  }

  /// Level and mask, twice (8.9): five bits and ten that protect them.
  private mutating func drawFormat(_ format: Int) {
    var rest = format
    for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
    let bits = (format << 10 | rest) ^ 0x5412
    func bit(_ place: Int) -> Bool { bits >> place & 1 == 1 }
    for place in 0...5 { fix(8, place, bit(place)) }
    fix(8, 7, bit(6))
    fix(8, 8, bit(7))
    fix(7, 8, bit(8))
    for place in 9..<15 { fix(14 - place, 8, bit(place)) }
    for place in 0..<8 { fix(side - 1 - place, 8, bit(place)) }
    for place in 8..<15 { fix(8, side - 15 + place, bit(place)) }
    fix(8, side - 8, true)
  }

  /// The version, twice, from version 7 on (8.10).
  private mutating func drawVersion() {
    if version < 7 { return }
    var rest = version
    for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
    let bits = version << 12 | rest
    for place in 0..<18 {
      let (near, far) = (place / 3, side - 11 + place % 3)
      fix(near, far, bits >> place & 1 == 1)
      fix(far, near, bits >> place & 1 == 1)
    }
  }

  /// Two columns at a time from the right, up and down in turn, past what is fixed (8.7.3).
  private mutating func draw(_ words: [UInt8]) {
    var place = 0
    for step in 0..<(side - 1) / 2 {
      // The column of the timing pattern is skipped.
      let right = side - 1 - 2 * step - (step >= (side - 7) / 2 ? 1 : 0)
      for count in 0..<side {
        let y = step % 2 == 0 ? side - 1 - count : count
        for x in [right, right - 1] where !isFixed[y * side + x] && place < words.count * 8 {
          isBlack[y * side + x] = words[place / 8] >> (7 - place % 8) & 1 == 1
          place += 1
        }
      }
    }
  }

  private mutating func draw(mask: Int, _ level: QRCode.Level) {
    for y in 0..<side {
      for x in 0..<side where !isFixed[y * side + x] && QRSymbol.inverts(mask, x, y) {
        isBlack[y * side + x].toggle()
      }
    }
    // The standard's bits for L, M, Q and H are 1, 0, 3 and 2.
    drawFormat(Int(level.rawValue ^ 1) << 3 | mask)
  }

  /// Table 10.
  private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
    switch mask {
    case 0: (x + y) % 2 == 0
    case 1: y % 2 == 0
    case 2: x % 3 == 0
    case 3: (x + y) % 3 == 0
    case 4: (x / 3 + y / 2) % 2 == 0
    case 5: x * y % 2 + x * y % 3 == 0
    case 6: (x * y % 2 + x * y % 3) % 2 == 0
    default: ((x + y) % 2 + x * y % 3) % 2 == 0
    }
  }

  /// How badly it may be read (8.8.2).
  private var penalty: Int {
    var penalty = 0
    var blacks = 0
    for line in 0..<side {
      penalty += linePenalty { self[$0, line] } + linePenalty { self[line, $0] }
      for place in 0..<side where self[place, line] { blacks += 1 }
    }
    for y in 0..<side - 1 {
      for x in 0..<side - 1 {
        let black = self[x, y]
        if black == self[x + 1, y], black == self[x, y + 1], black == self[x + 1, y + 1] {
          penalty += 3
        }
      }
    }
    return penalty + abs(blacks * 20 - side * side * 10) / (side * side) * 10
  }

  /// Runs of five and more, and what looks like a finder pattern with four light modules beside it.
  private func linePenalty(_ isBlack: (Int) -> Bool) -> Int {
    var penalty = 0
    var run = 0
    var last = 0
    for place in 0..<side {
      let black = isBlack(place)
      run = place > 0 && black == isBlack(place - 1) ? run + 1 : 1
      if run == 5 { penalty += 3 }
      if run > 5 { penalty += 1 }
      last = (last << 1 | (black ? 1 : 0)) & 0x7FF
      if place >= 10, last == 0x05D || last == 0x5D0 { penalty += 40 }
    }
    return penalty
  }
}

/// The words of a QR code, those that correct errors among them, in the order in which they are
/// drawn.
private struct QRWords {
  private(set) var words: [UInt8] = []

  init(_ text: String, level: QRCode.Level, version: Int) {
    let row = Int(level.rawValue) * 10 + version - 1
    let checks = QRWords.checks[row]
    let blocks = QRWords.blocks[row]
    let all = QRWords.allWords(version)
    let data = QRWords.data(
      Array(text.utf8), isLong: version > 9, count: all - checks * blocks)
    // The first blocks are a word shorter than the others where the words do not come out even.
    let short = all / blocks - checks
    let shortBlocks = blocks - all % blocks
    let divisor = QRWords.divisor(checks)
    var parts: [ArraySlice<UInt8>] = []
    var rests: [[UInt8]] = []
    var start = 0
    for block in 0..<blocks {
      let end = start + short + (block < shortBlocks ? 0 : 1)
      parts.append(data[start..<end])
      rests.append(QRWords.rest(data[start..<end], divisor))
      start = end
    }
    for place in 0...short {
      for part in parts where place < part.count { words.append(part[part.startIndex + place]) }
    }
    for place in 0..<checks { for rest in rests { words.append(rest[place]) } }
  }

  /// Byte mode, count, bytes, an end of four zero bits, and what fills up (8.4).
  private static func data(_ bytes: [UInt8], isLong: Bool, count: Int) -> [UInt8] {
    // Everything stands half a byte late behind the four bits of the mode.
    var halves: [UInt8] = [4]
    if isLong { halves += [0, 0] }
    halves += [UInt8(bytes.count >> 4), UInt8(bytes.count & 15)]
    for byte in bytes { halves += [byte >> 4, byte & 15] }
    halves.append(0)
    var data: [UInt8] = []
    for place in 0..<min(count, halves.count / 2) {
      data.append(halves[2 * place] << 4 | halves[2 * place + 1])
    }
    var fill: UInt8 = 0xEC
    while data.count < count {
      data.append(fill)
      fill ^= 0xEC ^ 0x11
    }
    return data
  }

  /// Words that a version has room for: what is fixed takes the rest.
  private static func allWords(_ version: Int) -> Int {
    var modules = (16 * version + 128) * version + 64
    if version >= 2 {
      let alignments = version / 7 + 2
      modules -= (25 * alignments - 10) * alignments - 55
    }
    return (version >= 7 ? modules - 36 : modules) / 8
  }

  /// The polynomial whose roots are the first powers of 2 (annex A), without its leading 1.
  private static func divisor(_ count: Int) -> [UInt8] {
    var divisor = [UInt8](repeating: 0, count: count)
    divisor[count - 1] = 1
    var root: UInt8 = 1
    for _ in 0..<count {
      for place in 0..<count {
        divisor[place] = product(divisor[place], root)
        if place + 1 < count { divisor[place] ^= divisor[place + 1] }
      }
      root = product(root, 2)
    }
    return divisor
  }

  /// What is left of a block's words when they are divided by the polynomial.
  private static func rest(_ words: ArraySlice<UInt8>, _ divisor: [UInt8]) -> [UInt8] {
    var rest = [UInt8](repeating: 0, count: divisor.count)
    for word in words {
      let factor = word ^ rest[0]
      for place in 0..<rest.count {
        let next = place + 1 < rest.count ? rest[place + 1] : 0
        rest[place] = next ^ product(divisor[place], factor)
      }
    }
    return rest
  }

  /// In the field of 256 elements whose polynomial is 11D.
  private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var product = 0
    for place in (0..<8).reversed() {
      product = product << 1 ^ (product >> 7) * 0x11D
      if right >> place & 1 == 1 { product ^= Int(left) }
    }
    return UInt8(product)
  }

  /// Check words of a block, for versions 1...10 of levels L, M, Q and H (table 9).
  private static var checks: [Int] {
    [
      7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26,
      13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 17, 28, 22, 16, 22, 28, 26, 26, 24, 28,
    ]
  }

  /// Blocks, in the same order (table 9).
  private static var blocks: [Int] {
    [
      1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5,
      1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 1, 1, 2, 4, 4, 4, 5, 6, 8, 8,
    ]
  }
}
