// SPDX-License-Identifier: Apache-2.0

import Devices
public import ISO8583
public import PaymentCrypto

/// How one acquirer is spoken to: the table of elements, the frame, and which elements a message
/// has. Everything in it is data of the acquirer's file.
public struct Dialect: Hashable, Sendable {
  /// The messages that are no transaction.
  public enum Management: UInt8, Hashable, Sendable, CaseIterable {
    /// Is anybody there?
    case echo
    /// New keys, a new batch.
    case signIn
    /// Nothing more until the next sign-in.
    case signOff
    /// The totals of a batch.
    case settlement
    /// Several transactions of a batch in one message.
    case upload
    /// One of them in it.
    case uploadRecord
    /// The batch has been told of.
    case uploadEnd
    /// Give me my parameters.
    case parameters
    /// Which keys of certification authorities are there? One of them. That was all.
    case keyQuery, keyDownload, keyEnd
    /// Which chip applications are there? One of them. That was all.
    case applicationQuery, applicationDownload, applicationEnd
    /// A piece of the black list. That was all.
    case blackList, blackListEnd
    /// What holds for contactless cards. That was all.
    case contactless, contactlessEnd

    /// The name of its line.
    public var name: String {
      switch self {
      case .echo: "echo"
      case .signIn: "sign-in"
      case .signOff: "sign-off"
      case .settlement: "settlement"
      case .upload: "upload"
      case .uploadRecord: "upload-record"
      case .uploadEnd: "upload-end"
      case .parameters: "parameters"
      case .keyQuery: "key-query"
      case .keyDownload: "key-download"
      case .keyEnd: "key-end"
      case .applicationQuery: "application-query"
      case .applicationDownload: "application-download"
      case .applicationEnd: "application-end"
      case .blackList: "black-list"
      case .blackListEnd: "black-list-end"
      case .contactless: "contactless"
      case .contactlessEnd: "contactless-end"
      }
    }
  }

  /// The elements.
  public var table: MessageTable
  /// The frame around a message.
  public var framing: Framing
  /// Which answers the acquirer signs.
  public var signing: AnswerSigning
  /// How MACs are made.
  public var mac = MACAlgorithm.retail(.zeros)
  /// How a settlement's answer says its result.
  public var result = SettlementResult.code(agreed: ascii("00"), differed: ascii("95"))
  /// How keys come with a sign-in; nil where the parameters bring them.
  public var signIn: SignInRules?
  /// Whether tracks are encrypted on their way.
  public var trackEncryption = TrackEncryption.none
  /// How many transactions one upload message tells of.
  public var uploadsInOne = 8
  /// The script of each kind; nil for what the acquirer does not know.
  private var kinds = [MessageScript?](repeating: nil, count: TransactionKind.allCases.count)
  private var others = [MessageScript?](repeating: nil, count: Management.allCases.count)
  private var reversal: MessageScript
  private var uploadOne: MessageScript?
  /// What response codes are.
  var responses = Responses([])
  /// The MAC key, once parameters or a sign-in have brought one.
  var macKey: MACKey?

  /// A dialect without keys, of lines by name; a line may include those before it.
  public init(
    table: MessageTable, framing: Framing, lines: [(name: String, text: String)],
    signing: AnswerSigning = .approvals
  ) throws(ScriptFault) {
    self.table = table
    self.framing = framing
    self.signing = signing
    var known: [(name: String, script: MessageScript)] = []
    var reversal: MessageScript?
    for line in lines {
      let script = try MessageScript(line.text, including: known)
      known.append((line.name, script))
      if let kind = TransactionKind(name: line.name) {
        kinds[Int(kind.rawValue)] = script
      } else if let other = Management.allCases.first(where: { $0.name == line.name }) {
        others[Int(other.rawValue)] = script
      } else if line.name == "reversal" {
        reversal = script
      } else if line.name == "upload-one" {
        uploadOne = script
      } else if !script.mti.isEmpty {
        throw ScriptFault(word: line.name, reason: "is no message that a terminal sends")
      }
    }
    guard let reversal, kinds[Int(TransactionKind.sale.rawValue)] != nil else {
      throw ScriptFault(word: "sale, reversal", reason: "are the least an acquirer must know")
    }
    self.reversal = reversal
  }

  /// Whether the acquirer knows a kind of transaction.
  func knows(_ kind: TransactionKind) -> Bool { kinds[Int(kind.rawValue)] != nil }

  /// Whether the acquirer knows a message.
  func knows(_ message: Management) -> Bool { others[Int(message.rawValue)] != nil }

  /// Whether a message has a trace number of its own.
  func isNumbered(_ message: Management) -> Bool {
    others[Int(message.rawValue)]?.asks(for: .stan) == true
  }

  /// The numbers of all elements that its messages may have.
  public var elements: [Int] {
    let scripts = kinds + others + [reversal, uploadOne]
    return scripts.flatMap { $0?.steps.map { $0.element } ?? [] }
  }

  /// With how many digits a message says how many transactions there are.
  func widths(ofCountsIn message: Management) -> [Int] {
    let steps = others[Int(message.rawValue)]?.steps ?? []
    return steps.flatMap { $0.pieces ?? [] }.compactMap { piece in
      if case .value(let value, let width) = piece, value.isCount { width } else { nil }
    }
  }

  /// Whether an upload tells of one transaction a message.
  var uploadsOneByOne: Bool { uploadOne != nil }

  /// The request of a transaction, signed where its line says so.
  func request(_ facts: MessageFacts) -> DialectMessage? {
    guard let record = facts.record, let script = kinds[Int(record.kind.rawValue)] else {
      return nil
    }
    return script.message(facts).map { DialectMessage(message: $0, isSigned: script.isSigned) }
  }

  /// The type of a kind's request, or empty.
  func messageType(of kind: TransactionKind) -> [UInt8] { kinds[Int(kind.rawValue)]?.mti ?? [] }

  /// DE3 of a kind's request, or empty.
  func processing(of kind: TransactionKind) -> [UInt8] {
    let steps = kinds[Int(kind.rawValue)]?.steps ?? []
    guard case .literal(let digits)? = steps.last(where: { $0.element == 3 })?.pieces?.first
    else { return [] }
    return digits
  }

  /// The reversal of a transaction: its request, changed.
  func reversalRequest(_ facts: MessageFacts) -> DialectMessage? {
    changed(facts, by: reversal)
  }

  /// The upload of one transaction: its request, changed; nil where several travel in one message.
  func uploadRequest(_ facts: MessageFacts) -> DialectMessage? {
    guard let uploadOne else { return nil }
    return changed(facts, by: uploadOne)
  }

  private func changed(_ facts: MessageFacts, by script: MessageScript) -> DialectMessage? {
    guard var message = request(facts)?.message else { return nil }
    script.apply(facts, to: &message)
    return DialectMessage(message: message, isSigned: script.isSigned)
  }

  /// A message that is no transaction; nil where the acquirer does not know it.
  func request(_ management: Management, _ facts: MessageFacts) -> DialectMessage? {
    guard let script = others[Int(management.rawValue)] else { return nil }
    return script.message(facts).map { DialectMessage(message: $0, isSigned: script.isSigned) }
  }

  /// One transaction as it stands among others in an upload.
  func uploadRecord(_ facts: MessageFacts) -> [UInt8]? {
    guard let pieces = others[Int(Management.uploadRecord.rawValue)]?.steps.first?.pieces else {
      return nil
    }
    return MessageScript.content(pieces, facts)
  }

  /// The bytes on the wire, with frame and, where the message carries one, MAC; nil where that
  /// needs a key that is not there.
  func frame(_ message: Message, isSigned: Bool) -> [UInt8]? {
    let codec = Codec(table: table)
    do {
      if !isSigned { return framing.frame(try codec.encode(message)) }
      guard let macKey else { return nil }
      let bytes = try codec.encode(message) { try? macKey.mac(mac, over: $0) }
      return framing.frame(bytes)
    } catch {
      return nil
    }
  }

  /// Whether a message that is no transaction is coded and read back as it was; one that the
  /// acquirer does not know cannot be coded wrongly.
  func codes(_ management: Management, _ facts: MessageFacts) -> Bool {
    guard others[Int(management.rawValue)] != nil else { return true }
    guard let message = request(management, facts)?.message else { return false }
    let codec = Codec(table: table)
    guard let bytes = try? codec.encode(message), let read = try? codec.decode(bytes) else {
      return false
    }
    return read.mti == message.mti && (2...192).allSatisfy { read[$0] == message[$0] }
  }

  /// Compares an answer with what was asked, element by element, and then its MAC.
  func judge(_ frame: [UInt8], for request: HostRequest) -> HostResult {
    let codec = Codec(table: table)
    guard let message = try? codec.decode(frame) else { return .badAnswer(.unreadable) }
    guard message.mti == request.expected.mti else { return .badAnswer(.mismatch) }
    // The answer to a settlement has its result elsewhere.
    guard let code = message[39] ?? (request.expected.hasResponseCode ? nil : []) else {
      return .badAnswer(.unreadable)
    }
    if !repeats(message, request.expected, code) { return .badAnswer(.mismatch) }
    let wrongMAC = HostResult.badAnswer(.wrongMAC(date: message[13] ?? []))
    let place = message.macElement
    // A MAC that is not the last element covers nothing that stands behind it.
    if place != 64, message[64] != nil { return wrongMAC }
    if let mac = message[place] {
      guard let macKey, frame.count >= 8 else { return wrongMAC }
      if mac.count != 8 || !macKey.verifies(mac, self.mac, over: Array(frame.dropLast(8))) {
        return wrongMAC
      }
    } else if request.expected.needsMAC,
      !mayBeUnsigned(message.mti, code, overTLS: request.endpoint.usesTLS)
    {
      return wrongMAC
    }
    return .answered(message, order: 0)
  }

  /// Many hosts sign no refusal, and have no key to sign one with when keys are what is wrong. An
  /// approval is believed only with a MAC. That there is nothing to reverse ends a reversal, and so
  /// it is believed without one only where TLS says whose word it is.
  private func mayBeUnsigned(_ mti: [UInt8], _ code: [UInt8], overTLS: Bool) -> Bool {
    if signing == .everything { return false }
    if mti == ascii("0410") { return overTLS && code != ascii("00") }
    return !responses.response(to: String(decoding: code, as: UTF8.self)).kind.holdsMoney
  }

  /// Whether an answer repeats what its request had. Not every host repeats the condition and the
  /// currency, nor the merchant in a refusal; the reference numbers are the host's own, and not
  /// empty.
  private func repeats(_ message: Message, _ key: AnswerKey, _ code: [UInt8]) -> Bool {
    if !key.stan.isEmpty, message[11] != key.stan { return false }
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

  /// What the answer to a message must repeat. The answer to an upload repeats nothing of the
  /// transaction in it but its trace number.
  func answerKey(for request: DialectMessage) -> AnswerKey {
    let message = request.message
    var mti = message.mti
    mti[2] += 1
    var key = AnswerKey(
      mti: mti, stan: message[11] ?? [], terminalID: message[41], merchantID: message[42],
      processing: nil, amount: nil, condition: nil, currency: nil, needsMAC: request.isSigned,
      hasResponseCode: result.hasResponseCode || message.mti != ascii("0500"))
    if message.mti == ascii("0320") { return key }
    key.processing = message[3]
    // A notice concerns no money, and not every host repeats the sum that it names.
    key.amount = message.mti == ascii("0620") ? nil : message[4]
    key.condition = message[25]
    key.currency = message[49]
    return key
  }
}

/// A message that is ready to be framed.
struct DialectMessage: Hashable, Sendable {
  var message: Message
  /// Whether it carries a MAC.
  var isSigned: Bool
}

/// How a settlement's answer says whether the totals agree.
public enum SettlementResult: Hashable, Sendable {
  /// By DE39.
  case code(agreed: [UInt8], differed: [UInt8])
  /// By digits of an element, counted from 0, for the own and for the other organisations: 1 they
  /// agree, 2 they differ, anything else no comparison.
  case digits(element: Int, domestic: Int, foreign: Int)

  var hasResponseCode: Bool {
    if case .code = self { return true }
    return false
  }

  /// The results of an answer.
  func read(_ answer: Message) -> (BatchTotals.Comparison, BatchTotals.Comparison) {
    switch self {
    case .code(let agreed, let differed):
      let result: BatchTotals.Comparison =
        answer[39] == agreed ? .agreed : answer[39] == differed ? .differed : .failed
      return (result, result)
    case .digits(let element, let domestic, let foreign):
      let digits = answer[element] ?? []
      func result(_ index: Int) -> BatchTotals.Comparison {
        guard digits.indices.contains(index) else { return .failed }
        return digits[index] == 0x31 ? .agreed : digits[index] == 0x32 ? .differed : .failed
      }
      return (result(domestic), result(foreign))
    }
  }
}

/// How an acquirer hands out its keys.
public struct SignInRules: Hashable, Sendable {
  /// Where the keys stand in DE62.
  public var layout: SignInLayout
  /// The first digit of the new batch number in DE60, six digits long; nil where the terminal
  /// counts its batches itself.
  public var batchAt: Int?

  /// Rules.
  public init(layout: SignInLayout, batchAt: Int?) {
    self.layout = layout
    self.batchAt = batchAt
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
