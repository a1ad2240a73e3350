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

// A ready reader with nothing to say is asked for its feature report now and then: an answer, and
// be it a refusal, is the sign of life. One that gives none is silent, and its link opened anew.

/// The machine of swipe readers.
struct SwipeReader: Hashable, Sendable {
  typealias Effect = DriverEffect<CardReaderReport>

  private enum Phase: Hashable, Sendable {
    case down
    case useless
    case draining(ReaderProduct, HIDFacts, inputBytes: Int, until: Instant)
    case ready(ReaderProduct, inputBytes: Int)
  }

  private(set) var counters = CardReaderHID.Counters()
  /// When the drain or the report under way is over.
  private var due: Instant?
  /// When the reader is asked whether it is there, or must have answered.
  private var beat: Instant?
  private var isAsked = false
  /// Bytes of a feature report; 0 for a reader without, which cannot be asked.
  private var featureBytes = 0
  var accepts = false
  private let timing: CardReaderHID.Timing
  private let secureMag: SecureMagSettings
  private var phase = Phase.down
  private var pending: [UInt8] = []
  /// The size of the last packet of the report that is pending.
  private var packetBytes = 0

  init(timing: CardReaderHID.Timing, secureMag: SecureMagSettings) {
    self.timing = timing
    self.secureMag = secureMag
  }

  mutating func opened(
    _ product: ReaderProduct, _ facts: HIDFacts, inputBytes: Int, at now: Instant
  ) {
    phase = .draining(product, facts, inputBytes: inputBytes, until: now + timing.longestDrain)
    due = now + timing.drain
    // ID TECH's manuals do not say what an unasked feature report does to its readers.
    let mayAsk = facts.vendor == 0x0801 || secureMag.isAsked
    featureBytes = mayAsk ? HIDReportSizes(facts.reportDescriptor)?.featureBytes ?? 0 : 0
  }

  mutating func closed() {
    phase = .down
    due = nil
    beat = nil
    isAsked = false
    forgetPending()
  }

  private mutating func refuse(_ trouble: ReaderTrouble) -> [Effect] {
    phase = .useless
    due = nil
    beat = nil
    return [.report(.unavailable(trouble))]
  }

  /// The next moment at which it wants to be woken.
  var deadline: Instant? { earlier(due, beat) }

  /// The answer to the question whether the reader is there; a refusal is one too.
  mutating func answered(at now: Instant) {
    if isAsked { rest(at: now) } else { counters.unexpectedEvents += 1 }
  }

  private mutating func rest(at now: Instant) {
    isAsked = false
    beat = featureBytes > 0 ? Heartbeat.next(after: now) : nil
  }

  mutating func received(_ bytes: [UInt8], at now: Instant) -> [Effect] {
    switch phase {
    case .down, .useless:
      counters.unexpectedEvents += 1
      return []
    case .draining(_, _, _, let limit):
      counters.drainedBytes += UInt32(clamping: bytes.count)
      due = min(now + timing.drain, limit)
      return []
    case .ready(let product, let inputBytes):
      rest(at: now)
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
      due = nil
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
    due = pending.isEmpty ? nil : now + timing.partialReport
    return effects
  }

  private mutating func read(_ bytes: [UInt8], _ product: ReaderProduct) -> [Effect] {
    counters.reports += 1
    if product == .secureMag {
      return accepts ? [.report(SecureMagReport(bytes, secureMag).reading)] : []
    }
    let report = SwipeReport(bytes, product)
    if report.keysExhausted { return refuse(.keysExhausted) }
    if !accepts { return [] }
    return [.report(report.reading)]
  }

  mutating func wake(at now: Instant) -> [Effect] {
    if let beat, now >= beat { return beaten(at: now) }
    guard let moment = due, now >= moment else { return [] }
    due = nil
    switch phase {
    case .down, .useless:
      return []
    case .draining(let product, let facts, let inputBytes, _):
      phase = .ready(product, inputBytes: inputBytes)
      rest(at: now)
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

  /// Asks whether the reader is there, or it has not said so in time.
  private mutating func beaten(at now: Instant) -> [Effect] {
    if !isAsked {
      isAsked = true
      beat = now + timing.control
      return [.link(.getFeature(length: featureBytes))]
    }
    counters.silences += 1
    closed()
    return [.report(.unavailable(.silent)), .link(.reopen)]
  }

  private mutating func forgetPending() {
    for index in pending.indices { pending[index] = 0 }
    pending.removeAll()
    packetBytes = 0
  }
}
