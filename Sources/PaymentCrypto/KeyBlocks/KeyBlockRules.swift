// SPDX-License-Identifier: Apache-2.0

// Which values a header may have, and which go together (ANSI X9.143, tables 2 to 6).

extension KeyBlockHeader {
  /// Checks every field but length and optional blocks.
  func checkFields() throws(KeyBlockFault) {
    guard usage.count == 2, usage.allSatisfy(Characters.isAlphanumeric) else {
      throw .unknownUsage(offset: 5)
    }
    guard let rule = UsageRule(usage) else { throw .unknownUsage(offset: 5) }
    if !Characters.contains(rule.algorithms, algorithm) { throw .wrongAlgorithm(algorithm) }
    if !Characters.contains(rule.modes, mode) { throw .wrongMode(mode) }
    guard keyVersion.count == 2, keyVersion.allSatisfy(Characters.isAlphanumeric) else {
      throw .wrongKeyVersion(offset: 9)
    }
    // A component of a key has c and its number.
    if keyVersion[0] == 0x63, !(0x31...0x39).contains(keyVersion[1]) {
      throw .wrongKeyVersion(offset: 10)
    }
    if !Characters.contains("ENS", exportability) { throw .wrongExportability(exportability) }
  }
}

/// What goes with a usage.
struct UsageRule {
  var algorithms: StaticString
  var modes: StaticString

  private static let allAlgorithms: StaticString = "ADEHRST0123456789"
  private static let allModes: StaticString = "BCDEGNSTVXY0123456789"

  /// Nil for a usage that is not known; numbers are proprietary, and everything goes with them.
  init?(_ usage: [UInt8]) {
    switch (usage[0], usage[1]) {
    case (0x42, 0x30...0x33), (0x45, 0x30...0x36):  // B0-B3, E0-E6: keys that derive others
      self.init(algorithms: "ADT", modes: "X")
    case (0x43, 0x30), (0x56, 0x30...0x35):  // C0, V0-V5: verification of cards and PINs
      self.init(algorithms: "ADT", modes: "CGV")
    case (0x44, 0x30), (0x44, 0x32):  // D0, D2: data
      self.init(algorithms: "ADT", modes: "BDE")
    case (0x44, 0x31):  // D1: data, asymmetric
      self.init(algorithms: "ER", modes: "BDE")
    case (0x49, 0x30):  // I0: vector
      self.init(algorithms: "ADT", modes: "N")
    case (0x4B, 0x30), (0x4B, 0x31), (0x4B, 0x34):  // K0, K1, K4: keys
      self.init(algorithms: "ADT", modes: "BDE")
    case (0x4B, 0x32), (0x4B, 0x33):  // K2, K3: keys, asymmetric
      self.init(algorithms: "ER", modes: "BDEX")
    case (0x4D, 0x30...0x36), (0x4D, 0x38):  // M0-M6, M8: MACs
      self.init(algorithms: "ADT", modes: "CGV")
    case (0x4D, 0x37):  // M7: HMAC
      self.init(algorithms: "H", modes: "CGV")
    case (0x50, 0x30):  // P0: PIN blocks
      self.init(algorithms: "ADT", modes: "BDE")
    case (0x50, 0x31):  // P1: making PINs
      self.init(algorithms: "ADT", modes: "CGV")
    case (0x53, 0x30...0x32):  // S0-S2: signatures
      self.init(algorithms: "ERS", modes: "STV")
    case (0x30...0x39, 0x30...0x39):
      self.init(algorithms: UsageRule.allAlgorithms, modes: UsageRule.allModes)
    default: return nil
    }
  }

  private init(algorithms: StaticString, modes: StaticString) {
    self.algorithms = algorithms
    self.modes = modes
  }
}

/// Questions about single characters.
enum Characters {
  static func contains(_ text: StaticString, _ character: UInt8) -> Bool {
    text.withUTF8Buffer { bytes in
      unsafe bytes.contains(character)
    }
  }

  static func isAlphanumeric(_ character: UInt8) -> Bool {
    switch character {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }

  static func isPrintable(_ character: UInt8) -> Bool { (0x20...0x7E).contains(character) }

  /// The number of one to four decimal digits; nil if one is none.
  static func decimal(_ digits: ArraySlice<UInt8>) -> Int? {
    if !(1...4).contains(digits.count) { return nil }
    var value = 0
    for digit in digits {
      guard (0x30...0x39).contains(digit) else { return nil }
      value = value * 10 + Int(digit - 0x30)
    }
    return value
  }

  static func digits(_ value: Int, count: Int) -> [UInt8] {
    var digits: [UInt8] = []
    var rest = value
    for _ in 0..<count {
      digits.append(0x30 + UInt8(rest % 10))
      rest /= 10
    }
    return Array(digits.reversed())
  }
}
