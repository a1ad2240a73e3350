// SPDX-License-Identifier: Apache-2.0

/// Something that decides, as a value: events go in, effects come out, and nothing else happens.
///
/// The laws every machine keeps:
///
/// 1. Total: every event is legal in every state; an unexpected one changes nothing but a counter.
/// 2. Exhaustive: the switch over states has no `default`.
/// 3. Write ahead: who returns an order to journal something returns nothing that depends on it
///    until the journal has answered.
/// 4. Idempotent wake-ups: being woken too early or twice does nothing.
/// 5. Bounded: effects, retries, queues and buffers have named limits.
/// 6. Recoverable: in production it starts only from what was journalled.
/// 7. Deterministic: no clock, no randomness, no floating point, no iteration over hashed sets.
/// 8. Speakable: events and effects carry no PIN, and card data only in types that print masked.
public protocol Machine<Event, Effect>: Hashable, Sendable {
  associatedtype Event: Equatable & Sendable
  associatedtype Effect: Equatable & Sendable

  /// The next moment at which the machine wants to be woken, if it waits for one.
  var deadline: Instant? { get }

  /// Moves the machine by one event and returns what must happen next, in order.
  mutating func handle(_ event: Event, at now: Instant) -> [Effect]
}
