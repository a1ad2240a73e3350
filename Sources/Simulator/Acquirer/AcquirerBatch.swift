// SPDX-License-Identifier: Apache-2.0

//   open ──0500──▶ compared ──0320…──▶ compared ──batch end──▶ closed

/// Sums and numbers of debits and credits.
public struct BatchSums: Hashable, Sendable {
  /// Minor units.
  public var debitAmount: UInt64
  /// How many.
  public var debitCount: UInt64
  /// Minor units.
  public var creditAmount: UInt64
  /// How many.
  public var creditCount: UInt64

  /// Sums.
  public init(
    debitAmount: UInt64 = 0, debitCount: UInt64 = 0, creditAmount: UInt64 = 0,
    creditCount: UInt64 = 0
  ) {
    self.debitAmount = debitAmount
    self.debitCount = debitCount
    self.creditAmount = creditAmount
    self.creditCount = creditCount
  }

  mutating func add(_ amount: UInt64, isCredit: Bool) {
    if isCredit {
      creditAmount += amount
      creditCount += 1
    } else {
      debitAmount += amount
      debitCount += 1
    }
  }
}

/// The totals of a batch; where an acquirer knows one side only, everything is domestic.
public struct HostTotals: Hashable, Sendable {
  /// Cards of the country.
  public var domestic: BatchSums
  /// Cards of others.
  public var foreign: BatchSums

  /// Totals.
  public init(domestic: BatchSums = BatchSums(), foreign: BatchSums = BatchSums()) {
    self.domestic = domestic
    self.foreign = foreign
  }

  mutating func add(_ amount: UInt64, isCredit: Bool, isForeign: Bool) {
    if isForeign {
      foreign.add(amount, isCredit: isCredit)
    } else {
      domestic.add(amount, isCredit: isCredit)
    }
  }
}

extension HostTotals {
  /// A tip makes its sale's amount greater and is no debit of its own.
  mutating func add(tip: UInt64, isForeign: Bool) {
    if isForeign { foreign.debitAmount += tip } else { domestic.debitAmount += tip }
  }
}

/// How the two ends' totals compare.
public enum BatchResult: UInt8, Hashable, Sendable {
  /// They are the same.
  case agrees = 1
  /// They are not.
  case differs = 2
  /// There is nothing to compare.
  case error = 3
}

/// One record of a batch upload.
public struct UploadedRecord: Hashable, Sendable {
  /// DE11 of the transaction.
  public var stan: [UInt8]
  /// ASCII digits, or empty.
  public var pan: [UInt8]
  /// Minor units.
  public var amount: UInt64
  /// Whether it counts among the credits; nil where the record does not say it.
  public var isCredit: Bool?
  /// Whether the card is another country's.
  public var isForeign: Bool
  /// Whether it counts in the totals: not the proof of a chip sale, which comes beside it.
  public var counts: Bool
}

/// One batch of a terminal, as its acquirer sees it.
public struct AcquirerBatch: Hashable, Sendable {
  /// DE41.
  public var terminalID: [UInt8]
  /// Its number.
  public var number: UInt32
  /// What the terminal told.
  public var told: HostTotals?
  /// What the host had then.
  public var host: HostTotals?
  /// The comparison, of the domestic cards or of all.
  public var domestic: BatchResult?
  /// The comparison, of the foreign cards.
  public var foreign: BatchResult?
  /// What was uploaded, each once.
  public var uploaded: [UploadedRecord] = []
  /// How many records the terminal said it had uploaded.
  public var announcedCount: UInt64?
  /// The totals in the end: the host's, where a side differed corrected by the upload.
  public var settled: HostTotals?
  /// Trace numbers that were uploaded and are not in force here.
  public var unknownHere: [[UInt8]] = []
  /// Trace numbers that are in force here and were not uploaded though their side differed.
  public var unknownThere: [[UInt8]] = []
  /// Whether it is over.
  public var isClosed = false

  init(terminalID: [UInt8], number: UInt32) {
    self.terminalID = terminalID
    self.number = number
  }
}

extension HostLedger {
  func isClosed(_ number: UInt32, of terminalID: [UInt8]) -> Bool {
    batches.contains { $0.terminalID == terminalID && $0.number == number && $0.isClosed }
  }

  /// The number of the batch that a terminal has to use.
  func openBatch(of terminalID: [UInt8], _ rules: HostRules) -> UInt32 {
    guard let last = batches.last(where: { $0.terminalID == terminalID }) else {
      return rules.firstBatch
    }
    return last.isClosed ? HostLedger.follower(of: last.number) : last.number
  }

  /// Six digits, never zero.
  static func follower(of number: UInt32) -> UInt32 { number % 999_999 + 1 }

  /// Where a batch stands, which begins with its first mention.
  mutating func batchIndex(_ number: UInt32, of terminalID: [UInt8]) -> Int {
    let known = batches.firstIndex { $0.terminalID == terminalID && $0.number == number }
    if let known { return known }
    batches.append(AcquirerBatch(terminalID: terminalID, number: number))
    return batches.count - 1
  }

  /// A sale and its void both count; what was reversed does not, and a tip is part of its sale.
  func totals(
    _ number: UInt32, of terminalID: [UInt8], _ rules: HostRules
  ) -> HostTotals {
    var totals = HostTotals()
    for hold in holds where counts(hold, number, terminalID) {
      totals.add(
        hold.amount + hold.tip, isCredit: hold.kind.isCredit, isForeign: isForeign(hold, rules))
    }
    return totals
  }

  func counts(_ hold: Hold, _ number: UInt32, _ terminalID: [UInt8]) -> Bool {
    hold.terminalID == terminalID && hold.batch == number
      && (hold.kind.isDebit || hold.kind.isCredit)
      && (hold.state == .approved || hold.state == .voided)
  }

  func isForeign(_ hold: Hold, _ rules: HostRules) -> Bool {
    if dialect == .generic { return false }
    return HostLedger.organisation(hold, rules) != letters("CUP")
  }

  /// Three letters; of a card that nobody knows zeros, which count as domestic.
  static func organisation(_ hold: Hold, _ rules: HostRules) -> [UInt8] {
    let number = hold.pan.isEmpty ? hold.code : hold.pan
    return rules.organisations.first { number.starts(with: $0.prefix) }?.name ?? letters("CUP")
  }
}
