// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Simulator

/// The chip reader of the served shop, and whose card is in it.
struct ServedSlot {
  typealias Model = NEO2Model<ShopCard>

  private(set) var model = Model()
  private var cards = SimulatedShop.cards.map { ShopCard($0) }
  private var inside: Int?
  /// Between two customers the slot is empty for longer than the terminal looks away.
  private static let pause = Interval.milliseconds(700)
  private var freeAt = Instant.start

  var facts: HIDFacts { model.facts }
  var isPlugged: Bool { model.isPlugged }
  var deadline: Instant? { model.deadline }

  mutating func handle(_ event: Model.Event, at now: Instant) -> [Model.Effect] {
    model.handle(event, at: now)
  }

  /// The card goes in; one that the terminal has asked something and done with comes out first, and
  /// is put in the next time.
  mutating func present(_ card: Int, at now: Instant) -> [Model.Effect] {
    if let asked = model.card {
      let isDone = asked.commands > 0 && !model.isPowered
      return isDone ? takeOut(at: now) : []
    }
    if now < freeAt { return [] }
    inside = card
    return model.handle(.inserted(cards[card].untouched), at: now)
  }

  /// Whatever card is in the slot comes out.
  mutating func takeOut(at now: Instant) -> [Model.Effect] {
    if let inside, let card = model.card { cards[inside] = card }
    inside = nil
    freeAt = now + ServedSlot.pause
    return model.handle(.removed, at: now)
  }
}
