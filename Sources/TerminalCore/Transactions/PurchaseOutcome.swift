// SPDX-License-Identifier: Apache-2.0

public import Devices
import ISO8583

/// How a purchase ended.
public enum PurchaseOutcome: Hashable, Sendable {
  /// The acquirer approved.
  case approved(HostAnswer)
  /// The acquirer declined.
  case declined(HostAnswer)
  /// The request never left; this layer is the cause.
  case notSent(NetworkLayer, code: Int32)
  /// The acquirer must forget it; with what it answered, when that is known.
  case reversing(ReversalReason, HostAnswer?)
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
}

extension PurchaseOutcome {
  /// What it comes to when it could not be kept.
  var reversed: PurchaseOutcome {
    switch self {
    case .approved(let answer), .declined(let answer): .reversing(.other, answer)
    case .notSent, .refused: .reversing(.other, nil)
    case .reversing: self
    }
  }

  /// What a result means for a purchase of this amount.
  init(_ result: HostResult, amount: Amount, responses: Responses) {
    switch result {
    case .notSent(let layer, let code):
      self = .notSent(layer, code: code)
    case .noAnswer:
      self = .reversing(.noAnswer, nil)
    case .badAnswer(.wrongMAC):
      self = .reversing(.wrongMAC, nil)
    case .badAnswer(.unreadable), .badAnswer(.mismatch):
      self = .reversing(.other, nil)
    case .answered(let message):
      let answer = HostAnswer(
        responseCode: message[39] ?? [], approvalCode: message[38] ?? [],
        retrievalReference: message[37] ?? [])
      let code = String(decoding: answer.responseCode, as: UTF8.self)
      switch responses.response(to: code).kind {
      case .approved where message[4] == amount.twelveDigits: self = .approved(answer)
      case .approved, .approvedInPart: self = .reversing(.other, answer)
      case .declined: self = .declined(answer)
      }
    }
  }
}
