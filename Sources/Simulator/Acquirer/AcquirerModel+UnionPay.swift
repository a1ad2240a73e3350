// SPDX-License-Identifier: Apache-2.0

import ISO8583
import Wire

extension AcquirerModel {
  mutating func answerUnionPay(_ call: HostCall) -> [Effect] {
    switch call.type {
    case "0100", "0200", "0220", "0400": return unionPayCard(call)
    case "0620": return scriptNotice(call)
    case "0800", "0820": return unionPayManagement(call)
    case "0500": return unionPayTotals(call)
    case "0320": return unionPayUpload(call)
    default:
      refusedFrames += 1
      return reply(unionPay(call, letters("12")), call, isSigned: false)
    }
  }

  /// The call with the keys it was signed with; or the refusal of one that was not.
  mutating func signed(_ call: HostCall) -> (call: HostCall, refusal: [Effect]?) {
    var call = call
    call.session = session(call)
    if call.session != nil { return (call, nil) }
    refusedFrames += 1
    let isKnown = isSignedIn(call.terminalID)
    call.session = isKnown ? sessionForRefusals(call) : nil
    let code = letters(isKnown ? "A0" : rules.unsignedCode)
    return (call, reply(unionPay(call, code), call))
  }

  private mutating func unionPayCard(_ call: HostCall) -> [Effect] {
    let (call, refusal) = signed(call)
    if let refusal { return refusal }
    guard let session = call.session else { return [] }
    let message = call.message
    guard let kind = UnionPayReading.kind(message) else {
      refusedFrames += 1
      let isWhole = [3, 25, 60].allSatisfy { message[$0] != nil }
      return reply(unionPay(call, letters(isWhole ? "12" : "30")), call)
    }
    let isReversal = call.type == "0400"
    let presence =
      isReversal
      ? UnionPayReading.reversalPresence(kind, message) : UnionPayReading.presence(kind, message)
    let reasons = ["98", "A0", "06"].map { letters($0) }
    let hasReason = !isReversal || message[39].map { reasons.contains($0) } ?? false
    let track = UnionPaySecrets.track(message, session, rules)
    guard isComplete(message, presence), hasReason,
      !isReversal || UnionPayReading.namesItself(message),
      let pan = UnionPaySecrets.pan(message, track)
    else {
      refusedFrames += 1
      return reply(unionPay(call, letters("30")), call)
    }
    var request = UnionPayReading.request(message, kind, pan: pan)
    if isReversal { return unionPayReversal(request, call) }
    let behaviour = rules.behaviour(request.amount)
    if behaviour == .deaf { return [] }
    request.isOutOfStep =
      request.batch != ledger.openBatch(of: request.terminalID, rules)
    if !request.isOutOfStep { _ = ledger.batchIndex(request.batch, of: request.terminalID) }
    if let account = ledger.account(request) {
      request.hasWrongPIN =
        message[52].map { !UnionPaySecrets.isPIN($0, message, account, session) } ?? false
      request.hasWrongTrack =
        track.map { !account.track.isEmpty && $0 != account.track } ?? false
    }
    let chip = askIssuer(message, request)
    if let chip, chip.finding != .authentic { request.hasWrongCryptogram = true }
    let decision = ledger.decide(request, rules, at: call.now)
    var answer = unionPay(call, decision, request)
    if let chip, answer[55] != nil { answer[55] = chip.answer.objects }
    return deliver(answer, call, behaviour)
  }

  /// What the card's issuer says of a chip; nil for none, or where no issuer is asked.
  private mutating func askIssuer(
    _ message: Message, _ request: CardRequest
  ) -> (finding: IssuerFinding, answer: IssuerAnswer)? {
    guard let data = message[55], var issuer else { return nil }
    let digits = message[23] ?? letters("000")
    let sequence = digits.suffix(2).reduce(0) { $0 << 4 | ($1 - 0x30) }
    let said = issuer.authorise(data, pan: request.pan.map { $0 - 0x30 }, sequence: sequence)
    self.issuer = issuer
    return said
  }

  /// A card that was swiped is not in its reversal; terminal, batch and trace number are enough.
  private mutating func unionPayReversal(
    _ request: CardRequest, _ call: HostCall
  ) -> [Effect] {
    var request = request
    let known = holds.first { $0.isOf(request) }
    if request.pan.isEmpty, let known { request.pan = known.pan }
    let decision = ledger.reverse(request, rules, at: call.now)
    if decision.code == letters("30") { refusedFrames += 1 }
    var answer = unionPay(call, decision.code)
    addCardParts(&answer, call, pan: request.pan)
    answer[37] = ledger.reference(rules, at: call.now)
    answer[44] = UnionPayAnswer.route
    return reply(answer, call)
  }

  private func unionPay(
    _ call: HostCall, _ decision: HostLedger.Decision, _ request: CardRequest
  ) -> Message {
    var answer = unionPay(call, decision.code)
    addCardParts(&answer, call, pan: request.pan)
    answer[44] = UnionPayAnswer.route
    answer[53] = call.message[53]
    guard let hold = decision.hold else { return answer }
    let isApproved = HostLedger.approvals.contains(hold.responseCode)
    if isApproved, hold.kind.isHeld, hold.kind != .offlineSale {
      answer[4] = Digits.fixed(hold.amount, 12)
    }
    answer[12] = Array(hold.localTime.suffix(6))
    answer[13] = Array(hold.localTime.prefix(4))
    answer[37] = hold.retrievalReference
    if !hold.approvalCode.isEmpty { answer[38] = hold.approvalCode }
    answer[63] = HostLedger.organisation(hold, rules)
    if isApproved { addChip(&answer, call) }
    if hold.kind == .balance, isApproved, let account = ledger.account(request) {
      answer[4] = nil
      answer[54] =
        letters("1002") + (call.message[49] ?? letters("156")) + letters("C")
        + Digits.fixed(ledger.balance(of: account), 12)
    }
    return answer
  }

  private func addCardParts(_ answer: inout Message, _ call: HostCall, pan: [UInt8]) {
    if !pan.isEmpty { answer[2] = pan }
    for element in [14, 23] { answer[element] = call.message[element] }
    answer[15] = rules.clock.date(at: call.now, daysOn: 1)
  }

  /// The card's counter as it came, and a cryptogram with the response code behind it.
  private func addChip(_ answer: inout Message, _ call: HostCall) {
    guard let data = call.message[55], let code = answer[39] else { return }
    var chip: [UInt8] = []
    if let objects = try? TLV.parse(data), let tag = TLVTag(0x9F36),
      let counter = TLV.first(tag, in: objects)
    {
      chip += counter.encoded
    }
    let issuer = rules.cryptogram + code
    answer[55] = chip + [0x91, UInt8(issuer.count)] + issuer
  }

  /// What every answer has: the request's own, the host's date and time, and the acquirer.
  func unionPay(_ call: HostCall, _ code: [UInt8]?) -> Message {
    var mti = call.message.mti
    mti[2] += 1
    var answer = Message(mti: mti)
    for element in [3, 4, 11, 25, 41, 42, 49, 60] { answer[element] = call.message[element] }
    answer[12] = rules.clock.time(at: call.now)
    answer[13] = rules.clock.date(at: call.now)
    answer[32] = UnionPayAnswer.acquirer
    answer[39] = code
    return answer
  }
}

/// The numbers that an acquirer's answers have.
enum UnionPayAnswer {
  /// DE32.
  static let acquirer = letters("00010344")
  /// DE44: issuer and acquirer, each filled to eleven.
  static let route = letters("03010000   00010344   ")
}
