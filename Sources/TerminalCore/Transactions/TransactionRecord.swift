// SPDX-License-Identifier: Apache-2.0

public import Devices

// reserved ─▶ intent ─┬─ answer, approved ─▶ approved ─┬─ receipt printed, batch closed: final
//                     │                               └─ taken back by another ─▶ voided
//                     ├─ answer, declined ─▶ declined: final
//                     ├─ never sent ───────▶ cancelled: final
//                     ├─ no valid answer ──▶ reversing ─┬▶ reversed: final
//                     │                                 └▶ parked: a person settles it
//                     └─ an advice without one, or approved offline ─▶ queued ─┬▶ approved
//                                                                             └▶ parked
//   parked ─┬▶ reversing or queued again
//           └▶ closed: a person has settled it by hand; final

/// The state of one transaction.
public enum TransactionState: UInt8, Hashable, Sendable, CaseIterable {
  /// The request may have left; nothing is known of an answer.
  case intent
  /// The acquirer approved.
  case approved
  /// The acquirer declined.
  case declined
  /// Nothing ever left: it could not, or a sale that was approved here was taken back before.
  case cancelled
  /// The acquirer must be told to forget it.
  case reversing
  /// The acquirer has forgotten it.
  case reversed
  /// It was approved and later taken back by another transaction.
  case voided
  /// It stands, and the acquirer has still to be told.
  case queued
  /// The acquirer does not take it; a person decides.
  case parked
  /// It was parked, and a person has settled it by hand: it is never sent again.
  case closed

  /// The state's name as people see it.
  public var name: String {
    switch self {
    case .intent: "sent"
    case .approved: "approved"
    case .declined: "declined"
    case .cancelled: "not sent"
    case .reversing: "reversal owed"
    case .reversed: "reversed"
    case .voided: "voided"
    case .queued: "queued"
    case .parked: "parked"
    case .closed: "closed"
    }
  }
}

/// How the card came in: the first two digits of DE22.
public enum EntryMode: UInt8, Hashable, Sendable, CaseIterable {
  /// Its number was kept from the original.
  case stored
  /// Swiped.
  case swiped
  /// A code scanned from the cardholder's screen.
  case scanned
  /// Its chip was read in the slot.
  case chip

  /// Two ASCII digits.
  var digits: [UInt8] {
    switch self {
    case .stored: [0x30, 0x31]
    case .swiped: [0x30, 0x32]
    case .scanned: [0x30, 0x33]
    case .chip: [0x30, 0x35]
    }
  }
}

/// The state of a transaction's receipt.
public enum ReceiptState: UInt8, Hashable, Sendable, CaseIterable {
  /// There is none to print.
  case none
  /// It must still be printed.
  case owed
  /// Nobody knows whether it is complete on paper; a person decides.
  case doubtful
  /// It is on paper.
  case printed
  /// It is being printed: a start that finds this cannot know how much is on paper.
  case begun

  /// Whether the next start must know of it.
  var isPending: Bool {
    switch self {
    case .owed, .begun, .doubtful: true
    case .none, .printed: false
    }
  }

  /// The state's name as people see it.
  public var name: String {
    switch self {
    case .none: "none"
    case .owed: "owed"
    case .doubtful: "doubtful"
    case .printed: "printed"
    case .begun: "printing"
    }
  }
}

/// Why a transaction is reversed: DE39 of the reversal.
public enum ReversalReason: UInt8, Hashable, Sendable, CaseIterable {
  /// No answer came: 98.
  case noAnswer
  /// The answer's MAC was wrong: A0.
  case wrongMAC
  /// Anything else: 06.
  case other

  /// Two characters for DE39.
  public var code: [UInt8] {
    switch self {
    case .noAnswer: [0x39, 0x38]
    case .wrongMAC: [0x41, 0x30]
    case .other: [0x30, 0x36]
    }
  }
}

/// Everything that is kept of one transaction.
public struct TransactionRecord: Hashable, Sendable {
  /// The caller's own reference, 1...64 printable ASCII characters.
  public var reference: String
  /// The kind.
  public var kind: TransactionKind
  /// DE11.
  public var stan: STAN
  /// DE4; of a tip the tip alone, of a balance what the account holds.
  public var amount: Amount
  /// DE12 and DE13.
  public var localTime: LocalTime
  /// The batch it counts in.
  public var batch: BatchNumber
  /// Whether no money moves.
  public var isTest: Bool
  /// First six, last four.
  public var maskedPAN: String
  /// The keyed fingerprint of the account number, 8 bytes.
  public var fingerprint: [UInt8]
  /// The card data that a reversal or the batch's upload needs, sealed; empty once neither does.
  public var sealedCard: [UInt8]
  /// How the card came in.
  public var entry: EntryMode
  /// Whether the card is of another organisation than the acquirer's own.
  public var isForeign = false
  /// Whether a PIN was asked for.
  public var hasPIN: Bool
  /// Where the transaction is.
  public var state: TransactionState
  /// Where its receipt is.
  public var receipt: ReceiptState
  /// DE39 of the answer, or empty.
  public var responseCode: [UInt8] = []
  /// DE38 of the answer, or empty.
  public var approvalCode: [UInt8] = []
  /// DE37 of the answer, or empty.
  public var retrievalReference: [UInt8] = []
  /// DE13 of the answer, or empty.
  public var answerDate: [UInt8] = []
  /// Why it is reversed.
  public var reversalReason: ReversalReason?
  /// The transaction that it follows: one or none. A list and no optional, since the optional of so
  /// many references is copied wrongly by Embedded Swift 6.3.
  var originals: [OriginalFacts] = []
  /// What its receipt says of the chip: one or none.
  var chips: [ChipFacts] = []
  /// Why it is closed: one or none.
  var closings: [Closing] = []
  /// What has been given back of it, or is being: minor units.
  public var refunded: UInt64 = 0
  /// What has been put on top of it as a tip, or is being: minor units.
  public var tipped: UInt64 = 0
  /// Whether its batch must still be told of it one by one.
  public var upload = UploadState.none
  /// How often what is owed of it was sent in vain.
  public var attempts: UInt32 = 0
  /// Whether the terminal could read chips.
  public var readsChips = false
  /// Whether the card was swiped because its chip does not work.
  public var isFallback = false
  /// Whether the acquirer may have heard of a sale that was approved here: on disk before its first
  /// byte leaves.
  public var hasLeft = false
  /// Whether the acquirer has refused it and it is parked: then it holds nothing of its original.
  public var isRefused = false
  /// DE39 of the answer that took what was owed, or empty.
  public var deliveryCode: [UInt8] = []
  /// When that answer came.
  public var deliveredAt: LocalTime?

  /// The transaction that it follows.
  public var original: OriginalFacts? {
    get { originals.first }
    set { originals = newValue.map { [$0] } ?? [] }
  }

  /// The reference of the transaction that it follows, or empty; without an optional of so many
  /// references between, which Embedded Swift 6.3 copies wrongly.
  var originalReference: String { originals.isEmpty ? "" : originals[0].reference }

  /// What its receipt says of the chip.
  public var chip: ChipFacts? {
    get { chips.first }
    set { chips = newValue.map { [$0] } ?? [] }
  }

  /// Why it is closed.
  public var closing: Closing? { closings.first }

  /// What the card has paid with its tip, minor units: what can be given back in sum.
  public var whole: UInt64 { amount.minorUnits + tipped }

  /// Whether the next start needs the record.
  public var isLive: Bool {
    switch state {
    case .intent, .reversing: true
    case .approved, .declined, .cancelled, .reversed, .voided, .queued, .parked, .closed:
      receipt.isPending
    }
  }

  /// Drops the card data of a transaction that needs it no longer. What counts in a batch needs it
  /// until the batch is closed.
  mutating func eraseCardIfFinal() {
    switch state {
    case .intent, .reversing, .queued, .parked: break
    case .approved, .voided: if upload == .none { sealedCard = [] }
    case .declined, .cancelled, .reversed, .closed: sealedCard = []
    }
  }
}

/// What is known of the transaction that another one follows.
public struct OriginalFacts: Hashable, Sendable {
  /// Its reference; empty when this terminal does not have it.
  public var reference = ""
  /// The type of its message, four ASCII digits, or empty.
  public var messageType: [UInt8] = []
  /// Its trace number, six ASCII digits, or empty.
  public var stan: [UInt8] = []
  /// Its batch, six ASCII digits, or empty.
  public var batch: [UInt8] = []
  /// MMDDhhmmss by this terminal's clock, or MMDD where no more is known.
  public var moment: [UInt8] = []
  /// MMDD of the acquirer's answer, which has the acquirer's date; empty where none came.
  public var date: [UInt8] = []
  /// DE38 of its answer, or empty.
  public var approvalCode: [UInt8] = []
  /// DE37 of its answer, or empty.
  public var retrievalReference: [UInt8] = []
  /// Its amount in minor units; 0 when it is not known.
  public var amount: UInt64 = 0
  /// DE3 of its message, six ASCII digits, or empty.
  public var processing: [UInt8] = []
  /// DE32 of its answer: the acquirer's number, or empty.
  public var acquirer: [UInt8] = []
}

/// The number of a batch, 1...999,999.
public struct BatchNumber: Hashable, Comparable, Sendable {
  /// The number.
  public let value: UInt32

  /// Nil outside 1...999,999.
  public init?(_ value: UInt32) {
    if value == 0 || value > 999_999 { return nil }
    self.value = value
  }

  /// The first batch.
  public static let first = STAN.first.batch

  /// The number after this one; 999,999 is followed by 1.
  public var next: BatchNumber { BatchNumber(value % 999_999 + 1) ?? self }

  /// Whether one number is smaller.
  public static func < (left: BatchNumber, right: BatchNumber) -> Bool {
    left.value < right.value
  }

  /// Six digits.
  public var text: String { String(decoding: digits, as: UTF8.self) }

  /// Six ASCII digits.
  var digits: [UInt8] { Digits.text(UInt64(value), 6) ?? [] }
}

extension STAN {
  fileprivate var batch: BatchNumber {
    guard let number = BatchNumber(value) else { preconditionFailure("the ranges are the same") }
    return number
  }
}

extension TransactionRecord {
  /// The key of the record.
  var key: String { TransactionRecord.key(reference) }

  /// The key of the record of the transaction with this reference.
  static func key(_ reference: String) -> String { "transaction/" + reference }

  /// The update that stores the record; the first without a card takes the card out of the earlier
  /// ones too.
  var update: RecordUpdate {
    RecordUpdate(key: key, isLive: isLive, body: encoded, erasesEarlier: sealedCard.isEmpty)
  }

  /// The line of the table of transactions.
  public var row: TransactionRow {
    var row = TransactionRow()
    row.reference = reference
    row.kind = kind.name
    row.state = state.name
    row.receipt = receipt.name
    row.isTest = isTest
    row.hasPIN = hasPIN
    row.stan = stan.value
    row.amount = amount.minorUnits
    row.localTime = localTime.text
    row.maskedPAN = maskedPAN
    row.responseCode = String(decoding: responseCode, as: UTF8.self)
    row.approvalCode = String(decoding: approvalCode, as: UTF8.self)
    row.retrievalReference = String(decoding: retrievalReference, as: UTF8.self)
    row.reversalReason = String(decoding: reversalReason?.code ?? [], as: UTF8.self)
    row.batch = batch.value
    row.original = originalReference
    row.isForeign = isForeign
    row.upload = upload.name
    row.holdsCard = !sealedCard.isEmpty
    row.attempts = attempts
    row.deliveryCode = String(decoding: deliveryCode, as: UTF8.self)
    row.deliveredAt = deliveredAt?.text ?? ""
    return row
  }

  /// What another transaction that follows this one says of it.
  func facts(messageType: [UInt8]) -> OriginalFacts {
    OriginalFacts(
      reference: reference, messageType: messageType, stan: Array(stan.text.utf8),
      batch: batch.digits, moment: localTime.dateDigits + localTime.timeDigits,
      date: answerDate.count == 4 ? answerDate : [], approvalCode: approvalCode,
      retrievalReference: retrievalReference,
      amount: amount.minorUnits)
  }
}
