// SPDX-License-Identifier: Apache-2.0

import ISO8583

// DE48 of 0500: debit amount 12, number 3, credit amount 12, number 3, result 1; domestic, then
// foreign, or domestic alone. The answer has no DE39.
//
// 0320  60.1  60.3
//       00    201        DE48: number of records 2, then kind 2, STAN 6, PAN 20, amount 12 each
//       00    203–206    a chip transaction's proof
//       2x 3x            one transaction told afterwards
//       00    202, 207   the end; DE48: how many records were uploaded

extension AcquirerModel {
  private func batchNumber(_ call: HostCall) -> UInt32? {
    Digits.number(UnionPayReading.part(call.message[60], 2, 6)).map { UInt32($0) }
  }

  private mutating func malformed(_ call: HostCall) -> [Effect] {
    refusedFrames += 1
    return reply(unionPay(call, letters("30")), call, isSigned: false)
  }

  mutating func unionPayTotals(_ call: HostCall) -> [Effect] {
    let presence = Presence(required: [11, 41, 42, 48, 49, 60], allowed: [63])
    guard isComplete(call.message, presence), let number = batchNumber(call),
      let digits = call.message[48], let told = UnionPayTotals.totals(digits)
    else { return malformed(call) }
    let batch = ledger.compare(told, number, of: call.terminalID, rules)
    var results = digits
    results[30] = 0x30 + (batch.domestic ?? .error).rawValue
    if digits.count == 62 { results[61] = 0x30 + (batch.foreign ?? .error).rawValue }
    var answer = unionPay(call, nil)
    answer[15] = rules.clock.date(at: call.now, daysOn: 1)
    answer[37] = ledger.reference(rules, at: call.now)
    answer[48] = results
    return reply(answer, call, isSigned: false)
  }

  mutating func unionPayUpload(_ call: HostCall) -> [Effect] {
    guard let number = batchNumber(call), let kind = UnionPayReading.part(call.message[60], 0, 2),
      let network = UnionPayReading.part(call.message[60], 8, 3)
    else { return malformed(call) }
    let code: String
    switch (String(decoding: kind, as: UTF8.self), String(decoding: network, as: UTF8.self)) {
    case ("00", "202"), ("00", "207"):
      guard isComplete(call.message, Presence(required: [11, 41, 42, 48, 60])),
        let count = Digits.number(call.message[48])
      else { return malformed(call) }
      // The end that was heard before is heard again.
      let end = ledger.close(number, of: call.terminalID, announced: count, rules)
      code = end == "94" ? "00" : end
    case ("00", "201"):
      guard isComplete(call.message, Presence(required: [11, 41, 42, 48, 60])),
        let records = UnionPayTotals.records(call.message[48] ?? [])
      else { return malformed(call) }
      code = ledger.upload(records, number, of: call.terminalID)
    case ("00", "203"), ("00", "204"), ("00", "205"), ("00", "206"):
      let presence = Presence(
        required: [2, 4, 11, 41, 42, 55, 60, 62], allowed: [22, 23, 3, 25, 49])
      guard isComplete(call.message, presence),
        let card = UnionPayReading.part(call.message[62], 2, 2)
      else { return malformed(call) }
      let record = record(call, isCredit: nil, isForeign: card != letters("00"), counts: false)
      code = ledger.upload([record], number, of: call.terminalID)
    case ("24", _), ("25", _), ("30", _), ("32", _), ("34", _), ("36", _):
      guard isComplete(call.message, UnionPayTotals.presence) else { return malformed(call) }
      let record = record(
        call, isCredit: kind == letters("25"), isForeign: isForeign(call), counts: true)
      code = ledger.upload([record], number, of: call.terminalID)
      if kind == letters("32") || kind == letters("34"), code == "00" {
        let request = UnionPayReading.request(call.message, .tip, pan: record.pan)
        ledger.learn(tip: request, number, rules, at: call.now)
      }
    default: return malformed(call)
    }
    var answer = unionPay(call, letters(code))
    // Of the transaction the answer repeats nothing but its trace number.
    for element in [3, 4, 25, 49] { answer[element] = nil }
    answer[37] = ledger.reference(rules, at: call.now)
    if network == letters("201") || call.message[48] != nil { answer[48] = call.message[48] }
    return reply(answer, call, isSigned: false)
  }

  private func record(
    _ call: HostCall, isCredit: Bool?, isForeign: Bool, counts: Bool
  ) -> UploadedRecord {
    UploadedRecord(
      stan: call.message[11] ?? [], pan: call.message[2] ?? [],
      amount: Digits.number(call.message[4]) ?? 0, isCredit: isCredit, isForeign: isForeign,
      counts: counts)
  }

  /// By the organisation that the terminal names, where it knows it, else by the number.
  private func isForeign(_ call: HostCall) -> Bool {
    let named = call.message[63].map { Array($0.prefix(3)) }
    if let named, named != letters("000"), named.count == 3 { return named != letters("CUP") }
    let number = call.message[2] ?? []
    let known = rules.organisations.first { number.starts(with: $0.prefix) }
    return known.map { $0.name != letters("CUP") } ?? false
  }
}

/// DE48 of settlement and upload.
enum UnionPayTotals {
  static let presence = Presence(
    required: [3, 4, 11, 22, 25, 41, 42, 49, 60],
    allowed: [2, 14, 23, 35, 36, 37, 38, 48, 53, 55, 61, 63])

  static func totals(_ digits: [UInt8]) -> HostTotals? {
    guard digits.count == 31 || digits.count == 62, let domestic = sums(digits[..<31]) else {
      return nil
    }
    if digits.count == 31 { return HostTotals(domestic: domestic) }
    guard let foreign = sums(digits[31...]) else { return nil }
    return HostTotals(domestic: domestic, foreign: foreign)
  }

  private static func sums(_ digits: ArraySlice<UInt8>) -> BatchSums? {
    let digits = Array(digits)
    guard let debit = Digits.number(Array(digits[..<12])),
      let debits = Digits.number(Array(digits[12..<15])),
      let credit = Digits.number(Array(digits[15..<27])),
      let credits = Digits.number(Array(digits[27..<30]))
    else { return nil }
    return BatchSums(
      debitAmount: debit, debitCount: debits, creditAmount: credit, creditCount: credits)
  }

  static func records(_ digits: [UInt8]) -> [UploadedRecord]? {
    guard digits.count >= 2, let count = Digits.number(Array(digits[..<2])), count > 0,
      count <= 8, digits.count == 2 + Int(count) * 40
    else { return nil }
    return (0..<Int(count)).map { place in
      let record = Array(digits[(2 + place * 40)..<(42 + place * 40)])
      return UploadedRecord(
        stan: Array(record[2..<8]), pan: Array(record[8..<28].drop { $0 == 0x30 }),
        amount: Digits.number(Array(record[28...])) ?? 0, isCredit: nil,
        isForeign: record[..<2] != letters("00")[...], counts: true)
    }
  }
}
