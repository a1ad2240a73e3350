// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//           opened, known             quiet                       whole report
//   down ───────────────────▶ draining ─────▶ ready (accept │ ignore) ────────▶ swiped, misread
//    ▲           │ unknown, keyboard, wrong size
//    └── closed ─┴─▶ useless
//
// A report arrives in one transfer or in packets; it is whole when its bytes are counted. Half a
// report followed by silence is dropped, and so is one whose end comes too early: a packet shorter
// than the one before it ends a transfer (USB 2.0, 5.7.3).

/// The driver of MagTek swipe readers over USB HID.
public struct CardReaderHID: Machine {
  /// What it is told.
  public typealias Event = DriverEvent<CardReaderOrder>
  /// What it asks for.
  public typealias Effect = DriverEffect<CardReaderReport>

  /// What it has counted.
  public struct Counters: Hashable, Sendable {
    /// Whole reports.
    public internal(set) var reports: UInt32 = 0
    /// Reports that stayed in part.
    public internal(set) var partialReports: UInt32 = 0
    /// Bytes left from before the link was opened.
    public internal(set) var drainedBytes: UInt32 = 0
    /// Events that meant nothing where they came.
    public internal(set) var unexpectedEvents: UInt32 = 0
  }

  /// How long it waits for what.
  public struct Timing: Hashable, Sendable {
    /// Silence after the opening in which stale bytes are thrown away.
    public var drain = Interval.milliseconds(60)
    /// The longest that silence is waited for: somebody may be swiping all the while.
    public var longestDrain = Interval.milliseconds(600)
    /// Silence after which half a report is dropped.
    public var partialReport = Interval.milliseconds(250)

    /// The usual times.
    public init() {}
  }

  private enum Phase: Hashable, Sendable {
    case down
    case useless
    case draining(ReaderProduct, HIDFacts, inputBytes: Int, until: Instant)
    case ready(ReaderProduct, inputBytes: Int)
  }

  /// What it has counted.
  public private(set) var counters = Counters()
  /// The next moment at which it wants to be woken.
  public private(set) var deadline: Instant?
  private let timing: Timing
  private var phase = Phase.down
  private var accepts = false
  private var pending: [UInt8] = []
  /// The size of the last packet of the report that is pending.
  private var packetBytes = 0

  /// A driver whose link is down.
  public init(timing: Timing = Timing()) { self.timing = timing }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .ordered(.accept):
      accepts = true
      return []
    case .ordered(.ignore):
      accepts = false
      return []
    case .link(.opened(let facts)):
      return opened(facts, at: now)
    case .link(.received(let bytes)):
      return received(bytes, at: now)
    case .link(.closed(let fault)):
      return closed(fault)
    case .link(.feature):
      counters.unexpectedEvents += 1
      return []
    case .deadlinePassed:
      return wake(at: now)
    }
  }

  private mutating func opened(_ facts: LinkFacts, at now: Instant) -> [Effect] {
    forgetPending()
    guard case .hid(let facts) = facts else { return refuse(.link(.failed(code: 0))) }
    switch ReaderProduct.identify(facts) {
    case .unusable(let trouble):
      return refuse(trouble)
    case .usable(let product):
      guard let sizes = HIDReportSizes(facts.reportDescriptor),
        product.accepts(inputBytes: sizes.inputBytes)
      else {
        let bytes = HIDReportSizes(facts.reportDescriptor)?.inputBytes ?? 0
        return refuse(.unexpectedReportSize(bytes: bytes))
      }
      phase = .draining(
        product, facts, inputBytes: sizes.inputBytes, until: now + timing.longestDrain)
      deadline = now + timing.drain
      return []
    }
  }

  private mutating func refuse(_ trouble: ReaderTrouble) -> [Effect] {
    phase = .useless
    deadline = nil
    return [.report(.unavailable(trouble))]
  }

  private mutating func closed(_ fault: LinkFault) -> [Effect] {
    phase = .down
    deadline = nil
    forgetPending()
    return [.report(.unavailable(.link(fault)))]
  }

  private mutating func received(_ bytes: [UInt8], at now: Instant) -> [Effect] {
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

  private mutating func wake(at now: Instant) -> [Effect] {
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
