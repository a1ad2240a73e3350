// SPDX-License-Identifier: Apache-2.0

public import Devices

/// What a till asks for: one transaction.
public struct TransactionRequest: Hashable, Sendable {
  /// The kind. A void of something other than a sale becomes that thing's own kind of void.
  public var kind: TransactionKind
  /// The caller's own reference, 1...64 printable ASCII characters.
  public var reference: String
  /// Minor units; 0 where the original says it, or where there is none. Of a tip the tip alone.
  public var amount: UInt64
  /// The reference of the transaction that this one follows, or empty.
  public var original: String
  /// What identifies an original that this terminal does not have.
  public var foreignOriginal: ForeignOriginal?
  /// What is scanned from the cardholder's screen instead of a card.
  public var scannedCode: ScannedCode?

  /// A request.
  public init(
    _ kind: TransactionKind, reference: String, amount: UInt64, original: String = "",
    foreignOriginal: ForeignOriginal? = nil, scannedCode: ScannedCode? = nil
  ) {
    self.kind = kind
    self.reference = reference
    self.amount = amount
    self.original = original
    self.foreignOriginal = foreignOriginal
    self.scannedCode = scannedCode
  }
}

/// An original that another terminal made, or that is no longer in the ledger, as its receipt has
/// it.
public struct ForeignOriginal: Hashable, Sendable {
  /// DE37, twelve characters, or empty.
  public var retrievalReference: [UInt8]
  /// DE38, six characters, or empty.
  public var approvalCode: [UInt8]
  /// MMDD of the original.
  public var date: [UInt8]

  /// An original.
  public init(retrievalReference: [UInt8], approvalCode: [UInt8], date: [UInt8]) {
    self.retrievalReference = retrievalReference
    self.approvalCode = approvalCode
    self.date = date
  }
}

extension ControlRequest {
  /// A sale; `earlier` is what the ledger has under this reference.
  public static func sale(
    reference: String, amount: UInt64, earlier: TransactionRow?
  ) -> ControlRequest {
    .transact(
      TransactionRequest(.sale, reference: reference, amount: amount), earlier: earlier,
      original: nil)
  }
}
