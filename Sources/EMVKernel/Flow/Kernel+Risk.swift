// SPDX-License-Identifier: Apache-2.0

import Devices

// Terminal risk management (EMV 4.4 Book 3, 10.6; Book 4, 6.3.5): whatever the card's profile says
// of it, and at every type of terminal, since none of it does harm where it is not demanded.

extension Kernel {
  mutating func manageRisk() -> [Effect] {
    if settings.options.hasExceptionFile || settings.options.hasTransactionLog, let pan {
      let question = ExceptionQuestion(
        pan: pan, sequenceNumber: session.data.card[.panSequenceNumber]?.first,
        aid: selectedAID)
      return ask(.exceptions, .checkExceptions(question))
    }
    return assess(ExceptionAnswer())
  }

  mutating func assess(_ answer: ExceptionAnswer) -> [Effect] {
    if answer.isListed { session.data.tvr.insert(.onExceptionFile) }
    let amount = session.amount ?? 0
    let floor = UInt64(risk.floorLimit)
    // 10.6.1: with the amount before, for a sale that was split. Amounts have twelve digits.
    if amount + (answer.loggedAmount?.minorUnits ?? 0) >= floor {
      session.data.tvr.insert(.floorLimitExceeded)
    }
    if settings.terminalType.reach == .offlineWithOnline && amount < floor
      && isSelected(amount, floor)
    {
      session.data.tvr.insert(.selectedAtRandom)
    }
    // 10.6.3: only where the card has both limits.
    if session.data.card.contains(.lowerOfflineLimit)
      && session.data.card.contains(.upperOfflineLimit)
    {
      return send(.getData(.atc), .getATC)
    }
    return finishRisk()
  }

  /// 10.6.2, without rounding: the Book does not say how to round.
  private func isSelected(_ amount: UInt64, _ floor: UInt64) -> Bool {
    let drawn = UInt64(session.drawnNumber)
    let target = UInt64(risk.targetPercentage)
    if drawn <= target { return true }
    let threshold = UInt64(risk.threshold)
    if amount < threshold { return false }
    let maximum = UInt64(max(risk.maximumPercentage, risk.targetPercentage))
    // The amount is not below the threshold and is below the limit, so nothing here is negative.
    return (drawn - target) * (floor - threshold) <= (maximum - target) * (amount - threshold)
  }

  mutating func takeCounter(_ response: CardResponse) -> [Effect] {
    let value = delivered(.atc, count: 2, response)
    session.data.card[.atc] = value
    session.counter = value.map { UInt16($0[0]) << 8 | UInt16($0[1]) }
    return send(.getData(.lastOnlineATC), .getLastOnlineATC)
  }

  mutating func takeLastOnlineCounter(_ response: CardResponse) -> [Effect] {
    let value = delivered(.lastOnlineATC, count: 2, response)
    session.data.card[.lastOnlineATC] = value
    let last = value.map { UInt16($0[0]) << 8 | UInt16($0[1]) }
    checkVelocity(session.counter, last)
    return finishRisk()
  }

  private mutating func checkVelocity(_ counter: UInt16?, _ last: UInt16?) {
    if last == 0 { session.data.tvr.insert(.newCard) }
    guard let counter, let last else {
      session.data.tvr.formUnion([
        .lowerLimitExceeded, .upperLimitExceeded, .cardDataMissing,
      ])
      return
    }
    if counter <= last {
      session.data.tvr.formUnion([.lowerLimitExceeded, .upperLimitExceeded])
      return
    }
    let offline = counter - last
    let lower = UInt16(session.data.card[.lowerOfflineLimit]?.first ?? 0)
    let upper = UInt16(session.data.card[.upperOfflineLimit]?.first ?? 0)
    // The upper limit is looked at only where the lower one is exceeded.
    if offline <= lower { return }
    session.data.tvr.insert(.lowerLimitExceeded)
    if offline > upper { session.data.tvr.insert(.upperLimitExceeded) }
  }

  private mutating func finishRisk() -> [Effect] {
    session.data.tsi.insert(.terminalRiskManagement)
    return analyse()
  }
}
