// SPDX-License-Identifier: Apache-2.0

import Devices

/// The readers this driver knows, and the protocol each speaks.
enum ReaderProduct: Hashable, Sendable {
  /// MagTek SureSwipe and its insert reader: 337 bytes, clear.
  case sureSwipe
  /// MagTek MagneSafe V5: 856 bytes or more, clear or encrypted.
  case magneSafe
  /// ID TECH SecureMag: nine bytes and room for tracks or a frame with them.
  case secureMag
  /// ID TECH readers of the NEO 2 family: numbered reports of 64 bytes each way.
  case neo2

  /// What a device is, or why it cannot be used.
  static func identify(_ facts: HIDFacts) -> Result {
    if facts.isBootKeyboard { return .unusable(.keyboardMode) }
    switch (facts.vendor, facts.product) {
    case (0x0801, 0x0001), (0x0ACD, 0x2030): return .unusable(.keyboardMode)
    case (0x0801, 0x0002), (0x0801, 0x0003): return sized(.sureSwipe, facts)
    case (0x0801, 0x0011), (0x0801, 0x0013): return sized(.magneSafe, facts)
    case (0x0ACD, 0x2010): return sized(.secureMag, facts)
    // SecureMag's "other structure" is SureSwipe's.
    case (0x0ACD, 0x2020): return sized(.sureSwipe, facts)
    case (0x0ACD, _):
      // The guide of the family names no product numbers; its reports are unmistakable, and a
      // device that has them and does not answer its ping is told as silent.
      return sized(.neo2, facts)
    default:
      return .unusable(.unknownProduct(vendor: facts.vendor, product: facts.product))
    }
  }

  /// A product, or why there is none.
  enum Result: Hashable, Sendable {
    case usable(ReaderProduct, inputBytes: Int)
    case unusable(ReaderTrouble)
  }

  private static func sized(_ product: ReaderProduct, _ facts: HIDFacts) -> Result {
    guard let sizes = HIDReportSizes(facts.reportDescriptor), product.has(sizes) else {
      let bytes = HIDReportSizes(facts.reportDescriptor)?.inputBytes ?? 0
      return .unusable(.unexpectedReportSize(bytes: bytes))
    }
    return .usable(product, inputBytes: sizes.inputBytes)
  }

  /// Whether the product's reports have these sizes; newer firmware appends to the V5 report.
  private func has(_ sizes: HIDReportSizes) -> Bool {
    switch self {
    case .sureSwipe: !sizes.isNumbered && sizes.inputBytes == 337
    case .magneSafe: !sizes.isNumbered && (856...1_024).contains(sizes.inputBytes)
    // 500 or 512 bytes for tracks, by the manual of the head in it.
    case .secureMag:
      !sizes.isNumbered && (SecureMagReport.headCount + 64...1_024).contains(sizes.inputBytes)
    case .neo2:
      sizes.isNumbered && sizes.inputBytes == NEO2Report.count
        && sizes.outputBytes == NEO2Report.count
    }
  }
}
