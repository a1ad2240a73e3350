// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Devices

/// What a transaction needs to know of its surroundings when it begins.
public struct TransactionTerms: Hashable, Sendable {
  /// When a PIN is asked for.
  public enum PINPolicy: UInt8, Hashable, Sendable {
    /// At every sale.
    case always
    /// When the card's service code asks for it.
    case byServiceCode
  }

  /// When a PIN is asked for.
  public var pinPolicy: PINPolicy
  /// The kinds for which that holds; no other kind asks for a PIN.
  public var pinKinds: [TransactionKind]
  /// The kinds that follow another transaction and want its card again.
  public var cardKinds: [TransactionKind]
  /// Whether a card whose service code promises a chip may be swiped.
  public var acceptsChipCardsBySwipe: Bool
  /// How long the cardholder has to present a card.
  public var cardLimit: Interval
  /// How long the cardholder has for the PIN, seconds.
  public var pinSeconds: UInt16
  /// How often a card may be swiped before the transaction ends.
  public var swipes: UInt8
  /// Whether there is a slot for chips, and what it takes to read them.
  var readsChips = false
  /// Whether the acquirer's file says how chips are read.
  var hasChipRules = false
  /// Whether cards can be swiped.
  var readsStripes = true
  /// Whether the card of an earlier transaction is in the slot still.
  var cardIsInSlot = false
  /// Whether a card whose chip does not work may be swiped.
  var allowsFallback = false
  /// The least characters of a second track, where the acquirer wants a part of it encrypted.
  var shortestTrack = 0

  /// Terms.
  public init(
    pinPolicy: PINPolicy, acceptsChipCardsBySwipe: Bool,
    pinKinds: [TransactionKind] = [.sale, .balance, .preAuthorisation],
    cardKinds: [TransactionKind] = [], cardLimit: Interval = .seconds(60),
    pinSeconds: UInt16 = 60, swipes: UInt8 = 3
  ) {
    self.pinPolicy = pinPolicy
    self.pinKinds = pinKinds
    self.cardKinds = cardKinds
    self.acceptsChipCardsBySwipe = acceptsChipCardsBySwipe
    self.cardLimit = cardLimit
    self.pinSeconds = pinSeconds
    self.swipes = swipes
  }
}

/// What one transaction is about, once its kind's rules have been applied.
struct TransactionPlan: Hashable, Sendable {
  var kind: TransactionKind
  var amount: Amount
  /// What the original leaves of its card, where that is enough.
  var storedCard: SealedCard?
  /// What was scanned instead of a card.
  var scannedCode: ScannedCode?
  /// Whether the original was paid by a scanned code, so that no card belongs to it.
  var hasNoCard = false
  var delivery: Delivery { kind.rules.delivery }
}

/// What pays.
enum PaymentMeans: Hashable, Sendable {
  case swiped(Track2)
  case chip(ChipCard)
  case stored(SealedCard)
  /// Without a code where the acquirer finds its owner by the original.
  case scanned(ScannedCode?)

  var pan: PAN? {
    switch self {
    case .swiped(let track): track.pan
    case .chip(let card): card.pan
    case .stored(let card): card.pan
    case .scanned: nil
    }
  }

  /// What a record keeps of it, sealed.
  var card: SealedCard? {
    switch self {
    case .swiped(let track): SealedCard(pan: track.pan, expiry: track.expiry)
    case .chip(let card):
      SealedCard(
        pan: card.pan, expiry: card.expiry, sequence: card.sequence, chip: card.reversal)
    case .stored(let card): card
    case .scanned: nil
    }
  }

  var entry: EntryMode {
    switch self {
    case .swiped: .swiped
    case .chip: .chip
    case .stored: .stored
    case .scanned: .scanned
    }
  }
}
