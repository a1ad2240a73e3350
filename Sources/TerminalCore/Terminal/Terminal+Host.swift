// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import ISO8583

extension Terminal {
  /// Answers of the acquirer that came when nobody waited for them any more.
  public var lateAnswers: UInt32 { exchange.lateAnswers }
  /// Answers of the acquirer to nothing it was asked.
  public var unmatchedAnswers: UInt32 { exchange.unmatchedAnswers }

  mutating func run(_ effects: [HostExchange.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .acquirer(let order): out.append(.acquirer(order))
      case .keepAliveDue: out += keepAlive(at: now)
      case .ended(let result, _): out += hostEnded(result, at: now)
      }
    }
    return out
  }

  private mutating func hostEnded(_ result: HostResult, at now: Instant) -> [TerminalEffect] {
    let owner = linkOwner
    linkOwner = nil
    guard let owner else {
      unexpectedEvents += 1
      return []
    }
    if owner != .signIn, asksForSignIn(result) { signInNeeded(at: now) }
    heed(result, at: now)
    let effects = answered(owner, result, at: now)
    return effects + askWaiting(at: now) + clearForSale(at: now)
  }

  /// A sale that began while the link was in other hands waits until its reversals are delivered.
  private mutating func clearForSale(at now: Instant) -> [TerminalEffect] {
    guard sale?.awaitsReversals == true, linkOwner == nil, reversals.isWaiting else { return [] }
    return hurryReversals(at: now)
  }

  /// Whether keys or batch are out of step: by the answer's MAC, its code, or the order in its
  /// header.
  private func asksForSignIn(_ result: HostResult) -> Bool {
    switch result {
    case .badAnswer(.wrongMAC): return true
    case .answered(let message, let order):
      let code = String(decoding: message[39] ?? [], as: UTF8.self)
      return order == 3 || settings.responses.response(to: code).kind == .signIn
    case .notSent, .notWritten, .noAnswer, .badAnswer: return false
    }
  }

  private mutating func answered(
    _ owner: LinkOwner, _ result: HostResult, at now: Instant
  ) -> [TerminalEffect] {
    switch owner {
    case .sale: tellTransaction(.hostEnded(result), at: now)
    case .reversal: run(reversals.handle(.hostEnded(result), at: now), at: now)
    case .advice:
      run(
        advices.handle(.hostEnded(result, openBatch: settlement.record.batch), at: now), at: now)
    case .signIn: runSignIn(.hostEnded(result, keys), at: now)
    case .signOff: signedOff(result)
    case .settlement: run(settlement.handle(.hostEnded(result), at: now), at: now)
    case .download: downloadAnswered(result, at: now)
    case .probe: run(network.handle(.probed(verdict(result)), at: now), at: now)
    case .networkTest: askers.networkTest.take(verdict(result))
    }
  }

  /// Sends a message to the acquirer for this owner; what cannot be sent was not sent.
  mutating func send(
    _ message: DialectMessage?, for owner: LinkOwner, at now: Instant
  ) -> [TerminalEffect] {
    let freed = owner == .download ? [] : freeLink(at: now)
    guard linkOwner == nil, let route = network.settings, let message,
      let request = hostRequest(message, to: route.acquirer, backup: route.backup)
    else { return freed + answered(owner, .notSent(.link, code: 0), at: now) }
    linkOwner = owner
    if owner == .download { downloadTicket = request.ticket }
    return freed + run(exchange.handle(.started(request), at: now), at: now)
  }

  /// Sends a message that is no transaction.
  mutating func send(
    _ message: Dialect.Management, _ facts: MessageFacts?, for owner: LinkOwner, at now: Instant
  ) -> [TerminalEffect] {
    guard let facts else { return answered(owner, unnumbered, at: now) }
    return send(dialect.request(message, facts), for: owner, at: now)
  }

  /// The request of a message, under the next ticket; nil when the message cannot be coded.
  private mutating func hostRequest(
    _ message: DialectMessage, to endpoint: Endpoint, backup: Endpoint?, isProbe: Bool = false
  ) -> HostRequest? {
    guard let frame = dialect.frame(message.message, isSigned: message.isSigned) else {
      return nil
    }
    lastTicket = lastTicket == UInt32.max ? HostRequest.keepAlive + 1 : lastTicket + 1
    return HostRequest(
      ticket: lastTicket, endpoint: endpoint, backup: backup, isProbe: isProbe, frame: frame,
      expected: dialect.answerKey(for: message), connectLimit: settings.connectLimit,
      answerLimit: answerLimit)
  }

  private mutating func keepAlive(at now: Instant) -> [TerminalEffect] {
    guard let route = network.settings, let facts = managementFacts(of: .echo, at: now),
      let message = dialect.request(.echo, facts),
      var request = hostRequest(message, to: route.acquirer, backup: route.backup)
    else { return [] }
    request.ticket = HostRequest.keepAlive
    return run(exchange.handle(.started(request), at: now), at: now)
  }

  /// The facts of a message that is no transaction, under a trace number of its own where its line
  /// has one.
  mutating func managementFacts(
    of message: Dialect.Management, at now: Instant
  ) -> MessageFacts? {
    guard clock != nil else { return nil }
    if !dialect.isNumbered(message) { return managementFacts(stan: nil, at: now) }
    return traces.take().flatMap { managementFacts(stan: $0, at: now) }
  }

  /// Why a message has no facts.
  private var unnumbered: HostResult {
    clock == nil ? .notSent(.clock, code: 0) : .notWritten(ledgerFault ?? .failed)
  }

  func managementFacts(stan: STAN?, at now: Instant) -> MessageFacts? {
    guard let clock else { return nil }
    let identity =
      merchant
      ?? AcceptorIdentity(
        terminalID: ascii("00000000"), merchantID: ascii("000000000000000"),
        currency: ascii("000"))
    return MessageFacts(
      merchant: identity, batch: settlement.record.batch, stan: stan,
      time: clock.local(at: now))
  }

  func verdict(_ result: HostResult) -> Problem? {
    switch result {
    case .answered: nil
    case .notSent(let layer, let code): .network(layer, code: code)
    case .notWritten(let fault): .journal(fault)
    case .noAnswer:
      // What was sent may have been the last that a host took before it broke off the TLS.
      exchange.lastBreak.map { .network($0.layer, code: $0.code) } ?? .network(.read, code: 0)
    case .badAnswer: .probeAnswer
    }
  }

  mutating func run(_ effects: [NetworkSetup.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .probe(let endpoint):
        out += askers.network.map { [.progress($0, .probing)] } ?? []
        out += probe(endpoint, at: now)
      case .journal(let update):
        journalOwners.append(.network)
        out.append(.journal(JournalEntry(updates: [update])))
      case .ended(let problem):
        out += askers.network.take(problem)
      }
    }
    return out
  }

  private mutating func probe(_ endpoint: Endpoint, at now: Instant) -> [TerminalEffect] {
    let freed = freeLink(at: now)
    if linkOwner != nil { return freed + run(network.handle(.probed(.busy), at: now), at: now) }
    guard let facts = managementFacts(of: .echo, at: now) else {
      return freed + answered(.probe, unnumbered, at: now)
    }
    guard let message = dialect.request(.echo, facts),
      let request = hostRequest(message, to: endpoint, backup: nil, isProbe: true)
    else { return freed + run(network.handle(.probed(.probeAnswer), at: now), at: now) }
    linkOwner = .probe
    return freed + run(exchange.handle(.started(request), at: now), at: now)
  }

  mutating func hurryReversals(at now: Instant) -> [TerminalEffect] {
    let freed = freeLink(at: now)
    if linkOwner != nil { return freed }
    return freed + run(reversals.handle(.hurried, at: now), at: now)
  }

  mutating func run(_ effects: [ReversalDesk.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .ask(let record):
        out += send(reversalMessage(record), for: .reversal, at: now)
      case .journal(let record):
        out += journalReversal(record, at: now)
      case .parkingEnded(let fault): out += parkingEnded(fault, at: now)
      case .ended(let cleared):
        out += reversalsEnded(cleared, at: now)
      }
    }
    return out
  }

  private mutating func journalReversal(
    _ record: TransactionRecord, at now: Instant
  ) -> [TerminalEffect] {
    var record = record
    if record.state == .reversed { record.deliveredAt = clock?.local(at: now) }
    return journal(record, for: .reversal, letsGo: record.state == .reversed)
  }

  private func reversalMessage(_ record: TransactionRecord) -> DialectMessage? {
    facts(of: record).flatMap { dialect.reversalRequest($0) }
  }

  /// The facts of a transaction whose card lies sealed in its record.
  func facts(of record: TransactionRecord) -> MessageFacts? {
    guard let merchant else { return nil }
    var facts = MessageFacts(record, merchant: merchant)
    facts.card = SealedCard.opened(
      record.sealedCard, with: settings.keys.seal, reference: record.reference)
    // A void has the card of its original, and no chip of its own.
    let isReversal = record.state == .reversing && record.entry == .chip
    if isReversal || record.kind == .scriptNotice { facts.chip = facts.card?.chip }
    return facts
  }

  private mutating func reversalsEnded(_ cleared: Bool, at now: Instant) -> [TerminalEffect] {
    if sale?.awaitsReversals == true {
      return askers.queue.take(cleared ? nil : .reversalPending)
        + tellTransaction(.reversalsCleared(cleared), at: now)
    }
    if !cleared {
      return askers.queue.take(.reversalPending) + clearingEnded(false, at: now)
        + run(downloads.handle(.heldUp(.reversalPending), at: now), at: now)
    }
    // What is owed goes on with the advices, for whoever wants all of it sent.
    let isAwaited =
      askers.queue != nil || settlement.awaitsClearing || downloads.waitsUntil != nil
    if isAwaited, linkOwner == nil, !advices.isEmpty {
      return run(advices.handle(.hurried, at: now), at: now)
    }
    return askers.queue.take(nil) + clearingEnded(true, at: now)
  }

  mutating func run(_ effects: [AdviceDesk.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .look(let question):
        ledgerOwners.append(.advice)
        out.append(.ledger(question))
      case .ask(let record):
        out += tell(record, at: now)
      case .journal(let record):
        out += journalAdvice(record, at: now)
      case .parkingEnded(let fault, let queued):
        if fault != nil { recordChanged(queued) }
        out += parkingEnded(fault, at: now)
      case .ended(let cleared):
        out += askers.queue.take(cleared ? nil : .advicePending)
        out += clearingEnded(cleared, at: now)
        if !cleared { out += run(downloads.handle(.heldUp(.advicePending), at: now), at: now) }
      }
    }
    return out
  }

  /// That a sale which was approved here may have left is on disk before it does: until then it can
  /// be taken back without a word to the acquirer.
  private mutating func tell(
    _ record: TransactionRecord, at now: Instant
  ) -> [TerminalEffect] {
    // Its original is in the hands of a sale, or of what is put back, at this moment.
    let original = record.heldOn
    if !original.isEmpty,
      sale?.original?.reference == original || unparking?.was.heldOn == original
    {
      return answered(.advice, .notSent(.link, code: 0), at: now)
    }
    if record.kind != .offlineSale || record.hasLeft {
      return send(facts(of: record).flatMap { dialect.request($0) }, for: .advice, at: now)
    }
    // It is being taken back at this moment.
    if sale?.original?.reference == record.reference {
      return answered(.advice, .notSent(.link, code: 0), at: now)
    }
    var next = withReceipt(record)
    next.hasLeft = true
    recordChanged(next)
    leaving = [next]
    journalOwners.append(.leaving)
    return [.journal(JournalEntry(updates: [next.update], rows: [next.row]))]
  }

  mutating func leavingWritten(_ fault: JournalFault?, at now: Instant) -> [TerminalEffect] {
    guard let record = leaving.first else { return [] }
    leaving = []
    if fault != nil { return answered(.advice, .notSent(.link, code: 0), at: now) }
    advices.noteLeft(record.reference)
    return send(facts(of: record).flatMap { dialect.request($0) }, for: .advice, at: now)
  }

  private mutating func journalAdvice(
    _ record: TransactionRecord, at now: Instant
  ) -> [TerminalEffect] {
    var record = withReceipt(record)
    if record.state == .approved {
      delivering = [record]
      record.deliveredAt = clock?.local(at: now)
    }
    return journal(record, for: .advice, letsGo: record.isRefused)
  }

  private mutating func clearingEnded(_ cleared: Bool, at now: Instant) -> [TerminalEffect] {
    guard settlement.awaitsClearing else { return [] }
    return run(settlement.handle(.cleared(cleared), at: now), at: now)
  }
}
