// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import Management
import Receipts

extension Terminal {
  /// The slip as it is printed.
  mutating func lines(of slip: SettlementSlip, isCopy: Bool) -> [PrintLine] {
    var data = slip.data
    let head = paperHead
    data.merchantName = head.names
    data.merchantNumber = head.merchant
    data.terminalNumber = head.terminal
    let page = settings.slips.page(
      .settlement, data.values, columns: settings.columns, isTest: slip.isTest, isCopy: isCopy)
    return overfullSlips.lines(of: page, "batch " + slip.closed.batch.text)
  }

  /// A person wants a slip again: the ledger has it, on paper or not.
  mutating func reprintSlip(_ id: RequestID, _ batch: UInt32?) -> [TerminalEffect] {
    guard let batch = batch ?? settlement.record.last?.batch.value else {
      return [.answer(id, .refused(.slipMissing))]
    }
    if isPaperOrdered { return [.answer(id, .refused(.busy))] }
    askers.paper = id
    reprinted = SettlementSlip.key(batch)
    ledgerOwners.append(.slip)
    return [.ledger(.slip(batch: batch))]
  }

  mutating func reprint(_ answer: LedgerAnswer, at now: Instant) -> [TerminalEffect] {
    guard let key = reprinted else { return [] }
    guard case .records(let records) = answer else { return giveUp(.journal(.failed)) }
    guard let slip = records.first.flatMap({ SettlementSlip($0.body) }) else {
      return giveUp(.slipMissing)
    }
    return order(lines(of: slip, isCopy: true), key, at: now)
  }

  mutating func giveUp(_ problem: Problem) -> [TerminalEffect] {
    reprinted = nil
    return askers.paper.take(problem)
  }
}
