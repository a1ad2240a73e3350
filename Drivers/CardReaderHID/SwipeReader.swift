// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

//           opened, known             quiet                       whole report
//   down ───────────────────▶ draining ─────▶ ready (accept │ ignore) ────────▶ swiped, misread
//    ▲           │ unknown, keyboard, wrong size
//    └── closed ─┴─▶ useless
//
// A report arrives in one transfer or in packets; it is whole when its bytes are counted. Half a
// report followed by silence is dropped, and so is one whose end comes too early: a packet shorter
// than the one before it ends a transfer (USB 2.0, 5.7.3).

/// The machine of MagTek swipe readers.
struct SwipeReader: Hashable, Sendable {
  typealias Effect = DriverEffect<CardReaderReport>

  private enum Phase: Hashable, Sendable {
    case down
    case useless
    case draining(ReaderProduct, HIDFacts, inputBytes: Int, until: Instant)
    case ready(ReaderProduct, inputBytes: Int)
  }

  private(set) var counters = CardReaderHID.Counters()
  private(set) var deadline: Instant?
  var accepts = false
  private let timing: CardReaderHID.Timing
  private var phase = Phase.down
  private var pending: [UInt8] = []
  /// The size of the last packet of the report that is pending.
  private var packetBytes = 0

  init(timing: CardReaderHID.Timing) { self.timing = timing }

  mutating func opened(
    _ product: ReaderProduct, _ facts: HIDFacts, inputBytes: Int, at now: Instant
  ) {
    phase = .draining(product, facts, inputBytes: inputBytes, until: now + timing.longestDrain)
    deadline = now + timing.drain
  }

  mutating func closed() {
    phase = .down
    deadline = nil
    forgetPending()
  }

  private mutating func refuse(_ trouble: ReaderTrouble) -> [Effect] {
    phase = .useless
    deadline = nil
    return [.report(.unavailable(trouble))]
  }

  mutating func received(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    switch phase {
    case .down, .useless:
      counters.unexpectedEvents += 1
      return []
    case .draining(_, _, _, let limit):
      counters.drainedBytes += UInt32(clamping: bytes.count)
      deadline = min(now + timing.drain, limit)
      return []
    case .ready(let product, let inputBytes):
      return assemble(bytes, product, inputBytes, at: now)
    }
  }

  /// Cuts what came into whole reports; more than four at once is no reader's doing.
  private mutating func assemble(
    _ bytes: [UInt8], _ product: ReaderProduct, _ inputBytes: Int, at now: Instant
  ) -> [Effect] {
    let isEnd = bytes.count < packetBytes
    pending += bytes
    if pending.count > 4 * inputBytes {
      forgetPending()
      deadline = nil
      counters.unexpectedEvents += 1
      return accepts ? [.report(.misread(.malformed))] : []
    }
    var effects: [Effect] = []
    while pending.count >= inputBytes {
      let report = Array(pending[..<inputBytes])
      // Removing would leave the card behind the end of the array: the array itself has to go.
      let rest = Array(pending[inputBytes...])
      forgetPending()
      pending = rest
      effects += read(report, product)
    }
    if !pending.isEmpty { packetBytes = bytes.count }
    if isEnd, !pending.isEmpty {
      let count = pending.count
      forgetPending()
      counters.partialReports += 1
      if accepts { effects.append(.report(.misread(.partial(bytes: count)))) }
    }
    deadline = pending.isEmpty ? nil : now + timing.partialReport
    return effects
  }

  private mutating func read(_ bytes: [UInt8], _ product: ReaderProduct) -> [Effect] {
    counters.reports += 1
    let report = SwipeReport(bytes, product)
    if report.keysExhausted { return refuse(.keysExhausted) }
    if !accepts { return [] }
    return [.report(report.reading)]
  }

  mutating func wake(at now: Instant) -> [Effect] {
    guard let due = deadline, now >= due else { return [] }
    deadline = nil
    switch phase {
    case .down, .useless:
      return []
    case .draining(let product, let facts, let inputBytes, _):
      phase = .ready(product, inputBytes: inputBytes)
      return [
        .report(
          .ready(
            ReaderIdentity(
              vendor: facts.vendor, product: facts.product, encrypts: product == .magneSafe)))
      ]
    case .ready:
      let count = pending.count
      forgetPending()
      counters.partialReports += 1
      return accepts && count > 0 ? [.report(.misread(.partial(bytes: count)))] : []
    }
  }

  private mutating func forgetPending() {
    for index in pending.indices { pending[index] = 0 }
    pending.removeAll()
    packetBytes = 0
  }
}
