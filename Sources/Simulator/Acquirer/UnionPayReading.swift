// SPDX-License-Identifier: Apache-2.0

import ISO8583

// kind                   type  DE3     DE25  60.1     refers by
// balance                0200  310000  00    01
// sale                   0200  000000  00    22, 36
// void                   0200  200000  00    23       61: batch, STAN; 37
// refund                 0220  200000  00    25       37; 61: zeros, date
// pre-authorisation      0100  030000  06    10
//   its void             0100  200000  06    11       38; 61: zeros, date
// completion             0200  000000  06    20       38; 61: zeros, date
//   as an advice         0220  000000  06    24       38; 61: zeros, date
//   its void             0200  200000  06    21       61: batch, STAN, date; 37
// offline sale           0220  000000  00    30
// adjustment, tip        0220  000000  00    32, 34   61: batch, STAN; DE4 the sum

/// What a message of UnionPay's dialect asks.
enum UnionPayReading {
  private struct Row {
    var kind: Hold.Kind
    var type: String
    var processing: String
    var condition: String
    var code: String
  }

  private static let rows = [
    Row(kind: .balance, type: "0200", processing: "310000", condition: "00", code: "01"),
    Row(kind: .sale, type: "0200", processing: "000000", condition: "00", code: "22"),
    Row(kind: .offlineSale, type: "0200", processing: "000000", condition: "00", code: "36"),
    Row(kind: .saleVoid, type: "0200", processing: "200000", condition: "00", code: "23"),
    Row(kind: .refund, type: "0220", processing: "200000", condition: "00", code: "25"),
    Row(kind: .preAuthorisation, type: "0100", processing: "030000", condition: "06", code: "10"),
    Row(
      kind: .preAuthorisationVoid, type: "0100", processing: "200000", condition: "06",
      code: "11"),
    Row(kind: .completion, type: "0200", processing: "000000", condition: "06", code: "20"),
    Row(kind: .completionAdvice, type: "0220", processing: "000000", condition: "06", code: "24"),
    Row(kind: .completionVoid, type: "0200", processing: "200000", condition: "06", code: "21"),
    Row(kind: .offlineSale, type: "0220", processing: "000000", condition: "00", code: "30"),
    Row(kind: .tip, type: "0220", processing: "000000", condition: "00", code: "32"),
    Row(kind: .tip, type: "0220", processing: "000000", condition: "00", code: "34"),
  ]

  /// What is asked, or reversed, or nil for what nobody knows.
  static func kind(_ message: Message) -> Hold.Kind? {
    let code = part(message[60], 0, 2)
    let row = rows.first { row in
      letters(row.code) == code && letters(row.processing) == message[3]
        && letters(row.condition) == message[25]
        && (message.mti == letters("0400") || message.mti == letters(row.type))
    }
    return row?.kind
  }

  /// Digits of an element from one place on, or nil where it ends before.
  static func part(_ element: [UInt8]?, _ start: Int, _ count: Int) -> [UInt8]? {
    guard let element, element.count >= start + count else { return nil }
    return Array(element[start..<start + count])
  }

  static func presence(_ kind: Hold.Kind, _ message: Message) -> Presence {
    var presence = Presence(
      required: [3, 4, 11, 22, 25, 41, 42, 49, 60, 64],
      allowed: [2, 14, 23, 26, 35, 36, 52, 53, 59], forbidden: [39])
    let isScanned = isScanned(message)
    let isSwiped = part(message[22], 0, 2) == letters("02")
    if !isScanned { presence.required.append(isSwiped ? 35 : 2) }
    if message[52] != nil || message[35] != nil { presence.required.append(53) }
    switch kind {
    case .balance:
      presence.required.removeAll { $0 == 4 }
      presence.allowed += [55, 62]
    case .sale: presence.allowed += [55, 62]
    case .preAuthorisation: presence.allowed.append(55)
    case .saleVoid:
      presence.required += [61]
      presence.allowed += [37, 38]
      // A sale by a scanned code is found by its number, and has no card.
      if message[37] != nil { presence.required.removeAll { $0 == 2 || $0 == 35 } }
    case .refund:
      presence.required += [37, 61, 63]
      presence.required.removeAll { $0 == 2 || $0 == 35 }
      presence.allowed.append(38)
    case .preAuthorisationVoid, .completion, .completionAdvice: presence.required += [38, 61]
    case .completionVoid:
      presence.required += [37, 61]
      presence.allowed.append(38)
    case .offlineSale: presence.allowed += [37, 38, 48, 55, 61, 63]
    case .tip:
      presence.required += [61]
      presence.allowed += [37, 38, 48, 63]
    }
    return presence
  }

  /// A reversal has what it reverses, but nothing secret; where the table of reference says so, its
  /// DE61 names the reversed message itself.
  static func reversalPresence(_ kind: Hold.Kind, _ message: Message) -> Presence {
    var presence = Presence(
      required: [3, 4, 11, 22, 25, 39, 41, 42, 49, 60, 64],
      allowed: [2, 14, 23, 38, 55, 59], forbidden: [26, 35, 36, 37, 52, 53, 62])
    if [.saleVoid, .preAuthorisationVoid, .completion, .completionVoid].contains(kind) {
      presence.required.append(61)
    }
    // What was asked with the data of a chip is taken back with them.
    if part(message[22], 0, 2) == letters("05") { presence.required.append(55) }
    return presence
  }

  static func isScanned(_ message: Message) -> Bool {
    part(message[22], 0, 2) == letters("03") && scannedCode(message) != nil
  }

  /// A3 of DE59: tag 2, length 3, value, again and again up to the end, each tag once. Nil where
  /// that is not what stands there, or A3 is missing or no number.
  static func scannedCode(_ message: Message) -> [UInt8]? {
    guard let text = message[59] else { return nil }
    var rest = text[...]
    var tags: [[UInt8]] = []
    var code: [UInt8]?
    while !rest.isEmpty {
      let tag = Array(rest.prefix(2))
      guard let length = Digits.number(Array(rest.dropFirst(2).prefix(3))), rest.count >= 5,
        rest.count >= 5 + Int(length), !tags.contains(tag)
      else { return nil }
      tags.append(tag)
      if tag == letters("A3") { code = Array(rest.dropFirst(5).prefix(Int(length))) }
      rest = rest.dropFirst(5 + Int(length))
    }
    guard let code, !code.isEmpty, code.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return code
  }

  /// Without the card's number, which may be in an encrypted track.
  static func request(_ message: Message, _ kind: Hold.Kind, pan: [UInt8]) -> CardRequest {
    let isReversal = message.mti == letters("0400")
    var request = CardRequest(
      kind: kind, isReversal: isReversal, messageType: isReversal ? [] : message.mti,
      terminalID: message[41] ?? [], merchantID: message[42] ?? [], stan: message[11] ?? [],
      localTime: nil, pan: pan, amount: Digits.number(message[4]) ?? 0)
    request.batch = UInt32(Digits.number(part(message[60], 2, 6)) ?? 0)
    request.code = kind == .sale ? scannedCode(message) ?? [] : []
    request.approvalCode = message[38]
    if kind == .tip || kind == .offlineSale { request.tip = Digits.number(message[48]) }
    if !isReversal { request.original = original(message, kind) }
    return request
  }

  private static func original(_ message: Message, _ kind: Hold.Kind) -> OriginalReference {
    var reference = OriginalReference()
    if kind.originals.isEmpty { return reference }
    if let number = message[37], number.contains(where: { $0 != 0x30 && $0 != 0x20 }) {
      reference.retrievalReference = number
    }
    reference.approvalCode = message[38]
    if let batch = Digits.number(part(message[61], 0, 6)), batch != 0 {
      reference.batch = UInt32(batch)
    }
    if let stan = part(message[61], 6, 6), stan != letters("000000") { reference.stan = stan }
    if let date = part(message[61], 12, 4), date != letters("0000") { reference.date = date }
    return reference
  }

  /// Whether DE61 of a reversal names the reversed message itself.
  static func namesItself(_ message: Message) -> Bool {
    guard message[61] != nil else { return true }
    return part(message[61], 0, 6) == part(message[60], 2, 6)
      && part(message[61], 6, 6) == message[11]
  }
}
