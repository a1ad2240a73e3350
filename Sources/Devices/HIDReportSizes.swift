// SPDX-License-Identifier: Apache-2.0

/// The sizes that a HID report descriptor promises (USB HID 1.11, 6.2.2): those of the longest
/// report of each direction, with its number where the device numbers its reports.
public struct HIDReportSizes: Hashable, Sendable {
  /// Bytes of an input report.
  public var inputBytes: Int { bytes(.input) }
  /// Bytes of an output report.
  public var outputBytes: Int { bytes(.output) }
  /// Bytes of a feature report.
  public var featureBytes: Int { bytes(.feature) }
  /// Whether each report begins with its number.
  public private(set) var isNumbered = false

  /// More report numbers than any device we drive has, and few enough to be searched.
  private static let numberLimit = 32
  private static let bitLimit = 0xF_FFFF

  private enum Direction: Hashable, Sendable { case input, output, feature }

  private struct Report: Hashable, Sendable {
    var number: Int
    var direction: Direction
    var bits: Int
  }

  private var reports: [Report] = []

  /// Reads a report descriptor; nil when an item is cut short or a size is absurd.
  public init?(_ bytes: [UInt8]) {
    var size = 0
    var count = 0
    var number = 0
    var offset = 0
    while offset < bytes.count {
      let prefix = bytes[offset]
      let length = prefix & 0x03 == 3 ? 4 : Int(prefix & 0x03)
      if offset + length >= bytes.count, length > 0 { return nil }
      var value: UInt32 = 0
      for index in 0..<length { value |= UInt32(bytes[offset + 1 + index]) << (8 * index) }
      switch prefix & 0xFC {
      case 0x74: size = Int(clamping: value)
      case 0x94: count = Int(clamping: value)
      case 0x84:
        // HID 1.11, 6.2.2.7: number 0 is reserved.
        if !(1...0xFF).contains(value) { return nil }
        number = Int(value)
        isNumbered = true
      default: break
      }
      if size > 0xFFFF || count > 0xFFFF { return nil }
      if let direction = HIDReportSizes.direction(prefix),
        !add(size, count, Report(number: number, direction: direction, bits: 0))
      {
        return nil
      }
      offset += 1 + length
    }
  }

  private static func direction(_ prefix: UInt8) -> Direction? {
    switch prefix & 0xFC {
    case 0x80: .input
    case 0x90: .output
    case 0xB0: .feature
    default: nil
    }
  }

  /// False when the report becomes absurd. No product of two 16-bit numbers is formed: it would not
  /// fit an `Int` of 32 bits.
  private mutating func add(_ size: Int, _ count: Int, _ report: Report) -> Bool {
    if count > 0, size > HIDReportSizes.bitLimit / count { return false }
    let place = reports.firstIndex {
      $0.number == report.number && $0.direction == report.direction
    }
    if let place {
      reports[place].bits += size * count
      return reports[place].bits <= HIDReportSizes.bitLimit
    }
    if reports.count == HIDReportSizes.numberLimit * 3 { return false }
    reports.append(
      Report(number: report.number, direction: report.direction, bits: size * count))
    return true
  }

  private func bytes(_ direction: Direction) -> Int {
    var longest = 0
    for report in reports where report.direction == direction {
      longest = max(longest, (report.bits + 7) / 8)
    }
    return longest > 0 && isNumbered ? longest + 1 : longest
  }
}
