// SPDX-License-Identifier: Apache-2.0

import ISO8583

// kind                   type  DE3     DE25   refers by
// sale                   0200  000000  00
// void                   0200  020000  00     37, 90
// refund                 0220  200000  00     37, 90, where it is of a known sale
// balance                0100  310000
// pre-authorisation      0100  300000  06
//   its void             0100  020000  06     37, 38, 90
// completion             0200  000000  06     38, 90
//   as an advice         0220  000000  06     38, 90
//   its void             0200  020000  06     37, 38, 90
// offline sale           0220  000000  00
// tip                    0220  220000  00     90; DE54 the tip, DE4 the sum

/// What a message of the generic dialect asks.
enum GenericReading {
  /// What is asked, or nil for what nobody knows.
  static func kind(_ message: Message) -> Hold.Kind? {
    let condition = message[25] ?? letters("00")
    let words = [message.mti, message[3] ?? [], condition].map {
      String(decoding: $0, as: UTF8.self)
    }
    switch (words[0], words[1], words[2]) {
    case ("0200", "000000", "00"): return .sale
    case ("0200", "020000", "00"): return .saleVoid
    case ("0220", "200000", "00"): return .refund
    case ("0100", "310000", "00"): return .balance
    case ("0100", "300000", "06"): return .preAuthorisation
    case ("0100", "020000", "06"): return .preAuthorisationVoid
    case ("0200", "000000", "06"): return .completion
    case ("0220", "000000", "06"): return .completionAdvice
    case ("0200", "020000", "06"): return .completionVoid
    case ("0220", "000000", "00"): return .offlineSale
    case ("0220", "220000", "00"): return .tip
    default: return nil
    }
  }

  /// What a reversal is of. The two voids of the pre-authorisation's family differ by the type of
  /// what they voided.
  static func reversedKind(_ message: Message) -> Hold.Kind? {
    let words = [message[3] ?? [], message[25] ?? letters("00")].map {
      String(decoding: $0, as: UTF8.self)
    }
    switch (words[0], words[1]) {
    case ("000000", "00"): return .sale
    case ("020000", "00"): return .saleVoid
    case ("300000", "06"): return .preAuthorisation
    case ("000000", "06"): return .completion
    case ("020000", "06"):
      let isOfHeld = message[90]?.starts(with: letters("0100")) ?? true
      return isOfHeld ? .preAuthorisationVoid : .completionVoid
    // These are not reversed; their reversal is refused by name.
    case ("200000", "00"): return .refund
    case ("310000", _): return .balance
    case ("220000", "00"): return .tip
    default: return nil
    }
  }

  /// The elements of a card message.
  static func presence(_ kind: Hold.Kind, _ message: Message) -> Presence {
    var presence = Presence(
      required: [2, 3, 4, 7, 11, 12, 13, 22, 25, 41, 42, 49],
      allowed: [14, 23, 35, 52, 55, 60, 62, 64, 128], forbidden: [39])
    if kind == .balance { presence.required.removeAll { $0 == 4 } }
    let isSwiped = message[22]?.starts(with: letters("02")) ?? false
    if isSwiped, [.sale, .preAuthorisation, .balance].contains(kind) {
      presence.required.append(35)
    }
    if message[52] != nil { presence.allowed.append(62) }
    switch kind {
    case .sale, .preAuthorisation, .balance: break
    case .offlineSale: presence.allowed += [38, 54]
    case .saleVoid:
      presence.required += [37, 90]
      presence.allowed.append(38)
    case .refund: presence.allowed += [37, 38, 90]
    case .preAuthorisationVoid, .completionVoid: presence.required += [37, 38, 90]
    case .completion, .completionAdvice:
      presence.required += [38, 90]
      presence.allowed.append(37)
    case .tip:
      presence.required += [54, 90]
      presence.allowed += [37, 38]
    }
    return presence
  }

  /// A reversal says why, and has none of what is secret or belongs to the answer.
  static let reversalPresence = Presence(
    required: [2, 3, 4, 7, 11, 12, 13, 22, 25, 39, 41, 42, 49],
    allowed: [14, 23, 38, 55, 60, 64, 90, 128], forbidden: [35, 37, 52, 62])

  static func request(_ message: Message, _ kind: Hold.Kind, isReversal: Bool) -> CardRequest {
    var request = CardRequest(
      kind: kind, isReversal: isReversal, messageType: isReversal ? [] : message.mti,
      terminalID: message[41] ?? [], merchantID: message[42] ?? [], stan: message[11] ?? [],
      localTime: (message[13] ?? []) + (message[12] ?? []), pan: message[2] ?? [],
      amount: Digits.number(message[4]) ?? 0)
    request.approvalCode = message[38]
    if kind == .tip || kind == .offlineSale { request.tip = Digits.number(message[54]) }
    if !isReversal { request.original = original(message) }
    return request
  }

  private static func original(_ message: Message) -> OriginalReference {
    var reference = OriginalReference()
    reference.retrievalReference = message[37]
    if let digits = message[90] {
      reference.messageType = Array(digits[..<4])
      reference.stan = Array(digits[4..<10])
      reference.localTime = Array(digits[10..<20])
    }
    if message[37] != nil || message[90] != nil { reference.approvalCode = message[38] }
    return reference
  }
}
