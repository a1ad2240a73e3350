// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import PaymentCrypto
import Wire

extension Terminal {
  /// Where the terminal is in its life, derived from what its tasks know.
  public var state: TerminalState {
    if !isSelfTested { return journalOwners.contains(.selfTest) ? .selfTest : .factory }
    switch registration.phase {
    case .unregistered: return .unregistered
    case .applying, .journallingApplication: return .applying
    case .underReview, .rejected: return .underReview
    case .provisioning, .journallingParameters: return .provisioning
    case .provisioned: break
    }
    if signIn == nil, dialect.macKey == nil { return .provisioning }
    if ledgerFault != nil { return .locked }
    if sale != nil { return .busy }
    if settlement.isRunning { return .settling }
    if signIn != nil, dialect.macKey == nil { return .signedOff }
    return isCommissioned ? .ready : .commissioning
  }

  mutating func started(_ facts: StartFacts, at now: Instant) -> [TerminalEffect] {
    clock = facts.clock
    keysJudgedUntil = nil
    noncePrefix = Array(facts.entropy.prefix(12))
    nonceCount = 0
    startUnpredictableNumbers(facts)
    // What an earlier run has queued and parked is in the ledger.
    let count = run(advices.handle(.began, at: now), at: now) + recount()
    if signIn != nil, dialect.macKey == nil, merchant != nil { signInNeeded(at: now) }
    if merchant != nil { orderMissingDownloads(at: now) }
    if isSelfTested || journalOwners.contains(.selfTest) { return count + writePaperAgain() }
    return count + testSelf()
  }

  mutating func testSelf() -> [TerminalEffect] {
    selfTestRetry = nil
    guard SelfTest.passes() else {
      ledgerFault = .failed
      return []
    }
    journalOwners.append(.selfTest)
    return [.journal(JournalEntry(updates: [SelfTestRecord.update], beginsBusiness: true))]
  }

  private static let selfTestPause = Interval.seconds(30)

  /// A nonce that is used once in the terminal's life: random per start, counted within it.
  mutating func takeNonce() -> [UInt8] {
    var nonce = noncePrefix
    nonceCount += 1
    for index in 0..<4 {
      nonce[8 + index] ^= UInt8(truncatingIfNeeded: nonceCount >> UInt32(24 - 8 * index))
    }
    return nonce
  }

  mutating func run(_ effects: [Registration.Effect], at now: Instant) -> [TerminalEffect] {
    var out: [TerminalEffect] = []
    for effect in effects {
      switch effect {
      case .request(let request):
        out.append(.management(request))
      case .journal:
        journalOwners.append(.registration)
        out.append(.journal(JournalEntry(updates: [registration.record.update])))
      case .applicationEnded(let problem):
        out += askers.registration.take(problem)
      case .provisioned:
        if !adoptKeys() { unexpectedEvents += 1 }
        if dialect.macKey == nil { signInNeeded(at: now) }
        orderMissingDownloads(at: now)
      }
    }
    return out
  }

  mutating func journalEnded(_ fault: JournalFault?, at now: Instant) -> [TerminalEffect] {
    guard !journalOwners.isEmpty else {
      unexpectedEvents += 1
      return []
    }
    let owner = journalOwners.removeFirst()
    if owner.hasCounters { traces.entryEnded(isOnDisk: fault == nil) }
    noteLedger(owner, fault)
    if fault != nil { downloads.entryFailed() }
    // Whatever the entry was: the terminal finds out by itself when the storage is well again.
    selfTestRetry = ledgerFault == nil ? nil : selfTestRetry ?? now + Terminal.selfTestPause
    return entryEnded(owner, fault, at: now) + writePaperAgain()
  }

  private mutating func entryEnded(
    _ owner: JournalOwner, _ fault: JournalFault?, at now: Instant
  ) -> [TerminalEffect] {
    switch owner {
    case .selfTest:
      if fault == nil { isSelfTested = true }
      return []
    case .counters: return []
    case .registration:
      let event = fault.map { Registration.Event.journalFailed($0) } ?? .journalled
      return run(registration.handle(event, at: now), at: now)
    case .network:
      let event = fault.map { NetworkSetup.Event.journalFailed($0) } ?? .journalled
      return run(network.handle(event, at: now), at: now)
    case .intent, .outcome, .noticedOutcome:
      return transactionJournalled(owner, fault, at: now)
    case .advice:
      let event = fault.map { AdviceDesk.Event.journalFailed($0) } ?? .journalled
      if fault == nil { delivering.forEach { countDelivery($0) } }
      if fault != nil, let told = advices.next.first { recordChanged(told) }
      releaseEnded(.advice, fault)
      delivering = []
      let counting = fault == nil && advices.recounts ? recount() : []
      return counting + run(advices.handle(event, at: now), at: now)
    case .leaving: return leavingWritten(fault, at: now)
    case .signIn:
      return runSignIn(fault.map { .journalFailed($0) } ?? .journalled, at: now)
    case .download: return downloadJournalled(fault, at: now)
    case .orders, .wear: return []
    case .logo:
      let event = fault.map { PrintDesk.Event.journalFailed($0) } ?? .journalled
      return run(prints.handle(event, at: now), at: now)
    case .unpark: return unparked(fault, at: now)
    case .signedOff: return askers.signOff.take(fault.map { .journal($0) })
    case .settlement:
      let event =
        fault.map { SettlementDesk.Event.journalFailed($0) } ?? .journalled(settlementSTAN)
      let slip = slipBeingWritten
      slipBeingWritten = nil
      let counting = fault == nil && settlement.recounts ? countParked() : []
      let effects = counting + run(settlement.handle(event, at: now), at: now)
      guard fault == nil, let slip, slip.state == .owed else { return effects }
      return effects + run(prints.handle(.owed(.slip(slip)), at: now), at: now)
    case .reversal:
      let event = fault.map { ReversalDesk.Event.journalFailed($0) } ?? .journalled
      releaseEnded(.reversal, fault)
      return run(reversals.handle(event, at: now), at: now)
    case .paper:
      paperWritten(fault)
      let event = fault.map { PrintDesk.Event.journalFailed($0) } ?? .journalled
      return run(prints.handle(event, at: now), at: now)
    case .commissioning:
      if fault == nil { isCommissioned = true }
      return askers.commissioning.take(fault.map { .journal($0) })
    case .doubtResolved, .paperAgain:
      paperWritten(fault)
      return []
    }
  }
}

extension Terminal {
  /// Money is refused while an outcome could not be written; an intent that could not be written
  /// has refused its own sale already.
  private mutating func noteLedger(_ owner: JournalOwner, _ fault: JournalFault?) {
    switch owner {
    case .outcome, .noticedOutcome, .reversal, .advice, .leaving, .settlement, .unpark, .paper,
      .paperAgain, .doubtResolved, .selfTest, .counters:
      ledgerFault = fault
    case .registration, .network, .intent, .signIn, .signedOff, .commissioning, .download,
      .orders, .wear, .logo:
      if fault == nil { ledgerFault = nil }
    }
  }
}

extension RequestID? {
  /// Answers whoever waits, if somebody does, and forgets them.
  mutating func take(_ problem: Problem?) -> [TerminalEffect] {
    guard let id = self else { return [] }
    self = nil
    guard let problem else { return [.answer(id, .done)] }
    return [.answer(id, .refused(problem))]
  }
}

/// What the terminal must be able to do before it does anything: known answers of its ciphers.
enum SelfTest {
  static func passes() -> Bool {
    // ISO/IEC 9797-1 algorithm 3, padding 1, over a published text.
    guard
      let key = try? MACKey(
        .tdes2,
        [
          0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32,
          0x10,
        ])
    else { return false }
    let mac = try? key.mac(.retail(.zeros), over: ascii("Now is the time for all "))
    return mac == [0xA1, 0xC7, 0x2E, 0x74, 0xEA, 0x3F, 0xA9, 0xB6]
  }
}
