// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import TerminalCore

extension World {
  /// Every batch that is closed at the acquirer has its slip on paper, once and with the sums that
  /// the acquirer was told, or owed and visible.
  func checkSlips() -> Violation? {
    guard let status = firmware?.terminal.status else { return nil }
    let slips = slipsOnPaper
    for batch in acquirer.batches where batch.isClosed {
      let name = "batch " + String(batch.number)
      guard let record = ledger.record(key: SettlementSlip.key(batch.number)),
        let slip = SettlementSlip(record.body), let number = BatchNumber(batch.number)
      else { return Violation(2, name + " is closed and has no slip") }
      // A slip says its batch at its head; a receipt behind a torn one has a batch of its own.
      let shown = slips.filter { slip in
        slip.lines.prefix(World.slipHead).contains {
          contains($0, "BATCH") && contains($0, number.text)
        }
      }
      let isWhole = shown.contains { slip in batch.told.map { isShown($0, slip.lines) } == true }
      if slip.state == .printed {
        if !isWhole { return Violation(2, name + " has a slip, and no paper shows its sums") }
      } else if !(status.slipsOwed + status.slipsDoubtful).contains(number) {
        return Violation(2, name + " has no slip and nobody is told")
      }
      if shown.count(where: { !$0.isCopy }) > 1 {
        return Violation(2, name + " has two slips, and neither is a copy")
      }
    }
    return nil
  }

  /// Within so many lines from its title on a slip has said its batch.
  private static let slipHead = 5

  /// The copy's mark and the merchant's name take so many lines above a slip's title.
  private static let linesAboveTitle = 4

  /// The slips on what was cut off the roll, each from its title on. What a fault has kept from
  /// being cut, whole or torn, hangs above the next paper.
  private var slipsOnPaper: [(lines: ArraySlice<String>, isCopy: Bool)] {
    paper.split(separator: "").flatMap { piece in
      let titles = piece.indices.filter { contains(piece[$0], "SETTLEMENT") }
      return titles.indices.map { index in
        let above = max(titles[index] - World.linesAboveTitle, piece.startIndex)
        let end =
          index + 1 < titles.count
          ? max(titles[index + 1] - World.linesAboveTitle, titles[index]) : piece.endIndex
        return (
          lines: piece[titles[index]..<end],
          isCopy: piece[above..<end].contains { contains($0, "COPY") }
        )
      }
    }
  }

  private func isShown(_ totals: HostTotals, _ lines: ArraySlice<String>) -> Bool {
    let debits = lines.filter { contains($0, "DEBIT") }
    let credits = lines.filter { contains($0, "CREDIT") }
    let sums = [totals.domestic, totals.foreign]
    if debits.count != sums.count || credits.count != sums.count { return false }
    return sums.indices.allSatisfy { index in
      contains(debits[index], " " + Amount.decimalText(of: sums[index].debitAmount))
        && contains(credits[index], " " + Amount.decimalText(of: sums[index].creditAmount))
    }
  }
}
