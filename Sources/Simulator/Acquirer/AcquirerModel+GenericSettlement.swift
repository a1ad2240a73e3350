// SPDX-License-Identifier: Apache-2.0

import ISO8583

// 0500  DE3 920000  totals in DE63: debit amount 12, number 6, credit amount 12, number 6
// 0320              one transaction each, with its own DE11, DE3, DE25
// 0500  DE3 960000  the end, totals again

extension AcquirerModel {
  mutating func genericSettlement(_ call: HostCall) -> [Effect] {
    var call = call
    if call.message[64] != nil {
      guard let session = session(call) else {
        refusedFrames += 1
        return reply(generic(call, letters("A0")), call)
      }
      call.session = session
    }
    let required = call.type == "0320" ? [2, 3, 4, 11, 41, 42, 60] : [3, 11, 41, 42, 60, 63]
    let allowed = [7, 12, 13, 14, 22, 23, 25, 37, 38, 49, 54, 63, 64, 90, 128]
    guard isComplete(call.message, Presence(required: required, allowed: allowed)),
      let number = Digits.number(call.message[60]).flatMap({ UInt32(exactly: $0) })
    else {
      refusedFrames += 1
      return reply(generic(call, letters("30")), call)
    }
    if call.type == "0320" { return genericRecord(number, call) }
    guard let sums = GenericTotals.sums(call.message[63] ?? []) else {
      refusedFrames += 1
      return reply(generic(call, letters("30")), call)
    }
    switch String(decoding: call.message[3] ?? [], as: UTF8.self) {
    case "920000": return genericTotals(sums, number, call)
    case "960000": return genericEnd(number, call)
    default:
      refusedFrames += 1
      return reply(generic(call, letters("12")), call)
    }
  }

  private mutating func genericTotals(
    _ sums: BatchSums, _ number: UInt32, _ call: HostCall
  ) -> [Effect] {
    let batch = ledger.compare(
      HostTotals(domestic: sums), number, of: call.terminalID, rules)
    let code =
      switch batch.domestic {
      case .agrees: "00"
      case .differs: "95"
      case .error, nil: "77"
      }
    var answer = generic(call, letters(code))
    if let host = batch.host { answer[63] = GenericTotals.digits(host.domestic) }
    return reply(answer, call)
  }

  private mutating func genericEnd(_ number: UInt32, _ call: HostCall) -> [Effect] {
    let code = ledger.close(number, of: call.terminalID, announced: nil, rules)
    // The end that was heard before is heard again.
    return reply(generic(call, letters(code == "94" ? "00" : code)), call)
  }

  private mutating func genericRecord(_ number: UInt32, _ call: HostCall) -> [Effect] {
    let processing = String(decoding: call.message[3] ?? [], as: UTF8.self)
    let isTip = processing == "220000"
    // The number the host gave finds the transaction, whatever trace number the record has; a tip
    // that the host has not heard of has its sale's.
    let hold = holds.first {
      $0.terminalID == call.terminalID && $0.retrievalReference == call.message[37]
        && (!isTip || $0.kind == .tip)
    }
    let record = UploadedRecord(
      stan: hold?.stan ?? call.message[11] ?? [], pan: call.message[2] ?? [],
      amount: Digits.number(call.message[4]) ?? 0,
      isCredit: ["020000", "200000"].contains(processing), isForeign: false, counts: true)
    let code = ledger.upload([record], number, of: call.terminalID)
    if isTip, code == "00" {
      let request = GenericReading.request(call.message, .tip, isReversal: false)
      ledger.learn(tip: request, number, rules, at: call.now)
    }
    let uploaded = batches.last { $0.number == number }?.uploaded.count ?? 0
    if let limit = rules.uploadsAnswered, uploaded > limit { return [] }
    var answer = generic(call, letters(code))
    for element in [3, 4, 25, 49] { answer[element] = nil }
    return reply(answer, call)
  }
}

/// The totals in DE63 of the generic dialect.
enum GenericTotals {
  static func sums(_ text: [UInt8]) -> BatchSums? {
    guard text.count == 36, let debit = Digits.number(Array(text[..<12])),
      let debits = Digits.number(Array(text[12..<18])),
      let credit = Digits.number(Array(text[18..<30])),
      let credits = Digits.number(Array(text[30...]))
    else { return nil }
    return BatchSums(
      debitAmount: debit, debitCount: debits, creditAmount: credit, creditCount: credits)
  }

  static func digits(_ sums: BatchSums) -> [UInt8] {
    Digits.fixed(sums.debitAmount, 12) + Digits.fixed(sums.debitCount, 6)
      + Digits.fixed(sums.creditAmount, 12) + Digits.fixed(sums.creditCount, 6)
  }
}
