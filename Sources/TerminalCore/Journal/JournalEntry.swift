// SPDX-License-Identifier: Apache-2.0

// The journal is a run of entries. An entry updates one or more records, each the whole new state
// of what its key names; so the latest update of every live key is all that a start needs.

/// What the core wants on disk before anything that depends on it happens.
public struct JournalEntry: Hashable, Sendable {
  /// The records that change, all or none.
  public var updates: [RecordUpdate]
  /// The line of the transaction table that changes with them.
  public var row: TransactionRow?
  /// Whether this begins something new: such an entry is refused while the disk is nearly full,
  /// so that what has begun can still be ended.
  public var beginsBusiness: Bool

  /// An entry.
  public init(updates: [RecordUpdate], row: TransactionRow? = nil, beginsBusiness: Bool = false) {
    self.updates = updates
    self.row = row
    self.beginsBusiness = beginsBusiness
  }
}

/// The new state of one record.
public struct RecordUpdate: Hashable, Sendable {
  /// What the record is about; ASCII.
  public var key: String
  /// Whether the next start needs the record.
  public var isLive: Bool
  /// The record: tagged fields.
  public var body: [UInt8]
  /// Whether what earlier entries hold of this record must be erased: their lines stay.
  public var erasesEarlier: Bool

  /// An update.
  public init(key: String, isLive: Bool, body: [UInt8], erasesEarlier: Bool = false) {
    self.key = key
    self.isLive = isLive
    self.body = body
    self.erasesEarlier = erasesEarlier
  }
}

/// A live record as it is read at the start.
public struct LiveRecord: Hashable, Sendable {
  /// What the record is about.
  public var key: String
  /// The record: tagged fields.
  public var body: [UInt8]

  /// A record.
  public init(key: String, body: [UInt8]) {
    self.key = key
    self.body = body
  }
}

/// Why an entry is not on disk.
public enum JournalFault: UInt8, Error, Hashable, Sendable {
  /// There is too little room.
  case diskFull
  /// The storage failed.
  case failed
}

/// One line of the table of transactions; nothing in it is secret.
public struct TransactionRow: Hashable, Sendable {
  /// The caller's own reference.
  public var reference: String
  /// "sale".
  public var kind: String
  /// The transaction's state.
  public var state: String
  /// The state of its receipt.
  public var receipt: String
  /// Whether no money moved.
  public var isTest: Bool
  /// Whether the cardholder was verified by PIN.
  public var hasPIN: Bool
  /// System trace audit number.
  public var stan: UInt32
  /// Minor units.
  public var amount: UInt64
  /// Local time of the terminal, `YYYY-MM-DD hh:mm:ss`.
  public var localTime: String
  /// First six and last four digits.
  public var maskedPAN: String
  /// DE39, or empty.
  public var responseCode: String
  /// DE38, or empty.
  public var approvalCode: String
  /// DE37, or empty.
  public var retrievalReference: String
  /// The reason of the reversal, or empty.
  public var reversalReason: String

  /// An empty line.
  public init() {
    reference = ""
    kind = "sale"
    state = ""
    receipt = ""
    isTest = false
    hasPIN = false
    stan = 0
    amount = 0
    localTime = ""
    maskedPAN = ""
    responseCode = ""
    approvalCode = ""
    retrievalReference = ""
    reversalReason = ""
  }
}
