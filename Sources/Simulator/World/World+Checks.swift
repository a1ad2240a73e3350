// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import Management
import TerminalCore
import Wire

/// What a checker found.
public struct Violation: Hashable, Sendable {
  /// The number of the invariant: 1 money, 2 receipts, 3 secrets, 5 the world settles, 6 history,
  /// 7 the devices live as long as their makers say.
  public var invariant: UInt8
  /// What is wrong, for people.
  public var text: String

  /// A violation.
  public init(_ invariant: UInt8, _ text: String) {
    self.invariant = invariant
    self.text = text
  }
}

extension World {
  /// What must hold when the world has settled.
  func check() -> Violation? {
    checkSecrets() ?? checkSettled() ?? checkMoney() ?? checkChips() ?? checkReceipts()
      ?? checkSlips() ?? checkLogo()
  }

  /// The printer's memory is written at most three times for one logo, whatever is lost, and a logo
  /// that it has proven to have is the logo.
  private func checkLogo() -> Violation? {
    if printer.logoWritings > 3 {
      return Violation(7, "the printer's memory was written \(printer.logoWritings) times")
    }
    guard let stored = firmware?.terminal.storedLogo else { return nil }
    if stored.isKept, printer.logos != [SimulatedShop.logo] {
      return Violation(7, "the printer does not have the logo that it has proven")
    }
    return nil
  }

  /// Keeps an eye on everything that leaves the terminal other than to the acquirer and the pad.
  mutating func watchForSecrets(_ bytes: [UInt8], _ place: String) {
    for account in SimulatedShop.accounts {
      if contains(bytes, account.pan) { leaks.append("an account number in " + place) }
      if readsChips, contains(bytes, World.packed(account.pan)) {
        leaks.append("a chip's account number in " + place)
      }
      if account.codes.contains(where: { contains(bytes, $0) }) {
        leaks.append("a scanned code in " + place)
      }
    }
  }

  private func checkSecrets() -> Violation? {
    if let leak = leaks.first { return Violation(3, leak) }
    for entry in ledger.journal {
      for update in entry.updates {
        for account in SimulatedShop.accounts {
          if contains(update.body, account.pan) {
            return Violation(3, "an account number in the journal, " + update.key)
          }
          if readsChips, contains(update.body, World.packed(account.pan)) {
            return Violation(3, "a chip's account number in the journal, " + update.key)
          }
          if account.codes.contains(where: { contains(update.body, $0) }) {
            return Violation(3, "a scanned code in the journal, " + update.key)
          }
          if contains(update.body, account.pin.map { $0 + 0x30 }) {
            return Violation(3, "a PIN in the journal, " + update.key)
          }
        }
      }
    }
    return nil
  }

  private func checkSettled() -> Violation? {
    guard let status = firmware?.terminal.status else {
      return Violation(5, "the terminal does not come up again")
    }
    if !clerk.finalSaleApproved {
      return Violation(5, "no sale succeeds under a clear sky; state " + status.state.name)
    }
    if !status.reversals.isEmpty { return Violation(5, "a reversal is never delivered") }
    if !status.receiptsOwed.isEmpty { return Violation(5, "a receipt is never printed") }
    if !status.slipsOwed.isEmpty { return Violation(5, "a settlement slip is never printed") }
    let parked = ledger.rows.filter { $0.state == TransactionState.parked.name }
    if parked.count != Int(status.parked) {
      return Violation(5, "\(parked.count) are parked, and status says \(status.parked)")
    }
    return nil
  }

  /// The terminal's ledger and the issuer's agree, trace number by trace number.
  private func checkMoney() -> Violation? {
    for (index, row) in ledger.rows.enumerated() {
      for other in ledger.rows[(index + 1)...] where other.stan == row.stan {
        return Violation(1, "trace number " + String(row.stan) + " was given twice")
      }
      let isAlone = [TransactionKind.balance, .offlineVoid, .scriptNotice].contains {
        $0.name == row.kind
      }
      if isAlone { continue }
      if let violation = compare(row) { return violation }
    }
    for hold in acquirer.holds where hold.isInForce && hold.kind != .balance {
      if !ledger.rows.contains(where: { hold.isOf($0) }) {
        return Violation(1, "money is held for a transaction that the terminal does not know")
      }
    }
    if let excess = excesses.first { return Violation(1, excess) }
    return checkTold() ?? checkHolds() ?? checkBatches()
  }

  private func compare(_ row: TransactionRow) -> Violation? {
    let hold = acquirer.holds.first { $0.isOf(row) }
    let isInForce = hold?.isInForce == true
    switch row.state {
    case TransactionState.approved.name:
      if !isInForce, !isUploaded(row) {
        return Violation(1, row.reference + " is approved here and not there")
      }
      if hold?.state == .voided {
        return Violation(1, row.reference + " is approved here and voided there")
      }
    case TransactionState.voided.name:
      if hold?.state != .voided {
        return Violation(1, row.reference + " is voided here and not there")
      }
    case TransactionState.queued.name:
      return Violation(1, row.reference + " is never told to the acquirer")
    case TransactionState.parked.name:
      // The acquirer has refused what it was told: both know it.
      if isInForce { return Violation(1, row.reference + " is refused here and in force there") }
      // What follows a sale by a scanned code needs no card.
      if !row.holdsCard, !row.maskedPAN.isEmpty {
        return Violation(1, row.reference + " is parked and can never leave")
      }
      if row.deliveryCode == "30" {
        return Violation(1, row.reference + " was told in a way that makes no sense")
      }
    default:
      if isInForce { return Violation(1, row.reference + " is " + row.state + " and held there") }
    }
    if isInForce, let hold, hold.amount + hold.tip != wholeAmount(row) {
      return Violation(1, row.reference + " has another amount there")
    }
    return nil
  }

  /// What the issuer has of it: a sale with its tip, and a tip with its sale.
  private func wholeAmount(_ row: TransactionRow) -> UInt64 {
    let tip = TransactionKind.tip.name
    let others = ledger.rows.filter { other in
      row.kind == tip
        ? other.reference == row.original
        : other.kind == tip && other.original == row.reference
          && other.state == TransactionState.approved.name
    }
    return others.reduce(row.amount) { $0 + $1.amount }
  }

  /// What the till was told stays true.
  private func checkTold() -> Violation? {
    for told in clerk.told {
      guard let row = ledger.row(told.reference) else {
        return Violation(1, told.reference + " was told and is not in the ledger")
      }
      let stands = [TransactionState.approved.name, TransactionState.voided.name]
      let open = [TransactionState.queued.name, TransactionState.parked.name]
      if open.contains(told.state) { continue }
      if stands.contains(told.state) != stands.contains(row.state) {
        return Violation(1, told.reference + " was told " + told.state + " and is " + row.state)
      }
    }
    return nil
  }

  /// The totals of every closed batch are those of the acquirer, and of its ledger now.
  private func checkBatches() -> Violation? {
    for batch in acquirer.batches {
      if let violation = check(batch) { return violation }
    }
    let open = acquirer.openBatch(of: Array(SimulatedShop.parameters.terminalID.utf8))
    if let batch = firmware?.terminal.batch.batch.value, batch != open {
      return Violation(1, "batch " + String(batch) + " is open here and " + String(open) + " there")
    }
    if !clerk.finalBatchClosed { return Violation(5, "the last batch is never closed") }
    let held = ledger.rows.filter {
      $0.holdsCard && $0.state != TransactionState.parked.name
    }
    if let row = held.first { return Violation(3, row.reference + " keeps its card for ever") }
    return nil
  }

  /// Every approved sale is on paper, or visibly owed.
  private func checkReceipts() -> Violation? {
    guard let status = firmware?.terminal.status else { return nil }
    let printed = [TransactionState.approved.name, TransactionState.voided.name]
    for row in ledger.rows
    where printed.contains(row.state) && row.kind != TransactionKind.scriptNotice.name {
      let stan = String(row.stan)
      let digits = String(repeating: "0", count: 6 - stan.utf8.count) + stan
      let isOnPaper = paper.contains { contains($0, "TRACE") && contains($0, digits) }
      if row.receipt == ReceiptState.printed.name {
        if !isOnPaper { return Violation(2, row.reference + " is printed, and no paper shows it") }
      } else if !(status.receiptsOwed + status.receiptsDoubtful).contains(where: {
        $0.reference == row.reference
      }) {
        return Violation(2, row.reference + " has no receipt and nobody is told")
      }
      if originals(of: digits) > 1 {
        return Violation(2, row.reference + " has two receipts, and neither is a copy")
      }
    }
    return nil
  }

  /// How many receipts of this trace number are on paper, copies left out.
  private func originals(of trace: String) -> Int {
    var count = 0
    var isCopy = false
    for line in paper {
      if line.isEmpty { isCopy = false }
      if contains(line, "COPY") { isCopy = true }
      if contains(line, "TRACE"), contains(line, trace), !isCopy { count += 1 }
    }
    return count
  }

  func contains(_ text: String, _ part: String) -> Bool {
    contains(Array(text.utf8), Array(part.utf8))
  }

  private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    if part.count > bytes.count { return false }
    for start in 0...(bytes.count - part.count) where bytes[start] == part[0] {
      var index = 1
      while index < part.count, bytes[start + index] == part[index] { index += 1 }
      if index == part.count { return true }
    }
    return false
  }
}

extension Hold {
  /// Whether the issuer stands by it, be it followed by a void or a completion.
  var isInForce: Bool { state == .approved || state == .voided || state == .completed }

  /// By trace number and batch, which the terminal gives to one transaction only.
  func isOf(_ row: TransactionRow) -> Bool {
    guard let number = STAN(row.stan) else { return false }
    return Array(number.text.utf8) == stan && batch == row.batch
  }
}
