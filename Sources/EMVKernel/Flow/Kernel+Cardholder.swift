// SPDX-License-Identifier: Apache-2.0

// Cardholder verification (EMV 4.4 Book 3, 10.5; Book 4, 6.3.4): the rules of the card's list, one
// after the other, until one succeeds, or one fails that does not let the next be tried.
//
//     rule ──condition false──▶ next rule
//       ├────not recognised, not supported, failed──▶ next rule, or failure where bit 7 is 0
//       └────successful──▶ risk management

extension Kernel {
  mutating func verifyCardholder() -> [Effect] {
    session.data.cvmResults = .notPerformed
    if !session.aip.contains(.cardholderVerification) { return manageRisk() }
    // A list without rules counts as no list.
    guard let list = session.data.card[.cvmList], list.count != 8 else {
      session.data.tvr.insert(.cardDataMissing)
      return manageRisk()
    }
    if list.count < 8 || list.count % 2 != 0 { return end(.format(.cardholder)) }
    // X and Y are binary numbers of the application currency's minor unit.
    session.verification.limits = [0, 4].map { offset in
      list[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    session.verification.rules = stride(from: 8, to: list.count, by: 2).map {
      CVMRule(method: list[$0], condition: list[$0 + 1])
    }
    session.verification.next = 0
    return tryNextRule()
  }

  mutating func tryNextRule() -> [Effect] {
    while session.verification.next < session.verification.rules.count {
      let rule = session.verification.rules[session.verification.next]
      session.verification.next += 1
      if !holds(rule) { continue }
      guard let code = rule.code else {
        session.data.tvr.insert(.unrecognisedCVM)
        if rule.continues { continue }
        break
      }
      if !supports(code) {
        noteUnsupported(code)
        if rule.continues { continue }
        break
      }
      session.verification.rule = rule
      session.verification.code = code
      switch code {
      case .fail:
        // Whatever bit 7 says: this rule is the end.
        return failVerification(CVMResults(rule, .failed))
      case .signature: return succeed(.unknown)
      case .none: return succeed(.successful)
      case .onlinePIN: return startPIN()
      case .plaintextPIN, .plaintextPINAndSignature, .encipheredPIN, .encipheredPINAndSignature:
        return startPIN()
      }
    }
    return failVerification(
      session.verification.lastFailed.map { CVMResults($0, .failed) } ?? .noMethod)
  }

  /// A condition that is not understood, or for which something is missing, is not met.
  private func holds(_ rule: CVMRule) -> Bool {
    let isCash = session.kind.service == .cash
    let isAttended = settings.terminalType.isAttended
    switch rule.condition {
    case 0x00: return true
    case 0x01: return isCash && !isAttended
    case 0x02: return !isCash && !hasCashback
    case 0x03: return rule.code.map { supports($0) } ?? false
    case 0x04: return isCash && isAttended
    case 0x05: return hasCashback
    case 0x06...0x09:
      guard let amount = session.amount, let currency = session.data.card[.applicationCurrency],
        currency == session.data.terminal[.currency]
      else { return false }
      let limit = UInt64(session.verification.limits[rule.condition < 0x08 ? 0 : 1])
      return rule.condition % 2 == 0 ? amount < limit : amount > limit
    default: return false
    }
  }

  private func supports(_ code: CVMCode) -> Bool {
    let terminal = session.capabilities
    switch code {
    case .fail: return true
    case .plaintextPIN: return terminal.contains(.plaintextPIN)
    case .onlinePIN: return terminal.contains(.onlinePIN)
    case .plaintextPINAndSignature: return terminal.contains([.plaintextPIN, .signature])
    case .encipheredPIN: return terminal.contains(.encipheredPIN)
    case .encipheredPINAndSignature: return terminal.contains([.encipheredPIN, .signature])
    case .signature: return terminal.contains(.signature)
    case .none: return terminal.contains(.noCVM)
    }
  }

  /// A PIN that this terminal can take in no way is one for which the pad is missing.
  private mutating func noteUnsupported(_ code: CVMCode) {
    let hasNoOfflinePIN = session.capabilities.isDisjoint(with: [.plaintextPIN, .encipheredPIN])
    if code == .onlinePIN || code.isOfflinePIN && hasNoOfflinePIN {
      session.data.tvr.insert(.padBroken)
    }
  }

  mutating func succeed(_ result: CVMResults.Result) -> [Effect] {
    session.data.cvmResults = CVMResults(session.verification.rule, result)
    session.data.tsi.insert(.cardholderVerification)
    return manageRisk()
  }

  /// The rule that is being performed has failed.
  mutating func failRule(_ bits: TVR = []) -> [Effect] {
    session.data.tvr.formUnion(bits)
    session.verification.lastFailed = session.verification.rule
    if session.verification.rule.continues { return tryNextRule() }
    return failVerification(CVMResults(session.verification.rule, .failed))
  }

  private mutating func failVerification(_ results: CVMResults) -> [Effect] {
    session.data.tvr.insert(.verificationFailed)
    session.data.cvmResults = results
    session.data.tsi.insert(.cardholderVerification)
    return manageRisk()
  }
}
