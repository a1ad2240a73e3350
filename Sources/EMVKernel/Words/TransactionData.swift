// SPDX-License-Identifier: Apache-2.0

public import Devices

/// What a transaction brings: everything that the card, the clock and the terminal's settings do
/// not. It is frozen here, so that host and card see the same (EMV 4.4 Book 4, 10.1).
public struct TransactionData: Hashable, Sendable {
  /// The whole amount, cashback included (9F02, 81); nil while it is not known.
  public var amount: Amount?
  /// The part of the amount that is paid out as cash (9F03, 9F04).
  public var cashback: Amount
  /// The first two digits of the processing code (9C).
  public var type: UInt8
  /// The currency's number (5F2A), n 3: 0x0840.
  public var currency: UInt16
  /// How many digits of the amount are behind the point (5F36).
  public var currencyExponent: UInt8
  /// The local date (9A).
  public var date: CardDate
  /// The local time (9F21), hours, minutes, seconds, two digits a byte: 0x235959.
  public var time: UInt32
  /// One for the whole transaction (9F37; EMV 4.4 Book 4, 6.5.6), made as Book 2, 11.3 says.
  public var unpredictableNumber: UInt32
  /// The number of this transaction (9F41), 1...99,999,999.
  public var sequenceCounter: UInt32
  /// Drawn evenly from 1...99, for random selection (EMV 4.4 Book 3, 10.6.2).
  public var drawnNumber: UInt8
  /// Whether the merchant wants this one to go online (EMV 4.4 Book 4, 6.5.3).
  public var isForcedOnline: Bool
  /// How the card is read (9F39), n 2: 0x05.
  public var entryMode: UInt8
  /// The account the cardholder chose (5F57), or nil.
  public var accountType: UInt8?

  /// A transaction.
  public init(
    amount: Amount?, cashback: Amount, type: UInt8, currency: UInt16, currencyExponent: UInt8,
    date: CardDate, time: UInt32, unpredictableNumber: UInt32, sequenceCounter: UInt32,
    drawnNumber: UInt8, isForcedOnline: Bool = false, entryMode: UInt8 = 0x05,
    accountType: UInt8? = nil
  ) {
    self.amount = amount
    self.cashback = cashback
    self.type = type
    self.currency = currency
    self.currencyExponent = currencyExponent
    self.date = date
    self.time = time
    self.unpredictableNumber = unpredictableNumber
    self.sequenceCounter = sequenceCounter
    self.drawnNumber = drawnNumber
    self.isForcedOnline = isForcedOnline
    self.entryMode = entryMode
    self.accountType = accountType
  }
}
