// SPDX-License-Identifier: Apache-2.0

/// A card's number as slips may show it. Whatever it is made of, it holds the first six digits and
/// the last four at most: a slip cannot be given a whole number by mistake.
public struct MaskedNumber: Hashable, Sendable, ExpressibleByStringLiteral {
  /// The number with an asterisk for each hidden digit.
  public let text: String

  /// Hides what may not be shown; masking twice changes nothing.
  public init(_ number: String) {
    let scalars = Array(number.unicodeScalars)
    var kept = String.UnicodeScalarView()
    for (index, scalar) in scalars.enumerated() {
      // PCI DSS 4.0, 3.4.1. What has ten digits or fewer is no card's number.
      let isShown = index < 6 || index >= scalars.count - 4
      kept.append(isShown ? scalar : "*")
    }
    text = String(kept)
  }

  /// Hides what may not be shown.
  public init(stringLiteral number: String) { self.init(number) }

  /// With the last four digits alone, where the law wants it (15 U.S.C. 1681c(g)).
  var lastFour: String {
    let scalars = Array(text.unicodeScalars)
    var kept = String.UnicodeScalarView()
    for (index, scalar) in scalars.enumerated() {
      kept.append(index >= scalars.count - 4 ? scalar : "*")
    }
    return String(kept)
  }
}
