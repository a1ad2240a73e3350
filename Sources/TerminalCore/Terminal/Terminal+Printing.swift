// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import Wire

extension Terminal {
  mutating func run(_ effects: [PrintDesk.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .printer(.print(let job)): out.append(print(job))
      case .printer(let order): out.append(.printer(order))
      case .compose(.receipt(let record), let job):
        let lines = lines(of: record, isCopy: false)
        out.append(print(PrintJob(number: job, lines: lines)))
      case .compose(.slip(let slip), let job):
        let lines = lines(of: slip, isCopy: false)
        out.append(print(PrintJob(number: job, lines: lines)))
      case .journal(let paper):
        out.append(.journal(journalPaper(paper)))
      case .journalLogo(let logo):
        journalOwners.append(.logo)
        out.append(.journal(JournalEntry(updates: [logo.update])))
      case .settled(let key, let problem):
        if let sale, TransactionRecord.key(sale.reference) == key, sale.receiptDeadline != nil {
          if let record = prints.doubtful.first(where: { $0.key == key })?.record {
            self.sale?.record = record
          }
          out += closeTransaction(problem)
        }
      case .orderEnded(let problem):
        out += orderEnded(problem)
      }
    }
    return out
  }

  /// Every document stands under the logo that the printer has.
  private mutating func print(_ job: PrintJob) -> TerminalEffect {
    var job = job
    if job.keeps.isEmpty { job.logoDots = prints.logoDots }
    printing = [job]
    return .printer(.print(job))
  }

  /// What the printer says; a document that came out wears it.
  mutating func heard(_ report: PrinterReport, at now: Instant) -> [TerminalEffect] {
    if case .finished(let number, let outcome) = report {
      for job in printing where job.number == number {
        switch outcome {
        case .printed, .unknown, .notPrinted(_, isFragment: true): wear.count(job)
        case .notPrinted(_, isFragment: false): break
        }
      }
      printing.removeAll { $0.number == number }
    }
    return run(prints.handle(.printer(report), at: now), at: now)
  }

  /// Whoever asked waits so long for the receipt, and no longer.
  mutating func closeIfPaperIsLate(at now: Instant) -> [TerminalEffect] {
    guard let limit = sale?.receiptDeadline, now >= limit else { return [] }
    if sale?.isBehindLogo == true, !prints.isStoringLogo {
      // The logo is there meanwhile, and the receipt has the time that every receipt has.
      sale?.isBehindLogo = false
      sale?.receiptDeadline = limit + RunningTransaction.receiptLimit
      return []
    }
    let isWell = prints.mayBeStoringLogo
    return closeTransaction(prints.problem ?? (isWell ? .logoBeingStored : .printer(.silent)))
  }

  /// Whether a paper that a person wants is under way: its end would be taken for that of another.
  var isPaperOrdered: Bool { askers.paper != nil || reprinted != nil || prints.hasOrder }

  /// What keeps the printer from printing at this moment.
  public var printerProblem: Problem? { prints.problem }

  /// Prints the page by which a technician judges the printer; not while anybody's paper waits.
  mutating func testPrinter(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if isPaperOrdered { return [.answer(id, .refused(.busy))] }
    askers.paper = id
    let page = TestPage.lines(
      columns: settings.columns, serial: settings.serial,
      time: clock?.local(at: now).text ?? "")
    return run(prints.handle(.ordered(PrintLines(lines: page, isTest: true)), at: now), at: now)
  }

  private mutating func write(_ paper: Paper, for owner: JournalOwner) -> JournalEntry {
    journalOwners.append(owner)
    if let record = paper.record { receiptChanged(record) }
    papersBeingWritten.append(paper)
    // What is written now is newer than what could not be written before.
    papersUnwritten.removeAll { $0.key == paper.key }
    return paper.entry
  }

  /// What became of a paper's entry.
  mutating func paperWritten(_ fault: JournalFault?) {
    var paper = papersBeingWritten.removeFirst()
    if fault == nil { return }
    // What was not written is not begun.
    if paper.state == .begun { paper.state = .owed }
    papersUnwritten.append(paper)
  }

  /// Writes a paper's state that did not reach the disk, now that the storage is well.
  mutating func writePaperAgain() -> [TerminalEffect] {
    guard ledgerFault == nil, journalOwners.isEmpty, let paper = papersUnwritten.first else {
      return []
    }
    return [.journal(write(paper, for: .paperAgain))]
  }

  /// The outcome's entry says that the receipt is begun; when the printer has become unable since,
  /// the next start must not doubt it.
  mutating func takeBackBegin(_ record: TransactionRecord) -> [TerminalEffect] {
    guard record.receipt == .begun,
      let owed = prints.takeBackBegin(key: record.key)
    else { return [] }
    if let record = owed.record, sale?.reference == record.reference { sale?.record = record }
    return [.journal(write(owed, for: .paperAgain))]
  }

  /// The paper's new state; the first printed test receipt is also what commissioning waits for.
  private mutating func journalPaper(_ paper: Paper) -> JournalEntry {
    var entry = write(paper, for: .paper)
    if paper.state != .begun { entry.updates.append(wear.update) }
    guard let record = paper.record else { return entry }
    if sale?.reference == record.reference { sale?.record = record }
    if record.isTest, record.receipt == .printed, !testSalePassed {
      testSalePassed = true
      entry.updates.append(CommissioningRecord(testSalePassed: true, isCommissioned: false).update)
    }
    return entry
  }

  private mutating func orderEnded(_ problem: Problem?) -> [TerminalEffect] {
    let key = reprinted
    reprinted = nil
    var out = askers.paper.take(problem)
    if problem == nil, let key, var paper = prints.resolveDoubt(key: key) {
      paper.state = .printed
      out.append(.journal(write(paper, for: .doubtResolved)))
    }
    if problem == nil {
      journalOwners.append(.wear)
      out.append(.journal(JournalEntry(updates: [wear.update])))
    }
    return out
  }

  mutating func reprint(
    _ id: RequestID, _ reference: String, _ row: TransactionRow?, at now: Instant
  ) -> [TerminalEffect] {
    guard let row else { return [.answer(id, .refused(.unknownReference))] }
    if isPaperOrdered { return [.answer(id, .refused(.busy))] }
    if !Terminal.hasReceipt(row) { return [.answer(id, .refused(.nothingToReprint))] }
    askers.paper = id
    reprinted = TransactionRecord.key(reference)
    ledgerOwners.append(.copy)
    return [.ledger(.transaction(reference: reference))]
  }

  /// A receipt is printed again from the whole record, since a row does not have all of it.
  mutating func copy(_ answer: LedgerAnswer, at now: Instant) -> [TerminalEffect] {
    guard let key = reprinted else { return [] }
    guard case .records(let found) = answer,
      let record = found.first.flatMap({ TransactionRecord($0.body) })
    else { return giveUp(.journal(.failed)) }
    return order(lines(of: record, isCopy: true), key, at: now)
  }

  /// Has a copy printed of the paper with this key.
  mutating func order(
    _ lines: [PrintLine], _ key: String, at now: Instant
  ) -> [TerminalEffect] {
    reprinted = key
    return run(prints.handle(.ordered(PrintLines(lines: lines)), at: now), at: now)
  }

  /// Who stands at the head of every paper: by the name that the acquirer has set (parameter 22),
  /// else by that of the registration.
  var paperHead: (names: [String], merchant: String, terminal: String) {
    guard case .provisioned(let registered) = registration.phase else { return ([], "", "") }
    return (
      [parameters.merchantName ?? registered.merchantName], registered.merchantID,
      registered.terminalID
    )
  }
}
