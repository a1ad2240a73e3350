// SPDX-License-Identifier: Apache-2.0

/// What must come out of the printer and is kept track of until it has: each has its record.
public enum Paper: Hashable, Sendable {
  /// The receipt of a transaction.
  case receipt(TransactionRecord)
  /// The slip of a closed batch.
  case slip(SettlementSlip)

  /// The key of its record.
  public var key: String {
    switch self {
    case .receipt(let record): record.key
    case .slip(let slip): slip.key
    }
  }

  /// Where it is.
  public var state: ReceiptState {
    get {
      switch self {
      case .receipt(let record): record.receipt
      case .slip(let slip): slip.state
      }
    }
    set {
      switch self {
      case .receipt(var record):
        record.receipt = newValue
        self = .receipt(record)
      case .slip(var slip):
        slip.state = newValue
        self = .slip(slip)
      }
    }
  }

  /// The transaction, if it is a receipt.
  var record: TransactionRecord? {
    guard case .receipt(let record) = self else { return nil }
    return record
  }

  /// The slip, if it is one.
  var slip: SettlementSlip? {
    guard case .slip(let slip) = self else { return nil }
    return slip
  }

  /// What is written of it.
  var entry: JournalEntry {
    switch self {
    case .receipt(let record): JournalEntry(updates: [record.update], rows: [record.row])
    case .slip(let slip): JournalEntry(updates: [slip.update])
    }
  }

  /// The paper with its transaction as it is now; where it is, this copy knows.
  func revised(_ newer: TransactionRecord) -> Paper {
    guard case .receipt(let record) = self else { return self }
    return .receipt(record.revised(newer))
  }
}
