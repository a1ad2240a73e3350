// SPDX-License-Identifier: Apache-2.0

import Clockwork

/// What the issuer remembers: every request, and by that what every card holds. Balances and totals
/// are computed from it each time, so they cannot disagree with it.
struct HostLedger: Hashable, Sendable {
  /// What is answered, and of which hold.
  struct Decision: Hashable, Sendable {
    var code: [UInt8]
    var hold: Hold?
  }

  /// The response codes by which a request takes effect.
  static let approvals = ["00", "10", "11", "A2"].map { letters($0) }

  var holds: [Hold] = []
  var batches: [AcquirerBatch] = []
  var numbers = HostNumbers()
  let accounts: [IssuerAccount]
  let dialect: AcquirerDialect

  /// The account of a card or of a scanned code.
  func account(_ request: CardRequest) -> IssuerAccount? {
    if !request.code.isEmpty {
      return accounts.first { $0.codes.contains(request.code) }
    }
    return accounts.first { $0.pan == request.pan }
  }

  /// Minor units that an account may still pay.
  func balance(of account: IssuerAccount) -> UInt64 {
    var out: UInt64 = 0
    var back: UInt64 = 0
    for hold in holds where isPaid(hold, from: account) {
      out += hold.held
      if hold.kind == .refund, hold.state == .approved { back += hold.amount }
    }
    return out > account.balance + back ? 0 : account.balance + back - out
  }

  private func isPaid(_ hold: Hold, from account: IssuerAccount) -> Bool {
    hold.code.isEmpty ? hold.pan == account.pan : account.codes.contains(hold.code)
  }

  /// Minor units that have been paid back of a sale.
  func refunded(_ sale: Int) -> UInt64 {
    holds.reduce(0) { sum, hold in
      let isOfIt = hold.original == sale && hold.kind == .refund && hold.state == .approved
      return isOfIt ? sum + hold.amount : sum
    }
  }

  /// The first answer to a request is the only one: a repeat gets it again, but for an advice,
  /// which hears that it has been delivered before.
  mutating func decide(
    _ request: CardRequest, _ rules: HostRules, at now: Instant
  ) -> Decision {
    if let index = holds.firstIndex(where: { $0.isOf(request) }) {
      return repeated(request, index)
    }
    // What is told under a batch that is over leaves nothing behind: it may come again otherwise.
    if request.isOutOfStep { return Decision(code: letters("77"), hold: nil) }
    let (code, original) = verdict(request, rules)
    var hold = newHold(request, rules, at: now)
    hold.responseCode = letters(code)
    hold.original = original
    if let original, hold.pan.isEmpty { hold.code = holds[original].code }
    if HostLedger.approvals.contains(hold.responseCode) {
      if code == "10" { hold.amount = request.amount / 2 }
      hold.state = .approved
      if hold.kind != .balance { hold.approvalCode = numbers.approval(for: hold, dialect) }
      takeEffect(&hold)
    }
    holds.append(hold)
    return Decision(code: hold.responseCode, hold: hold)
  }

  private mutating func repeated(_ request: CardRequest, _ index: Int) -> Decision {
    if holds[index].state == .reversedBeforehand { holds[index].responseCode = letters("12") }
    let hold = holds[index]
    if hold.state == .reversedBeforehand { return Decision(code: hold.responseCode, hold: hold) }
    let isSame =
      hold.kind == request.kind && hold.pan == request.pan
      && (request.code.isEmpty || hold.code == request.code)
      && hold.askedAmount == request.amount
    // Another request under a used trace number is none that was ever decided.
    if !isSame { return Decision(code: letters("94"), hold: nil) }
    let isDelivered = HostLedger.approvals.contains(hold.responseCode)
    if hold.kind.isAdvice, isDelivered { return Decision(code: letters("94"), hold: hold) }
    return Decision(code: hold.responseCode, hold: hold)
  }

  private mutating func newHold(
    _ request: CardRequest, _ rules: HostRules, at now: Instant
  ) -> Hold {
    var hold = Hold(
      terminalID: request.terminalID, stan: request.stan,
      localTime: request.localTime ?? rules.clock.date(at: now) + rules.clock.time(at: now),
      pan: request.pan, amount: request.amount, state: .declined, responseCode: [],
      approvalCode: [], retrievalReference: reference(rules, at: now))
    hold.kind = request.kind
    hold.messageType = request.messageType
    hold.merchantID = request.merchantID
    hold.batch = request.batch
    hold.code = request.code
    hold.askedAmount = request.amount
    if request.kind == .offlineSale, let tip = request.tip {
      hold.tip = min(tip, hold.amount)
      hold.amount -= hold.tip
    }
    return hold
  }

  private mutating func takeEffect(_ hold: inout Hold) {
    guard let index = hold.original else { return }
    switch hold.kind {
    case .saleVoid, .preAuthorisationVoid, .completionVoid: holds[index].state = .voided
    case .completion, .completionAdvice: holds[index].state = .completed
    case .tip: holds[index].tip = hold.amount - holds[index].amount
    case .sale, .refund, .balance, .preAuthorisation, .offlineSale: break
    }
    // A completion that is taken back leaves what was held before it.
    if hold.kind == .completionVoid, let held = holds[index].original {
      holds[held].state = .approved
    }
  }

  /// A number for what a host has seen. In UnionPay's dialect date, time and two digits, which are
  /// not given twice.
  mutating func reference(_ rules: HostRules, at now: Instant) -> [UInt8] {
    numbers.reference += 1
    if dialect == .generic { return Digits.fixed(UInt64(numbers.reference), 12) }
    let moment = rules.clock.date(at: now) + rules.clock.time(at: now)
    for _ in 0..<100 {
      let number = moment + Digits.fixed(UInt64(numbers.reference), 2)
      if !holds.contains(where: { $0.retrievalReference == number }) { return number }
      numbers.reference += 1
    }
    return moment + Digits.fixed(UInt64(numbers.reference), 2)
  }
}

/// The numbers that a host gives out, as they were given last.
public struct HostNumbers: Hashable, Sendable {
  /// DE37.
  public var reference: UInt32 = 0
  /// DE38.
  public var approval: UInt32 = 0
  /// Sign-ins.
  public var session: UInt32 = 0

  mutating func approval(for hold: Hold, _ dialect: AcquirerDialect) -> [UInt8] {
    approval += 1
    if dialect == .generic { return Array(hold.retrievalReference.suffix(6)) }
    return Digits.fixed(UInt64(approval), 6)
  }
}
