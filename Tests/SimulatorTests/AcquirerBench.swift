// SPDX-License-Identifier: Apache-2.0

import Clockwork
import ISO8583
import PINPadCrypto
import PaymentCrypto
import Wire

@testable import Simulator

/// A terminal that says what a test wants said, to an acquirer of either dialect.
struct AcquirerBench {
  /// A request with its answer.
  struct Told {
    var kind: Hold.Kind
    var amount: UInt64
    var request: Message
    var answer: Message?

    var code: String { AcquirerBench.text(answer?[39]) }
    var stan: [UInt8] { request[11] ?? [] }
  }

  var host: AcquirerModel
  var now = Instant.start
  var stan = 0
  var batch: UInt32 = 1
  var account = SimulatedShop.accounts[0]
  var keys: KeyHierarchy
  /// The answers' bytes without their length, as they came last.
  var heard: [[UInt8]] = []
  var codec: Codec

  init(_ dialect: AcquirerDialect, rules: HostRules? = nil) throws {
    let flavour: ShopFlavour = dialect == .generic ? .generic : .unionPay
    host = SimulatedShop.acquirer(flavour)
    if let rules { host.rules = rules }
    keys = KeyHierarchy(master: host.keys.master)
    codec = Codec(table: dialect == .generic ? AcquirerTable.table : UnionPayTable.table)
    if dialect == .unionPay { try signIn() }
  }

  static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
  static func text(_ bytes: [UInt8]?) -> String {
    bytes.map { String(decoding: $0, as: UTF8.self) } ?? "none"
  }

  /// Sends bytes on a connection of their own and returns what comes, late answers too.
  mutating func pass(_ bytes: [UInt8]) -> [AcquirerModel.Effect] {
    now = now + .seconds(1)
    _ = host.handle(.connected(connection: 1), at: now)
    var effects = host.handle(.received(connection: 1, bytes), at: now)
    while let due = host.deadline {
      now = max(now, due)
      effects += host.handle(.deadlinePassed, at: now)
    }
    _ = host.handle(.disconnected(connection: 1), at: now)
    return effects
  }

  mutating func exchange(_ message: Message, key: MACKey?) -> Message? {
    let bytes = key.flatMap { HostMAC.signed(message, codec, $0, host.rules.mac) }
    guard let bytes = bytes ?? (try? codec.encode(message)) else { return nil }
    let isUnionPay = host.dialect == .unionPay
    let envelope: [UInt8] =
      isUnionPay ? [0x60, 0, 0x14, 0, 0, 0x60, 0x31, 0, 0x31, 0, 0x06] : []
    heard = pass(Framing().frame(envelope + bytes)).compactMap {
      if case .send(_, let bytes) = $0 { Array(bytes.dropFirst(2)) } else { nil }
    }
    guard let first = heard.first else { return nil }
    return try? codec.decode(Array(first.dropFirst(envelope.count)))
  }

  var macKey: MACKey? { host.dialect == .generic ? SimulatedShop.macKey : keys.mac }

  mutating func signIn(_ code: String = "003") throws {
    var message = Message(mti: AcquirerBench.bytes("0800"))
    message[11] = nextTrace()
    message[41] = AcquirerBench.bytes("10000001")
    message[42] = AcquirerBench.bytes("898000000000001")
    message[60] = AcquirerBench.bytes("00000000" + code)
    let answer = exchange(message, key: nil)
    guard let element = answer?[62],
      let layout = host.rules.layouts.first(where: { $0.code == Array(code.utf8) })?.layout
    else { return }
    try keys.signIn(element, layout)
    batch = UInt32(String(decoding: (answer?[60] ?? [])[2..<8], as: UTF8.self)) ?? 0
  }

  mutating func nextTrace() -> [UInt8] {
    stan += 1
    return Digits.fixed(stan, 6)
  }

  /// Tells a transaction, perhaps about an earlier one, perhaps with other elements.
  mutating func tell(
    _ kind: Hold.Kind, _ amount: UInt64, of original: Told? = nil, tip: UInt64? = nil,
    changes: [(Int, String?)] = []
  ) -> Told {
    var message =
      host.dialect == .generic
      ? generic(kind, amount, original, tip) : unionPay(kind, amount, original, tip)
    for (element, text) in changes { message[element] = text.map { Array($0.utf8) } }
    return again(Told(kind: kind, amount: amount, request: message))
  }

  /// The same message again.
  mutating func again(_ told: Told) -> Told {
    var told = told
    told.answer = exchange(told.request, key: macKey)
    return told
  }

  /// DE39 of the reversal's answer.
  mutating func reverse(_ told: Told) -> String {
    var message = told.request
    message.mti = AcquirerBench.bytes("0400")
    message[39] = AcquirerBench.bytes("98")
    for element in [26, 35, 36, 37, 52, 53, 62] { message[element] = nil }
    if host.dialect == .unionPay {
      message[61] = nil
      if [.saleVoid, .preAuthorisationVoid, .completion, .completionVoid].contains(told.kind) {
        message[61] = Digits.fixed(UInt64(batch), 6) + told.stan
        if told.kind != .saleVoid { message[61]? += AcquirerBench.bytes("0000") }
      }
    }
    return AcquirerBench.text(exchange(message, key: macKey)?[39])
  }

  private mutating func common(_ type: String, _ amount: UInt64) -> Message {
    var message = Message(mti: AcquirerBench.bytes(type))
    message[4] = Digits.fixed(amount, 12)
    message[11] = nextTrace()
    let texts = [(22, "022"), (41, "10000001"), (42, "898000000000001"), (49, "156")]
    for (element, text) in texts { message[element] = AcquirerBench.bytes(text) }
    message[35] = account.track
    return message
  }

  private mutating func generic(
    _ kind: Hold.Kind, _ amount: UInt64, _ original: Told?, _ tip: UInt64?
  ) -> Message {
    let words: (String, String, String) =
      switch kind {
      case .sale: ("0200", "000000", "00")
      case .saleVoid: ("0200", "020000", "00")
      case .refund: ("0220", "200000", "00")
      case .balance: ("0100", "310000", "00")
      case .preAuthorisation: ("0100", "300000", "06")
      case .preAuthorisationVoid: ("0100", "020000", "06")
      case .completion: ("0200", "000000", "06")
      case .completionAdvice: ("0220", "000000", "06")
      case .completionVoid: ("0200", "020000", "06")
      case .offlineSale: ("0220", "000000", "00")
      case .tip: ("0220", "220000", "00")
      }
    var message = common(words.0, amount)
    let texts = [
      (3, words.1), (7, "0921131320"), (12, "131320"), (13, "0921"), (14, "3012"), (25, words.2),
    ]
    for (element, text) in texts { message[element] = AcquirerBench.bytes(text) }
    message[2] = account.pan
    message[60] = Digits.fixed(UInt64(batch), 6)
    if kind == .balance { message[4] = nil }
    if let tip { message[54] = Digits.fixed(tip, 12) }
    guard let original, !kind.originals.isEmpty else { return message }
    let follows = [Hold.Kind.saleVoid, .refund, .preAuthorisationVoid, .completionVoid]
    if follows.contains(kind) { message[37] = original.answer?[37] }
    if kind != .refund { message[38] = original.answer?[38] }
    message[90] =
      original.request.mti + original.stan + AcquirerBench.bytes("0921131320")
      + [UInt8](repeating: 0x30, count: 22)
    return message
  }

  private mutating func unionPay(
    _ kind: Hold.Kind, _ amount: UInt64, _ original: Told?, _ tip: UInt64?
  ) -> Message {
    let words: (String, String, String, String) =
      switch kind {
      case .sale: ("0200", "000000", "00", "22")
      case .saleVoid: ("0200", "200000", "00", "23")
      case .refund: ("0220", "200000", "00", "25")
      case .balance: ("0200", "310000", "00", "01")
      case .preAuthorisation: ("0100", "030000", "06", "10")
      case .preAuthorisationVoid: ("0100", "200000", "06", "11")
      case .completion: ("0200", "000000", "06", "20")
      case .completionAdvice: ("0220", "000000", "06", "24")
      case .completionVoid: ("0200", "200000", "06", "21")
      case .offlineSale: ("0220", "000000", "00", "30")
      case .tip: ("0220", "000000", "00", "34")
      }
    var message = common(words.0, amount)
    let texts = [(3, words.1), (25, words.2), (53, "0600000000000000")]
    for (element, text) in texts { message[element] = AcquirerBench.bytes(text) }
    message[60] =
      AcquirerBench.bytes(words.3) + Digits.fixed(UInt64(batch), 6) + AcquirerBench.bytes("00050")
    if kind == .balance { message[4] = nil }
    if let tip { message[48] = Digits.fixed(tip, 12) }
    if kind == .refund { message[63] = AcquirerBench.bytes("000") }
    guard let original, !kind.originals.isEmpty else { return message }
    let date = original.answer?[13] ?? AcquirerBench.bytes("0000")
    let itself = (original.request[60].map { Array($0[2..<8]) } ?? []) + original.stan
    let zeros = [UInt8](repeating: 0x30, count: 12)
    switch kind {
    case .saleVoid, .completionVoid:
      message[37] = original.answer?[37]
      message[61] = kind == .saleVoid ? itself : itself + date
    case .refund:
      message[37] = original.answer?[37]
      message[61] = zeros + date
    case .preAuthorisationVoid, .completion, .completionAdvice:
      message[38] = original.answer?[38]
      message[61] = zeros + date
    case .tip: message[61] = itself
    case .sale, .balance, .preAuthorisation, .offlineSale: break
    }
    return message
  }
}

extension AcquirerBench {
  /// Tells the batch's totals; how the sides compare, or DE39.
  mutating func settle(_ told: HostTotals, trace: [UInt8]? = nil) -> String {
    var message = management("0500", trace)
    guard host.dialect == .unionPay else {
      message[3] = AcquirerBench.bytes("920000")
      message[63] = GenericTotals.digits(told.domestic)
      return AcquirerBench.text(exchange(message, key: nil)?[39])
    }
    message[48] = AcquirerBench.sums(told.domestic) + AcquirerBench.sums(told.foreign)
    message[60]? += AcquirerBench.bytes("201")
    message[63] = AcquirerBench.bytes("01 ")
    let digits = exchange(message, key: nil)?[48] ?? []
    return digits.count == 62 ? AcquirerBench.text([digits[30], digits[61]]) : "none"
  }

  /// Uploads transactions; DE39.
  mutating func upload(_ records: [Told], trace: [UInt8]? = nil) -> String {
    guard host.dialect == .unionPay else {
      var code = "none"
      for record in records {
        var message = record.request
        message.mti = AcquirerBench.bytes("0320")
        for element in [7, 35, 52, 54, 62, 90] { message[element] = nil }
        message[37] = record.answer?[37]
        code = AcquirerBench.text(exchange(message, key: nil)?[39])
      }
      return code
    }
    var message = management("0320", trace)
    message[60]? += AcquirerBench.bytes("201")
    message[48] = Digits.fixed(records.count, 2)
    for record in records {
      let isForeign = !account.pan.starts(with: AcquirerBench.bytes("4012"))
      message[48]? += AcquirerBench.bytes(isForeign ? "01" : "00") + record.stan
      message[48]? += [UInt8](repeating: 0x30, count: 20 - account.pan.count) + account.pan
      message[48]? += Digits.fixed(record.amount, 12)
    }
    return AcquirerBench.text(exchange(message, key: nil)?[39])
  }

  /// Uploads a tip of which nothing was told before; DE39.
  mutating func uploadTip(_ tip: UInt64, of sale: Told) -> String {
    let isGeneric = host.dialect == .generic
    let sum = sale.amount + tip
    var message =
      isGeneric ? generic(.tip, sum, sale, tip) : unionPay(.tip, sum, sale, tip)
    message.mti = AcquirerBench.bytes("0320")
    for element in [7, 35, 52, 62] { message[element] = nil }
    message[2] = account.pan
    // What has never been answered has no number of its own.
    message[37] = sale.answer?[37]
    return AcquirerBench.text(exchange(message, key: nil)?[39])
  }

  /// Ends the batch; DE39.
  mutating func end(_ count: Int, trace: [UInt8]? = nil) -> String {
    var message = management("0500", trace)
    if host.dialect == .unionPay {
      message.mti = AcquirerBench.bytes("0320")
      message[49] = nil
      message[48] = Digits.fixed(count, 4)
      message[60]? += AcquirerBench.bytes(count == 0 ? "207" : "202")
    } else {
      message[3] = AcquirerBench.bytes("960000")
      message[63] = GenericTotals.digits(BatchSums())
    }
    return AcquirerBench.text(exchange(message, key: nil)?[39])
  }

  /// What the host counts at this moment.
  var totals: HostTotals {
    host.totals(of: AcquirerBench.bytes("10000001"), batch: batch)
  }

  private mutating func management(_ type: String, _ trace: [UInt8]?) -> Message {
    var message = Message(mti: AcquirerBench.bytes(type))
    message[11] = trace ?? nextTrace()
    message[41] = AcquirerBench.bytes("10000001")
    message[42] = AcquirerBench.bytes("898000000000001")
    message[49] = type == "0500" ? AcquirerBench.bytes("156") : nil
    message[60] = Digits.fixed(UInt64(batch), 6)
    if host.dialect == .unionPay { message[60]?.insert(contentsOf: [0x30, 0x30], at: 0) }
    return message
  }

  private static func sums(_ sums: BatchSums) -> [UInt8] {
    Digits.fixed(sums.debitAmount, 12) + Digits.fixed(sums.debitCount, 3)
      + Digits.fixed(sums.creditAmount, 12) + Digits.fixed(sums.creditCount, 3) + [0x30]
  }
}
