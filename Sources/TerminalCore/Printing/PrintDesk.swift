// SPDX-License-Identifier: Apache-2.0

public import Clockwork
public import Devices

//         owed, printer ready              on disk              printed
//   free ────────────────────▶ beginning ──────────▶ printing ──────────▶ journalling ─▶ free
//    ▲                                                  │ not printed: owed, tried again
//    │                                                  │ unknown: doubtful, a person decides
//    └──────────────────────────────────────────────────┘
//
// That a paper is begun is on disk before its first line leaves: after a start an owed one is
// printed, and a begun one is doubtful. A sale whose receipt can be begun at once says so in the
// entry of its outcome, so it costs no entry of its own.

/// Prints the papers that are owed, one after the other, and never one twice by itself.
public struct PrintDesk: Machine {
  /// What the desk is told.
  public enum Event: Hashable, Sendable {
    /// A receipt or slip must be printed.
    case owed(Paper)
    /// A person wants a paper: a copy, or one whose first attempt is doubtful.
    case ordered(PrintLines)
    /// The printer shall be given its logo: a person wants it, or nothing else is under way.
    case logoWanted(isOrdered: Bool)
    /// The printer said something.
    case printer(PrinterReport)
    /// The paper's new state is on disk.
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
    /// Compose this paper and give it to the printer under this number.
    case compose(Paper, job: UInt32)
    /// Put the paper's new state on disk.
    case journal(Paper)
    /// Put on disk what is known of the printer's logo.
    case journalLogo(StoredLogo)
    /// The paper of this key has come to a rest.
    case settled(key: String, Problem?)
    /// The paper a person wanted is printed, or not.
    case orderEnded(Problem?)
  }

  enum Phase: Hashable, Sendable {
    case free
    case logo(LogoStep, isOrdered: Bool)
    case beginning(Paper)
    case printingPaper(Paper, job: UInt32)
    case printingOrder(job: UInt32, isTest: Bool)
    case journalling(Paper, Problem?)
  }

  /// Those that are not on paper yet, the oldest first.
  public private(set) var owed: [Paper] = []
  /// Those of which nobody knows; a person decides.
  public private(set) var doubtful: [Paper] = []
  /// The printer's state as last heard.
  public private(set) var status: PrinterStatus = .unavailable(.link(.absent))
  /// The logo above the papers, one or none, and what the printer has of it.
  let logos: [Raster]
  var logo: StoredLogo
  /// What was known of it before the attempt that is being made.
  var logoBefore: StoredLogo
  /// When the printer is given it again.
  var logoDue: Instant?
  /// Whether the disk has not what became of the last attempt.
  var isLogoUnwritten = false
  /// When an attempt that failed beside a printer that is ready is made again.
  private var retryDue: Instant?
  /// Events that meant nothing where they came.
  public internal(set) var unexpectedEvents: UInt32 = 0
  var phase = Phase.free
  private(set) var order: PrintLines?
  private var nextJob: UInt32 = 1

  /// Long enough that a storage or printer in trouble is not hammered.
  private static let retryPause = Interval.seconds(5)

  /// A desk with nothing to do, and the logo above its papers: one or none.
  public init(logos: [Raster] = []) {
    self.logos = logos
    logo = StoredLogo(of: logos)
    logoBefore = logo
  }

  /// When something that failed beside a printer that is ready is tried again.
  public var deadline: Instant? { earlier(retryDue, logoDue) }

  /// Whether a paper is being printed or written about.
  public var isFree: Bool { phase == .free }

  /// Whether something that a person wants is under way or waits, whether he is there still or not.
  var hasOrder: Bool {
    switch phase {
    case .printingOrder, .logo(_, isOrdered: true): true
    case .free, .logo(_, isOrdered: false), .beginning, .printingPaper, .journalling: order != nil
    }
  }

  /// Whether a paper that is owed now would be begun at once.
  var canBegin: Bool {
    guard phase == .free, order == nil, owed.isEmpty, case .ready = status else { return false }
    return true
  }

  /// Takes over what an earlier run left: owed stays owed, and what was being printed is doubtful.
  mutating func adopt(_ paper: Paper) {
    if paper.state == .doubtful { doubtful.append(paper) } else { owed.append(paper) }
  }

  /// The paper whose begin is on disk and that is not being printed after all: owed again.
  mutating func takeBackBegin(key: String) -> Paper? {
    if case .printingPaper(let paper, _) = phase, paper.key == key { return nil }
    guard let index = owed.firstIndex(where: { $0.key == key && $0.state == .begun })
    else { return nil }
    owed[index].state = .owed
    return owed[index]
  }

  /// Moves by one event.
  public mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
    switch (phase, event) {
    case (_, .logoWanted(let isOrdered)): return wantLogo(isOrdered, at: now)
    case (.logo(let step, let isOrdered), .journalled):
      return logoJournalled(step, isOrdered, nil, at: now)
    case (.logo(let step, let isOrdered), .journalFailed(let fault)):
      return logoJournalled(step, isOrdered, fault, at: now)
    case (.logo(.storing(let job), let isOrdered), .printer(.finished(let ended, let outcome)))
    where job == ended:
      return logoEnded(outcome, isOrdered, at: now)
    case (.printingOrder(_, isTest: true), .owed(let paper)):
      // No person is waited for over a test page while a receipt waits for the paper.
      owed.append(paper)
      return [.printer(.abandon)]
    case (_, .owed(let paper)):
      owed.append(paper)
      return next()
    case (_, .ordered(let lines)) where lines.isTest && !(isFree && owed.isEmpty):
      return [.orderEnded(.busy)]
    case (_, .ordered(let lines)):
      if order != nil { return [.orderEnded(.busy)] }
      if let problem { return [.orderEnded(problem)] }
      order = lines
      return next()
    case (_, .printer(.status(let status))):
      self.status = status
      return next()
    case (.printingPaper(let paper, let job), .printer(.finished(let ended, let outcome)))
    where job == ended:
      return finished(paper, outcome)
    case (.printingOrder(let job, _), .printer(.finished(let ended, let outcome)))
    where job == ended:
      phase = .free
      return [.orderEnded(PrintDesk.problem(of: outcome))] + next()
    case (.beginning(let paper), .journalled):
      owed[0] = paper
      return begin(paper)
    case (.beginning, .journalFailed):
      phase = .free
      retryDue = now + PrintDesk.retryPause
      return []
    case (.journalling(let paper, let problem), .journalled),
      (.journalling(let paper, let problem), .journalFailed):
      // A state that did not reach the disk is written again by the terminal.
      phase = .free
      let settled = Effect.settled(key: paper.key, problem)
      if paper.state != .owed { return [settled] + next() }
      retryDue = now + PrintDesk.retryPause
      return [settled]
    case (_, .printer(.finished)), (.free, .journalled), (.free, .journalFailed),
      (.printingPaper, .journalled), (.printingPaper, .journalFailed),
      (.printingOrder, .journalled), (.printingOrder, .journalFailed):
      unexpectedEvents += 1
      return []
    case (_, .deadlinePassed):
      if let due = logoDue, now >= due { logoDue = nil }
      guard let due = retryDue, now >= due else { return [] }
      retryDue = nil
      return next()
    }
  }

  /// How far a paper is, of those that are not at rest.
  func state(of key: String) -> ReceiptState? {
    switch phase {
    case .beginning(let paper), .printingPaper(let paper, _), .journalling(let paper, _):
      if paper.key == key { return paper.state }
    case .free, .printingOrder, .logo: break
    }
    return (owed + doubtful).first { $0.key == key }?.state
  }

  /// The transaction of a receipt has changed otherwise.
  mutating func revise(_ record: TransactionRecord) {
    for index in owed.indices { owed[index] = owed[index].revised(record) }
    for index in doubtful.indices { doubtful[index] = doubtful[index].revised(record) }
    switch phase {
    case .beginning(let copy): phase = .beginning(copy.revised(record))
    case .printingPaper(let copy, let job):
      phase = .printingPaper(copy.revised(record), job: job)
    case .journalling(let copy, let problem):
      phase = .journalling(copy.revised(record), problem)
    case .free, .printingOrder, .logo: break
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

  /// Begins what has waited longest, if the printer can print.
  mutating func next() -> [Effect] {
    guard phase == .free, case .ready = status else { return [] }
    if let lines = order {
      order = nil
      let job = takeJob()
      phase = .printingOrder(job: job, isTest: lines.isTest)
      return [.printer(.print(PrintJob(number: job, lines: lines.lines)))]
    }
    guard var paper = owed.first else { return [] }
    retryDue = nil
    if paper.state == .begun { return begin(paper) }
    paper.state = .begun
    phase = .beginning(paper)
    return [.journal(paper)]
  }

  private mutating func begin(_ paper: Paper) -> [Effect] {
    let job = takeJob()
    phase = .printingPaper(paper, job: job)
    return [.compose(paper, job: job)]
  }

  mutating func takeJob() -> UInt32 {
    defer { nextJob &+= 1 }
    return nextJob
  }

  private mutating func finished(_ paper: Paper, _ outcome: PrintOutcome) -> [Effect] {
    var paper = paper
    switch outcome {
    case .printed:
      owed.removeFirst()
      paper.state = .printed
      phase = .journalling(paper, nil)
      return [.journal(paper)]
    case .notPrinted(_, isFragment: false):
      paper.state = .owed
      owed[0] = paper
      phase = .journalling(paper, PrintDesk.problem(of: outcome))
      return [.journal(paper)]
    case .notPrinted(_, isFragment: true), .unknown:
      owed.removeFirst()
      paper.state = .doubtful
      doubtful.append(paper)
      phase = .journalling(paper, PrintDesk.problem(of: outcome))
      return [.journal(paper)]
    }
  }

  /// The person has decided: the doubtful paper is settled by the copy that was printed.
  mutating func resolveDoubt(key: String) -> Paper? {
    if let index = doubtful.firstIndex(where: { $0.key == key }) {
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
  /// Whether it is a test page, for which nobody's paper waits.
  public var isTest = false
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
