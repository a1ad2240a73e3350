// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management

extension Terminal {
  mutating func transactionRequested(
    _ id: RequestID, _ request: TransactionRequest, _ earlier: TransactionRow?,
    _ original: LiveRecord?, at now: Instant
  ) -> [TerminalEffect] {
    if sale?.reference == request.reference { return askedAgain(id, request, at: now) }
    if let earlier { return [.answer(id, answer(to: earlier, request))] }
    if let problem = objection(to: request) { return [.answer(id, .refused(problem))] }
    let followed = original.flatMap { TransactionRecord($0.body) }
    if let original, followed == nil || original.key != "transaction/" + request.original {
      return [.answer(id, .refused(.unknownReference))]
    }
    if followed == nil, namesReceipt(request) { return lookUp(id, request) }
    return follow(id, request, followed, at: now)
  }

  private mutating func follow(
    _ id: RequestID, _ request: TransactionRequest, _ followed: TransactionRecord?,
    at now: Instant
  ) -> [TerminalEffect] {
    let kind = kind(of: request, followed)
    guard let amount = amount(of: request, kind, followed) else {
      return [.answer(id, .refused(.invalid(field: "amount")))]
    }
    if let problem = objection(to: kind, amount, request, followed, at: now) {
      return [.answer(id, .refused(problem))]
    }
    var plan = TransactionPlan(kind: kind, amount: amount)
    plan.scannedCode = request.scannedCode
    // The acquirer finds the code's owner by the original.
    plan.hasNoCard = followed?.entry == .scanned
    if let followed, !settings.terms.cardKinds.contains(kind) {
      plan.storedCard = SealedCard.opened(
        followed.sealedCard, with: settings.keys.seal, reference: followed.reference)
    }
    return begin(
      id, request, plan, original: followed, facts: facts(request, followed), at: now)
  }

  /// Whether money is wanted back for a sale that is named by its receipt alone.
  private func namesReceipt(_ request: TransactionRequest) -> Bool {
    guard settings.allowsUnlinkedRefunds, request.original.isEmpty,
      let foreign = request.foreignOriginal
    else { return false }
    return !foreign.retrievalReference.isEmpty
  }

  /// A sale that this terminal has made is refunded as its own, whoever names it how: else two
  /// refunds of it could give back more than it was.
  private mutating func lookUp(
    _ id: RequestID, _ request: TransactionRequest
  ) -> [TerminalEffect] {
    if !lookUps.isEmpty { return [.answer(id, .refused(.busy))] }
    let number = request.foreignOriginal?.retrievalReference ?? []
    lookUps = [LookUp(id: id, request: request)]
    ledgerOwners.append(.lookUp)
    return [
      .ledger(
        .retrieval(
          reference: String(decoding: number, as: UTF8.self), limit: Terminal.lookUpLimit))
    ]
  }

  /// UnionPay's numbers have no year in them; a ledger of that many years has as many of one.
  private static let lookUpLimit: UInt16 = 16

  mutating func lookedUp(_ answer: LedgerAnswer, at now: Instant) -> [TerminalEffect] {
    guard let asked = lookUps.first else { return [] }
    lookUps = []
    guard case .records(let found) = answer else {
      return [.answer(asked.id, .refused(.journal(.failed)))]
    }
    if sale != nil || settlement.isRunning { return [.answer(asked.id, .refused(.busy))] }
    let known = found.compactMap { TransactionRecord($0.body) }
    return follow(asked.id, asked.request, known.last, at: now)
  }

  /// A void becomes that of its original's kind.
  private func kind(
    of request: TransactionRequest, _ original: TransactionRecord?
  ) -> TransactionKind {
    guard request.kind == .void, let original else { return request.kind }
    if original.kind == .offlineSale, original.state == .queued { return .offlineVoid }
    return original.kind.voidedBy ?? .void
  }

  private func amount(
    of request: TransactionRequest, _ kind: TransactionKind, _ original: TransactionRecord?
  ) -> Amount? {
    switch kind.rules.amount {
    case .none: return request.amount == 0 ? Amount(minorUnits: 0) : nil
    case .original:
      guard let original else { return Amount(minorUnits: request.amount) }
      // In full: another amount is a mistake.
      if request.amount != 0, request.amount != original.whole { return nil }
      return Amount(minorUnits: original.whole)
    case .given: return request.amount == 0 ? nil : Amount(minorUnits: request.amount)
    }
  }

  /// What is known of the original, from the ledger or from its receipt.
  private func facts(
    _ request: TransactionRequest, _ original: TransactionRecord?
  ) -> OriginalFacts? {
    if let original {
      return original.facts(messageType: dialect.messageType(of: original.kind))
    }
    guard let foreign = request.foreignOriginal else { return nil }
    var facts = OriginalFacts()
    facts.moment = foreign.date
    facts.approvalCode = foreign.approvalCode
    facts.retrievalReference = foreign.retrievalReference
    return facts
  }

  private func objection(
    to kind: TransactionKind, _ amount: Amount, _ request: TransactionRequest,
    _ original: TransactionRecord?, at now: Instant
  ) -> Problem? {
    let rules = kind.rules
    if !rules.isLocal, !dialect.knows(kind) { return .notKnownHere }
    if rules.isLocal, let original, let problem = tellingObjection(original) { return problem }
    if !parameters.allows(kind) { return .switchedOff(kind) }
    if kind == .tip, let percent = parameters.tipPercent, let whole = original?.amount {
      let most = whole.minorUnits * percent / 100
      if amount.minorUnits > most { return .tipTooLarge(most: most) }
    }
    switch rules.original {
    case .none: if !request.original.isEmpty { return .invalid(field: "original") }
    case .optional: if !request.original.isEmpty, original == nil { return .unknownReference }
    case .required: if original == nil { return .unknownReference }
    }
    if case .optional = rules.original, original == nil {
      if !settings.allowsUnlinkedRefunds { return .originalMissing }
      if request.foreignOriginal == nil { return .invalid(field: "original") }
    }
    if let original {
      // A code pays once, and names nobody to pay back.
      if request.scannedCode != nil { return .invalid(field: "code") }
      if reversals.queue.contains(where: { $0.originalReference == original.reference }) {
        return .reversalPending
      }
      if isMoving(original.reference) { return .busy }
      let problem = rules.objection(
        to: original, amount: amount, openBatch: settlement.record.batch)
      if let problem { return problem }
      // What the acquirer does not know of yet it would not give back.
      if original.tipped > 0, mayHaveTip(queued: original) { return .advicePending }
    }
    if rules.isOffline, let problem = offlineObjection(amount, at: now) { return problem }
    if kind.counts, settlement.record.phase == .open, batchCount >= settings.batchLimit {
      return .batchFull
    }
    return nil
  }

  /// What the queue has against taking back what waits in it: it knows best what has left.
  private func tellingObjection(_ original: TransactionRecord) -> Problem? {
    guard let first = advices.next.first(where: { $0.reference == original.reference }) else {
      return nil
    }
    if first.hasLeft { return .originalUnfit(.told) }
    return !advices.isWaiting && advices.next.first == first ? .busy : nil
  }

  /// Whether the tip on a sale may still wait in the queue; only a part of that is in sight.
  private func mayHaveTip(queued original: TransactionRecord) -> Bool {
    advices.mayHaveMore
      || advices.next.contains {
        $0.kind == .tip && $0.originalReference == original.reference
      }
  }

  /// What the acquirer's profile has against approving here; no caller can raise it.
  private func offlineObjection(_ amount: Amount, at now: Instant) -> Problem? {
    let today = clock?.local(at: now)
    guard let limits = settings.offline else { return .offlineRefused(.never) }
    if amount > limits.floor { return .offlineRefused(.amount) }
    // How many there are is not known before the ledger has said it.
    if !hasCounted || offlineCount >= limits.count { return .offlineRefused(.count) }
    if offlineSum + amount.minorUnits > limits.sum { return .offlineRefused(.sum) }
    if let limit = limits.days, let today {
      // What could not be told for so long may never be taken; nobody knows before the ledger has
      // said what is queued.
      guard advices.hasLooked else { return .offlineRefused(.age) }
      if let oldest = advices.next.first, today.days(since: oldest.localTime) > Int(limit) {
        return .offlineRefused(.age)
      }
    }
    return nil
  }

  /// How many reversals may be owed where they do not block sales. Each is in memory with its card,
  /// and at some seconds each, more than these keep a line busy for longer than a till waits.
  private static let reversalLimit = 50
  /// How many receipts may be owed, which are in memory too: as many as a roll of paper has.
  private static let receiptLimit = 300

  private func objection(to request: TransactionRequest) -> Problem? {
    let bytes = Array(request.reference.utf8)
    if bytes.isEmpty || bytes.count > 64 || !bytes.allSatisfy({ (0x21...0x7E).contains($0) }) {
      return .invalid(field: "reference")
    }
    if request.reference.utf8.starts(with: Terminal.noticePrefix.utf8) {
      return .invalid(field: "reference")
    }
    // Journal, log and paper show references.
    if PAN.looksLikeOne(bytes) { return .cardNumberAsReference }
    if request.amount == 0, request.kind.rules.amount == .given {
      return .invalid(field: "amount")
    }
    if case .provisioned(let parameters) = registration.phase, request.amount > parameters.maxSale {
      return .amountTooLarge
    }
    if keyOrder != nil { return .busy }
    if reversals.queue.count >= Terminal.reversalLimit { return .reversalPending }
    if prints.owed.count >= Terminal.receiptLimit { return prints.problem ?? .busy }
    // Said before the card is asked for: its intent would be refused.
    if !isStorageRoomy { return .journal(.diskFull) }
    if clock == nil { return .clockUnknown }
    if network.settings == nil { return .networkNotConfigured }
    if let missing = missingDownload { return .downloadMissing(missing) }
    let needsPIN = settings.terms.pinKinds.contains(request.kind)
    if request.scannedCode == nil, let trouble = devices.reader { return .reader(trouble) }
    if needsPIN, settings.terms.pinPolicy == .always, let trouble = devices.pinPad {
      return .pinPad(trouble)
    }
    return nil
  }

  /// What became of a transaction that runs no longer.
  private func answer(
    to earlier: TransactionRow, _ request: TransactionRequest
  ) -> ControlAnswer {
    let isSameKind =
      earlier.kind == request.kind.name
      || TransactionKind(name: earlier.kind).map { kind in
        request.kind == .void && (kind.rules.effect == .voids || kind == .offlineVoid)
      } == true
    let isSameAmount = request.kind.rules.amount != .given || earlier.amount == request.amount
    // Of an original that was named by its receipt the ledger may have found the reference.
    let isSameOriginal =
      earlier.original == request.original
      || request.original.isEmpty && request.foreignOriginal != nil
    if !isSameKind || !isSameAmount || !isSameOriginal { return .refused(.referenceInUse) }
    // The ledger still has the intent of one that a start has found and turned into a reversal.
    if let owed = reversals.queue.first(where: { $0.reference == earlier.reference }) {
      return .transaction(owed.row, problem: .outcomeUnknown)
    }
    return .transaction(earlier, problem: nil)
  }
}

/// A request whose original is being looked for.
struct LookUp: Hashable, Sendable {
  var id: RequestID
  var request: TransactionRequest
}
