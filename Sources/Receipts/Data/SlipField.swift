// SPDX-License-Identifier: Apache-2.0

/// Everything that a template can name; its name in a template is the case's. A card's number is
/// here masked alone, and its expiry, its tracks and a PIN are not here: no template can ask for
/// what no slip may show.
public enum SlipField: String, Hashable, Sendable, CaseIterable {
  // Who and where.
  case merchantName, merchantNumber, terminalNumber
  // The transaction.
  case transactionType, card, cardLastFour, entryLetter, batchNumber, traceNumber, referenceNumber
  case originalReference, approvalCode, dateTime, amount, response
  // The chip.
  case applicationIdentifier, applicationLabel, cryptogramKind, cryptogram
  case verificationResults, statusInformation, transactionCounter
  // A closed batch.
  case currency, group, label, count, sum, debit, debitCount, debitSum, credit, creditCount
  case creditSum, verdict, net, outcome, uploaded, refused
  // Commissioning.
  case fact, value, check, detail, failedCount, checkCount
  // Made of the paper, not of the data: a line of the paper's width to sign on.
  case signatureLine
}

/// What a template can ask for beside whether a field has a value.
public enum SlipFlag: String, Hashable, Sendable, CaseIterable {
  /// It is a test: no money moved.
  case test
  /// It is printed again.
  case copy
  /// Whose copy it is.
  case merchantCopy, customerCopy
  /// How the cardholder was verified.
  case pin, signature, noVerification
  /// The check of commissioning has passed; all of them have.
  case passed, allPassed
}

/// What a template can go through one by one.
public enum SlipList: String, Hashable, Sendable, CaseIterable {
  /// The merchant's names and place: `merchantName`.
  case merchantNames
  /// The cards that are settled together: `group`, `debit`..., `credit`..., `verdict`, and `kinds`.
  case groups
  /// Sums, each `label`, `count`, `sum`: of a group, of what was a test, of what
  /// the upload added, of what is left out.
  case kinds, tests, added, leftOut
  /// Facts of commissioning: `fact`, `value`.
  case facts
  /// Checks of commissioning: `check`, `detail`, and whether it has `passed`.
  case checks
}

/// The values of one slip, or of one item of a list on it.
public struct SlipValues: Hashable, Sendable {
  private struct Items: Hashable {
    var list: SlipList
    var items: [SlipValues]
  }

  /// What has a value, in the order in which it was set, and its text at the same place.
  public private(set) var fields: [SlipField] = []
  private var texts: [SlipText] = []
  private var flags: [SlipFlag] = []
  private var lists: [Items] = []

  /// Nothing yet.
  public init() {}

  /// The value of a field; nil where there is none.
  public subscript(_ field: SlipField) -> SlipText? {
    get { fields.firstIndex(of: field).map { texts[$0] } }
    set {
      if let place = fields.firstIndex(of: field) {
        fields.remove(at: place)
        texts.remove(at: place)
      }
      if let newValue {
        fields.append(field)
        texts.append(newValue)
      }
    }
  }

  /// The items of a list; nil where there is no such list.
  public subscript(_ list: SlipList) -> [SlipValues]? {
    get { lists.first { $0.list == list }?.items }
    set {
      lists.removeAll { $0.list == list }
      if let newValue { lists.append(Items(list: list, items: newValue)) }
    }
  }

  /// Whether a flag is set.
  public subscript(_ flag: SlipFlag) -> Bool {
    get { flags.contains(flag) }
    set {
      flags.removeAll { $0 == flag }
      if newValue { flags.append(flag) }
    }
  }

  /// A value that is the same in both languages; an empty one is none.
  mutating func set(_ field: SlipField, _ text: String) {
    if !text.isEmpty { self[field] = SlipText(text) }
  }
}
