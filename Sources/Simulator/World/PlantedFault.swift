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
  /// A start does not see the slips that are owed.
  case slipsForgotten
  /// A start does not see that a receipt was being printed, and prints it from its beginning.
  case beginningsForgotten
  /// The queue of advices looks empty.
  case queueForgotten
  /// The message of an advice reaches the acquirer twice, the second time under another trace
  /// number.
  case advicesDoubled
  /// A declined advice reaches the terminal as taken, correctly signed.
  case adviceTurnedApproval
  /// The totals of a batch lack one of their sums.
  case totalsShort
  /// The totals of a batch count what was reversed.
  case reversedCounted
  /// A batch that is closed shows no cards to erase.
  case cardsKept
  /// A start does not see the batch's record, and counts batches from the first.
  case batchForgotten
  /// That a sale was voided is not written.
  case voidsForgotten
  /// The end of a batch is answered and never reaches the acquirer.
  case batchEndSwallowed
  /// What is staged of a download comes into force before the acquirer's end of it.
  case downloadSwappedEarly
  /// A batch that is closed shows the cards of what is parked among those to erase.
  case parkedCardsErased
  /// What is put back into the queue has lost its card.
  case unparkForgetsCard
  /// The totals of a batch count what is parked, as if it were delivered.
  case parkedCounted
  /// The ledger says that nothing is parked.
  case parkedHidden
  /// The original of what the acquirer has refused or forgotten is not found.
  case originalsHidden
  /// An AAC of a card reaches the terminal as a TC.
  case declineOfCardIgnored
  /// The issuer's proof never reaches the card, and the terminal believes that it has.
  case proofWithheld
  /// The reversal of a sale by chip has lost the chip's data.
  case reversalWithoutChip
  /// A notice of an issuer's scripts is not written.
  case scriptNoticeForgotten
  /// What the receipt says of the chip is not written.
  case chipOffReceipt
  /// Chance that is not drawn from the seed slips into the history.
  case historyWavers

  /// Whether it needs a shop that takes chips.
  var isOfChips: Bool {
    switch self {
    case .declineOfCardIgnored, .proofWithheld, .reversalWithoutChip, .scriptNoticeForgotten,
      .chipOffReceipt:
      true
    default: false
    }
  }
}
