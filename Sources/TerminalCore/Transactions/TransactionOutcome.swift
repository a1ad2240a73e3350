// SPDX-License-Identifier: Apache-2.0

public import Devices
import ISO8583
public import Wire

/// How a transaction ended.
public enum TransactionOutcome: Hashable, Sendable {
  /// The acquirer approved.
  case approved(HostAnswer)
  /// The acquirer declined.
  case declined(HostAnswer)
  /// The request never left; this layer is the cause.
  case notSent(NetworkLayer, code: Int32)
  /// The acquirer must forget it; with what it answered, when that is known.
  case reversing(ReversalReason, HostAnswer?)
  /// It stands, and the acquirer has still to be told.
  case queued
  /// The terminal alone has done it.
  case settledHere
  /// Nothing moved, and there is no answer.
  case unanswered
  /// It ended before it concerned the acquirer.
  case refused(Problem)
}

/// What is kept of an answer.
public struct HostAnswer: Hashable, Sendable {
  /// DE39.
  public var responseCode: [UInt8]
  /// DE38, or empty.
  public var approvalCode: [UInt8]
  /// DE37, or empty.
  public var retrievalReference: [UInt8]
  /// DE13, or empty.
  public var date: [UInt8] = []
  /// DE32: the acquirer's number, or empty.
  public var acquirer: [UInt8] = []
  /// DE4 in minor units; nil where there is none.
  public var amount: UInt64?
  /// What the account holds, of DE54, in minor units.
  public var balance: UInt64?
  /// DE55: what the issuer says to the card.
  public var chipData = SecretBytes([])

  init(_ message: Message) {
    responseCode = message[39] ?? []
    approvalCode = message[38] ?? []
    retrievalReference = message[37] ?? []
    date = message[13] ?? []
    acquirer = message[32] ?? []
    amount = message[4].flatMap { Digits.number($0) }
    chipData = SecretBytes(message[55] ?? [])
    balance = message[54].flatMap { HostAnswer.balance($0) }
  }

  /// All that is taken of an answer whose MAC is wrong: its date, which the reversal repeats.
  init?(unproven result: HostResult) {
    guard case .badAnswer(.wrongMAC(let date)) = result, date.count == 4,
      Digits.number(date) != nil
    else { return nil }
    responseCode = []
    approvalCode = []
    retrievalReference = []
    self.date = date
  }

  /// ISO 8583:1987, DE54: account type 2, amount type 2, currency 3, sign 1, amount 12. 02 is what
  /// may be drawn on; the first amount is taken where none is so marked. An account in debt holds
  /// nothing.
  private static func balance(_ element: [UInt8]) -> UInt64? {
    var found: UInt64?
    for start in stride(from: 0, through: element.count - 20, by: 20) {
      guard let amount = Digits.number(Array(element[start + 8..<start + 20])) else { continue }
      let value = element[start + 7] == 0x44 ? 0 : amount
      if Array(element[start + 2..<start + 4]) == ascii("02") { return value }
      found = found ?? value
    }
    return found
  }
}

extension TransactionOutcome {
  /// What it comes to when it could not be kept: an advice is told again under its trace number, an
  /// enquiry has moved nothing, and all else must be reversed.
  func unwritten(_ delivery: Delivery) -> TransactionOutcome {
    switch delivery {
    case .advice:
      if case .refused = self { return self }
      return .queued
    case .enquiry: return .unanswered
    case .reversible:
      switch self {
      case .approved(let answer), .declined(let answer): return .reversing(.other, answer)
      case .notSent, .refused, .queued, .unanswered, .settledHere: return .reversing(.other, nil)
      case .reversing: return self
      }
    }
  }

  /// What a result means for a transaction of this amount.
  init(_ result: HostResult, plan: TransactionPlan, responses: Responses) {
    if case .notSent(let layer, let code) = result {
      self = .notSent(layer, code: code)
      return
    }
    if case .notWritten(let fault) = result {
      self = .refused(.journal(fault))
      return
    }
    guard case .answered(let message, _) = result else {
      switch plan.delivery {
      case .advice: self = .queued
      case .enquiry: self = .unanswered
      case .reversible:
        self = .reversing(TransactionOutcome.reason(result), HostAnswer(unproven: result))
      }
      return
    }
    let answer = HostAnswer(message)
    let code = String(decoding: answer.responseCode, as: UTF8.self)
    // 94, a duplicate: the acquirer has the advice already.
    let isKnown = plan.delivery == .advice && code == "94"
    let kind: ResponseClass = isKnown ? .approved : responses.response(to: code).kind
    let isWhole = plan.delivery != .reversible || message[4] == plan.amount.twelveDigits
    switch kind {
    case .approved where isWhole: self = .approved(answer)
    case .approved, .approvedInPart:
      // What is told is taken or not: it has been taken, as in `AdviceDesk`, and the totals of the
      // batch show what is missing. A balance has no part.
      switch plan.delivery {
      case .reversible: self = .reversing(.other, answer)
      case .advice: self = .approved(answer)
      case .enquiry: self = .declined(answer)
      }
    case .declined, .wrongPIN, .callAcquirer, .hostTrouble, .signIn, .setUp:
      self = .declined(answer)
    }
  }

  private static func reason(_ result: HostResult) -> ReversalReason {
    switch result {
    case .noAnswer: .noAnswer
    case .badAnswer(.wrongMAC): .wrongMAC
    case .badAnswer(.unreadable), .badAnswer(.mismatch), .answered, .notSent, .notWritten: .other
    }
  }
}
