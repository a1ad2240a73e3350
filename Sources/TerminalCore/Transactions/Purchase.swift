// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices
import PaymentCrypto

//   clearing ─▶ awaiting card ─▶ awaiting PIN ─▶ journalling intent ─▶ asking the acquirer
//       │             │               │                  │                     │
//       ▼             ▼               ▼                  ▼                     ▼
//     refused     withdrawn        no PIN             refused         journalling outcome ─▶ told
//                                                                              │ not written
//                                                                              ▼
//                                          awaiting storage ◀─▶ journalling reversal ─▶ told
//
// Two journal entries a sale: the intent before the first byte leaves, the outcome before anyone is
// told; the receipt's entry follows from the print desk.
//
// An entry that the storage refused may be on disk all the same, and the next start would find it.
// So an outcome that was refused counts as undecided: nobody is told and no reversal leaves before
// a newer entry, which says that the sale is reversed, is on disk. An intent that was refused needs
// no such care: nothing left, and a start that finds it reverses what the acquirer never saw.

/// What a purchase needs to know of its surroundings; fixed while it runs.
public struct PurchaseTerms: Hashable, Sendable {
  /// When a PIN is asked for.
  public enum PINPolicy: UInt8, Hashable, Sendable {
    /// At every sale.
    case always
    /// When the card's service code asks for it.
    case byServiceCode
  }

  /// When a PIN is asked for.
  public var pinPolicy: PINPolicy
  /// Whether a card whose service code promises a chip may be swiped.
  public var acceptsChipCardsBySwipe: Bool
  /// How long the cardholder has to present a card.
  public var cardLimit: Interval
  /// How long the cardholder has for the PIN, seconds.
  public var pinSeconds: UInt16
  /// How often a card may be swiped before the sale ends.
  public var swipes: UInt8

  /// Terms.
  public init(
    pinPolicy: PINPolicy, acceptsChipCardsBySwipe: Bool, cardLimit: Interval = .seconds(60),
    pinSeconds: UInt16 = 60, swipes: UInt8 = 3
  ) {
    self.pinPolicy = pinPolicy
    self.acceptsChipCardsBySwipe = acceptsChipCardsBySwipe
    self.cardLimit = cardLimit
    self.pinSeconds = pinSeconds
    self.swipes = swipes
  }
}

/// One purchase, from the request to the outcome on disk.
public struct Purchase: Machine {
  /// What a purchase is told.
  public enum Event: Hashable, Sendable {
    /// Begin; whether a reversal must be delivered first.
    case started(reversalsPending: Bool)
    /// The reversals are delivered, or cannot be.
    case reversalsCleared(Bool)
    /// A card was swiped.
    case swiped(SwipedCard)
    /// A swipe gave no card.
    case misread(Misread)
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
    /// The acquirer has been asked.
    case hostEnded(HostResult)
    /// Whoever asked took it back.
    case withdrawn
    /// The deadline has come.
    case deadlinePassed
  }

  /// What a purchase asks for.
  public enum Effect: Hashable, Sendable {
    /// Tell whoever asked.
    case tell(Progress)
    /// Deliver the reversals that are pending.
    case clearReversals
    /// Let the reader report swipes, or not.
    case readCards(Bool)
    /// Ask for a PIN.
    case askPIN(PINPrompt)
    /// Give up the PIN entry.
    case cancelPIN
    /// Give the purchase a trace number and put its intent on disk.
    case journalIntent(Track2, hasPIN: Bool)
    /// Send the request.
    case ask(Track2, EncryptedPIN?)
    /// Put the outcome on disk.
    case journalOutcome(PurchaseOutcome)
    /// The purchase is over.
    case ended(PurchaseOutcome)
  }

  private enum Phase: Hashable, Sendable {
    case idle
    case clearing
    case awaitingCard(swipesLeft: UInt8)
    case awaitingPIN(Track2)
    case withdrawingPIN(Problem)
    case journallingIntent(Track2, EncryptedPIN?)
    case asking
    case journallingOutcome(PurchaseOutcome)
    case awaitingStorage(PurchaseOutcome)
    case journallingReversal(PurchaseOutcome)
    case over
  }

  /// The pause before a reversal that the storage refused is written again: short, since nothing is
  /// sold meanwhile, and long enough that a storage in trouble is not hammered.
  private static let storagePause = Interval.seconds(5)

  private let amount: Amount
  private let responses: Responses
  private let terms: PurchaseTerms
  private var phase = Phase.idle
  /// The next moment at which it wants to be woken.
  public private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  public private(set) var unexpectedEvents: UInt32 = 0

  /// A purchase that has not begun.
  public init(amount: Amount, terms: PurchaseTerms, responses: Responses) {
    self.amount = amount
    self.responses = responses
    self.terms = terms
  }

  /// Whether it waits for reversals to be delivered.
  var awaitsReversals: Bool { phase == .clearing }

  /// Whether it can still be taken back: the acquirer knows nothing of it and will not.
  var canBeWithdrawn: Bool {
    switch phase {
    case .idle, .clearing, .awaitingCard, .awaitingPIN, .withdrawingPIN: true
    case .journallingIntent, .asking, .journallingOutcome, .awaitingStorage, .journallingReversal,
      .over:
      false
    }
  }

  /// Whether its outcome is undecided because the storage refused it.
  var awaitsStorage: Bool {
    switch phase {
    case .awaitingStorage, .journallingReversal: true
    case .idle, .clearing, .awaitingCard, .awaitingPIN, .withdrawingPIN, .journallingIntent,
      .asking, .journallingOutcome, .over:
      false
    }
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch phase {
    case .idle: return inIdle(event, at: now)
    case .clearing: return inClearing(event, at: now)
    case .awaitingCard(let left): return inAwaitingCard(event, swipesLeft: left, at: now)
    case .awaitingPIN(let card): return inAwaitingPIN(event, card, at: now)
    case .withdrawingPIN(let problem): return inWithdrawingPIN(event, problem, at: now)
    case .journallingIntent(let card, let pin): return inJournallingIntent(event, card, pin)
    case .asking: return inAsking(event)
    case .journallingOutcome(let outcome): return inJournallingOutcome(event, outcome, at: now)
    case .awaitingStorage(let reversal): return inAwaitingStorage(event, reversal, at: now)
    case .journallingReversal(let reversal):
      return inJournallingOutcome(event, reversal, at: now)
    case .over: return unexpected()
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
    case .started, .swiped, .misread, .readerLost, .pinEntered, .noPIN, .pinPadLost, .journalled,
      .journalFailed, .hostEnded, .deadlinePassed:
      return unexpected()
    }
  }

  /// The last resort where a pad's driver never reports: what it takes at most beside the PIN.
  private static let padLimit = Interval.seconds(120)

  private mutating func askForCard(at now: Instant) -> [Effect] {
    phase = .awaitingCard(swipesLeft: terms.swipes)
    deadline = now + terms.cardLimit
    return [.tell(.presentCard), .readCards(true)]
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
    case .started, .reversalsCleared, .pinEntered, .noPIN, .pinPadLost, .journalled,
      .journalFailed, .hostEnded:
      return unexpected()
    }
  }

  private mutating func judge(_ card: SwipedCard, at now: Instant) -> [Effect] {
    let stop = [Effect.readCards(false)]
    guard case .clear(let track2, _) = card.tracks else {
      return end(.refused(.encryptedTracks), first: stop)
    }
    if !track2.pan.hasValidCheckDigit { return end(.refused(.cardNumber), first: stop) }
    // ISO/IEC 7813: a service code that begins with 2 or 6 says that the card has a chip.
    let first = track2.serviceCode?.first
    if first == 0x32 || first == 0x36, !terms.acceptsChipCardsBySwipe {
      return end(.refused(.chipCard), first: stop)
    }
    if terms.pinPolicy == .byServiceCode, !asksForPIN(track2.serviceCode) {
      return stop + journalIntent(track2, nil)
    }
    phase = .awaitingPIN(track2)
    deadline = now + .seconds(Int64(terms.pinSeconds)) + Purchase.padLimit
    let prompt = PINPrompt(pan: track2.pan, amount: amount, seconds: terms.pinSeconds)
    return stop + [.tell(.enterPIN), .askPIN(prompt)]
  }

  /// ISO/IEC 7813: 0, 3 and 5 require a PIN, 6 and 7 want one where there is a pad.
  private func asksForPIN(_ serviceCode: [UInt8]?) -> Bool {
    switch serviceCode?.last {
    case 0x30, 0x33, 0x35, 0x36, 0x37: true
    default: false
    }
  }

  private mutating func inAwaitingPIN(
    _ event: Event, _ card: Track2, at now: Instant
  ) -> [Effect] {
    switch event {
    case .pinEntered(let pin):
      return journalIntent(card, pin)
    case .noPIN(let reason):
      return end(.refused(.noPIN(reason)))
    case .pinPadLost(let trouble):
      return end(.refused(.pinPad(trouble)))
    case .withdrawn:
      // The pad must be free again before anybody is told that the sale is over.
      phase = .withdrawingPIN(.withdrawn)
      deadline = now + .seconds(5)
      return [.cancelPIN]
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      phase = .withdrawingPIN(.noPIN(.silent))
      self.deadline = now + .seconds(5)
      return [.cancelPIN]
    case .started, .reversalsCleared, .swiped, .misread, .readerLost, .journalled, .journalFailed,
      .hostEnded:
      return unexpected()
    }
  }

  private mutating func inWithdrawingPIN(
    _ event: Event, _ problem: Problem, at now: Instant
  ) -> [Effect] {
    switch event {
    case .pinEntered, .noPIN, .pinPadLost:
      return end(.refused(problem))
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      return end(.refused(problem))
    case .started, .reversalsCleared, .swiped, .misread, .readerLost, .journalled, .journalFailed,
      .hostEnded, .withdrawn:
      return unexpected()
    }
  }

  private mutating func journalIntent(_ card: Track2, _ pin: EncryptedPIN?) -> [Effect] {
    phase = .journallingIntent(card, pin)
    deadline = nil
    return [.tell(.askingAcquirer), .journalIntent(card, hasPIN: pin != nil)]
  }

  private mutating func inJournallingIntent(
    _ event: Event, _ card: Track2, _ pin: EncryptedPIN?
  ) -> [Effect] {
    switch event {
    case .journalled:
      phase = .asking
      return [.ask(card, pin)]
    case .journalFailed(let fault):
      return end(.refused(.journal(fault)))
    case .started, .reversalsCleared, .swiped, .misread, .readerLost, .pinEntered, .noPIN,
      .pinPadLost, .hostEnded, .withdrawn, .deadlinePassed:
      return unexpected()
    }
  }

  private mutating func inAsking(_ event: Event) -> [Effect] {
    guard case .hostEnded(let result) = event else { return unexpected() }
    let outcome = PurchaseOutcome(result, amount: amount, responses: responses)
    phase = .journallingOutcome(outcome)
    return [.journalOutcome(outcome)]
  }

  private mutating func inJournallingOutcome(
    _ event: Event, _ outcome: PurchaseOutcome, at now: Instant
  ) -> [Effect] {
    switch event {
    case .journalled:
      return end(outcome)
    case .journalFailed:
      phase = .awaitingStorage(outcome.reversed)
      deadline = now + Purchase.storagePause
      return []
    case .started, .reversalsCleared, .swiped, .misread, .readerLost, .pinEntered, .noPIN,
      .pinPadLost, .hostEnded, .withdrawn, .deadlinePassed:
      return unexpected()
    }
  }

  private mutating func inAwaitingStorage(
    _ event: Event, _ reversal: PurchaseOutcome, at now: Instant
  ) -> [Effect] {
    switch event {
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      phase = .journallingReversal(reversal)
      self.deadline = nil
      return [.journalOutcome(reversal)]
    case .started, .reversalsCleared, .swiped, .misread, .readerLost, .pinEntered, .noPIN,
      .pinPadLost, .journalled, .journalFailed, .hostEnded, .withdrawn:
      return unexpected()
    }
  }

  private mutating func end(_ outcome: PurchaseOutcome, first: [Effect] = []) -> [Effect] {
    phase = .over
    deadline = nil
    return first + [.ended(outcome)]
  }

  private mutating func unexpected() -> [Effect] {
    unexpectedEvents += 1
    return []
  }
}
