// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import PaymentCrypto
import Wire

extension Terminal {
  mutating func begin(
    _ id: RequestID, _ request: TransactionRequest, _ plan: TransactionPlan,
    original: TransactionRecord?, facts: OriginalFacts?, at now: Instant
  ) -> [TerminalEffect] {
    var terms = settings.terms
    terms.shortestTrack = dialect.trackEncryption.shortestTrack
    terms.readsChips = readsChips
    terms.readsStripes = devices.readsStripes
    terms.hasChipRules = settings.chip != nil
    terms.cardIsInSlot = devices.cardIsInSlot
    terms.allowsFallback = settings.chip?.allowsFallback == true
    var started = RunningTransaction(
      request, plan, isTest: !isCommissioned, asker: id,
      machine: CardTransaction(plan: plan, terms: terms, responses: settings.responses))
    started.original = original
    started.facts = facts
    sale = started
    return tellTransaction(
      .started(reversalsPending: settings.reversalsBlock && !reversals.queue.isEmpty), at: now)
  }

  mutating func tellTransaction(
    _ event: CardTransaction.Event, at now: Instant
  ) -> [TerminalEffect] {
    guard var running = sale else {
      unexpectedEvents += 1
      return []
    }
    let effects = running.machine.handle(event, at: now)
    sale = running
    return run(effects, at: now)
  }

  private mutating func run(
    _ effects: [CardTransaction.Effect], at now: Instant
  ) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .tell(let progress): out += sale?.tell(progress) ?? []
      case .clearReversals: out += hurryReversals(at: now)
      case .readCards(let accept): out.append(.reader(accept ? .accept : .ignore))
      case .chip(let order): out.append(.reader(order))
      case .askPIN(let prompt): out += askPIN(prompt, at: now)
      case .cancelPIN: out.append(.pinPad(.cancel))
      case .journalIntent(let card, let hasPIN): out += journalIntent(card, hasPIN, at: now)
      case .ask(let card, let pin): out += ask(card, pin, at: now)
      case .journalOutcome(let outcome): out += lookAndJournal(outcome)
      case .ended(let outcome): out += transactionEnded(outcome, at: now)
      }
    }
    return out
  }

  private mutating func journalIntent(
    _ means: PaymentMeans, _ hasPIN: Bool, at now: Instant
  ) -> [TerminalEffect] {
    guard var running = sale, let clock else {
      return tellTransaction(.journalFailed(.failed), at: now)
    }
    if let problem = cardObjection(means.pan) {
      return tellTransaction(.cardRefused(problem), at: now)
    }
    var record = TransactionRecord(
      reference: running.reference, kind: running.kind, stan: traces.takeWithEntry(),
      amount: running.amount,
      localTime: clock.local(at: now), batch: settlement.record.batch, isTest: running.isTest,
      maskedPAN: means.pan?.masked ?? "", fingerprint: fingerprint(means.pan), sealedCard: [],
      entry: means.entry, hasPIN: hasPIN, state: .intent, receipt: .none)
    if let card = means.card {
      guard
        let sealed = card.sealed(
          with: settings.keys.seal, nonce: takeNonce(), reference: running.reference)
      else { return tellTransaction(.journalFailed(.failed), at: now) }
      record.sealedCard = sealed
    }
    record.isForeign = means.pan.map { settings.isForeign($0) } ?? false
    record.original = running.facts
    record.readsChips = readsChips
    record.isFallback = running.machine.isFallback && means.entry == .swiped
    if running.kind.rules.isOffline {
      record.state = .queued
      record.upload = .owed
      record.receipt = prints.canBegin ? .begun : .owed
    }
    if running.kind.rules.isLocal {
      record.state = .approved
      record.receipt = prints.canBegin ? .begun : .owed
      record.eraseCardIfFinal()
    }
    running.record = record
    running.intent = record
    var changed = [record]
    if running.kind.rules.effect == .withdraws {
      running.untouched = running.original.map { [$0] } ?? []
    }
    if let original = running.reservedOriginal {
      running.original = original
      running.hasReserved = true
      changed.append(withReceipt(original))
    }
    sale = running
    journalOwners.append(.intent)
    return [
      .journal(
        JournalEntry(
          updates: [traces.count().update] + changed.map { $0.update },
          rows: changed.map { $0.row },
          beginsBusiness: true))
    ]
  }

  /// The approved void of a completion leaves what was held as it was before the completion: all
  /// three are written at once, and so the pre-authorisation is looked for first.
  private mutating func lookAndJournal(_ outcome: TransactionOutcome) -> [TerminalEffect] {
    guard case .approved = outcome, sale?.kind.rules.effect == .voids,
      let completion = sale?.original, completion.kind.rules.effect == .completes,
      case let held = completion.originalReference, !held.isEmpty
    else { return journalOutcome(outcome) }
    freeing = outcome
    ledgerOwners.append(.free)
    return [.ledger(.transaction(reference: held))]
  }

  /// The void of a completion goes on, with the pre-authorisation that the ledger has.
  mutating func free(_ answer: LedgerAnswer, at now: Instant) -> [TerminalEffect] {
    guard let outcome = freeing else { return [] }
    freeing = nil
    // Nothing is decided before all of it is on disk.
    guard case .records(let found) = answer else {
      return tellTransaction(.journalFailed(.failed), at: now)
    }
    if let body = found.first?.body, var held = TransactionRecord(body), let sale {
      held.release(sale.amount, for: .completion)
      self.sale?.held = [held]
    }
    return journalOutcome(outcome)
  }

  /// Each outcome is made of the intent, which still has the card that a reversal needs.
  private mutating func journalOutcome(_ outcome: TransactionOutcome) -> [TerminalEffect] {
    guard var running = sale, var record = running.intent else { return [] }
    switch outcome {
    case .approved(let answer):
      record.state = .approved
      record.receipt = prints.canBegin ? .begun : .owed
      record.upload = record.kind.counts ? .owed : .none
      record.keep(answer)
      record.chip = running.machine.chipEnds.first?.facts
    case .declined(let answer):
      record.state = .declined
      record.keep(answer)
    case .notSent, .refused, .unanswered:
      // Of one that was approved here the intent promised a receipt and an upload.
      record.state = .cancelled
      record.receipt = .none
      record.upload = .none
    case .settledHere:
      // Its intent has said so already.
      record.state = .approved
    case .queued:
      record.state = .queued
      record.upload = .owed
      record.receipt = prints.canBegin ? .begun : .owed
    case .reversing(let reason, let answer):
      record.state = .reversing
      record.reversalReason = reason
      record.responseCode = answer?.responseCode ?? []
      record.approvalCode = answer?.approvalCode ?? []
      record.retrievalReference = answer?.retrievalReference ?? []
      record.answerDate = answer?.date ?? []
      if let report = running.machine.scripts.first {
        record.sealedCard = resealed(record, report)
      }
    }
    record.eraseCardIfFinal()
    running.record = record
    running.notices = notice(of: running, record)
    var changed = [record] + running.notices
    if let original = running.changedOriginal(outcome) {
      changed.append(withReceipt(original))
    }
    if case .approved = outcome { changed += running.held.map { withReceipt($0) } }
    sale = running
    let hasNotice = !running.notices.isEmpty
    journalOwners.append(hasNotice ? .noticedOutcome : .outcome)
    return [
      .journal(
        JournalEntry(
          updates: (hasNotice ? [traces.count().update] : []) + changed.map { $0.update },
          rows: changed.map { $0.row }))
    ]
  }

  mutating func transactionJournalled(
    _ owner: JournalOwner, _ fault: JournalFault?, at now: Instant
  ) -> [TerminalEffect] {
    let isRefused = fault != nil
    // Of an advice that the storage failed on, the disk may have the intent: its end is written.
    let mayBeThere = fault == .failed && sale?.kind.rules.delivery == .advice
    if isRefused, owner == .intent, !mayBeThere { sale?.record = nil }
    if !isRefused, owner == .intent, sale?.hasReserved == true, let original = sale?.original {
      recordChanged(original)
    }
    let effects = tellTransaction(fault.map { .journalFailed($0) } ?? .journalled, at: now)
    if isRefused { waitForStorage(at: now) }
    return effects
  }

  private mutating func transactionEnded(
    _ outcome: TransactionOutcome, at now: Instant
  ) -> [TerminalEffect] {
    guard let running = sale, let record = running.record else {
      guard case .refused(let problem) = outcome else { return closeTransaction(.withdrawn) }
      return closeTransaction(problem)
    }
    if let original = running.changedOriginal(outcome) { recordChanged(original) }
    for notice in running.notices { _ = advices.handle(.owed(notice), at: now) }
    if case .approved = outcome { for held in running.held { recordChanged(held) } }
    switch outcome {
    case .approved, .queued, .settledHere:
      countOutcome(record)
      if case .settledHere = outcome, let original = running.original { withdrawn(original) }
      if case .queued = outcome { _ = advices.handle(.owed(record), at: now) }
      sale?.isBehindLogo = prints.isStoringLogo
      sale?.receiptDeadline =
        now
        + (prints.isStoringLogo
          ? RunningTransaction.logoLimit : RunningTransaction.receiptLimit)
      let progress = sale?.tell(.printing) ?? []
      var effects = progress + run(prints.handle(.owed(.receipt(record)), at: now), at: now)
      effects += takeBackBegin(record)
      // A printer that cannot print now does not hold up the till: the receipt stays owed.
      if let problem = prints.problem { return effects + closeTransaction(problem) }
      return effects
    case .declined:
      return closeTransaction(nil)
    case .notSent(let layer, let code):
      return closeTransaction(.network(layer, code: code))
    case .unanswered:
      return closeTransaction(.network(.read, code: 0))
    case .reversing(let reason, let answer):
      let problem = answer.flatMap { partly($0) } ?? chipProblem(reason, answer, running)
      let effects = closeTransaction(problem ?? .outcomeUnknown)
      return effects + run(reversals.handle(.owed(record), at: now), at: now)
    case .refused(let problem):
      return closeTransaction(problem)
    }
  }

  /// What the card has to do with a reversal: nothing, where the acquirer did not answer, or where
  /// the card agreed and the cause came later.
  private func chipProblem(
    _ reason: ReversalReason, _ answer: HostAnswer?, _ running: RunningTransaction
  ) -> Problem? {
    guard reason == .other, answer != nil, let end = running.machine.chipEnds.first,
      !end.isApproved
    else { return nil }
    return end.problem
  }

  /// What the acquirer has never heard of waits no longer to be told.
  private mutating func withdrawn(_ original: TransactionRecord) {
    advices.forget(original.reference)
    if original.batch == settlement.record.batch { batchCount -= min(batchCount, 1) }
    countDelivery(original)
  }

  /// What an approval for a part is to whoever asked for the whole.
  private func partly(_ answer: HostAnswer) -> Problem? {
    let code = String(decoding: answer.responseCode, as: UTF8.self)
    if settings.responses.response(to: code).kind != .approvedInPart { return nil }
    return .approvedInPart(amount: answer.amount)
  }

  /// Gives the final answer; the sale is then no longer under way.
  mutating func closeTransaction(_ problem: Problem?) -> [TerminalEffect] {
    guard var running = sale else { return [] }
    sale = nil
    if let record = running.record {
      return running.answer(.transaction(record.row, problem: problem))
    }
    return running.answer(.refused(problem ?? .withdrawn))
  }

  mutating func closeTransactionIfOverdue(at now: Instant) -> [TerminalEffect] {
    if let limit = sale?.storageDeadline, now >= limit { return answerUndecided() }
    return closeIfPaperIsLate(at: now)
  }

  /// Whoever asked waits so long for a storage that refused the outcome, and no longer.
  mutating func waitForStorage(at now: Instant) {
    guard var running = sale, running.machine.awaitsStorage, !running.askers.isEmpty else {
      return
    }
    running.storageDeadline = running.storageDeadline ?? now + RunningTransaction.storageLimit
    sale = running
  }

  /// Tells what is certain, the intent, and goes on with the sale.
  private mutating func answerUndecided() -> [TerminalEffect] {
    guard var running = sale, let intent = running.intent else { return [] }
    running.storageDeadline = nil
    let problem = Problem.outcomeUnwritten(ledgerFault ?? .failed)
    let effects = running.answer(.transaction(intent.row, problem: problem))
    sale = running
    return effects
  }

  /// A question that is asked again while its sale runs is answered when that ends.
  mutating func askedAgain(
    _ id: RequestID, _ request: TransactionRequest, at now: Instant
  ) -> [TerminalEffect] {
    guard var running = sale else { return [] }
    if running.request != request { return [.answer(id, .refused(.referenceInUse))] }
    let effects = running.attach(id)
    sale = running
    waitForStorage(at: now)
    return effects
  }

  /// Who accepts cards, once parameters have come.
  var merchant: AcceptorIdentity? {
    guard case .provisioned(let parameters) = registration.phase else { return nil }
    return AcceptorIdentity(
      terminalID: Array(parameters.terminalID.utf8),
      merchantID: Array(parameters.merchantID.utf8), currency: Array(parameters.currency.utf8))
  }

  var answerLimit: Interval {
    if let seconds = parameters.answerSeconds { return .seconds(Int64(seconds)) }
    guard case .provisioned(let parameters) = registration.phase else {
      return settings.answerLimit
    }
    return .seconds(Int64(parameters.answerSeconds))
  }
}

extension RunningTransaction {
  /// The original with what a refund or completion of it takes: reserved before anything leaves, so
  /// that two of them never take more than there is.
  var reservedOriginal: TransactionRecord? {
    guard var original else { return nil }
    switch kind.rules.effect {
    case .none, .voids: return nil
    case .withdraws:
      original.state = .cancelled
      original.upload = .none
      original.sealedCard = []
      return original
    case .refunds, .completes, .tips:
      original.hold(amount, for: kind)
      return original
    }
  }

  /// The original as the outcome leaves it; nil where nothing changes.
  func changedOriginal(_ outcome: TransactionOutcome) -> TransactionRecord? {
    guard var original else { return nil }
    switch (kind.rules.effect, outcome) {
    case (.voids, .approved):
      original.state = .voided
      return original
    case (.refunds, .declined), (.refunds, .notSent), (.refunds, .refused),
      (.completes, .declined), (.completes, .notSent), (.completes, .refused), (.tips, .refused):
      original.release(amount, for: kind)
      return original
    case (.withdraws, .refused): return untouched.first
    case (.none, _), (.voids, _), (.refunds, _), (.completes, _), (.tips, _), (.withdraws, _):
      return nil
    }
  }
}

extension TransactionRecord {
  mutating func keep(_ answer: HostAnswer) {
    if kind == .balance, let held = answer.balance, let held = Amount(minorUnits: held) {
      amount = held
    }
    answerDate = answer.date
    responseCode = answer.responseCode
    approvalCode = answer.approvalCode
    retrievalReference = answer.retrievalReference
  }
}
