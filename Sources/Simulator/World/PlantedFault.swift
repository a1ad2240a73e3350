// SPDX-License-Identifier: Apache-2.0

/// A mistake planted in the world, never in the product, to prove that the checkers would see the
/// same mistake in the product.
public enum PlantedFault: UInt8, Hashable, Sendable, CaseIterable {
  /// The journal answers before it has written, and a power cut loses what it promised.
  case journalAnswersTooEarly
  /// A start does not see the requests that have no outcome.
  case intentsForgotten
  /// A start does not see the counter of trace numbers.
  case countersForgotten
  /// A start does not see the reversals that are owed.
  case reversalsForgotten
  /// Reversals are answered as done and never reach the issuer.
  case reversalsSwallowed
  /// The issuer does not remember a reversal that came before its sale.
  case earlyReversalsForgotten
  /// The request of a sale reaches the issuer twice, the second time under another trace number.
  case requestsDoubled
  /// A declined answer reaches the terminal as an approval, correctly signed.
  case declineTurnedApproval
  /// The printer confirms documents that it has not printed.
  case printerLies
  /// Account numbers are written into the journal.
  case accountNumbersLeak
  /// A start does not see the receipts that are owed.
  case receiptsForgotten
  /// A start does not see that a receipt was being printed, and prints it from its beginning.
  case beginningsForgotten
  /// Chance that is not drawn from the seed slips into the history.
  case historyWavers
}
