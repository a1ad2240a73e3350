// SPDX-License-Identifier: Apache-2.0

import Assembly
import Clockwork
import Devices
import ISO8583
import TerminalCore

extension World {
  /// The power goes: what was not on disk is gone, and so is everything on its way to the firmware.
  mutating func powerOff() {
    if tellsStory { note("✖", "power cut") }
    lookAtPowerCut()
    firmware = nil
    start += 1
    linkIsUp = [false, false, false]
    if isConnected {
      isConnected = false
      queue.add(.acquirer(.disconnected(connection: connection)), at: now + .milliseconds(50))
    }
    if readsChips { takeCard() }
    if hands != nil { return }
    queue.add(.powerOn, at: now + .milliseconds(Int64(lifeDice.within(1_000...20_000))))
  }

  mutating func powerOn() {
    start += 1
    ledger.findUnseen()
    forgetAsPlanted()
    if tellsStory { note("✔", "power on") }
    if !recover() { return }
    for port in Port.allCases {
      let pause = Interval.milliseconds(Int64(lifeDice.within(10...300)))
      queue.add(.linkUp(port, start: start), at: now + pause)
    }
  }

  /// The daemon ends a long recording so: the devices keep their power and their links.
  mutating func startAnewIfDue() {
    guard firmware?.terminal.isQuiet == true,
      weather.strikes(.startedAnew, &weatherDice)
    else { return }
    sightings.note(.startedAnew)
    if tellsStory { note("✔", "started anew") }
    perform(.disconnect)
    if !recover() { return }
    for port in Port.allCases where linkIsUp[Int(port.rawValue)] {
      tell(.link(port, .opened(port == .reader ? .hid(readerFacts) : .serial)))
    }
  }

  /// Half of the shops have an acquirer that wants its connections kept open, and a third one that
  /// wants to be greeted on them.
  private var settings: TerminalSettings {
    var settings = SimulatedShop.settings(flavour)
    if acquirer.rules.greeting != nil {
      settings.dialect.framing.greeting = SimulatedShop.framedGreeting
    }
    settings.adviceTries = adviceTries
    if keepsLogo { settings.logos = [SimulatedShop.logo] }
    if readsChips { settings.chip = SimulatedShop.chipRules(allowsFallback: false) }
    let limits = World.offlineLimits
    if let floor = Amount(minorUnits: limits.floor) {
      settings.offline = OfflineLimits(
        floor: floor, count: limits.count, sum: limits.sum, days: 1)
    }
    switch seed % 4 {
    case 1:
      settings.link = LinkRules(
        idleLimit: .minutes(5), keepAlive: .echo, keepAlivePause: .seconds(45))
    case 3:
      settings.link = LinkRules(
        idleLimit: .minutes(15), keepAlive: .emptyFrame, keepAlivePause: .seconds(20),
        inFlightLimit: 4)
    default: break
    }
    return settings
  }

  /// The firmware of the journal as it is now, told that it has started.
  private mutating func recover() -> Bool {
    let recovered = try? Firmware.recovered(
      from: ledger.liveRecords, settings: settings, board: board)
    guard let recovered else {
      leaks.append("the journal cannot be taken over")
      return false
    }
    firmware = recovered
    let clock = WallClock(
      readAt: now, unixMilliseconds: 1_790_000_000_000 + now.microseconds / 1_000,
      offsetMinutes: 480)
    tell(.terminal(.started(StartFacts(entropy: lifeDice.bytes(32), clock: clock))))
    return true
  }

  private var readerFacts: HIDFacts { slot.facts ?? reader.facts }

  mutating func linkUp(_ port: Port) {
    let number = Int(port.rawValue)
    if firmware == nil || linkIsUp[number] || lines[number].isPulled { return }
    switch port {
    case .reader:
      if !(readsChips ? slot.isPlugged : reader.isPlugged) { return }
      linkIsUp[0] = true
      if !readsChips { perform(reader.handle(.opened, at: now)) }
      tell(.link(.reader, .opened(.hid(readerFacts))))
    case .printer:
      linkIsUp[1] = true
      tell(.link(.printer, .opened(.serial)))
    case .pinPad:
      linkIsUp[2] = true
      tell(.link(.pinPad, .opened(.serial)))
    }
  }

  /// Writes an entry, unless the weather or a planted fault is against it.
  mutating func write(_ entry: JournalEntry) {
    if let fault = hands?.storageFault, fault != .diskFull || entry.beginsBusiness {
      return answerJournal(.terminal(.journalFailed(fault)))
    }
    if entry.beginsBusiness, weather.strikes(.diskFull, &weatherDice) {
      sightings.note(.diskFull)
      answerJournal(.terminal(.journalFailed(.diskFull)))
      return
    }
    if weather.strikes(.storageFailed, &weatherDice) {
      sightings.note(.storageFailed)
      answerJournal(.terminal(.journalFailed(.failed)))
      return
    }
    if now < storageIsDownUntil { return refuse(entry) }
    if weather.strikes(.storageDown, &weatherDice) {
      sightings.note(.storageDown)
      storageIsDownUntil = now + .seconds(Int64(weatherDice.within(1...120)))
      return refuse(entry)
    }
    if weather.strikes(.storageFailedAfterWrite, &weatherDice) {
      sightings.note(.storageFailedAfterWrite)
      return failAfterWrite(entry)
    }
    if weather.strikes(.powerCutBeforeWrite, &weatherDice) {
      sightings.note(.powerCutBeforeWrite)
      return powerOff()
    }
    var entry = changedAsPlanted(entry)
    if planted == .downloadSwappedEarly { entry = swappedEarly(entry) }
    if planted == .accountNumbersLeak, let row = entry.rows.first, !row.maskedPAN.isEmpty {
      entry.updates[0].body += SimulatedShop.accounts[clerk.accountIndex].pan
    }
    if planted == .voidsForgotten {
      let voided = entry.rows.filter { $0.state == TransactionState.voided.name }
        .map { "transaction/" + $0.reference }
      entry.updates.removeAll { voided.contains($0.key) }
      entry.rows.removeAll { $0.state == TransactionState.voided.name }
    }
    if planted == .journalAnswersTooEarly {
      queue.add(.lateCommit(entry, start: start), at: now + .milliseconds(400))
    } else {
      commit(entry)
    }
    if weather.strikes(.powerCutAfterWrite, &weatherDice) {
      sightings.note(.powerCutAfterWrite)
      return powerOff()
    }
    answerJournal(.terminal(.journalled))
  }

  private mutating func commit(_ entry: JournalEntry) {
    let new = entry.rows.filter { row in
      row.kind == TransactionKind.offlineSale.name && ledger.row(row.reference) == nil
    }
    ledger.commit(entry)
    look(at: entry)
    for row in new { checkOffline(row) }
  }

  private mutating func refuse(_ entry: JournalEntry) {
    if weatherDice.chance(1, in: 2) { ledger.leaveUnseen(entry) }
    answerJournal(.terminal(.journalFailed(.failed)))
  }

  /// The entry is on disk, and the terminal is told that it is not; what it does then is cut short
  /// at any moment.
  private mutating func failAfterWrite(_ entry: JournalEntry) {
    ledger.leaveUnseen(entry)
    answerJournal(.terminal(.journalFailed(.failed)))
    if weather.strikes(.powerCutAfterFailure, &weatherDice) {
      sightings.note(.powerCutAfterFailure)
      let pause = Interval.milliseconds(Int64(weatherDice.within(1...400)))
      queue.add(.powerOff(start: start), at: now + pause)
    }
  }

  /// What the ledger is asked is answered at once: it lies on the same disk.
  mutating func answer(_ question: LedgerQuestion) {
    expect(question)
    let answer = Firmware.Event.terminal(
      .ledgerRead(planted(into: ledger.answer(question), question)))
    queue.add(.firmware(answer, start: start), at: now + .milliseconds(1))
  }

  /// What a planted fault makes of an answer of the ledger.
  private func planted(into answer: LedgerAnswer, _ question: LedgerQuestion) -> LedgerAnswer {
    switch (planted, question, answer) {
    case (.queueForgotten, .queue, .records), (.cardsKept, .cards, .records): return .records([])
    case (.originalsHidden, .transaction(let reference), .records):
      let open = ["queued", "reversal owed", "parked"]
      let isFollowed = ledger.rows.contains {
        $0.original == reference && open.contains($0.state)
      }
      return isFollowed ? .records([]) : answer
    case (.parkedCardsErased, .cards(let batch, _), .records(let records)):
      let parked = ledger.rows.filter {
        $0.batch == batch && $0.holdsCard && $0.state == TransactionState.parked.name
      }
      return .records(records + parked.compactMap { ledger.record($0.reference) })
    case (.parkedHidden, .parked, .totals): return .totals([])
    case (.parkedCounted, .totals, .totals(let lines)):
      return .totals(World.counted(lines, TransactionState.parked.name))
    case (.totalsShort, .totals, .totals(let lines)): return .totals(Array(lines.dropFirst()))
    case (.reversedCounted, .totals, .totals(let lines)):
      return .totals(World.counted(lines, TransactionState.reversed.name))
    default: return answer
    }
  }

  /// The sums with what is in this state counted among what is approved.
  private static func counted(_ lines: [BatchLine], _ state: String) -> [BatchLine] {
    lines.map { line in
      var line = line
      if line.state == state { line.state = TransactionState.approved.name }
      return line
    }
  }

  private mutating func answerJournal(_ event: Firmware.Event) {
    queue.add(.firmware(event, start: start), at: now + .milliseconds(2))
  }

  private mutating func forgetAsPlanted() {
    switch planted {
    case .intentsForgotten: forget(state: "sent")
    case .reversalsForgotten: forget(state: "reversal owed")
    case .receiptsForgotten: forget(state: "approved")
    case .beginningsForgotten: ledger.forgetBeginnings()
    case .countersForgotten: ledger.lose { $0.key == "counters" }
    case .slipsForgotten: ledger.lose { $0.key.utf8.starts(with: "slip/".utf8) && $0.isLive }
    case .batchForgotten: ledger.lose { $0.key == "batch" }
    case .journalAnswersTooEarly, .reversalsSwallowed, .earlyReversalsForgotten,
      .requestsDoubled, .queueForgotten, .advicesDoubled, .adviceTurnedApproval, .totalsShort,
      .reversedCounted, .cardsKept, .parkedCardsErased, .parkedHidden, .parkedCounted,
      .unparkForgetsCard, .voidsForgotten, .batchEndSwallowed, .declineTurnedApproval,
      .printerLies, .accountNumbersLeak, .downloadSwappedEarly, .originalsHidden,
      .declineOfCardIgnored, .proofWithheld, .reversalWithoutChip, .scriptNoticeForgotten,
      .chipOffReceipt, .historyWavers, nil:
      break
    }
  }

  private mutating func forget(state: String) {
    let keys = ledger.rows.filter { $0.state == state }.map { "transaction/" + $0.reference }
    ledger.lose { keys.contains($0.key) }
  }
}
