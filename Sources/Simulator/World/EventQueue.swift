// SPDX-License-Identifier: Apache-2.0

import Clockwork

/// What is going to happen, the earliest first; of two at the same moment the one planned first.
struct EventQueue<Event: Hashable & Sendable>: Hashable, Sendable {
  private struct Entry: Hashable, Sendable {
    var at: Instant
    var order: UInt64
    var event: Event
  }

  private var heap: [Entry] = []
  private var nextOrder: UInt64 = 0

  var next: Instant? { heap.isEmpty ? nil : heap[0].at }
  var count: Int { heap.count }

  mutating func add(_ event: Event, at moment: Instant) {
    heap.append(Entry(at: moment, order: nextOrder, event: event))
    nextOrder += 1
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if !isBefore(child, parent) { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func take() -> Event? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return first.event
  }

  /// Forgets what `isForgotten` picks, keeping the order of the rest.
  mutating func forget(where isForgotten: (Event) -> Bool) {
    let kept = heap.filter { !isForgotten($0.event) }
    if kept.count == heap.count { return }
    heap = kept.sorted { ($0.at, $0.order) < ($1.at, $1.order) }
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      let left = 2 * parent + 1
      if left < heap.count, isBefore(left, least) { least = left }
      if left + 1 < heap.count, isBefore(left + 1, least) { least = left + 1 }
      if least == parent { return }
      heap.swapAt(least, parent)
      parent = least
    }
  }

  private func isBefore(_ one: Int, _ other: Int) -> Bool {
    (heap[one].at, heap[one].order) < (heap[other].at, heap[other].order)
  }
}
