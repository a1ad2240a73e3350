// SPDX-License-Identifier: Apache-2.0

import Assembly
import ISO8583
import TerminalCore

// Rare happenings are seen from outside: in what is written, sent, heard and cut off. Nothing here
// changes what happens.

extension World {
  /// What an entry that is now on disk shows.
  mutating func look(at entry: JournalEntry) {
    for row in entry.rows {
      if row.state == TransactionState.intent.name { unsentIntent = true }
      if readsChips { lookAtUnconfirmed(row) }
      guard row.state == TransactionState.parked.name else { continue }
      let isReversal = !row.reversalReason.isEmpty
      sightings.note(isReversal ? .parkedReversal : .parkedAdvice)
      if row.attempts >= adviceTries, !isReversal { sightings.note(.triesExhausted) }
    }
    let keys = entry.updates.filter { $0.key == "session-keys" && $0.isLive }
    signIns += keys.count
    if signIns > 1 { sightings.note(.keysRotated) }
  }

  /// What the acquirer has approved and the card has not.
  private mutating func lookAtUnconfirmed(_ row: TransactionRow) {
    let isApproved = row.responseCode == "00"
    guard isApproved, row.state == TransactionState.reversing.name, row.attempts == 0 else {
      return
    }
    let hasDeclined = slot.inside.map { slot.cards[$0].words.last?.isApproval == false } == true
    sightings.note(hasDeclined ? .chipDeclinedAfterApproval : .cardGoneAtApproval)
  }

  /// What leaves the terminal for the acquirer.
  mutating func look(atSent frame: [UInt8]) {
    unsentIntent = false
    guard let type = message(frame)?.mti, type == Array("0800".utf8),
      firmware?.terminal.status.reversals.isEmpty == false
    else { return }
    sightings.note(.signInDuringReversal)
  }

  /// What the terminal hears of the acquirer; whether it waits for it is in its own counters.
  mutating func look(atHeard frame: [UInt8], isUseless: Bool) {
    defer { lastHeard = frame }
    if isUseless, frame == lastHeard { sightings.note(.duplicateAnswer) }
    guard let message = message(frame) else { return }
    let isApproval = message[39] == Array("00".utf8)
    let type = String(decoding: message.mti, as: UTF8.self)
    if isUseless, isApproval, type == "0210" || type == "0110" { sightings.note(.lateApproval) }
    if !isUseless, type == "0230", message[39] == Array("94".utf8) {
      sightings.note(.adviceAnswered94)
    }
  }

  /// The power goes now.
  mutating func lookAtPowerCut() {
    if unsentIntent { sightings.note(.powerCutBetweenJournalAndSend) }
    unsentIntent = false
    if slot.commands.map({ $0 > 0 }) == true { sightings.note(.powerCutWithCard) }
    switch firmware?.terminal.batch.phase {
    case .uploading: sightings.note(.uploadInterrupted)
    case .totals, .ending: sightings.note(.settlementInterrupted)
    case .open, .erasing, nil: break
    }
  }

  /// What the acquirer remembers in the end.
  mutating func lookAtEnd() {
    if slot.cards.contains(where: { !$0.scripted.isEmpty }) { sightings.note(.scriptDelivered) }
    if !acquirer.scriptNotices.isEmpty { sightings.note(.scriptNoticeTaken) }
    let isOvertaken = acquirer.holds.contains {
      $0.state == .reversedBeforehand && $0.responseCode == Array("12".utf8)
    }
    if isOvertaken { sightings.note(.reversalOvertookAuthorisation) }
    for batch in acquirer.batches where batch.domestic == .differs && batch.told == batch.host {
      sightings.note(.totalsDisputed)
    }
    let left = expectations.filter { $0.parked > 0 }.map { $0.batch }
    if acquirer.batches.contains(where: { $0.isClosed && left.contains($0.number) }) {
      sightings.note(.settledWithParked)
    }
  }

  /// A frame of either dialect as a message; UnionPay's TPDU and header have eleven bytes.
  private func message(_ frame: [UInt8]) -> Message? {
    switch flavour {
    case .generic: try? Codec(table: .standard1987ASCII).decode(Array(frame.dropFirst(2)))
    case .unionPay, .unionPayTracks, .unionPaySM4:
      try? Codec(table: UnionPayTable.table).decode(Array(frame.dropFirst(13)))
    }
  }
}
