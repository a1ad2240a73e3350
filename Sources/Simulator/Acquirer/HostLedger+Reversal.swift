// SPDX-License-Identifier: Apache-2.0

import Clockwork

// Codes: 00 done now or before, 12 built on by another transaction, 25 no such request or nothing
// held, 30 not a reversal of that request, 96 refused on purpose.

extension HostLedger {
  /// A reversal undoes its request, whatever that was; one that comes first is remembered.
  mutating func reverse(
    _ request: CardRequest, _ rules: HostRules, at now: Instant
  ) -> Decision {
    if !request.kind.isReversible { return Decision(code: letters("30"), hold: nil) }
    guard let index = holds.firstIndex(where: { $0.isOf(request) }) else {
      if rules.remembersEarlyReversals { remember(request, rules, at: now) }
      return Decision(code: letters("25"), hold: nil)
    }
    if !isOriginal(request, of: holds[index]) { return Decision(code: letters("30"), hold: nil) }
    let isStubborn = rules.amountsDecide && holds[index].amount == Behaviour.stubbornReversal
    if isStubborn, holds[index].refusedReversals < 3 {
      holds[index].refusedReversals += 1
      return Decision(code: letters("96"), hold: nil)
    }
    switch holds[index].state {
    case .approved:
      if !undo(index) { return Decision(code: letters("12"), hold: nil) }
      return Decision(code: letters("00"), hold: holds[index])
    case .reversed: return Decision(code: letters("00"), hold: holds[index])
    case .declined, .reversedBeforehand: return Decision(code: letters("25"), hold: nil)
    case .voided, .completed: return Decision(code: letters("12"), hold: nil)
    }
  }

  private mutating func remember(
    _ request: CardRequest, _ rules: HostRules, at now: Instant
  ) {
    var hold = Hold(
      terminalID: request.terminalID, stan: request.stan,
      localTime: request.localTime ?? rules.clock.date(at: now) + rules.clock.time(at: now),
      pan: request.pan, amount: request.amount, state: .reversedBeforehand, responseCode: [],
      approvalCode: [], retrievalReference: reference(rules, at: now))
    hold.kind = request.kind
    hold.batch = request.batch
    hold.askedAmount = request.amount
    holds.append(hold)
  }

  /// Whether a reversal is of this request: of the same kind, card and amount, and with the
  /// approval code if it has one: the answer's, or the original's that the request had. Of a
  /// scanned code there may be nothing to compare.
  private func isOriginal(_ request: CardRequest, of hold: Hold) -> Bool {
    let isPart = hold.responseCode == letters("10")
    let codes = [hold.approvalCode] + (hold.original.map { [holds[$0].approvalCode] } ?? [])
    let isPaidByIt = request.pan.isEmpty && !hold.code.isEmpty || request.pan == hold.pan
    return request.kind == hold.kind && isPaidByIt
      && (isPart || request.amount == hold.askedAmount)
      // Of a request that never came, or was refused before its original was looked at, no code is
      // known.
      && (hold.state == .reversedBeforehand || hold.state == .declined
        || request.approvalCode.map { codes.contains($0) } ?? true)
  }

  /// False where what it did has been built on.
  private mutating func undo(_ index: Int) -> Bool {
    let hold = holds[index]
    if refunded(index) > 0 { return false }
    switch hold.kind {
    case .saleVoid, .preAuthorisationVoid, .completion:
      if let original = hold.original { holds[original].state = .approved }
    case .completionVoid:
      guard let completion = hold.original, let held = holds[completion].original,
        holds[held].state == .approved
      else { return false }
      holds[completion].state = .approved
      holds[held].state = .completed
    case .sale, .preAuthorisation, .refund, .balance, .completionAdvice, .offlineSale, .tip:
      break
    }
    holds[index].state = .reversed
    return true
  }
}
