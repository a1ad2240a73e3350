// SPDX-License-Identifier: Apache-2.0

import Assembly
import Devices
import TerminalCore
import Wire

// What must hold of transactions by chip beside what must hold of all: the card has the last word,
// and the receipt says what the card has said.

extension World {
  /// What a record of a transaction says of its chip, read without the terminal's own decoder:
  /// field 18 is how the card came in, 29 what the receipt says of the chip.
  struct ChipRecord: Hashable, Sendable {
    var application: [UInt8]
    var information: UInt8
    var cryptogram: [UInt8]
    var counter: UInt16

    init?(_ body: [UInt8]) {
      guard let fields = try? FieldReader(body), let chip = fields.bytes(29),
        let facts = try? FieldReader(chip), let information = facts.bytes(3)?.first,
        let counter = facts.bytes(7), counter.count == 2
      else { return nil }
      application = facts.bytes(1) ?? []
      self.information = information
      cryptogram = facts.bytes(4) ?? []
      self.counter = UInt16(counter[0]) << 8 | UInt16(counter[1])
    }
  }

  /// The raw value of the field that says: by the chip.
  private static let chipEntry: UInt64 = 3

  static func packed(_ pan: [UInt8]) -> [UInt8] {
    // An odd last digit shares its byte with a filling that others have too.
    BCD.pack(pan.prefix(pan.count / 2 * 2).map { $0 - 0x30 })
  }

  func checkChips() -> Violation? {
    if !readsChips { return nil }
    let kinds = [TransactionKind.sale, .preAuthorisation, .balance].map { $0.name }
    let stands = [TransactionState.approved.name, TransactionState.voided.name]
    for row in ledger.rows where kinds.contains(row.kind) && stands.contains(row.state) {
      guard let body = ledger.record(row.reference)?.body, let fields = try? FieldReader(body),
        fields.number(18) == World.chipEntry
      else { continue }
      guard let chip = ChipRecord(body) else {
        return Violation(2, row.reference + " was paid by a chip of which nothing is known")
      }
      if let violation = checkWord(row, chip) ?? checkPaper(row, chip) { return violation }
    }
    return checkNotices()
  }

  /// Every notice that counts as told has reached the acquirer, once.
  private func checkNotices() -> Violation? {
    for row in ledger.rows where row.kind == TransactionKind.scriptNotice.name {
      let found = acquirer.scriptNotices.count { notice in
        STAN(row.stan).map { Array($0.text.utf8) } == notice.stan && notice.batch == row.batch
      }
      let isTold = row.state == TransactionState.approved.name
      if isTold ? found != 1 : found > 1 {
        return Violation(1, row.reference + " has reached the acquirer \(found) times")
      }
      if row.state == TransactionState.queued.name {
        return Violation(1, row.reference + " is never told to the acquirer")
      }
    }
    return nil
  }

  /// The card itself has approved what stands.
  private func checkWord(_ row: TransactionRow, _ chip: ChipRecord) -> Violation? {
    let end = row.maskedPAN.utf8.suffix(4)
    let owner = SimulatedShop.accounts.firstIndex { $0.pan.suffix(4).elementsEqual(end) }
    guard let owner else { return Violation(1, row.reference + " is of nobody's card") }
    let word = slot.cards[owner].words.last { $0.counter == chip.counter }
    if word?.isApproval != true {
      return Violation(1, row.reference + " is approved, and its card has declined")
    }
    let hasNotice = ledger.rows.contains {
      $0.kind == TransactionKind.scriptNotice.name && $0.original == row.reference
    }
    // Of a script that nobody can read there is a notice too.
    if slot.cards[owner].scripted.contains(chip.counter), !hasNotice {
      return Violation(1, row.reference + " had a script, and no notice of it")
    }
    if chip.information & 0xC0 != CryptogramType.approved.rawValue {
      return Violation(1, row.reference + " is approved without a TC")
    }
    return nil
  }

  /// A printed receipt names application and cryptogram, and no receipt when the card expires.
  private func checkPaper(_ row: TransactionRow, _ chip: ChipRecord) -> Violation? {
    if row.receipt != ReceiptState.printed.name { return nil }
    let trace = STAN(row.stan)?.text ?? ""
    let slips = paper.split(separator: "").filter { lines in
      lines.contains { contains($0, "TRACE") && contains($0, trace) }
    }
    let parts = [Hex.text(chip.application), "TC", Hex.text(chip.cryptogram)]
    let isWhole = slips.contains { lines in
      parts.allSatisfy { part in lines.contains { contains($0, part) } }
    }
    if !isWhole { return Violation(2, row.reference + " has a receipt without its chip") }
    if slips.contains(where: { $0.contains { contains($0, "EXP") } }) {
      return Violation(2, row.reference + " has a receipt that says when its card expires")
    }
    return nil
  }
}
