// SPDX-License-Identifier: Apache-2.0

import Devices
public import ISO8583
import PaymentCrypto
import Wire

/// How one acquirer is spoken to: the table of elements, the frame, and which elements a message
/// has.
public struct Dialect: Hashable, Sendable {
  /// The elements.
  public var table: MessageTable
  /// The frame around a message.
  public var framing: Framing
  /// Which answers the acquirer signs.
  public var signing: AnswerSigning
  /// What response codes are.
  var responses = Responses([])
  /// The MAC key, once parameters have come.
  var macKey: MACKey?

  /// A dialect without keys.
  public init(table: MessageTable, framing: Framing, signing: AnswerSigning = .approvals) {
    self.table = table
    self.framing = framing
    self.signing = signing
  }

  /// DE70 of an echo.
  private static let echo = ascii("301")
  /// DE64: ANSI X9.19.
  private static let mac = MACAlgorithm.retail(.zeros)

  /// 0800: is anybody there?
  func echoRequest(stan: STAN, at time: LocalTime, terminalID: [UInt8]) -> Message {
    var message = Message(mti: ascii("0800"))
    message[7] = time.dateDigits + time.timeDigits
    message[11] = Array(stan.text.utf8)
    message[41] = terminalID
    message[70] = Dialect.echo
    return message
  }

  /// 0200: a purchase with a swiped card.
  func saleRequest(
    _ record: TransactionRecord, card: Track2, pin: EncryptedPIN?, merchant: AcceptorIdentity
  ) -> Message {
    var message = original(ascii("0200"), record, merchant)
    message[2] = card.pan.exposed
    message[14] = expiryDigits(card.expiry)
    message[22] = ascii(pin == nil ? "022" : "021")
    message[35] = card.exposed
    if let pin {
      message[52] = pin.block.exposed
      message[62] = pin.keySerialNumber.map { Hex.encode($0) }
    }
    return message
  }

  /// 0400: forget the purchase with this trace number.
  func reversalRequest(
    _ record: TransactionRecord, card: SealedCard?, merchant: AcceptorIdentity
  ) -> Message {
    var message = original(ascii("0400"), record, merchant)
    message[2] = card?.pan.exposed
    message[14] = expiryDigits(card?.expiry)
    message[22] = ascii(record.hasPIN ? "021" : "022")
    if !record.approvalCode.isEmpty { message[38] = record.approvalCode }
    message[39] = (record.reversalReason ?? .other).code
    return message
  }

  /// The bytes on the wire, with frame and, where a key is known, MAC.
  func frame(_ message: Message) -> [UInt8]? {
    let codec = Codec(table: table)
    do {
      guard let macKey else { return framing.frame(try codec.encode(message)) }
      let bytes = try codec.encode(message) { try? macKey.mac(Dialect.mac, over: $0) }
      return framing.frame(bytes)
    } catch {
      return nil
    }
  }

  /// Compares an answer with what was asked, element by element, and then its MAC.
  func judge(_ frame: [UInt8], for request: HostRequest) -> HostResult {
    let codec = Codec(table: table)
    guard let message = try? codec.decode(frame) else { return .badAnswer(.unreadable) }
    guard message.mti == request.expected.mti else { return .badAnswer(.mismatch) }
    guard let code = message[39] else { return .badAnswer(.unreadable) }
    if !repeats(message, request.expected, code) { return .badAnswer(.mismatch) }
    if let mac = message[64] {
      guard let macKey, frame.count >= 8 else { return .badAnswer(.wrongMAC) }
      if mac.count != 8 || !macKey.verifies(mac, Dialect.mac, over: Array(frame.dropLast(8))) {
        return .badAnswer(.wrongMAC)
      }
    } else if request.expected.needsMAC,
      !mayBeUnsigned(message.mti, code, overTLS: request.endpoint.usesTLS)
    {
      return .badAnswer(.wrongMAC)
    }
    return .answered(message)
  }

  /// Many hosts sign no refusal, and have no key to sign one with when keys are what is wrong. An
  /// approval is believed only with a MAC. That there is nothing to reverse ends a reversal, and so
  /// it is believed without one only where TLS says whose word it is.
  private func mayBeUnsigned(_ mti: [UInt8], _ code: [UInt8], overTLS: Bool) -> Bool {
    if signing == .everything { return false }
    if mti == ascii("0410") { return overTLS && code != ascii("00") }
    return responses.response(to: String(decoding: code, as: UTF8.self)).kind == .declined
  }

  /// Whether an answer repeats what its request had. Not every host repeats the condition and the
  /// currency, nor the merchant in a refusal; the reference numbers are the host's own, and not
  /// empty.
  private func repeats(_ message: Message, _ key: AnswerKey, _ code: [UInt8]) -> Bool {
    if message[11] != key.stan { return false }
    if let terminalID = key.terminalID, message[41] != terminalID { return false }
    if let processing = key.processing, message[3] != processing { return false }
    if let amount = key.amount, !isAmount(message[4], asked: amount, code) { return false }
    if let merchantID = key.merchantID, message[42] != merchantID {
      if message[42] != nil || code == ascii("00") { return false }
    }
    if let condition = key.condition, let repeated = message[25], repeated != condition {
      return false
    }
    if let currency = key.currency, let repeated = message[49], repeated != currency {
      return false
    }
    return [message[32], message[37]].allSatisfy { number in
      number.map { digits in digits.contains { $0 != 0x20 } } ?? true
    }
  }

  /// An answer repeats the amount; an approval in part, which ISO 8583:1987 codes as 10, has a
  /// smaller one.
  private func isAmount(_ answered: [UInt8]?, asked: [UInt8], _ code: [UInt8]) -> Bool {
    guard let answered else { return false }
    if answered == asked { return true }
    let isPart = answered.lexicographicallyPrecedes(asked) && answered.contains { $0 != 0x30 }
    return code == ascii("10") && isPart
  }

  /// What the answer to a message must repeat.
  func answerKey(for message: Message) -> AnswerKey {
    var mti = message.mti
    mti[2] += 1
    return AnswerKey(
      mti: mti, stan: message[11] ?? [], terminalID: message[41], merchantID: message[42],
      processing: message[3], amount: message[4], condition: message[25], currency: message[49],
      needsMAC: macKey != nil && message[4] != nil)
  }

  private func original(
    _ mti: [UInt8], _ record: TransactionRecord, _ merchant: AcceptorIdentity
  ) -> Message {
    var message = Message(mti: mti)
    message[3] = ascii("000000")
    message[4] = record.amount.twelveDigits
    message[7] = record.localTime.dateDigits + record.localTime.timeDigits
    message[11] = Array(record.stan.text.utf8)
    message[12] = record.localTime.timeDigits
    message[13] = record.localTime.dateDigits
    message[25] = ascii("00")
    message[41] = merchant.terminalID
    message[42] = merchant.merchantID
    message[49] = merchant.currency
    return message
  }

  private func expiryDigits(_ expiry: Expiry?) -> [UInt8]? {
    guard let expiry else { return nil }
    return [
      0x30 + expiry.year / 10, 0x30 + expiry.year % 10,
      0x30 + expiry.month / 10, 0x30 + expiry.month % 10,
    ]
  }
}

/// Which answers an acquirer signs with a MAC.
public enum AnswerSigning: UInt8, Hashable, Sendable, CaseIterable {
  /// Approvals; a refusal is believed without one.
  case approvals
  /// Approvals and refusals.
  case everything
}

/// Who accepts cards: DE41, DE42, DE49.
public struct AcceptorIdentity: Hashable, Sendable {
  /// DE41, eight characters.
  public var terminalID: [UInt8]
  /// DE42, fifteen characters.
  public var merchantID: [UInt8]
  /// DE49, three digits.
  public var currency: [UInt8]
}

extension Amount {
  /// DE4: twelve digits.
  var twelveDigits: [UInt8] {
    let digits = Array(String(minorUnits).utf8)
    return [UInt8](repeating: 0x30, count: 12 - digits.count) + digits
  }
}

/// A text of ASCII as bytes.
func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }
