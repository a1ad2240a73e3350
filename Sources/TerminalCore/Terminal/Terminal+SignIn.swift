// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Wire

extension Terminal {
  /// The acquirer's answer, or the lack of keys, asks for new ones.
  mutating func signInNeeded(at now: Instant) {
    _ = signIn?.handle(.needed, at: now)
  }

  mutating func askForSignIn(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    guard let desk = signIn else { return [.answer(id, .refused(.notKnownHere))] }
    if askers.signIn != nil || isLinkTaken || !desk.isWaiting {
      return [.answer(id, .refused(.busy))]
    }
    askers.signIn = id
    return runSignIn(.hurried, at: now)
  }

  mutating func runSignIn(_ event: SignInDesk.Event, at now: Instant) -> [TerminalEffect] {
    guard var desk = signIn else { return [] }
    let effects = desk.handle(event, at: now)
    signIn = desk
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .ask:
        let facts = managementFacts(of: .signIn, at: now)
        out += send(.signIn, facts, for: .signIn, at: now)
      case .journal(let next, let element, let batch):
        out += journal(next, element, batch, at: now)
      case .adopt(let next, let batch):
        use(next)
        adopt(batch)
        _ = downloads.handle(.signedIn, at: now)
      case .ended(let problem):
        out += askers.signIn.take(problem ?? batchProblem)
      }
    }
    return out
  }

  private mutating func journal(
    _ next: KeyHierarchy, _ element: [UInt8], _ batch: BatchNumber?, at now: Instant
  ) -> [TerminalEffect] {
    journalOwners.append(.signIn)
    let record = KeysRecord(element: element, taken: next.taken)
    guard let update = record.update(sealedWith: settings.keys.seal, nonce: takeNonce()) else {
      journalOwners.removeLast()
      return runSignIn(.journalFailed(.failed), at: now)
    }
    var updates = [update, traces.count().update]
    if let batch, isBatchFree, batch != settlement.record.batch {
      var next = settlement.record
      next.batch = batch
      updates.append(next.update)
    }
    return [.journal(JournalEntry(updates: updates))]
  }

  /// Whether the open batch has nothing in it, so that the acquirer's number may take its place.
  private var isBatchFree: Bool {
    settlement.record.phase == .open && hasCounted && batchCount == 0 && sale?.record == nil
  }

  /// A batch with something in it keeps its number, under which the acquirer has been told of that.
  private mutating func adopt(_ batch: BatchNumber?) {
    acquirerBatch = batch
    if let batch, isBatchFree { settlement.renumber(batch) }
    comparedBatch = settlement.record.batch
  }

  /// That the acquirer counts another batch than the one that is open here; nothing is known of one
  /// that was opened since.
  var batchProblem: Problem? {
    let own = settlement.record.batch
    guard let acquirerBatch, acquirerBatch != own, comparedBatch == own else { return nil }
    return .otherBatch(own: own, acquirer: acquirerBatch)
  }

  /// Takes keys into use.
  mutating func use(_ next: KeyHierarchy) {
    keys = next
    dialect.macKey = keys.mac
    exchange.adopt(dialect)
  }

  mutating func askForSignOff(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if signIn == nil || !dialect.knows(.signOff) {
      return [.answer(id, .refused(.notKnownHere))]
    }
    if askers.signOff != nil || isLinkTaken { return [.answer(id, .refused(.busy))] }
    // What is owed is signed with the keys that a sign-off takes away.
    if !reversals.queue.isEmpty { return [.answer(id, .refused(.reversalPending))] }
    if !advices.isEmpty { return [.answer(id, .refused(.advicePending))] }
    askers.signOff = id
    let facts = managementFacts(of: .signOff, at: now)
    return send(.signOff, facts, for: .signOff, at: now)
  }

  /// Where the acquirer's parameters want it so; a sign-off that is lost is none, and no harm.
  mutating func signOffAfterSettlement(at now: Instant) -> [TerminalEffect] {
    guard parameters.signsOffAfterSettlement == true, signIn != nil, dialect.macKey != nil,
      linkOwner == nil, dialect.knows(.signOff), reversals.queue.isEmpty, advices.isEmpty
    else { return [] }
    let facts = managementFacts(of: .signOff, at: now)
    return send(.signOff, facts, for: .signOff, at: now)
  }

  /// Signed off is who has no keys: they are forgotten whatever the acquirer answers.
  mutating func signedOff(_ result: HostResult) -> [TerminalEffect] {
    guard case .answered = result else {
      return askers.signOff.take(verdict(result))
    }
    var next = keys
    next.signOff()
    use(next)
    journalOwners.append(.signedOff)
    return [
      .journal(
        JournalEntry(
          updates: [RecordUpdate(key: KeysRecord.key, isLive: false, body: [], erasesEarlier: true)]
        ))
    ]
  }
}

/// The acquirer's keys as the sign-in brought them: under the terminal's own master key, and sealed
/// once more.
struct KeysRecord: Hashable, Sendable {
  static let key = "session-keys"

  /// DE62 of the answer.
  var element: [UInt8]
  /// Digests of the sign-ins taken, the oldest first.
  var taken: [[UInt8]]

  init(element: [UInt8], taken: [[UInt8]]) {
    self.element = element
    self.taken = taken
  }

  init?(_ body: [UInt8], sealedWith key: SealKey) {
    guard let plain = SealedRecord.opened(KeysRecord.key, body, with: key),
      let fields = try? FieldReader(plain), let element = fields.bytes(1)
    else { return nil }
    self.init(element: element, taken: fields.all(2))
  }

  func update(sealedWith key: SealKey, nonce: [UInt8]) -> RecordUpdate? {
    var fields = FieldWriter()
    fields.write(1, element)
    for digest in taken { fields.write(2, digest) }
    return SealedRecord.update(KeysRecord.key, fields.bytes, with: key, nonce: nonce)
  }

  /// The keys under these master keys; nil when they do not verify.
  func keys(above: KeyHierarchy, layout: SignInLayout) -> KeyHierarchy? {
    // What was taken before is taken again: it comes from the terminal's own disk.
    var keys = KeyHierarchy(
      master: above.master, pinMaster: above.pinMaster, taken: Array(taken.dropLast()))
    guard (try? keys.signIn(element, layout)) != nil else { return nil }
    return keys
  }
}
