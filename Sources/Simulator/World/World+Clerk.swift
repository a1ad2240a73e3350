// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import Management
import TerminalCore
import Wire

extension World {
  /// How long the clerk waits for an answer before asking what became of it.
  private static let patience = Interval.minutes(8)

  /// The clerk looks at the terminal and does the next thing.
  mutating func clerkActs() {
    queue.add(.clerk, at: now + .milliseconds(Int64(lifeDice.within(1_500...4_000))))
    guard let status = firmware?.terminal.status else { return }
    if let question = clerk.question {
      let isLost = question.start != start || now - question.askedAt > World.patience
      if !isLost { return askAgain(question) }
      clerk.question = nil
    }
    switch status.state {
    case .unregistered: prepare(status)
    case .underReview:
      if !status.rejection.isEmpty {
        clerk.place = "Shop 1"
        ask(.register(SimulatedShop.application(place: clerk.place)))
      }
    case .commissioning, .ready: sell(status)
    case .signedOff:
      if lifeDice.chance(1, in: 4) { ask(.signIn) }
    case .factory, .selfTest, .applying, .provisioning, .busy, .settling, .updating,
      .locked, .suspended, .safeMode, .tampered, .retired:
      break
    }
  }

  private mutating func prepare(_ status: TerminalStatus) {
    if status.network != nil {
      ask(.register(SimulatedShop.application(place: clerk.place)))
    } else if status.candidateState == "proven" {
      ask(.commitNetwork)
    } else if status.candidate == nil {
      let endpoint = Endpoint(host: "acquirer.example", port: 5_000, usesTLS: true)
      let backup = Endpoint(host: "backup.example", port: 5_001, usesTLS: true)
      ask(.setNetwork(NetworkSettings(acquirer: endpoint, backup: seed % 3 == 0 ? backup : nil)))
    }
  }

  private mutating func sell(_ status: TerminalStatus) {
    if let unclear = clerk.unclear {
      clerk.unclear = nil
      return askFor(unclear)
    }
    if let doubtful = status.receiptsDoubtful.first {
      return ask(
        .reprint(reference: doubtful.reference, row: ledger.row(doubtful.reference)))
    }
    if let doubtful = status.slipsDoubtful.first {
      return ask(.reprintSlip(batch: doubtful.value))
    }
    if status.state == .commissioning, firmware?.terminal.hasPassedTestSale == true {
      return ask(.commission)
    }
    if isStorm, clerk.salesLeft <= 0 { return }
    orderSomething()
    if flavour == .unionPay || readsChips, wantsDownload(status) { return }
    if !isStorm { return closeDay(status) }
    if status.state == .ready, lifeDice.chance(1, in: 9) {
      clerk.settlementsAsked += 1
      let disputes = weather.strikes(.batchDisputed, &weatherDice)
      if disputes { sightings.note(.batchDisputed) }
      acquirer.rules.disputesTotals = disputes
      return ask(.settle)
    }
    if status.state == .ready, handleQueue() { return }
    if status.state == .ready, flavour != .generic, lifeDice.chance(1, in: 40) {
      return ask(.signOff)
    }
    let request = status.state == .ready ? somethingToDo() : sale(stormAmount())
    askFor(request)
  }

  /// Mostly waits while something must be downloaded first; sometimes asks for a download.
  private mutating func wantsDownload(_ status: TerminalStatus) -> Bool {
    let isMissing = status.problems.contains {
      if case .downloadMissing = $0 { true } else { false }
    }
    if isMissing { return lifeDice.chance(7, in: 8) }
    if !isStorm || !lifeDice.chance(1, in: 16) { return false }
    let sets = DownloadSet.allCases
    ask(.download(sets[lifeDice.below(sets.count)]))
    return true
  }

  /// Now and then something that waits is taken out of the queue, or put back; true when that was
  /// asked for.
  private mutating func handleQueue() -> Bool {
    let waiting = ledger.rows.filter { $0.state == "reversal owed" || $0.state == "queued" }
    if !waiting.isEmpty, lifeDice.chance(1, in: 2) {
      let reference = waiting[lifeDice.below(waiting.count)].reference
      ask(.park(reference: reference, record: ledger.record(reference)))
      return true
    }
    let parked = ledger.rows.filter { $0.state == "parked" }
    if !parked.isEmpty, lifeDice.chance(1, in: 5) {
      unpark(parked[lifeDice.below(parked.count)])
      return true
    }
    return false
  }

  private mutating func unpark(_ row: TransactionRow) {
    if row.batch != firmware?.terminal.batch.batch.value {
      sightings.note(.unparkedAfterSettlement)
    }
    let record = ledger.record(row.reference)
    ask(
      .unpark(
        reference: row.reference,
        record: planted == .unparkForgetsCard ? record.map(World.withoutCard) : record))
  }

  /// For a planted fault only: the record's field 8 is its card, tag, length and content.
  private static func withoutCard(_ record: LiveRecord) -> LiveRecord {
    guard let fields = try? FieldReader(record.body), let card = fields.bytes(8), !card.isEmpty
    else { return record }
    var field = FieldWriter()
    field.write(8, card)
    let found = record.body.indices.first {
      record.body[$0...].starts(with: field.bytes)
    }
    guard let found else { return record }
    var body = record.body
    body.removeSubrange(found..<found + field.bytes.count)
    return LiveRecord(key: record.key, body: body)
  }

  /// The storm is over: what is parked is sent once more, one more sale, and then the batch is
  /// closed.
  private mutating func closeDay(_ status: TerminalStatus) {
    if !status.reversals.isEmpty { return }
    let parked = ledger.rows.first {
      $0.state == "parked" && !clerk.unparked.contains($0.reference)
    }
    if let parked {
      clerk.unparked.append(parked.reference)
      return unpark(parked)
    }
    clerk.accountIndex = 0
    if !clerk.finalSaleApproved { return askFor(sale(1_200)) }
    if clerk.finalBatchClosed { return }
    ask(.settle)
    clerk.asksLastSettlement = true
  }

  private mutating func sale(_ amount: UInt64) -> TransactionRequest {
    clerk.accountIndex = isStorm ? lifeDice.below(SimulatedShop.accounts.count) : 0
    return TransactionRequest(.sale, reference: clerk.takeReference(), amount: amount)
  }

  /// Mostly sales, and whatever follows them.
  private mutating func somethingToDo() -> TransactionRequest {
    switch lifeDice.below(25) {
    case 0, 1:
      let kinds = ["sale", "completion", "pre-authorisation", "completion-advice", "offline-sale"]
      return following(.void, kinds)
    case 2, 3:
      return following(.refund, ["sale", "completion", "completion-advice", "offline-sale"])
    case 4: return following(.completion, ["pre-authorisation"])
    case 5: return following(.completionAdvice, ["pre-authorisation"])
    case 6, 7:
      var request = sale(stormAmount())
      request.kind = .preAuthorisation
      return request
    case 8:
      var request = sale(0)
      request.kind = .balance
      return request
    case 9, 10, 11:
      let amount = stormAmount()
      // It would want a stripe.
      if readsChips { return sale(amount) }
      // An issuer that takes a part of what was told is for people to settle.
      var request = sale(amount == 110 ? 111 : amount)
      request.kind = .offlineSale
      return request
    case 12, 13: return tip()
    case 14: return untold()
    case 15: return scanned()
    case 16: return refundByReceipt()
    default: return sale(stormAmount())
    }
  }

  /// A tip on what was sold without asking.
  private mutating func tip() -> TransactionRequest {
    var request = following(.tip, ["offline-sale"])
    if request.kind == .tip { request.amount = max(1, request.amount / 8) }
    return request
  }

  /// The void of what was sold without asking, and perhaps not told yet.
  private mutating func untold() -> TransactionRequest {
    let found = ledger.rows.filter { $0.kind == "offline-sale" && $0.state == "queued" }
    if found.isEmpty { return sale(stormAmount()) }
    return TransactionRequest(
      .void, reference: clerk.takeReference(), amount: 0,
      original: found[lifeDice.below(found.count)].reference)
  }

  /// A sale by a code from the cardholder's telephone, which pays once.
  private mutating func scanned() -> TransactionRequest {
    var request = sale(stormAmount())
    let codes = SimulatedShop.accounts[clerk.accountIndex].codes
    if flavour == .generic || clerk.codesShown >= codes.count { return request }
    request.scannedCode = ScannedCode(codes[clerk.codesShown])
    clerk.codesShown += 1
    return request
  }

  /// A refund by the numbers on a receipt, of a sale that the terminal may have itself.
  private mutating func refundByReceipt() -> TransactionRequest {
    var request = following(.refund, ["sale"])
    guard request.kind == .refund, let row = ledger.row(request.original) else { return request }
    request.original = ""
    request.foreignOriginal = ForeignOriginal(
      retrievalReference: Array(row.retrievalReference.utf8), approvalCode: [],
      date: Array(row.localTime.utf8.filter { (0x30...0x39).contains($0) }[4..<8]))
    return request
  }

  /// Something of an earlier transaction, or a sale where there is none. Of most originals the
  /// right amount is asked for, of some too much.
  private mutating func following(
    _ kind: TransactionKind, _ originals: [String]
  ) -> TransactionRequest {
    let found = ledger.rows.filter { originals.contains($0.kind) && $0.state == "approved" }
    if found.isEmpty { return sale(stormAmount()) }
    let original = found[lifeDice.below(found.count)]
    let part = lifeDice.chance(1, in: 2) ? original.amount : original.amount / 2
    let amount = lifeDice.chance(1, in: 8) ? original.amount * 2 : max(1, part)
    return TransactionRequest(
      kind, reference: clerk.takeReference(), amount: kind == .void ? 0 : amount,
      original: original.reference)
  }

  /// Most sales are honest; some ask the issuer for trouble.
  private mutating func stormAmount() -> UInt64 {
    if weather.strikes(.issuerTrouble, &weatherDice) {
      sightings.note(.issuerTrouble)
      let troubles: [UInt64] = [
        10_119, 10_130, 10_201, 10_202, 10_203, 10_204, 10_205, 10_206, 10_212, 110, 111, 151,
        155, 391,
      ]
      return troubles[lifeDice.below(troubles.count)]
    }
    return UInt64(lifeDice.within(1...99)) * 100
  }

  private mutating func askFor(_ request: TransactionRequest) {
    salesAsked += 1
    let id = clerk.takeID(at: now, start: start, reference: request.reference)
    clerk.unclear = request
    let original = request.original.isEmpty ? nil : ledger.record(request.original)
    tell(
      .terminal(
        .requested(
          id,
          .transact(request, earlier: ledger.row(request.reference), original: original))))
  }

  /// The till has lost its connection, or only believes so, and asks what it asked before.
  private mutating func askAgain(_ question: Clerk.Question) {
    guard question.reference != nil, let request = clerk.unclear,
      weather.strikes(.askedAgain, &weatherDice)
    else { return }
    sightings.note(.askedAgain)
    if weatherDice.chance(1, in: 2) { tell(.terminal(.requesterLeft(question.id))) }
    askFor(request)
  }

  private mutating func ask(_ request: ControlRequest) {
    let id = clerk.takeID(at: now, start: start)
    tell(.terminal(.requested(id, request)))
  }

  mutating func clerkHears(_ id: RequestID, _ progress: Progress) {
    if hands != nil { return handsHear(progress) }
    switch progress {
    case .insertCard: insertCard()
    case .removeCard: releaseCard()
    case .presentCard, .swipeCard, .swipeAgain, .swipeInstead:
      let pause = Interval.milliseconds(Int64(lifeDice.within(800...4_000)))
      var card = SimulatedShop.swipe(SimulatedShop.accounts[clerk.accountIndex])
      if weather.strikes(.badSwipe, &weatherDice) {
        sightings.note(.badSwipe)
        card.track2 = .undecodable
      }
      queue.add(.reader(.swiped(card)), at: now + pause)
    case .clearingReversals, .enterPIN, .askingAcquirer, .printing, .probing, .insertInstead,
      .readingChip:
      break
    }
  }

  mutating func clerkHears(_ id: RequestID, _ answer: ControlAnswer) {
    hands?.answers.append(answer)
    guard let question = clerk.question, question.id == id else { return }
    clerk.question = nil
    releaseCard()
    if case .refused(.offlineRefused) = answer { sightings.note(.offlineLimitReached) }
    if clerk.asksLastSettlement {
      clerk.asksLastSettlement = false
      if case .settled = answer { clerk.finalBatchClosed = true }
    }
    guard let reference = question.reference else { return }
    // A state that is not final is asked for again.
    if case .transaction(let row, _) = answer, row.state == TransactionState.intent.name { return }
    clerk.unclear = nil
    if case .refused(.downloadMissing) = answer, readsChips { return }
    if isStorm { clerk.salesLeft -= 1 }
    if case .transaction(let row, _) = answer {
      clerk.told.append(Clerk.Told(reference: reference, state: row.state))
      if !isStorm, row.state == TransactionState.approved.name { clerk.finalSaleApproved = true }
    }
  }
}
