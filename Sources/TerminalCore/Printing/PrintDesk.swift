// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//         owed, printer ready              on disk              printed
//   free ────────────────────▶ beginning ──────────▶ printing ──────────▶ journalling ─▶ free
//    ▲                                                  │ not printed: owed, tried again
//    │                                                  │ unknown: doubtful, a person decides
//    └──────────────────────────────────────────────────┘
//
// That a receipt is begun is on disk before its first line leaves: after a start an owed receipt is
// printed, and a begun one is doubtful. A sale whose receipt can be begun at once says so in the
// entry of its outcome, so it costs no entry of its own.

/// Prints the receipts that are owed, one after the other, and never one twice by itself.
public struct PrintDesk: Machine {
  /// What the desk is told.
  public enum Event: Hashable, Sendable {
    /// A receipt must be printed.
    case owed(TransactionRecord)
    /// A person wants a paper: a copy, or one whose first attempt is doubtful.
    case ordered(PrintLines)
    /// The printer said something.
    case printer(PrinterReport)
    /// The receipt's new state is on disk.
    case journalled
    /// It is not.
    case journalFailed(JournalFault)
    /// The deadline has come.
    case deadlinePassed
  }

  /// What the desk asks for.
  public enum Effect: Hashable, Sendable {
    /// Do this on the printer.
    case printer(PrinterOrder)
    /// Compose the receipt of this transaction and give it to the printer under this number.
    case compose(TransactionRecord, job: UInt32)
    /// Put the receipt's new state on disk.
    case journal(TransactionRecord)
    /// The receipt of this transaction has come to a rest.
    case settled(reference: String, Problem?)
    /// The paper a person wanted is printed, or not.
    case orderEnded(Problem?)
  }

  private enum Phase: Hashable, Sendable {
    case free
    case beginning(TransactionRecord)
    case printingReceipt(TransactionRecord, job: UInt32)
    case printingOrder(job: UInt32)
    case journalling(TransactionRecord, Problem?)
  }

  /// Receipts that are not on paper yet, the oldest first.
  public private(set) var owed: [TransactionRecord] = []
  /// Receipts of which nobody knows; a person decides.
  public private(set) var doubtful: [TransactionRecord] = []
  /// The printer's state as last heard.
  public private(set) var status: PrinterStatus = .unavailable(.silent)
  /// When an attempt that failed beside a printer that is ready is made again.
  public private(set) var deadline: Instant?
  /// Events that meant nothing where they came.
  public private(set) var unexpectedEvents: UInt32 = 0
  private var phase = Phase.free
  private var order: PrintLines?
  private var nextJob: UInt32 = 1

  /// Long enough that a storage or printer in trouble is not hammered.
  private static let retryPause = Interval.seconds(5)

  /// A desk with nothing to do.
  public init() {}

  /// Whether a paper is being printed or written about.
  public var isFree: Bool { phase == .free }

  /// Whether a receipt that is owed now would be begun at once.
  var canBegin: Bool {
    guard phase == .free, order == nil, owed.isEmpty, case .ready = status else { return false }
    return true
  }

  /// Takes over what an earlier run left: owed stays owed, and what was being printed is doubtful.
  mutating func adopt(_ record: TransactionRecord) {
    if record.receipt == .doubtful { doubtful.append(record) } else { owed.append(record) }
  }

  /// The receipt whose begin is on disk and that is not being printed after all: owed again.
  mutating func takeBackBegin(reference: String) -> TransactionRecord? {
    if case .printingReceipt(let record, _) = phase, record.reference == reference { return nil }
    guard
      let index = owed.firstIndex(where: { $0.reference == reference && $0.receipt == .begun })
    else { return nil }
    owed[index].receipt = .owed
    return owed[index]
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (_, .owed(let record)):
      owed.append(record)
      return next()
    case (_, .ordered(let lines)):
      if order != nil { return [.orderEnded(.busy)] }
      if let problem { return [.orderEnded(problem)] }
      order = lines
      return next()
    case (_, .printer(.status(let status))):
      self.status = status
      return next()
    case (.printingReceipt(let record, let job), .printer(.finished(let ended, let outcome)))
    where job == ended:
      return finished(record, outcome)
    case (.printingOrder(let job), .printer(.finished(let ended, let outcome)))
    where job == ended:
      phase = .free
      return [.orderEnded(PrintDesk.problem(of: outcome))] + next()
    case (.beginning(let record), .journalled):
      owed[0] = record
      return begin(record)
    case (.beginning, .journalFailed):
      phase = .free
      deadline = now + PrintDesk.retryPause
      return []
    case (.journalling(let record, let problem), .journalled),
      (.journalling(let record, let problem), .journalFailed):
      // A state that did not reach the disk is written again by the terminal.
      phase = .free
      let settled = Effect.settled(reference: record.reference, problem)
      if record.receipt != .owed { return [settled] + next() }
      deadline = now + PrintDesk.retryPause
      return [settled]
    case (_, .printer(.finished)), (.free, .journalled), (.free, .journalFailed),
      (.printingReceipt, .journalled), (.printingReceipt, .journalFailed),
      (.printingOrder, .journalled), (.printingOrder, .journalFailed):
      unexpectedEvents += 1
      return []
    case (_, .deadlinePassed):
      guard let due = deadline, now >= due else { return [] }
      deadline = nil
      return next()
    }
  }

  /// How far a receipt is, of those that are not at rest.
  func receipt(of reference: String) -> ReceiptState? {
    switch phase {
    case .beginning(let record), .printingReceipt(let record, _), .journalling(let record, _):
      if record.reference == reference { return record.receipt }
    case .free, .printingOrder: break
    }
    return (owed + doubtful).first { $0.reference == reference }?.receipt
  }

  /// The transaction of a receipt has changed otherwise.
  mutating func revise(_ record: TransactionRecord) {
    for index in owed.indices { owed[index] = owed[index].revised(record) }
    for index in doubtful.indices { doubtful[index] = doubtful[index].revised(record) }
    switch phase {
    case .beginning(let copy): phase = .beginning(copy.revised(record))
    case .printingReceipt(let copy, let job):
      phase = .printingReceipt(copy.revised(record), job: job)
    case .journalling(let copy, let problem):
      phase = .journalling(copy.revised(record), problem)
    case .free, .printingOrder: break
    }
  }

  /// What keeps the printer from printing at this moment.
  public var problem: Problem? {
    switch status {
    case .ready: nil
    case .halted(let halt): .printerHalted(halt)
    case .unavailable(let trouble): .printer(trouble)
    }
  }

  private mutating func next() -> [Effect] {
    guard phase == .free, case .ready = status else { return [] }
    if let lines = order {
      order = nil
      let job = takeJob()
      phase = .printingOrder(job: job)
      return [.printer(.print(PrintJob(number: job, lines: lines.lines)))]
    }
    guard var record = owed.first else { return [] }
    deadline = nil
    if record.receipt == .begun { return begin(record) }
    record.receipt = .begun
    phase = .beginning(record)
    return [.journal(record)]
  }

  private mutating func begin(_ record: TransactionRecord) -> [Effect] {
    let job = takeJob()
    phase = .printingReceipt(record, job: job)
    return [.compose(record, job: job)]
  }

  private mutating func takeJob() -> UInt32 {
    defer { nextJob &+= 1 }
    return nextJob
  }

  private mutating func finished(_ record: TransactionRecord, _ outcome: PrintOutcome) -> [Effect] {
    var record = record
    switch outcome {
    case .printed:
      owed.removeFirst()
      record.receipt = .printed
      phase = .journalling(record, nil)
      return [.journal(record)]
    case .notPrinted(_, isFragment: false):
      record.receipt = .owed
      owed[0] = record
      phase = .journalling(record, PrintDesk.problem(of: outcome))
      return [.journal(record)]
    case .notPrinted(_, isFragment: true), .unknown:
      owed.removeFirst()
      record.receipt = .doubtful
      doubtful.append(record)
      phase = .journalling(record, PrintDesk.problem(of: outcome))
      return [.journal(record)]
    }
  }

  /// The person has decided: the doubtful receipt is settled by the copy that was printed.
  mutating func resolveDoubt(reference: String) -> TransactionRecord? {
    if let index = doubtful.firstIndex(where: { $0.reference == reference }) {
      return doubtful.remove(at: index)
    }
    return nil
  }

  static func problem(of outcome: PrintOutcome) -> Problem? {
    switch outcome {
    case .printed: nil
    case .notPrinted(let obstacle, _), .unknown(let obstacle): Problem(obstacle)
    }
  }
}

/// A laid-out document.
public struct PrintLines: Hashable, Sendable {
  /// The lines.
  public var lines: [PrintLine]
}

extension Problem {
  init(_ obstacle: PrintObstacle) {
    switch obstacle {
    case .halted(let halt): self = .printerHalted(halt)
    case .unavailable(let trouble): self = .printer(trouble)
    case .busy: self = .busy
    case .powerCut: self = .printer(.silent)
    }
  }
}
