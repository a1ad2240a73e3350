// SPDX-License-Identifier: Apache-2.0

// Codes of a refusal, beside what the amount asks for:
//
//   12  the original is in a state that does not allow it      51  not enough money
//   14  no such card, or the code has paid before              55  wrong PIN
//   22  the original's batch is closed                         61  more than may be completed
//   25  no such original                                       64  not the original's amount
//   77  the batch is closed or another                         94  the trace number is used

extension HostLedger {
  /// DE39, and which transaction the request refers to.
  func verdict(_ request: CardRequest, _ rules: HostRules) -> (String, original: Int?) {
    if let refusal = rules.refusal(request.amount) { return (refusal, nil) }
    guard let account = account(request) ?? codeOwner(request) else { return ("14", nil) }
    if request.hasWrongTrack || request.hasWrongCryptogram { return ("59", nil) }
    if request.hasWrongPIN { return ("55", nil) }
    if request.kind.originals.isEmpty || isUnlinked(request) {
      return (standing(request, account, rules), nil)
    }
    guard let reference = request.original, !reference.isEmpty,
      let index = original(request, reference)
    else { return ("25", nil) }
    if let refusal = refusal(request, holds[index], index, rules) { return (refusal, nil) }
    let code = request.kind.asksIssuer ? rules.code(request.amount) : "00"
    return (code, HostLedger.approvals.contains(letters(code)) ? index : nil)
  }

  /// A refund without any word about a sale.
  private func isUnlinked(_ request: CardRequest) -> Bool {
    request.kind == .refund && request.original?.isEmpty != false
  }

  /// What follows on a sale by a scanned code has neither card nor code.
  private func codeOwner(_ request: CardRequest) -> IssuerAccount? {
    guard request.pan.isEmpty, let reference = request.original,
      let index = original(request, reference)
    else { return nil }
    return accounts.first { $0.codes.contains(holds[index].code) }
  }

  private func standing(
    _ request: CardRequest, _ account: IssuerAccount, _ rules: HostRules
  ) -> String {
    if !request.code.isEmpty, isSpent(request.code) { return "14" }
    let isChecked = request.kind.isHeld && request.kind != .offlineSale
    if isChecked, request.amount > balance(of: account) { return "51" }
    if request.kind == .balance { return "00" }
    return rules.code(request.amount)
  }

  private func isSpent(_ code: [UInt8]) -> Bool {
    holds.contains { $0.code == code && ($0.state == .approved || $0.state == .voided) }
  }

  /// The transaction that is referred to: by the same card, of the same terminal where it is
  /// voided, else of the same merchant; rather one in force than one that is not any more.
  private func original(_ request: CardRequest, _ reference: OriginalReference) -> Int? {
    let found = holds.indices.filter { index in
      let hold = holds[index]
      let isHere =
        reference.stan == nil && request.kind != .saleVoid && request.kind != .completionVoid
        ? hold.merchantID == request.merchantID : hold.terminalID == request.terminalID
      return isHere && request.kind.originals.contains(hold.kind) && reference.isOf(hold)
        && hold.pan == request.pan && hold.state != .declined && hold.state != .reversed
        && hold.state != .reversedBeforehand
    }
    return found.first { holds[$0].state == .approved } ?? found.last
  }

  private func refusal(
    _ request: CardRequest, _ original: Hold, _ index: Int, _ rules: HostRules
  ) -> String? {
    let whole = original.amount + original.tip
    let isOfBatch = [.saleVoid, .completionVoid, .tip].contains(request.kind)
    if isOfBatch, isClosed(original.batch, of: original.terminalID) { return "22" }
    if original.state != .approved { return "12" }
    switch request.kind {
    case .saleVoid, .completionVoid, .preAuthorisationVoid:
      if request.amount != whole { return "64" }
      if refunded(index) > 0 { return "12" }
    case .refund:
      if refunded(index) + request.amount > whole { return "64" }
    case .completion, .completionAdvice:
      if request.amount * 100 > original.amount * rules.completionPercent { return "61" }
    case .tip:
      let isSum = request.tip.map { request.amount == original.amount + $0 }
      if request.amount < original.amount || isSum == false { return "64" }
      if refunded(index) > 0 { return "12" }
    case .sale, .balance, .preAuthorisation, .offlineSale:
      break
    }
    return nil
  }
}

extension Hold.Kind {
  /// Whether the cents of the amount decide: not where it is the original's amount.
  fileprivate var asksIssuer: Bool {
    switch self {
    case .sale, .refund, .preAuthorisation, .completion, .completionAdvice, .offlineSale: true
    case .saleVoid, .balance, .preAuthorisationVoid, .completionVoid, .tip: false
    }
  }
}
