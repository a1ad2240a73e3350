// SPDX-License-Identifier: Apache-2.0

import Wire

/// A clear PIN. The type is in this module alone, which pads, issuers and their simulators link and
/// a terminal does not: no function of a terminal can take one.
public struct ClearPIN: Hashable, Sendable, CustomStringConvertible {
  private let digits: SecretBytes

  /// Four to twelve digit values 0...9; nil otherwise (ISO 9564-1:2017, 9.1).
  public init?(_ digits: [UInt8]) {
    if !(4...12).contains(digits.count) || digits.contains(where: { $0 > 9 }) { return nil }
    self.digits = SecretBytes(digits)
  }

  /// Never the digits.
  public var description: String { "<PIN>" }

  /// How many digits there are.
  public var count: Int { digits.count }

  /// The digit values, for the one call that needs them.
  public var exposed: [UInt8] { digits.exposed }
}
