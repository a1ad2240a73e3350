// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import PaymentCrypto
import Wire

extension Terminal {
  mutating func beginSale(
    _ id: RequestID, _ reference: String, _ amount: Amount, at now: Instant
  ) -> [TerminalEffect] {
    sale = RunningSale(
      reference: reference, amount: amount, isTest: !isCommissioned, asker: id,
      purchase: Purchase(
        amount: amount, terms: settings.terms, responses: settings.responses))
    return tellSale(.started(reversalsPending: !reversals.queue.isEmpty), at: now)
  }

  mutating func tellSale(_ event: Purchase.Event, at now: Instant) -> [TerminalEffect] {
    guard var running = sale else {
      unexpectedEvents += 1
      return []
    }
    let effects = running.purchase.handle(event, at: now)
    sale = running
    return run(effects, at: now)
  }

  private mutating func run(_ effects: [Purchase.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .tell(let progress): out += sale?.tell(progress) ?? []
      case .clearReversals: out += hurryReversals(at: now)
      case .readCards(let accept): out.append(.reader(accept ? .accept : .ignore))
      case .askPIN(let prompt): out.append(.pinPad(.enterPIN(prompt)))
      case .cancelPIN: out.append(.pinPad(.cancel))
      case .journalIntent(let card, let hasPIN): out += journalIntent(card, hasPIN, at: now)
      case .ask(let card, let pin): out += ask(card, pin, at: now)
      case .journalOutcome(let outcome): out += journalOutcome(outcome)
      case .ended(let outcome): out += saleEnded(outcome, at: now)
      }
    }
    return out
  }

  private mutating func journalIntent(
    _ card: Track2, _ hasPIN: Bool, at now: Instant
  ) -> [TerminalEffect] {
    guard var running = sale, let clock,
      let sealed = SealedCard(pan: card.pan, expiry: card.expiry).sealed(
        with: settings.keys.seal, nonce: takeNonce(), reference: running.reference)
    else { return tellSale(.journalFailed(.failed), at: now) }
    let print = hmacSHA256(key: settings.keys.fingerprint, message: card.pan.exposed)
    let record = TransactionRecord(
      reference: running.reference, stan: nextSTAN, amount: running.amount,
      localTime: clock.local(at: now), isTest: running.isTest, maskedPAN: card.pan.masked,
      fingerprint: Array(print.prefix(8)), sealedCard: sealed, hasPIN: hasPIN, state: .intent,
      receipt: .none, responseCode: [], approvalCode: [], retrievalReference: [],
      reversalReason: nil)
    nextSTAN = nextSTAN.next
    running.record = record
    running.intent = record
    sale = running
    journalOwners.append(.saleIntent)
    let counters = CountersRecord(nextSTAN: nextSTAN)
    return [
      .journal(
        JournalEntry(
          updates: [counters.update, record.update], rows: [record.row], beginsBusiness: true))
    ]
  }

  private mutating func ask(
    _ card: Track2, _ pin: EncryptedPIN?, at now: Instant
  ) -> [TerminalEffect] {
    guard linkOwner == nil, let record = sale?.record, let endpoint = network.settings?.acquirer,
      let merchant
    else { return tellSale(.hostEnded(.notSent(.link, code: 0)), at: now) }
    let message = dialect.saleRequest(record, card: card, pin: pin, merchant: merchant)
    guard let frame = dialect.frame(message) else {
      return tellSale(.hostEnded(.notSent(.link, code: 0)), at: now)
    }
    linkOwner = .sale
    let request = HostRequest(
      endpoint: endpoint, frame: frame, expected: dialect.answerKey(for: message),
      connectLimit: settings.connectLimit, answerLimit: answerLimit)
    return run(exchange.handle(.started(request), at: now), at: now)
  }

  /// Each outcome is made of the intent, which still has the card that a reversal needs.
  private mutating func journalOutcome(_ outcome: PurchaseOutcome) -> [TerminalEffect] {
    guard var record = sale?.intent else { return [] }
    switch outcome {
    case .approved(let answer):
      record.state = .approved
      record.receipt = prints.canBegin ? .begun : .owed
      record.keep(answer)
    case .declined(let answer):
      record.state = .declined
      record.keep(answer)
    case .notSent, .refused:
      record.state = .cancelled
    case .reversing(let reason, let answer):
      record.state = .reversing
      record.reversalReason = reason
      record.approvalCode = answer?.approvalCode ?? []
      record.retrievalReference = answer?.retrievalReference ?? []
    }
    record.eraseCardIfFinal()
    sale?.record = record
    journalOwners.append(.saleOutcome)
    return [.journal(JournalEntry(updates: [record.update], rows: [record.row]))]
  }

  mutating func saleJournalled(
    _ owner: JournalOwner, _ fault: JournalFault?, at now: Instant
  ) -> [TerminalEffect] {
    let isRefused = fault != nil
    if isRefused, owner == .saleIntent { sale?.record = nil }
    let effects = tellSale(fault.map { .journalFailed($0) } ?? .journalled, at: now)
    if isRefused { waitForStorage(at: now) }
    return effects
  }

  private mutating func saleEnded(
    _ outcome: PurchaseOutcome, at now: Instant
  ) -> [TerminalEffect] {
    guard let record = sale?.record else {
      guard case .refused(let problem) = outcome else { return closeSale(.withdrawn) }
      return closeSale(problem)
    }
    switch outcome {
    case .approved:
      sale?.receiptDeadline = now + RunningSale.receiptLimit
      let progress = sale?.tell(.printing) ?? []
      var effects = progress + run(prints.handle(.owed(record), at: now), at: now)
      effects += takeBackBegin(record)
      // A printer that cannot print now does not hold up the till: the receipt stays owed.
      if let problem = prints.problem { return effects + closeSale(problem) }
      return effects
    case .declined:
      return closeSale(nil)
    case .notSent(let layer, let code):
      return closeSale(.network(layer, code: code))
    case .reversing:
      let effects = closeSale(.outcomeUnknown)
      return effects + run(reversals.handle(.owed(record), at: now), at: now)
    case .refused(let problem):
      return closeSale(problem)
    }
  }

  /// Gives the final answer; the sale is then no longer under way.
  mutating func closeSale(_ problem: Problem?) -> [TerminalEffect] {
    guard var running = sale else { return [] }
    sale = nil
    if let record = running.record {
      return running.answer(.transaction(record.row, problem: problem))
    }
    return running.answer(.refused(problem ?? .withdrawn))
  }

  mutating func closeSaleIfOverdue(at now: Instant) -> [TerminalEffect] {
    if let limit = sale?.storageDeadline, now >= limit { return answerUndecided() }
    guard let limit = sale?.receiptDeadline, now >= limit else { return [] }
    return closeSale(prints.problem ?? .printer(.silent))
  }

  /// Whoever asked waits so long for a storage that refused the outcome, and no longer.
  mutating func waitForStorage(at now: Instant) {
    guard var running = sale, running.purchase.awaitsStorage, !running.askers.isEmpty else {
      return
    }
    running.storageDeadline = running.storageDeadline ?? now + RunningSale.storageLimit
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
    _ id: RequestID, _ amount: UInt64, at now: Instant
  ) -> [TerminalEffect] {
    guard var running = sale else { return [] }
    if running.amount.minorUnits != amount { return [.answer(id, .refused(.referenceInUse))] }
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
    guard case .provisioned(let parameters) = registration.phase else {
      return settings.answerLimit
    }
    return .seconds(Int64(parameters.answerSeconds))
  }
}

extension TransactionRecord {
  mutating func keep(_ answer: HostAnswer) {
    responseCode = answer.responseCode
    approvalCode = answer.approvalCode
    retrievalReference = answer.retrievalReference
  }
}
