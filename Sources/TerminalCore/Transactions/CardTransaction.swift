// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// What every transaction with a card goes through; its kind's rules say which steps it skips.
//
//   clearing ─▶ awaiting card ─▶ awaiting PIN ─▶ journalling intent ─▶ asking the acquirer
//       │             │               │                  │                     │
//       ▼             ▼               ▼                  ▼                     ▼
//     refused     withdrawn        no PIN             refused         journalling outcome ─▶ told
//                                                                              │ not written
//                                                                              ▼
//                                          awaiting storage ◀─▶ journalling reversal ─▶ told
//
// Two journal entries a transaction: the intent before the first byte leaves, the outcome before
// anyone is told; the receipt's entry follows from the print desk.
//
// An entry that the storage refused may be on disk all the same, and the next start would find it.
// So an outcome that was refused counts as undecided: nobody is told and nothing more leaves before
// a newer entry, which says that it is reversed or queued, is on disk. An intent that was refused
// needs no such care: nothing left, and a start that finds it reverses what the acquirer never saw.
// The intent of an advice does: a start that finds it would tell the acquirer.

/// One transaction, from the request to the outcome on disk.
struct CardTransaction: Machine {
  /// What a transaction is told.
  enum Event: Hashable, Sendable {
    /// Begin; whether a reversal must be delivered first.
    case started(reversalsPending: Bool)
    /// The reversals are delivered, or cannot be.
    case reversalsCleared(Bool)
    /// A card was swiped.
    case swiped(SwipedCard)
    /// A swipe gave no card.
    case misread(Misread)
    /// A card is in the slot for chips.
    case cardInserted(ChipDesk)
    /// Something of that card, or of what it has asked for.
    case chip(ChipDesk.Event)
    /// The reader is gone.
    case readerLost(ReaderTrouble)
    /// The cardholder entered a PIN.
    case pinEntered(EncryptedPIN)
    /// There is no PIN.
    case noPIN(NoPIN)
    /// The pad is gone.
    case pinPadLost(PINPadTrouble)
    /// The intent or the outcome is on disk.
    case journalled
    /// It is not.
    case journalFailed(JournalFault)
    /// The card is not the one that the original was made with.
    case cardRefused(Problem)
    /// The acquirer has been asked.
    case hostEnded(HostResult)
    /// Whoever asked took it back.
    case withdrawn
    /// The deadline has come.
    case deadlinePassed
  }

  /// What a transaction asks for.
  enum Effect: Hashable, Sendable {
    /// Tell whoever asked.
    case tell(Progress)
    /// Deliver the reversals that are pending.
    case clearReversals
    /// Let the reader report swipes, or not.
    case readCards(Bool)
    /// Do this with the card in the slot.
    case chip(CardReaderOrder)
    /// Ask for a PIN.
    case askPIN(PINPrompt)
    /// Give up the PIN entry.
    case cancelPIN
    /// Give the transaction a trace number and put its intent on disk.
    case journalIntent(PaymentMeans, hasPIN: Bool)
    /// Send the request.
    case ask(PaymentMeans, EncryptedPIN?)
    /// Put the outcome on disk.
    case journalOutcome(TransactionOutcome)
    /// The transaction is over.
    case ended(TransactionOutcome)
  }

  enum Phase: Hashable, Sendable {
    case idle
    case clearing
    case awaitingCard(swipesLeft: UInt8)
    case readingChip(asksPIN: Bool)
    case awaitingPIN(PaymentMeans)
    case withdrawingPIN(Problem)
    case journallingIntent(PaymentMeans, EncryptedPIN?)
    case asking
    case completingChip(TransactionOutcome)
    case journallingOutcome(TransactionOutcome)
    case awaitingStorage(TransactionOutcome)
    case journallingReversal(TransactionOutcome)
    case over
  }

  /// The pause before a reversal that the storage refused is written again: short, since nothing is
  /// sold meanwhile, and long enough that a storage in trouble is not hammered.
  private static let storagePause = Interval.seconds(5)

  let plan: TransactionPlan
  let responses: Responses
  var terms: TransactionTerms
  var phase = Phase.idle
  /// The card in the slot: one or none.
  var chips: [ChipDesk] = []
  /// The PIN that goes with it.
  var chipPIN: EncryptedPIN?
  /// What became of it in the end, for the receipt; one or none.
  var chipEnds: [ChipEnd] = []
  /// What it has made of its issuer's scripts; one or none.
  var scripts: [ScriptReport] = []
  /// Whether a chip was tried and does not work, so that its card may be swiped.
  var isFallback = false
  /// The next moment at which it wants to be woken.
  var deadline: Instant?
  /// Events that meant nothing where they came.
  private(set) var unexpectedEvents: UInt32 = 0

  /// A transaction that has not begun.
  init(plan: TransactionPlan, terms: TransactionTerms, responses: Responses) {
    self.plan = plan
    self.responses = responses
    self.terms = terms
  }

  /// Whether it waits for reversals to be delivered.
  var awaitsReversals: Bool { phase == .clearing }

  /// Whether it can still be taken back: the acquirer knows nothing of it and will not.
  var canBeWithdrawn: Bool {
    switch phase {
    case .idle, .clearing, .awaitingCard, .readingChip, .awaitingPIN, .withdrawingPIN: true
    case .journallingIntent, .asking, .completingChip, .journallingOutcome, .awaitingStorage,
      .journallingReversal, .over:
      false
    }
  }

  /// Whether its outcome is undecided because the storage refused it.
  var awaitsStorage: Bool {
    switch phase {
    case .awaitingStorage, .journallingReversal: true
    case .idle, .clearing, .awaitingCard, .readingChip, .awaitingPIN, .withdrawingPIN,
      .journallingIntent, .asking, .completingChip, .journallingOutcome, .over:
      false
    }
  }

  /// Moves by one event.
  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch phase {
    case .idle: return inIdle(event, at: now)
    case .clearing: return inClearing(event, at: now)
    case .awaitingCard(let left): return inAwaitingCard(event, swipesLeft: left, at: now)
    case .readingChip(let asksPIN): return inReadingChip(event, asksPIN: asksPIN, at: now)
    case .awaitingPIN(let card): return inAwaitingPIN(event, card, at: now)
    case .withdrawingPIN(let problem): return inWithdrawingPIN(event, problem, at: now)
    case .journallingIntent(let card, let pin):
      return inJournallingIntent(event, card, pin, at: now)
    case .asking: return inAsking(event, at: now)
    case .completingChip(let outcome): return inCompletingChip(event, outcome, at: now)
    case .journallingOutcome(let outcome): return inJournallingOutcome(event, outcome, at: now)
    case .awaitingStorage(let reversal): return inAwaitingStorage(event, reversal, at: now)
    case .journallingReversal(let reversal):
      return inJournallingOutcome(event, reversal, at: now)
    case .over: return noted(event)
    }
  }

  private mutating func inIdle(_ event: Event, at now: Instant) -> [Effect] {
    guard case .started(let reversalsPending) = event else { return unexpected() }
    if reversalsPending {
      phase = .clearing
      return [.tell(.clearingReversals), .clearReversals]
    }
    return askForCard(at: now)
  }

  private mutating func inClearing(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .reversalsCleared(true): return askForCard(at: now)
    case .reversalsCleared(false): return end(.refused(.reversalPending))
    case .withdrawn: return end(.refused(.withdrawn))
    case .readerLost(let trouble): return needsCard ? end(.refused(.reader(trouble))) : []
    case .chip(.removed):
      terms.cardIsInSlot = false
      return []
    case .started, .swiped, .misread, .pinEntered, .noPIN, .pinPadLost, .journalled,
      .journalFailed, .cardRefused, .hostEnded, .deadlinePassed, .cardInserted, .chip:
      return unexpected()
    }
  }

  /// Whether somebody has to present a card.
  private var needsCard: Bool {
    plan.storedCard == nil && !plan.hasNoCard && plan.scannedCode == nil
  }

  private mutating func askForCard(at now: Instant) -> [Effect] {
    if let card = plan.storedCard { return askForPIN(.stored(card), serviceCode: nil, at: now) }
    if plan.hasNoCard || plan.scannedCode != nil {
      return journalIntent(.scanned(plan.scannedCode), nil)
    }
    guard let prompt = cardPrompt else {
      return end(.refused(terms.hasChipRules ? .noWayToRead : .chipsNotSetUp))
    }
    phase = .awaitingCard(swipesLeft: terms.swipes)
    deadline = now + terms.cardLimit
    return [.tell(terms.cardIsInSlot ? .removeCard : prompt), .readCards(true)]
  }

  private mutating func inAwaitingCard(
    _ event: Event, swipesLeft: UInt8, at now: Instant
  ) -> [Effect] {
    switch event {
    case .swiped(let card):
      return judge(card, at: now)
    case .misread(let misread):
      if swipesLeft <= 1 { return end(.refused(.misread(misread)), first: [.readCards(false)]) }
      phase = .awaitingCard(swipesLeft: swipesLeft - 1)
      deadline = now + terms.cardLimit
      return [.tell(.swipeAgain)]
    case .readerLost(let trouble):
      return end(.refused(.reader(trouble)))
    case .withdrawn:
      return end(.refused(.withdrawn), first: [.readCards(false)])
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      return end(.refused(.noCard), first: [.readCards(false)])
    case .cardInserted(let desk):
      return begin(desk, at: now)
    case .chip(.removed) where chips.isEmpty:
      return slotFreed(at: now)
    case .started, .reversalsCleared, .pinEntered, .noPIN, .pinPadLost, .journalled,
      .journalFailed, .cardRefused, .hostEnded, .chip:
      return noted(event)
    }
  }

  private mutating func judge(_ card: SwipedCard, at now: Instant) -> [Effect] {
    let stop = [Effect.readCards(false)]
    guard case .clear(let track2, _) = card.tracks else {
      return end(.refused(.encryptedTracks), first: stop)
    }
    if !track2.pan.hasValidCheckDigit { return end(.refused(.cardNumber), first: stop) }
    if track2.count < terms.shortestTrack { return end(.refused(.trackTooShort), first: stop) }
    // ISO/IEC 7813: a service code that begins with 2 or 6 says that the card has a chip.
    let first = track2.serviceCode?.first
    if first == 0x32 || first == 0x36, !terms.acceptsChipCardsBySwipe, !isFallback {
      // EMV 4.4 Book 4, 6.6: USE CHIP READER, where there is one.
      if readsChip { return [.tell(.insertInstead)] }
      return end(.refused(.chipCard), first: stop)
    }
    return stop + askForPIN(.swiped(track2), serviceCode: track2.serviceCode, at: now)
  }

  mutating func journalIntent(_ card: PaymentMeans, _ pin: EncryptedPIN?) -> [Effect] {
    phase = .journallingIntent(card, pin)
    deadline = nil
    let intent = Effect.journalIntent(card, hasPIN: pin != nil)
    let asksNobody = plan.kind.rules.isOffline || plan.kind.rules.isLocal
    return asksNobody ? [intent] : [.tell(.askingAcquirer), intent]
  }

  private mutating func inJournallingIntent(
    _ event: Event, _ card: PaymentMeans, _ pin: EncryptedPIN?, at now: Instant
  ) -> [Effect] {
    switch event {
    case .journalled:
      // Approved by the terminal: its intent said so, and the acquirer is told later.
      if plan.kind.rules.isOffline { return end(.queued) }
      if plan.kind.rules.isLocal { return end(.settledHere) }
      // Nothing has left, and nobody is there any more to pay.
      if let loss = chips.first?.loss { return journal(.refused(loss)) }
      phase = .asking
      return [.ask(card, pin)]
    case .journalFailed(.failed) where plan.delivery == .advice:
      // A start that finds it would tell the acquirer: it must be on disk that it is off.
      phase = .awaitingStorage(.refused(.journal(.failed)))
      deadline = now + CardTransaction.storagePause
      return []
    case .journalFailed(let fault):
      return end(.refused(.journal(fault)))
    case .cardRefused(let problem):
      return end(.refused(problem))
    case .started, .reversalsCleared, .swiped, .misread, .readerLost, .pinEntered, .noPIN,
      .pinPadLost, .hostEnded, .withdrawn, .deadlinePassed, .cardInserted, .chip:
      return noted(event)
    }
  }

  private mutating func inAsking(_ event: Event, at now: Instant) -> [Effect] {
    guard case .hostEnded(let result) = event else { return noted(event) }
    let outcome = TransactionOutcome(result, plan: plan, responses: responses)
    return chips.isEmpty ? journal(outcome) : complete(outcome, at: now)
  }

  mutating func journal(_ outcome: TransactionOutcome) -> [Effect] {
    phase = .journallingOutcome(outcome)
    deadline = nil
    return [.journalOutcome(outcome)]
  }

  private mutating func inJournallingOutcome(
    _ event: Event, _ outcome: TransactionOutcome, at now: Instant
  ) -> [Effect] {
    switch event {
    case .journalled:
      return end(outcome)
    case .journalFailed:
      phase = .awaitingStorage(outcome.unwritten(plan.delivery))
      deadline = now + CardTransaction.storagePause
      // The card has done its part, and nobody knows how long this takes.
      return releaseChip()
    case .cardRefused, .started,
      .reversalsCleared, .swiped, .misread, .readerLost, .pinEntered, .noPIN,
      .pinPadLost, .hostEnded, .withdrawn, .deadlinePassed, .cardInserted, .chip:
      return noted(event)
    }
  }

  private mutating func inAwaitingStorage(
    _ event: Event, _ reversal: TransactionOutcome, at now: Instant
  ) -> [Effect] {
    switch event {
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      phase = .journallingReversal(reversal)
      self.deadline = nil
      return [.journalOutcome(reversal)]
    case .cardRefused, .started,
      .reversalsCleared, .swiped, .misread, .readerLost, .pinEntered, .noPIN,
      .pinPadLost, .journalled, .journalFailed, .hostEnded, .withdrawn, .cardInserted, .chip:
      return noted(event)
    }
  }

  mutating func end(_ outcome: TransactionOutcome, first: [Effect] = []) -> [Effect] {
    phase = .over
    deadline = nil
    return first + releaseChip() + [.ended(outcome)]
  }

  mutating func unexpected() -> [Effect] {
    unexpectedEvents += 1
    return []
  }
}
