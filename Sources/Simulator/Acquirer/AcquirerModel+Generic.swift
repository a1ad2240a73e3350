// SPDX-License-Identifier: Apache-2.0

import ISO8583
import PINPadCrypto
import PaymentCrypto
import Wire

extension AcquirerModel {
  mutating func answerGeneric(_ call: HostCall) -> [Effect] {
    switch call.type {
    case "0800": return network(call)
    case "0100", "0200", "0220", "0400": return genericCard(call)
    case "0500", "0320": return genericSettlement(call)
    default:
      refusedFrames += 1
      return refuse(call, "12")
    }
  }

  private mutating func refuse(_ call: HostCall, _ code: String) -> [Effect] {
    var refused = call
    refused.session = call.session ?? sessionForRefusals(call)
    return reply(generic(call, letters(code)), refused)
  }

  private mutating func genericCard(_ call: HostCall) -> [Effect] {
    var call = call
    guard let session = session(call) else {
      refusedFrames += 1
      return refuse(call, isSignedIn(call.terminalID) ? "A0" : rules.unsignedCode)
    }
    call.session = session
    let isReversal = call.type == "0400"
    let kind =
      isReversal
      ? GenericReading.reversedKind(call.message) : GenericReading.kind(call.message)
    guard let kind else {
      refusedFrames += 1
      return reply(generic(call, letters(call.message[3] == nil ? "30" : "12")), call)
    }
    let presence =
      isReversal
      ? GenericReading.reversalPresence : GenericReading.presence(kind, call.message)
    let reasons = ["98", "A0", "06"].map { letters($0) }
    let hasReason = !isReversal || call.message[39].map { reasons.contains($0) } ?? false
    if !isComplete(call.message, presence) || !hasReason {
      refusedFrames += 1
      return reply(generic(call, letters("30")), call)
    }
    var request = GenericReading.request(call.message, kind, isReversal: isReversal)
    setBatch(&request, told: Digits.number(call.message[60]))
    return isReversal ? genericReversal(request, call) : genericDecision(request, call)
  }

  /// The terminal numbers its batches itself; only one that is over cannot be used any more.
  private mutating func setBatch(_ request: inout CardRequest, told: UInt64?) {
    let open = ledger.openBatch(of: request.terminalID, rules)
    request.batch = told.flatMap { UInt32(exactly: $0) } ?? open
    request.isOutOfStep = ledger.isClosed(request.batch, of: request.terminalID)
    if !request.isOutOfStep { _ = ledger.batchIndex(request.batch, of: request.terminalID) }
  }

  private mutating func genericDecision(
    _ request: CardRequest, _ call: HostCall
  ) -> [Effect] {
    let behaviour = rules.behaviour(request.amount)
    if behaviour == .deaf { return [] }
    var request = request
    if let account = ledger.account(request), let block = call.message[52] {
      request.hasWrongPIN = !isPIN(block, call, account)
    }
    let decision = ledger.decide(request, rules, at: call.now)
    return deliver(generic(call, decision), call, behaviour)
  }

  private mutating func genericReversal(
    _ request: CardRequest, _ call: HostCall
  ) -> [Effect] {
    let decision = ledger.reverse(request, rules, at: call.now)
    if decision.code == letters("30") { refusedFrames += 1 }
    return reply(generic(call, decision.code), call)
  }

  private func isPIN(_ block: [UInt8], _ call: HostCall, _ account: IssuerAccount) -> Bool {
    if account.pin.isEmpty { return true }
    let key = call.message[62] == nil ? call.session?.pin : devicePINKey(call.message)
    guard let key, let clear = try? key.decipher(block),
      let pin = try? PINBlock.pin(format: 0, clear, pan: account.pan)
    else { return false }
    return pin.exposed == account.pin
  }

  private func devicePINKey(_ message: Message) -> PINKey? {
    guard let base = keys.pinBase, let digits = message[62],
      let bytes = try? Hex.decode(digits), let serial = try? KeySerialNumber(bytes),
      let initial = try? TDESDUKPT.initialKey(base: base, serial: serial)
    else { return nil }
    return try? TDESDUKPT.transactionKey(initial: initial, serial: serial).pinKey
  }

  /// DE70: 001 sign on, 002 sign off, 301 is anybody there?
  private mutating func network(_ call: HostCall) -> [Effect] {
    let code = call.message[70] ?? []
    var answer = generic(call, letters("00"))
    switch String(decoding: code, as: UTF8.self) {
    case "001" where keys.master != nil:
      let batch = ledger.openBatch(of: call.terminalID, rules)
      answer[60] = Digits.fixed(UInt64(batch), 6)
      answer[62] = signIn(call.terminalID, code: code)
      if answer[62] == nil { answer[39] = letters("96") }
    case "002" where keys.master != nil: signOff(call.terminalID)
    case "001", "002", "301": break
    default: answer[39] = letters("12")
    }
    return reply(answer, call, isSigned: false)
  }

  private func generic(_ call: HostCall, _ decision: HostLedger.Decision) -> Message {
    var answer = generic(call, decision.code)
    guard let hold = decision.hold else { return answer }
    // What is held, which of an approval in part is less than what was asked.
    if hold.state == .approved, hold.kind.isHeld {
      answer[4] = Digits.fixed(hold.amount + (hold.kind == .offlineSale ? hold.tip : 0), 12)
    }
    answer[37] = hold.retrievalReference
    if !hold.approvalCode.isEmpty { answer[38] = hold.approvalCode }
    if hold.kind == .balance, hold.state == .approved,
      let account = ledger.accounts.first(where: { $0.pan == hold.pan })
    {
      answer[4] = nil
      answer[54] =
        letters("0002") + (call.message[49] ?? letters("156")) + letters("C")
        + Digits.fixed(ledger.balance(of: account), 12)
    }
    return answer
  }

  func generic(_ call: HostCall, _ code: [UInt8]) -> Message {
    var mti = call.message.mti
    mti[2] += 1
    var answer = Message(mti: mti)
    for element in [3, 4, 7, 11, 12, 13, 25, 41, 42, 49, 60, 70] {
      answer[element] = call.message[element]
    }
    answer[39] = code
    return answer
  }
}
