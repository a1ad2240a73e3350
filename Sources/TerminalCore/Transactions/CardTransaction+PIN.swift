// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices

// The PIN of a card that was swiped, and how an entry that nobody wants any more ends.

extension CardTransaction {
  /// The last resort where a pad's driver never reports: what it takes at most beside the PIN.
  static let padLimit = Interval.seconds(120)

  mutating func askForPIN(
    _ means: PaymentMeans, serviceCode: [UInt8]?, at now: Instant
  ) -> [Effect] {
    let isAsked = terms.pinPolicy == .always || asksForPIN(serviceCode)
    guard isAsked, terms.pinKinds.contains(plan.kind), let pan = means.pan else {
      return journalIntent(means, nil)
    }
    phase = .awaitingPIN(means)
    deadline = now + .seconds(Int64(terms.pinSeconds)) + CardTransaction.padLimit
    let prompt = PINPrompt(pan: pan, amount: plan.amount, seconds: terms.pinSeconds)
    return [.tell(.enterPIN), .askPIN(prompt)]
  }

  /// ISO/IEC 7813: 0, 3 and 5 require a PIN, 6 and 7 want one where there is a pad.
  private func asksForPIN(_ serviceCode: [UInt8]?) -> Bool {
    switch serviceCode?.last {
    case 0x30, 0x33, 0x35, 0x36, 0x37: true
    default: false
    }
  }

  mutating func inAwaitingPIN(
    _ event: Event, _ card: PaymentMeans, at now: Instant
  ) -> [Effect] {
    switch event {
    case .pinEntered(let pin):
      return journalIntent(card, pin)
    case .noPIN(let reason):
      return end(.refused(.noPIN(reason)))
    case .pinPadLost(let trouble):
      return end(.refused(.pinPad(trouble)))
    case .cardRefused(let problem):
      return end(.refused(problem))
    case .withdrawn:
      // The pad must be free again before anybody is told that the sale is over.
      phase = .withdrawingPIN(.withdrawn)
      deadline = now + .seconds(5)
      return [.cancelPIN]
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      phase = .withdrawingPIN(.noPIN(.silent))
      self.deadline = now + .seconds(5)
      return [.cancelPIN]
    case .started, .reversalsCleared, .swiped, .misread, .readerLost, .journalled, .journalFailed,
      .hostEnded, .cardInserted, .chip:
      return noted(event)
    }
  }

  mutating func inWithdrawingPIN(
    _ event: Event, _ problem: Problem, at now: Instant
  ) -> [Effect] {
    switch event {
    case .pinEntered, .noPIN, .pinPadLost:
      return end(.refused(problem))
    case .deadlinePassed:
      guard let deadline, now >= deadline else { return [] }
      return end(.refused(problem))
    case .cardRefused, .started,
      .reversalsCleared, .swiped, .misread, .readerLost, .journalled, .journalFailed,
      .hostEnded, .withdrawn, .cardInserted, .chip:
      return noted(event)
    }
  }
}
