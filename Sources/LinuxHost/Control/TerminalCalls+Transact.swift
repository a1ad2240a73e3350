// SPDX-License-Identifier: Apache-2.0

import Devices
import Management
import TerminalCore

//   kind                              amount   original          code of the cardholder's screen
//   sale, pre-authorisation           yes      no                may
//   refund                            yes      may, here or as   may
//                                              its receipt has it
//   offline-sale                      yes      no                no
//   completion, completion-advice,    yes      yes               no
//   tip
//   void, and the other voids         no       yes               no
//   balance                           no       no                no
//
// What a kind does not take is refused and never passed over: a void with an amount was meant as
// something that this terminal does not do.

extension TerminalCalls {
  /// Whether a parameter must, may or must not be there.
  private enum Need {
    case must, may, mustNot
  }

  /// The parameters of `Transact`.
  static let transactParameters = [
    "kind", "reference", "amount", "original", "originalRetrieval", "originalApproval",
    "originalDate", "code",
  ]

  /// A transaction of any kind.
  static func transact(_ parameters: JSON) -> Meaning {
    guard let kind = parameters["kind"]?.text.flatMap({ TransactionKind(name: $0) }),
      kind.isAskedFor
    else { return .invalid(parameter: "kind") }
    return transact(kind, parameters)
  }

  /// A transaction of this kind.
  static func transact(_ kind: TransactionKind, _ parameters: JSON) -> Meaning {
    guard let reference = parameters["reference"]?.text else {
      return .invalid(parameter: "reference")
    }
    var request = TransactionRequest(kind, reference: reference, amount: 0)
    let needs = needs(of: kind)
    switch (needs.amount, given("amount", parameters)) {
    case (.mustNot, nil): break
    // What is too little or too much the terminal says itself, with its limit.
    case (.must, .integer(let amount)?) where amount >= 0: request.amount = UInt64(amount)
    default: return .invalid(parameter: "amount")
    }
    switch (needs.original, given("original", parameters)) {
    case (.may, nil), (.mustNot, nil): break
    case (.must, .text(let text)?) where isReference(text): request.original = text
    case (.may, .text(let text)?) where isReference(text): request.original = text
    default: return .invalid(parameter: "original")
    }
    if let wrong = readForeignOriginal(parameters, into: &request, needs.original) {
      return .invalid(parameter: wrong)
    }
    switch (needs.code, given("code", parameters)) {
    case (_, nil): break
    case (.may, .text(let text)?):
      request.scannedCode = ScannedCode(Array(text.utf8))
      if request.scannedCode == nil { return .invalid(parameter: "code") }
    default: return .invalid(parameter: "code")
    }
    return .request(.transact(request))
  }

  private static func needs(
    of kind: TransactionKind
  ) -> (amount: Need, original: Need, code: Need) {
    switch kind {
    case .sale, .preAuthorisation: (.must, .mustNot, .may)
    case .refund: (.must, .may, .may)
    case .offlineSale: (.must, .mustNot, .mustNot)
    case .completion, .completionAdvice, .tip: (.must, .must, .mustNot)
    case .void, .preAuthorisationVoid, .completionVoid, .offlineVoid: (.mustNot, .must, .mustNot)
    case .balance, .scriptNotice: (.mustNot, .mustNot, .mustNot)
    }
  }

  /// What identifies an original that is not in this ledger: its day, and one number of its receipt
  /// at least. Returns the name of what is wrong.
  private static func readForeignOriginal(
    _ parameters: JSON, into request: inout TransactionRequest, _ need: Need
  ) -> String? {
    let names = ["originalRetrieval", "originalApproval", "originalDate"]
    guard let first = names.first(where: { given($0, parameters) != nil }) else { return nil }
    guard case .may = need, request.original.isEmpty else { return first }
    var texts: [[UInt8]] = []
    for (name, length) in zip(names, [12, 6, 4]) {
      switch given(name, parameters) {
      case nil: texts.append([])
      case .text(let text)? where text.utf8.count == length && isAlphanumeric(text):
        texts.append(Array(text.utf8))
      default: return name
      }
    }
    if texts[0].isEmpty, texts[1].isEmpty { return names[0] }
    guard isDay(texts[2]) else { return names[2] }
    request.foreignOriginal = ForeignOriginal(
      retrievalReference: texts[0], approvalCode: texts[1], date: texts[2])
    return nil
  }

  /// The value of an optional parameter; null is none (varlink.org, "Interface Definition").
  static func given(_ name: String, _ parameters: JSON) -> JSON? {
    guard let value = parameters[name], value != .null else { return nil }
    return value
  }

  private static func isReference(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }

  private static func isAlphanumeric(_ text: String) -> Bool {
    text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
    }
  }

  /// MMDD of any year.
  private static func isDay(_ digits: [UInt8]) -> Bool {
    guard digits.count == 4, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
    let month = Int(digits[0] - 0x30) * 10 + Int(digits[1] - 0x30)
    let day = Int(digits[2] - 0x30) * 10 + Int(digits[3] - 0x30)
    let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...12).contains(month) && (1...lengths[month - 1]).contains(day)
  }
}
