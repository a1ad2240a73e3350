// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Wire

/// A customer's card as a reader's slot sees it, with what a checker wants to know of it.
public struct ShopCard: CardInSlot {
  /// What the card said last of a transaction that went on line.
  struct Word: Hashable, Sendable {
    /// The card's counter (9F36).
    var counter: UInt16
    /// Whether it approved: a TC, and no AAC.
    var isApproval: Bool
  }

  /// The card.
  var card: TestCard
  /// What it was asked since somebody put it in.
  public internal(set) var commands = 0
  /// Its last words, one a transaction.
  private(set) var words: [Word] = []
  /// The counters of the transactions in which a script came.
  private(set) var scripted: [UInt16] = []
  /// A mistake between card and reader.
  var planted: PlantedFault?

  /// A card that was asked nothing yet.
  public init(_ card: TestCard) { self.card = card }

  /// Resets the card.
  public mutating func reset() -> [UInt8] { card.reset().bytes }

  /// Answers a command.
  public mutating func process(_ command: [UInt8]) -> [UInt8] {
    commands += 1
    // EXTERNAL AUTHENTICATE.
    if planted == .proofWithheld, command.starts(with: [0x00, 0x82]) { return [0x90, 0x00] }
    let answer = card.process(command)
    let counter = card.applications[0].counter
    if command.first == 0x8C, scripted.last != counter { scripted.append(counter) }
    let isCryptogram = command.starts(with: [0x80, 0xAE])
    guard isCryptogram, let type = card.session.transaction.secondType else { return answer }
    words.append(Word(counter: counter, isApproval: type == .approved))
    return planted == .declineOfCardIgnored && type == .declined ? turned(answer) : answer
  }

  /// For a planted fault only: an AAC as a TC. 9F27 is the first object of 77, or the first byte of
  /// 80.
  private func turned(_ answer: [UInt8]) -> [UInt8] {
    var answer = answer
    let place = answer.first == 0x77 ? 5 : 2
    if answer.count > place + 2 { answer[place] = CryptogramType.approved.rawValue }
    return answer
  }
}

extension ShopCard {
  /// The card as somebody puts it in.
  public var untouched: ShopCard {
    var card = self
    card.commands = 0
    return card
  }
}

/// The reader of a shop that takes chips, and its customers' cards.
struct ShopSlot: Hashable, Sendable {
  /// Something that goes wrong with the reader behind so many commands.
  struct Hiccup: Hashable, Sendable {
    var behind: Int
    var fault: NEO2Fault
  }

  /// The reader: one or none. In a list, since what a card holds is much to carry about.
  private var readers: [NEO2Model<ShopCard>] = []
  /// The customers' cards that are in their pockets, in the order of the accounts; the one in the
  /// slot is as it was before.
  private var pockets: [ShopCard]
  /// Whose card is in the slot.
  private(set) var inside: Int?
  /// Behind how many commands it is pulled; nil for a patient cardholder.
  var pullsBehind: Int?
  /// How many cardholders were not patient.
  var pulls: UInt64 = 0
  var hiccup: Hiccup?

  /// No reader, and no cards.
  init() { pockets = [] }

  init(cards: [TestCard], planted: PlantedFault?) {
    readers = [NEO2Model()]
    pockets = cards.map { ShopCard($0) }
    for index in pockets.indices { pockets[index].planted = planted }
  }

  var facts: HIDFacts? { readers.first?.facts }
  var isPlugged: Bool { readers.first?.isPlugged == true }
  var deadline: Instant? { readers.isEmpty ? nil : readers[0].deadline }

  mutating func handle(
    _ event: NEO2Model<ShopCard>.Event, at now: Instant
  ) -> [NEO2Model<ShopCard>.Effect] {
    readers.isEmpty ? [] : readers[0].handle(event, at: now)
  }

  /// The customers' cards, wherever they are.
  var cards: [ShopCard] {
    var cards = pockets
    if let inside, let card = readers.first?.card { cards[inside] = card }
    return cards
  }

  /// What was asked of the card in the slot.
  var commands: Int? { readers.isEmpty ? nil : readers[0].card?.commands }

  /// The card as it goes in.
  mutating func takeOut(of index: Int) -> ShopCard {
    pockets[index] = pockets[index].untouched
    inside = index
    return pockets[index]
  }

  /// Nothing goes wrong any more.
  mutating func calm() {
    pullsBehind = nil
    hiccup = nil
    if !readers.isEmpty { readers[0].clearFaults() }
  }

  /// The card in the slot goes back into its pocket.
  mutating func putBack() {
    pockets = cards
    inside = nil
    pullsBehind = nil
    hiccup = nil
  }
}
