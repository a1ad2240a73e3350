// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import Management
import TerminalCore

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
    case .factory, .selfTest, .applying, .provisioning, .signedOff, .busy, .settling, .updating,
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
      ask(.setNetwork(NetworkSettings(acquirer: endpoint)))
    }
  }

  private mutating func sell(_ status: TerminalStatus) {
    if let unclear = clerk.unclear {
      clerk.unclear = nil
      return askForSale(unclear.reference, unclear.amount)
    }
    if let doubtful = status.receiptsDoubtful.first {
      return ask(
        .reprint(reference: doubtful.reference, row: ledger.row(doubtful.reference)))
    }
    if status.state == .commissioning, firmware?.terminal.hasPassedTestSale == true {
      return ask(.commission)
    }
    if isStorm, clerk.salesLeft <= 0 { return }
    if !isStorm, clerk.finalSaleApproved || !status.reversals.isEmpty { return }
    clerk.accountIndex = isStorm ? lifeDice.below(SimulatedShop.accounts.count) : 0
    let reference = clerk.takeReference()
    askForSale(reference, isStorm ? stormAmount() : 1_200)
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

  private mutating func askForSale(_ reference: String, _ amount: UInt64) {
    salesAsked += 1
    let id = clerk.takeID(at: now, start: start, reference: reference)
    clerk.unclear = (reference, amount)
    let request = ControlRequest.sale(
      reference: reference, amount: amount, earlier: ledger.row(reference))
    tell(.terminal(.requested(id, request)))
  }

  /// The till has lost its connection, or only believes so, and asks what it asked before.
  private mutating func askAgain(_ question: Clerk.Question) {
    guard question.reference != nil, let (reference, amount) = clerk.unclear,
      weather.strikes(.askedAgain, &weatherDice)
    else { return }
    sightings.note(.askedAgain)
    if weatherDice.chance(1, in: 2) { tell(.terminal(.requesterLeft(question.id))) }
    askForSale(reference, amount)
  }

  private mutating func ask(_ request: ControlRequest) {
    let id = clerk.takeID(at: now, start: start)
    tell(.terminal(.requested(id, request)))
  }

  mutating func clerkHears(_ id: RequestID, _ progress: Progress) {
    switch progress {
    case .presentCard, .swipeAgain:
      let pause = Interval.milliseconds(Int64(lifeDice.within(800...4_000)))
      var card = SimulatedShop.swipe(SimulatedShop.accounts[clerk.accountIndex])
      if weather.strikes(.badSwipe, &weatherDice) {
        sightings.note(.badSwipe)
        card.track2 = .undecodable
      }
      queue.add(.reader(.swiped(card)), at: now + pause)
    case .clearingReversals, .enterPIN, .askingAcquirer, .printing, .probing:
      break
    }
  }

  mutating func clerkHears(_ id: RequestID, _ answer: ControlAnswer) {
    guard let question = clerk.question, question.id == id else { return }
    clerk.question = nil
    guard let reference = question.reference else { return }
    // A state that is not final is asked for again.
    if case .transaction(let row, _) = answer, row.state == TransactionState.intent.name { return }
    clerk.unclear = nil
    if isStorm { clerk.salesLeft -= 1 }
    if case .transaction(let row, _) = answer {
      clerk.told.append(Clerk.Told(reference: reference, state: row.state))
      if !isStorm, row.state == TransactionState.approved.name { clerk.finalSaleApproved = true }
    }
  }
}
