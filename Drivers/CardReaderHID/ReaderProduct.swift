// SPDX-License-Identifier: Apache-2.0

import Devices

/// The readers this driver knows, and the layout of their reports.
enum ReaderProduct: Hashable, Sendable {
  /// MagTek SureSwipe and its insert reader: 337 bytes, clear.
  case sureSwipe
  /// MagTek MagneSafe V5: 856 bytes or more, clear or encrypted.
  case magneSafe

  /// What a device is, or why it cannot be used.
  static func identify(_ facts: HIDFacts) -> Result {
    if facts.isBootKeyboard { return .unusable(.keyboardMode) }
    switch (facts.vendor, facts.product) {
    case (0x0801, 0x0001): return .unusable(.keyboardMode)
    case (0x0801, 0x0002), (0x0801, 0x0003): return .usable(.sureSwipe)
    case (0x0801, 0x0011), (0x0801, 0x0013): return .usable(.magneSafe)
    default:
      return .unusable(.unknownProduct(vendor: facts.vendor, product: facts.product))
    }
  }

  /// A product, or why there is none.
  enum Result: Hashable, Sendable {
    case usable(ReaderProduct)
    case unusable(ReaderTrouble)
  }

  /// Whether an input report may have so many bytes; newer firmware appends to the V5 report.
  func accepts(inputBytes: Int) -> Bool {
    switch self {
    case .sureSwipe: inputBytes == 337
    case .magneSafe: (856...1_024).contains(inputBytes)
    }
  }
}
