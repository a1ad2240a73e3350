// SPDX-License-Identifier: Apache-2.0

// The journal is a run of entries. An entry updates one or more records, each the whole new state
// of what its key names; so the latest update of every live key is all that a start needs.

/// What the core wants on disk before anything that depends on it happens.
public struct JournalEntry: Hashable, Sendable {
  /// The records that change, all or none.
  public var updates: [RecordUpdate]
  /// The lines of the transaction table that change with them.
  public var rows: [TransactionRow]
  /// Whether this begins something new: such an entry is refused while the disk is nearly full,
  /// so that what has begun can still be ended.
  public var beginsBusiness: Bool

  /// An entry.
  public init(updates: [RecordUpdate], rows: [TransactionRow] = [], beginsBusiness: Bool = false) {
    self.updates = updates
    self.rows = rows
    self.beginsBusiness = beginsBusiness
  }
}

/// The new state of one record.
public struct RecordUpdate: Hashable, Sendable {
  /// What the keys of records begin with that no money depends on: a version that does not know
  /// such a record passes over it and leaves it for one that does.
  static let asidePrefix = "aside/"

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
  public var reference = ""
  /// The name of its kind.
  public var kind = TransactionKind.sale.name
  /// The transaction's state.
  public var state = ""
  /// The state of its receipt.
  public var receipt = ReceiptState.none.name
  /// Whether no money moved.
  public var isTest = false
  /// Whether the cardholder was verified by PIN.
  public var hasPIN = false
  /// System trace audit number.
  public var stan: UInt32 = 0
  /// Minor units.
  public var amount: UInt64 = 0
  /// Local time of the terminal, `YYYY-MM-DD hh:mm:ss`.
  public var localTime = ""
  /// First six and last four digits.
  public var maskedPAN = ""
  /// DE39, or empty.
  public var responseCode = ""
  /// DE38, or empty.
  public var approvalCode = ""
  /// DE37, or empty.
  public var retrievalReference = ""
  /// The reason of the reversal, or empty.
  public var reversalReason = ""
  /// The batch it counts in; 0 before batches were counted.
  public var batch: UInt32 = 0
  /// The reference of the transaction it follows, or empty.
  public var original = ""
  /// Whether the card is of another organisation than the acquirer's own.
  public var isForeign = false
  /// Whether its batch must still be told of it one by one.
  public var upload = UploadState.none.name
  /// Whether its record still holds a sealed card.
  public var holdsCard = false
  /// How often it was sent in vain.
  public var attempts: UInt32 = 0
  /// DE39 of the answer that took what was queued or reversed, or empty.
  public var deliveryCode = ""
  /// When that answer came, `YYYY-MM-DD hh:mm:ss`, or empty.
  public var deliveredAt = ""

  /// An empty line.
  public init() {}
}

/// Whether the acquirer's batch has been told of a transaction one by one.
public enum UploadState: UInt8, Hashable, Sendable, CaseIterable {
  /// It does not count, or its batch is closed.
  case none
  /// It counts, and the batch is open.
  case owed
  /// The acquirer has taken it.
  case taken
  /// The acquirer has refused it; a person must look.
  case refused

  /// The name in the table of transactions.
  public var name: String {
    switch self {
    case .none: ""
    case .owed: "owed"
    case .taken: "taken"
    case .refused: "refused"
    }
  }
}
