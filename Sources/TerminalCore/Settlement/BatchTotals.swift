// SPDX-License-Identifier: Apache-2.0

import Wire

/// What a batch comes to, as the ledger has it and as the acquirer is told.
public struct BatchTotals: Hashable, Sendable {
  /// The sums of the cards of one organisation.
  public struct Side: Hashable, Sendable {
    /// Minor units for the merchant.
    public var debitAmount: UInt64 = 0
    /// How many of them.
    public var debitCount: UInt32 = 0
    /// Minor units given back.
    public var creditAmount: UInt64 = 0
    /// How many of them.
    public var creditCount: UInt32 = 0
    /// What the acquirer said of it.
    public var result = Comparison.unknown

    /// Whether nothing stands in it.
    public var isEmpty: Bool { debitCount == 0 && creditCount == 0 }
  }

  /// What a comparison came to.
  public enum Comparison: UInt8, Hashable, Sendable, CaseIterable {
    /// Nobody has compared.
    case unknown
    /// The acquirer has the same.
    case agreed
    /// It has something else.
    case differed
    /// It could not compare.
    case failed

    /// For people.
    public var text: String {
      switch self {
      case .unknown: "not compared"
      case .agreed: "agreed"
      case .differed: "differed"
      case .failed: "not compared by the acquirer"
      }
    }
  }

  /// The acquirer's own organisation.
  public var domestic = Side()
  /// All others.
  public var foreign = Side()

  /// Whether the acquirer has the same in both.
  public var hasAgreed: Bool { domestic.result == .agreed && foreign.result == .agreed }

  /// Nothing.
  public init() {}

  /// How many of a batch are parked: no sum has them.
  static func parked(_ lines: [BatchLine]) -> UInt32 {
    lines.reduce(0) { $1.state == TransactionState.parked.name ? $0 + $1.count : $0 }
  }

  /// The sums of a batch.
  public init(_ lines: [BatchLine]) {
    for line in lines where line.isCounted {
      guard let kind = TransactionKind(name: line.kind) else { continue }
      if line.isForeign {
        foreign.add(line, kind.rules.side)
      } else {
        domestic.add(line, kind.rules.side)
      }
    }
  }
}

extension BatchTotals.Side {
  mutating func add(_ line: BatchLine, _ side: TotalsSide) {
    switch side {
    case .debit:
      debitAmount += line.amount
      debitCount += line.count
    case .credit:
      creditAmount += line.amount
      creditCount += line.count
    case .adjustment: debitAmount += line.amount
    case .none: break
    }
  }

  func write(_ fields: inout FieldWriter, from tag: UInt8) {
    fields.write(tag, debitAmount)
    fields.write(tag + 1, UInt64(debitCount))
    fields.write(tag + 2, creditAmount)
    fields.write(tag + 3, UInt64(creditCount))
    fields.write(tag + 4, UInt64(result.rawValue))
  }

  init?(_ fields: FieldReader, from tag: UInt8) {
    guard let debit = fields.number(tag), let debits = fields.number(tag + 1),
      let credit = fields.number(tag + 2), let credits = fields.number(tag + 3),
      let result = fields.number(tag + 4).flatMap({
        BatchTotals.Comparison(rawValue: UInt8($0 & 0xFF))
      })
    else { return nil }
    debitAmount = debit
    debitCount = UInt32(truncatingIfNeeded: debits)
    creditAmount = credit
    creditCount = UInt32(truncatingIfNeeded: credits)
    self.result = result
  }
}
