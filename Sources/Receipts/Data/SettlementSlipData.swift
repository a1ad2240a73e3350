// SPDX-License-Identifier: Apache-2.0

/// What stands on the slip of a closed batch.
public struct SettlementSlipData: Hashable, Sendable {
  /// So many transactions and what they come to.
  public struct Sum: Hashable, Sendable {
    /// What is added up, in both languages, as in `消费 SALE`.
    public var label: SlipText
    /// How many.
    public var count: UInt32
    /// Without currency, as in `12.30`.
    public var amount: String

    /// A sum.
    public init(_ label: SlipText, count: UInt32, amount: String) {
      self.label = label
      self.count = count
      self.amount = amount
    }
  }

  /// The cards that an acquirer settles together.
  public struct Group: Hashable, Sendable {
    /// Whose cards they are, in both languages.
    public var title: SlipText
    /// A sum a kind of transaction.
    public var kinds: [Sum]
    /// What the merchant gets.
    public var debit: Sum
    /// What the merchant gives back.
    public var credit: Sum
    /// What the acquirer said of the two, in both languages.
    public var verdict: SlipText

    /// A group.
    public init(
      _ title: SlipText, kinds: [Sum], debit: Sum, credit: Sum, verdict: SlipText
    ) {
      self.title = title
      self.kinds = kinds
      self.debit = debit
      self.credit = credit
      self.verdict = verdict
    }
  }

  /// The merchant's names and place, a line each, Chinese and English.
  public var merchantName: [String] = []
  /// The merchant's number, 15 characters.
  public var merchantNumber = ""
  /// The terminal's number, 8 characters.
  public var terminalNumber = ""
  /// The batch, 6 digits.
  public var batchNumber = ""
  /// When it was closed, as in `2026-01-31 12:00:00`.
  public var dateTime = ""
  /// As in `CNY`.
  public var currency = ""
  /// The cards, group by group.
  public var groups: [Group] = []
  /// What the merchant gets less what the merchant gives back, with its sign.
  public var net = ""
  /// Of all that is added up, what was a test; nothing where nothing was.
  public var tests: [Sum] = []
  /// What came of the comparison, in both languages.
  public var outcome = SlipText("")
  /// How many transactions the acquirer was told of one by one.
  public var uploaded: UInt32 = 0
  /// How many of them it refused.
  public var refused: UInt32 = 0
  /// What the acquirer has in this batch by the upload alone; no sum above counts it.
  public var added: [Sum] = []
  /// What the batch has and no sum above counts.
  public var leftOut: [Sum] = []

  /// A slip with nothing on it yet.
  public init() {}
}
