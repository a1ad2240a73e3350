// SPDX-License-Identifier: Apache-2.0

public import Clockwork
import Devices
import ISO8583

// What is asked of the payment path beside any sale: by a technician, and by an update, which must
// not interrupt it and must not leave it broken.

extension Terminal {
  /// Whether a transaction or a settlement is under way.
  public var isInTransaction: Bool { sale != nil || state == .busy || state == .settling }

  /// Whether money is to be sent to the acquirer still: what is parked is a person's.
  public var owesMoney: Bool {
    !reversals.queue.isEmpty || !advices.isEmpty || !settlement.isWaiting || !releases.isEmpty
  }

  /// Whether what is to be sent was tried again and again in vain.
  public var isMoneyStuck: Bool {
    owesMoney && max(reversals.failures, advices.failures) >= Terminal.stuckFailures
  }

  /// Whether a receipt or slip is to be printed still, or a printer would be left with half a logo.
  public var owesPaper: Bool {
    !prints.owed.isEmpty || !papersUnwritten.isEmpty || prints.isStoringLogo
  }

  /// What was sent in vain so often does not leave by being sent once more.
  private static let stuckFailures: UInt32 = 3

  /// Whether the journal of the runs before was read and takes entries.
  public var hasJournal: Bool { ledgerFault == nil }

  /// Whether the keys are there that the acquirer's messages need, as far as there is an acquirer.
  public var hasKeys: Bool {
    guard case .provisioned = registration.phase, signIn == nil else { return true }
    return dialect.macKey != nil
  }

  /// Whether a message of the acquirer's dialect is coded and read back as it was.
  public func codesMessages(at now: Instant) -> Bool {
    guard let facts = managementFacts(stan: STAN(1), at: now) else { return false }
    return dialect.codes(.echo, facts)
  }

  /// Asks the acquirer whether it is there; nothing changes by it.
  mutating func testNetwork(_ id: RequestID, at now: Instant) -> [TerminalEffect] {
    if network.settings == nil { return [.answer(id, .refused(.networkNotConfigured))] }
    if askers.networkTest != nil { return [.answer(id, .refused(.busy))] }
    let freed = freeLink(at: now)
    if linkOwner != nil { return freed + [.answer(id, .refused(.busy))] }
    askers.networkTest = id
    return freed + [.progress(id, .probing)]
      + send(.echo, managementFacts(of: .echo, at: now), for: .networkTest, at: now)
  }
}
