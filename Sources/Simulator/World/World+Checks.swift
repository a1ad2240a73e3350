// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import TerminalCore
import Wire

/// What a checker found.
public struct Violation: Hashable, Sendable {
  /// The number of the invariant: 1 money, 2 receipts, 3 secrets, 5 the world settles, 6 history.
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
    checkSecrets() ?? checkSettled() ?? checkMoney() ?? checkReceipts()
  }

  /// Keeps an eye on everything that leaves the terminal other than to the acquirer and the pad.
  mutating func watchForSecrets(_ bytes: [UInt8], _ place: String) {
    for account in SimulatedShop.accounts where contains(bytes, account.pan) {
      leaks.append("an account number in " + place)
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
    return nil
  }

  /// The terminal's ledger and the issuer's agree, trace number by trace number.
  private func checkMoney() -> Violation? {
    for (index, row) in ledger.rows.enumerated() {
      for other in ledger.rows[(index + 1)...] where other.stan == row.stan {
        return Violation(1, "trace number " + String(row.stan) + " was given twice")
      }
      let hold = acquirer.holds.first { $0.isOf(row) }
      let isHeld = hold?.state == .approved
      if row.state == TransactionState.approved.name, !isHeld {
        return Violation(1, row.reference + " is approved here and not held there")
      }
      if row.state != TransactionState.approved.name, isHeld {
        return Violation(1, row.reference + " is " + row.state + " here and held there")
      }
      if isHeld, hold?.amount != row.amount {
        return Violation(1, row.reference + " is held with another amount")
      }
    }
    for hold in acquirer.holds where hold.state == .approved {
      if !ledger.rows.contains(where: { hold.isOf($0) }) {
        return Violation(1, "money is held for a sale that the terminal does not know")
      }
    }
    for told in clerk.told {
      guard let row = ledger.row(told.reference) else {
        return Violation(1, told.reference + " was told and is not in the ledger")
      }
      let wasApproved = told.state == TransactionState.approved.name
      if wasApproved != (row.state == TransactionState.approved.name) {
        return Violation(1, told.reference + " was told " + told.state + " and is " + row.state)
      }
    }
    return nil
  }

  /// Every approved sale is on paper, or visibly owed.
  private func checkReceipts() -> Violation? {
    guard let status = firmware?.terminal.status else { return nil }
    for row in ledger.rows where row.state == TransactionState.approved.name {
      let stan = String(row.stan)
      let digits = String(repeating: "0", count: 6 - stan.utf8.count) + stan
      let isOnPaper = paper.contains { contains(Array($0.utf8), Array(digits.utf8)) }
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
      if contains(Array(line.utf8), Array("COPY".utf8)) { isCopy = true }
      let isTrace = contains(Array(line.utf8), Array("TRACE".utf8))
      if isTrace, contains(Array(line.utf8), Array(trace.utf8)), !isCopy { count += 1 }
    }
    return count
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
  /// By trace number and local time, which the terminal gives to one transaction only.
  func isOf(_ row: TransactionRow) -> Bool {
    guard let number = STAN(row.stan), Array(number.text.utf8) == stan else { return false }
    let digits = row.localTime.utf8.filter { (0x30...0x39).contains($0) }
    return Array(digits.dropFirst(4)) == localTime
  }
}
