// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import TerminalCore
import Wire

//   clerk ─▶ card in the slot ─▶ reader ◀─ reports ─▶ driver, kernel ◀─▶ acquirer ◀─▶ issuer
//                  │ pulled behind any command
//                  ▼
//               pocket ◀── taken out when the terminal has answered

extension World {
  /// How many commands a card is asked in a whole sale in which nothing goes wrong, without script.
  public static let commandsOfSale = 21

  /// Every tenth shop takes chips and no stripes; they have all of UnionPay's flavours.
  static func readsChips(_ seed: UInt64, _ planted: PlantedFault?) -> Bool {
    planted.map { $0.isOfChips } ?? (seed % 10 == 4)
  }

  /// The customer whose turn it is puts the card in, and the weather decides what becomes of it.
  mutating func insertCard() {
    takeCard()
    let pause = Interval.milliseconds(Int64(lifeDice.within(800...4_000)))
    queue.add(.cardInserted(clerk.accountIndex), at: now + pause)
    if weather.strikes(.cardPulled, &weatherDice) {
      // Few sales come as far as the last command: it has the places behind it too.
      let count = UInt64(World.commandsOfSale)
      slot.pullsBehind = Int(min((seed / 10 + slot.pulls * 8) % (count + 4), count - 1))
      slot.pulls += 1
    }
    if weather.strikes(.chipFault, &weatherDice) {
      sightings.note(.chipFault)
      let faults: [NEO2Fault] = [.noATR, .badTCK, .mute]
      plant(faults[weatherDice.below(faults.count)])
    }
    if weather.strikes(.readerFault, &weatherDice) { plant(readerFault()) }
    changeIssuer()
  }

  private mutating func readerFault() -> NEO2Fault {
    sightings.note(.readerFault)
    switch weatherDice.below(7) {
    case 0: return .deaf
    case 1: return .misheard
    case 2: return .wrongCheck
    case 3: return .lostReport(weatherDice.below(5))
    case 4: return .swappedReports
    case 5: return .shortReport
    default: return .slow(.seconds(Int64(weatherDice.within(1...45))))
    }
  }

  private mutating func plant(_ fault: NEO2Fault) {
    let behind = weatherDice.below(World.commandsOfSale)
    slot.hiccup = ShopSlot.Hiccup(behind: behind, fault: fault)
  }

  /// What the issuer says to the card with its next answer.
  private mutating func changeIssuer() {
    acquirer.issuer?.orders = []
    acquirer.issuer?.switches = []
    if weather.strikes(.proofWrong, &weatherDice) {
      sightings.note(.proofWrong)
      let switches: [IssuerSwitch] = [
        .wrongProof, .withoutProof, .shortProof, .longProof, .cutShort, .unknownObjects,
      ]
      acquirer.issuer?.switches = [switches[weatherDice.below(switches.count)]]
    }
    if weather.strikes(.scriptSent, &weatherDice) {
      sightings.note(.scriptSent)
      let orders: [IssuerOrder] = [.unblockPIN, .unknown, .unblockPIN]
      acquirer.issuer?.orders = Array(orders.prefix(weatherDice.within(1...3)))
      // A script of 300 bytes has no room in an answer.
      let switches: [IssuerSwitch] = [
        .scriptBefore, .scriptAfter, .scriptBoth, .scriptEach, .scriptUnreadable, .script129,
      ]
      acquirer.issuer?.switches.append(switches[weatherDice.below(switches.count)])
    }
  }

  mutating func cardInserted(_ index: Int) {
    perform(slot.handle(.inserted(slot.takeOut(of: index)), at: now))
    if slot.pullsBehind == 0 {
      queue.add(.cardTaken, at: now + .milliseconds(Int64(lifeDice.within(1...700))))
    }
  }

  /// The card goes back into its owner's pocket.
  mutating func takeCard() {
    if let behind = slot.pullsBehind, let commands = slot.commands, commands == behind {
      sightings.note(.cardPulled)
      sightings.notePull(behind: behind)
    }
    slot.putBack()
    perform(slot.handle(.removed, at: now))
  }

  /// The terminal has said how it ended.
  mutating func releaseCard() {
    if !readsChips { return }
    queue.add(.cardTaken, at: now + .milliseconds(Int64(lifeDice.within(100...700))))
  }

  mutating func wakeSlot() {
    perform(slot.handle(.deadlinePassed, at: now))
    guard let commands = slot.commands else { return }
    if let hiccup = slot.hiccup, commands >= hiccup.behind {
      slot.hiccup = nil
      perform(slot.handle(.planted(hiccup.fault), at: now))
    }
    if let behind = slot.pullsBehind, behind > 0, commands >= behind { takeCard() }
  }

  mutating func perform(_ effects: [NEO2Model<ShopCard>.Effect]) {
    for effect in effects {
      switch effect {
      case .packet(let bytes):
        carry(bytes, from: .reader)
        // A sale has hundreds of reports; a fault is drawn for some of them.
        if weatherDice.chance(1, in: 100), weather.strikes(.readerUnplugged, &weatherDice) {
          sightings.note(.readerUnplugged)
          perform(slot.handle(.unplugged, at: now))
          let pause = Interval.seconds(Int64(lifeDice.within(2...40)))
          queue.add(.chipReader(.plugged), at: now + pause)
        }
      case .attached: readerAttached()
      case .detached: readerDetached()
      }
    }
  }
}
