// SPDX-License-Identifier: Apache-2.0

import Devices

// An issuer wants to know what became of its scripts. The notice is written with the outcome that
// it belongs to, has a trace number of its own, and waits in the queue of advices. A transaction
// that is reversed has no notice: its reversal says it.

extension Terminal {
  /// What references of notices begin with; nobody else's reference may.
  static let noticePrefix = "script/"

  /// The notice of a transaction that has come to its outcome: one or none.
  mutating func notice(
    of running: RunningTransaction, _ record: TransactionRecord
  ) -> [TransactionRecord] {
    guard let report = running.machine.scripts.first, record.state != .reversing,
      dialect.knows(.scriptNotice), parameters.allows(.scriptNotice),
      let intent = running.intent, let nothing = Amount(minorUnits: 0),
      var card = SealedCard.opened(
        intent.sealedCard, with: settings.keys.seal, reference: intent.reference)
    else { return [] }
    let reference = Terminal.noticePrefix + record.batch.text + "/" + record.stan.text
    card.chip = report.notice
    guard
      let sealed = card.sealed(
        with: settings.keys.seal, nonce: takeNonce(), reference: reference)
    else { return [] }
    var notice = TransactionRecord(
      reference: reference, kind: .scriptNotice, stan: traces.takeWithEntry(), amount: nothing,
      localTime: record.localTime, batch: record.batch, isTest: record.isTest,
      maskedPAN: record.maskedPAN, fingerprint: record.fingerprint, sealedCard: sealed,
      entry: record.entry, hasPIN: record.hasPIN, state: .queued, receipt: .none)
    notice.isForeign = record.isForeign
    notice.readsChips = record.readsChips
    var answered = record
    answered.keep(report.answer)
    var facts = answered.facts(messageType: dialect.messageType(of: record.kind))
    facts.processing = dialect.processing(of: record.kind)
    facts.acquirer = report.answer.acquirer
    facts.amount = record.kind == .balance ? 0 : record.amount.minorUnits
    notice.original = facts
    return [notice]
  }

  /// The card of a record that is reversed, with what became of the scripts.
  mutating func resealed(_ record: TransactionRecord, _ report: ScriptReport) -> [UInt8] {
    guard
      var card = SealedCard.opened(
        record.sealedCard, with: settings.keys.seal, reference: record.reference)
    else { return record.sealedCard }
    card.chip = report.reversal
    return card.sealed(
      with: settings.keys.seal, nonce: takeNonce(), reference: record.reference)
      ?? record.sealedCard
  }
}
