// SPDX-License-Identifier: Apache-2.0

/// The sizes that a HID report descriptor promises (USB HID 1.11, 6.2.2), without report IDs.
public struct HIDReportSizes: Hashable, Sendable {
  /// Bytes of an input report.
  public private(set) var inputBytes = 0
  /// Bytes of a feature report.
  public private(set) var featureBytes = 0

  /// Reads a report descriptor; nil when an item is cut short, a size is absurd, or the device
  /// numbers its reports.
  public init?(_ bytes: [UInt8]) {
    var size = 0
    var count = 0
    var inputBits = 0
    var featureBits = 0
    var offset = 0
    while offset < bytes.count {
      let prefix = bytes[offset]
      let length = prefix & 0x03 == 3 ? 4 : Int(prefix & 0x03)
      if offset + length >= bytes.count, length > 0 { return nil }
      var value = 0
      for index in 0..<length { value |= Int(bytes[offset + 1 + index]) << (8 * index) }
      switch prefix & 0xFC {
      case 0x74: size = value
      case 0x94: count = value
      case 0x84: return nil
      case 0x80: inputBits += size * count
      case 0xB0: featureBits += size * count
      default: break
      }
      if size > 0xFFFF || count > 0xFFFF || inputBits > 0xF_FFFF || featureBits > 0xF_FFFF {
        return nil
      }
      offset += 1 + length
    }
    inputBytes = inputBits / 8
    featureBytes = featureBits / 8
  }
}
