// SPDX-License-Identifier: Apache-2.0

/// What stands on the sheet that ends commissioning.
public struct CommissioningSheetData: Hashable, Sendable {
  /// A fact about the terminal, as in serial number or software version.
  public struct Fact: Hashable, Sendable {
    /// What it is, in both languages.
    public var label: SlipText
    /// Its value.
    public var value: String

    /// A fact.
    public init(_ label: SlipText, _ value: String) {
      self.label = label
      self.value = value
    }
  }

  /// One check and its result.
  public struct Check: Hashable, Sendable {
    /// What was checked, in both languages.
    public var name: SlipText
    /// Whether it passed.
    public var hasPassed: Bool
    /// What was seen; for a failed check what to do.
    public var detail: String

    /// A check.
    public init(_ name: SlipText, hasPassed: Bool, detail: String = "") {
      self.name = name
      self.hasPassed = hasPassed
      self.detail = detail
    }
  }

  /// The merchant's names and place, a line each.
  public var merchantName: [String]
  /// Facts about the terminal.
  public var facts: [Fact]
  /// The checks in the order in which they were made.
  public var checks: [Check]

  /// A sheet.
  public init(merchantName: [String], facts: [Fact], checks: [Check]) {
    self.merchantName = merchantName
    self.facts = facts
    self.checks = checks
  }
}
