// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import EMVKernel

//   began ─▶ powerOn ─▶ powered ─▶ kernel ◀──▶ commands and answers
//                │                   │ ask PIN ─▶ the transaction, and its answer
//                │                   │ go online ─▶ the transaction, and the acquirer's answer
//                ▼                   ▼
//          no card of use         ended, without power
//
// A card may be pulled at any moment. While the kernel waits for the card or for a PIN that ends it
// at once. While the acquirer is asked it is only remembered: the acquirer's answer decides whether
// there is something to take back, and the kernel is told when it wants the card again.

/// One chip card in the slot, from power to the kernel's outcome.
struct ChipDesk: Machine {
  /// What it is told.
  enum Event: Hashable, Sendable {
    /// Begin.
    case began
    /// The card was reset and answered.
    case powered
    /// The card answered a command.
    case responded(ResponseAPDU)
    /// An order to the card was not done.
    case failed(ChipFault)
    /// The card is not in the slot any more.
    case removed
    /// The reader is gone, and the card with it.
    case readerLost(ReaderTrouble)
    /// The cardholder entered a PIN, which the acquirer will see.
    case pinEntered
    /// The acquirer answered.
    case hostAnswered(EMVKernel.HostAnswer)
    /// It will not, or not in a way that helps the card.
    case noHost(mayHaveReached: Bool)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What it asks for.
  enum Effect: Hashable, Sendable {
    /// Do this on the reader.
    case reader(CardReaderOrder)
    /// Ask for a PIN that the issuer checks.
    case askPIN(PAN)
    /// Ask the acquirer.
    case goOnline(OnlineRequest)
    /// The card is done with.
    case ended(ChipEnd)
  }

  private enum Phase: Hashable, Sendable {
    case idle
    case powering
    /// The kernel waits for the card.
    case card
    /// It waits for a PIN.
    case pin
    /// It waits for the acquirer.
    case host
    case over
  }

  /// The last resort where a reader never reports: the slowest command of a card takes less, with
  /// all that its protocol may repeat.
  private static let cardLimit = Interval.seconds(90)

  private let data: TransactionData
  private var kernel: Kernel
  private var phase = Phase.idle
  private var isPowered = false
  /// Whether the card is not there any more: pulled, or gone with its reader.
  private(set) var isGone = false
  /// What is the matter with the reader, where it is not the card that is at fault.
  private var trouble: ReaderTrouble?
  /// The next moment at which it wants to be woken.
  private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  private(set) var unexpectedEvents: UInt32 = 0

  /// A desk for one card.
  init(settings: KernelSettings, data: TransactionData) {
    kernel = Kernel(settings: settings)
    self.data = data
  }

  /// Whether the card may still have power.
  var holdsPower: Bool { isPowered && !isGone }

  /// Why there is no card any more, as far as that is known.
  var loss: Problem? {
    if !isGone { return nil }
    return trouble.map { .reader($0) } ?? .cardRemoved
  }

  /// Moves by one event.
  mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .began:
      guard phase == .idle else { return unexpected() }
      phase = .powering
      isPowered = true
      deadline = now + ChipDesk.cardLimit
      return [.reader(.powerOn)]
    case .powered:
      guard phase == .powering else { return unexpected() }
      return feed(.started(data), at: now)
    case .responded(let answer):
      guard phase == .card else { return unexpected() }
      let bytes =
        answer.exposed + [
          UInt8(answer.statusWord >> 8), UInt8(truncatingIfNeeded: answer.statusWord),
        ]
      guard let response = CardResponse(bytes) else {
        return feed(.cardFailed(.transmission), at: now)
      }
      return feed(.responded(response), at: now)
    case .failed(let fault):
      trouble = ChipDesk.trouble(fault)
      return lose(ChipDesk.failure(fault), at: now)
    case .removed:
      return lose(.removed, at: now)
    case .readerLost(let trouble):
      isGone = true
      self.trouble = trouble
      return lose(.mute, at: now)
    case .pinEntered: return answer(.pinEntered, in: .pin, at: now)
    case .hostAnswered(let answer): return self.answer(.hostAnswered(answer), in: .host, at: now)
    case .noHost(let mayHaveReached):
      return answer(
        .unableToGoOnline(mayHaveReachedHost: mayHaveReached), in: .host, at: now)
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      // A card that says nothing is reported by its reader long before.
      trouble = .silent
      return lose(.mute, at: now)
    }
  }

  private mutating func answer(
    _ event: Kernel.Event, in asked: Phase, at now: Instant
  ) -> [Effect] {
    phase == asked ? feed(event, at: now) : unexpected()
  }

  /// The card is gone, or as good as gone.
  private mutating func lose(_ failure: CardFailure, at now: Instant) -> [Effect] {
    if failure == .removed { isGone = true }
    switch phase {
    case .idle, .over: return []
    case .powering:
      if let trouble { return end(.readerLost(trouble)) }
      return end(failure == .removed ? .removed : .unreadable)
    case .card, .pin: return feed(.cardFailed(failure), at: now)
    case .host: return []
    }
  }

  /// What is the reader's fault, and not the card's.
  private static func trouble(_ fault: ChipFault) -> ReaderTrouble? {
    switch fault {
    case .noReader: .link(.absent)
    case .refused(let status): .refuses(status: status)
    case .busy, .notPowered: .refuses(status: 0)
    case .removed, .noCard, .mute, .noATR, .badATR, .answerLost, .cannotVerify: nil
    }
  }

  private static func failure(_ fault: ChipFault) -> CardFailure {
    switch fault {
    case .removed, .noCard: .removed
    case .mute, .noATR, .notPowered, .noReader, .busy, .cannotVerify: .mute
    case .badATR, .answerLost, .refused: .transmission
    }
  }

  /// Tells the kernel, and answers at once what nobody else has to be asked. It ends: each round
  /// is a question of the kernel's, and those are counted.
  private mutating func feed(_ event: Kernel.Event, at now: Instant) -> [Effect] {
    var out: [Effect] = []
    var pending = [event]
    deadline = nil
    while !pending.isEmpty {
      for effect in kernel.handle(pending.removeFirst(), at: now) {
        switch effect {
        case .transmit(let command):
          guard !isGone, let order = CommandAPDU(command.bytes) else {
            pending.append(.cardFailed(failureOfTransmission))
            break
          }
          phase = .card
          deadline = now + ChipDesk.cardLimit
          out.append(.reader(.transmit(order)))
        case .askPIN(.online(let pan, _)):
          phase = .pin
          out.append(.askPIN(pan))
        // The terminal says in 9F33 that it cannot; see decision 0016.
        case .askPIN(.offline), .verifyPIN: pending.append(.padFailed)
        case .goOnline(let request):
          phase = .host
          out.append(.goOnline(request))
        case .askLanguage: pending.append(.languageChosen(0))
        case .checkExceptions: pending.append(.exceptionsChecked(ExceptionAnswer()))
        case .askReferral: pending.append(.referralDecided(approves: false))
        // There is a sum before there is a card, and nobody chooses.
        case .chooseApplication, .confirmApplication, .askAmount: pending.append(.cancelled)
        case .useLanguage, .erasePIN, .show: break
        case .finished(let outcome):
          guard let trouble, case .ended(.card) = outcome.result else {
            out += end(.decided(outcome))
            break
          }
          out += end(.cut(outcome, by: trouble))
        }
      }
    }
    return out
  }

  /// Why a command does not leave.
  private var failureOfTransmission: CardFailure {
    if !isGone { return .transmission }
    return trouble == nil ? .removed : .mute
  }

  private mutating func end(_ end: ChipEnd) -> [Effect] {
    phase = .over
    deadline = nil
    let release = holdsPower ? [Effect.reader(.powerOff)] : []
    isPowered = false
    return release + [.ended(end)]
  }

  private mutating func unexpected() -> [Effect] {
    unexpectedEvents += 1
    return []
  }
}

/// What became of a card in the slot.
enum ChipEnd: Hashable, Sendable {
  /// The kernel came to an end.
  case decided(Outcome)
  /// It came to that because the reader failed.
  case cut(Outcome, by: ReaderTrouble)
  /// The reader failed before the card said anything.
  case readerLost(ReaderTrouble)
  /// It was pulled before it said anything.
  case removed
  /// It says nothing that a chip may say.
  case unreadable

  /// Whether card and acquirer agree that the money is due.
  var isApproved: Bool {
    guard case .decided(let outcome) = self else { return false }
    return outcome.result == .approved(.online)
  }

  /// Whether the stripe may be read instead, as far as the chip goes (EMV 4.4 Book 4, 6.6).
  var mayFallBack: Bool {
    switch self {
    case .decided(let outcome): outcome.fallback == .technical
    // What is wrong with the reader is no reason to do without the chip.
    case .removed, .cut, .readerLost: false
    case .unreadable: true
    }
  }

  /// What it is to whoever asked for the transaction.
  var problem: Problem {
    switch self {
    case .removed: return .cardRemoved
    case .unreadable: return .chipUnreadable
    case .cut(_, let trouble): return .readerFailed(trouble)
    case .readerLost(let trouble): return .reader(trouble)
    case .decided(let outcome):
      switch outcome.result {
      case .approved, .declined: return .cardDeclines
      case .notAccepted: return .chipNotTaken
      case .ended(.card(.removed)): return .cardRemoved
      case .ended(.cancelled): return .withdrawn
      case .ended: return .chipUnreadable
      }
    }
  }
}
