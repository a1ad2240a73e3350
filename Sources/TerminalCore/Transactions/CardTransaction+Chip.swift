// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel
import Wire

// What a card in the slot changes:
//
//   awaiting card ─▶ reading chip ◀─▶ PIN
//                         │ request
//                         ▼
//         journalling intent ─▶ asking ─▶ completing chip ─▶ journalling outcome
//
// The acquirer's approval is none before the card's: one that the card does not confirm, for
// whatever reason, is taken back with reason 06.

extension CardTransaction {
  /// Whether the chip of a card is read for this transaction: it is asked on line, of a card that
  /// has not paid for anything yet.
  var readsChip: Bool {
    switch plan.kind {
    case .sale, .balance, .preAuthorisation: terms.readsChips
    default: false
    }
  }

  /// What the cardholder is asked for; nil where this reader cannot read what this kind takes.
  var cardPrompt: Progress? {
    if readsChip { return terms.readsStripes ? .presentCard : .insertCard }
    return terms.readsStripes ? .swipeCard : nil
  }

  /// What a cardholder is told who puts a card into the slot in vain.
  var otherWay: Progress? {
    guard case .awaitingCard = phase else { return nil }
    if isFallback { return .swipeInstead }
    return readsChip ? nil : .swipeCard
  }

  /// The slot is empty: the card that is to pay may come.
  mutating func slotFreed(at now: Instant) -> [Effect] {
    guard !isFallback, let cardPrompt else { return [] }
    deadline = now + terms.cardLimit
    return [.tell(cardPrompt)]
  }

  mutating func begin(_ desk: ChipDesk, at now: Instant) -> [Effect] {
    if !readsChip || isFallback { return unexpected() }
    chips = [desk]
    phase = .readingChip(asksPIN: false)
    return [.tell(.readingChip), .readCards(false)] + tellChip(.began, at: now)
  }

  mutating func inReadingChip(_ event: Event, asksPIN: Bool, at now: Instant) -> [Effect] {
    switch event {
    case .chip(let chip):
      return tellChip(chip, at: now)
    case .pinEntered(let pin) where asksPIN:
      chipPIN = pin
      phase = .readingChip(asksPIN: false)
      return tellChip(.pinEntered, at: now)
    case .noPIN(let reason) where asksPIN:
      return end(.refused(.noPIN(reason)))
    case .pinPadLost(let trouble) where asksPIN:
      return end(.refused(.pinPad(trouble)))
    case .cardRefused(let problem):
      return end(.refused(problem))
    case .readerLost(let trouble):
      return leave(.reader(trouble), asksPIN: asksPIN, at: now)
    case .withdrawn:
      return leave(.withdrawn, asksPIN: asksPIN, at: now)
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      if asksPIN { return leave(.noPIN(.silent), asksPIN: true, at: now) }
      return tellChip(.deadlinePassed, at: now)
    case .started, .reversalsCleared, .swiped, .misread, .cardInserted, .pinEntered, .noPIN,
      .pinPadLost, .journalled, .journalFailed, .hostEnded:
      return unexpected()
    }
  }

  /// Ends before the acquirer knows of anything. The pad must be free again before anybody is told.
  private mutating func leave(
    _ problem: Problem, asksPIN: Bool, at now: Instant
  ) -> [Effect] {
    if !asksPIN { return end(.refused(problem)) }
    phase = .withdrawingPIN(problem)
    deadline = now + .seconds(5)
    return releaseChip() + [.cancelPIN]
  }

  /// The acquirer has answered, or not: the card has the last word.
  mutating func complete(_ outcome: TransactionOutcome, at now: Instant) -> [Effect] {
    phase = .completingChip(outcome)
    switch outcome {
    case .approved(let answer), .declined(let answer):
      var isApproved = false
      if case .approved = outcome { isApproved = true }
      return tellChip(.hostAnswered(answer.forCard(isApproved: isApproved)), at: now)
    case .notSent, .refused: return tellChip(.noHost(mayHaveReached: false), at: now)
    case .reversing, .queued, .settledHere, .unanswered:
      return tellChip(.noHost(mayHaveReached: true), at: now)
    }
  }

  mutating func inCompletingChip(
    _ event: Event, _ outcome: TransactionOutcome, at now: Instant
  ) -> [Effect] {
    switch event {
    case .chip(let chip):
      return tellChip(chip, at: now)
    case .readerLost(let trouble):
      return tellChip(.readerLost(trouble), at: now)
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      return tellChip(.deadlinePassed, at: now)
    case .started, .reversalsCleared, .swiped, .misread, .cardInserted, .pinEntered, .noPIN,
      .pinPadLost, .journalled, .journalFailed, .cardRefused, .hostEnded, .withdrawn:
      return unexpected()
    }
  }

  private mutating func tellChip(_ event: ChipDesk.Event, at now: Instant) -> [Effect] {
    guard var desk = chips.first else { return unexpected() }
    let effects = desk.handle(event, at: now)
    chips = [desk]
    deadline = desk.deadline
    var out: [Effect] = []
    for effect in effects {
      switch effect {
      case .reader(let order): out.append(.chip(order))
      case .askPIN(let pan):
        phase = .readingChip(asksPIN: true)
        deadline = now + .seconds(Int64(terms.pinSeconds)) + CardTransaction.padLimit
        let prompt = PINPrompt(pan: pan, amount: plan.amount, seconds: terms.pinSeconds)
        out += [.tell(.enterPIN), .askPIN(prompt)]
      case .goOnline(let request): out += goOnline(request)
      case .ended(let end): out += chipEnded(end, at: now)
      }
    }
    return out
  }

  private mutating func goOnline(_ request: OnlineRequest) -> [Effect] {
    guard let card = ChipCard(request.data) else { return end(.refused(.chipUnreadable)) }
    if let track = card.track, track.count < terms.shortestTrack {
      return end(.refused(.trackTooShort))
    }
    return journalIntent(.chip(card), request.hasOnlinePIN ? chipPIN : nil)
  }

  private mutating func chipEnded(_ end: ChipEnd, at now: Instant) -> [Effect] {
    switch phase {
    case .readingChip(let asksPIN):
      if end.mayFallBack, terms.allowsFallback, terms.readsStripes, !asksPIN {
        isFallback = true
        chips = []
        phase = .awaitingCard(swipesLeft: terms.swipes)
        deadline = now + terms.cardLimit
        return [.tell(.swipeInstead), .readCards(true)]
      }
      return leave(end.problem, asksPIN: asksPIN, at: now)
    case .completingChip(let outcome):
      chipEnds = [end]
      scripts = outcome.answer.flatMap { ScriptReport(end, $0) }.map { [$0] } ?? []
      return journal(outcome.confirmed(by: end, plan.delivery))
    case .idle, .clearing, .awaitingCard, .awaitingPIN, .withdrawingPIN, .journallingIntent,
      .asking, .journallingOutcome, .awaitingStorage, .journallingReversal, .over:
      return unexpected()
    }
  }

  /// What comes of a card where nobody waits for it: that it is gone is remembered, and the answers
  /// to an order that was given up mean nothing.
  mutating func noted(_ event: Event) -> [Effect] {
    if chips.isEmpty { return unexpected() }
    switch event {
    case .chip(.removed): return remember(.removed)
    case .readerLost(let trouble): return remember(.readerLost(trouble))
    case .chip: return []
    default: return unexpected()
    }
  }

  private mutating func remember(_ loss: ChipDesk.Event) -> [Effect] {
    if var desk = chips.first, phase != .over {
      _ = desk.handle(loss, at: .start)
      chips = [desk]
    }
    return []
  }

  /// Takes the power from a card that may still have it, and gives the card back.
  mutating func releaseChip() -> [Effect] {
    guard let desk = chips.first else { return [] }
    chips = []
    if desk.isGone { return [] }
    return (desk.holdsPower ? [.chip(.powerOff)] : []) + [.tell(.removeCard)]
  }
}

extension TransactionOutcome {
  /// What was answered, where that was for the card.
  var answer: HostAnswer? {
    switch self {
    case .approved(let answer), .declined(let answer): answer
    case .notSent, .reversing, .queued, .settledHere, .unanswered, .refused: nil
    }
  }

  /// The outcome, now that the card has spoken. What has moved nothing needs no reversal, and no
  /// acquirer would take one.
  func confirmed(by end: ChipEnd, _ delivery: Delivery) -> TransactionOutcome {
    guard case .approved(let answer) = self, !end.isApproved else { return self }
    return delivery == .enquiry ? .refused(end.problem) : .reversing(.other, answer)
  }
}

extension HostAnswer {
  /// What the card is told of it. DE39 is 8A where the issuer sends no 8A of its own.
  func forCard(isApproved: Bool) -> EMVKernel.HostAnswer {
    var code = responseCode
    if let objects = try? TLV.parse(chipData.exposed), let tag = TLVTag(0x8A),
      let own = TLV.first(tag, in: objects), own.value.count == 2
    {
      code = own.value
    }
    return EMVKernel.HostAnswer(
      responseCode: code, verdict: isApproved ? .approves : .declines,
      authorisationCode: approvalCode.count == 6 ? approvalCode : nil,
      issuerData: chipData.exposed)
  }
}
