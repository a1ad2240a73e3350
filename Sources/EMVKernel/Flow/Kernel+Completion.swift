// SPDX-License-Identifier: Apache-2.0

// Completion (EMV 4.4 Book 3, 10.11; Book 4, 6.3.8, 6.6, 12.2): every way out, and what it leaves
// to do. A card that breaks the rules ends in an outcome like any other.

extension Kernel {
  /// Card and terminal have come to their decision.
  mutating func complete() -> [Effect] {
    if session.isApproved { return finish(.approved(session.path), .approved) }
    // Where nothing but an AAC was wanted, as for a refund, nobody is told of a refusal.
    let isWish = session.kind.wantsDecline && session.path == .offline
    return finish(.declined(session.path), isWish ? nil : .declined)
  }

  /// The card cannot be used for this here.
  mutating func refuse(_ refusal: Outcome.Refusal) -> [Effect] {
    finish(.notAccepted(refusal), .notAccepted)
  }

  /// The transaction ends before there is a decision.
  mutating func end(_ reason: Outcome.EndReason) -> [Effect] {
    switch reason {
    case .format, .status, .logic, .limit: finish(.ended(reason), .cardError)
    case .card, .amountTooLarge: finish(.ended(reason), .processingError)
    case .cancelled: finish(.ended(reason), nil)
    }
  }

  /// The card is gone, or as good as gone.
  mutating func lose(_ failure: CardFailure) -> [Effect] {
    if step == .asked(.host) { session.mayHaveReachedHost = true }
    if step == .card(.scriptCommand) {
      breakScripts()
      // After the second cryptogram the decision stands; the scripts' results say the rest.
      if !session.arePreliminary { return complete() }
    }
    return end(.card(failure))
  }

  mutating func finish(_ result: Outcome.Result, _ message: StandardMessage?) -> [Effect] {
    var outcome = Outcome(result, data: session.data)
    let isDeclined: Bool
    switch result {
    case .approved: isDeclined = false
    case .declined, .notAccepted: isDeclined = true
    case .ended: isDeclined = false
    }
    if session.hasAskedForCryptogram {
      outcome.requested = session.requested
      outcome.information = session.information
      outcome.requestCryptogram = session.requestCryptogram
      outcome.cryptogram = session.cryptogram
      outcome.sentResponseCode = session.data.issuer[.responseCode]
    }
    outcome.scriptResults = session.scriptResults
    // EMV 4.4 Book 4, 6.3.8, 12.2.3: what the host may have booked and the card did not confirm;
    // and a request without a usable answer, whatever the decision.
    outcome.needsReversal =
      session.verdict == .approves && !outcome.isApproved || session.mayHaveReachedHost
    // EMV 4.4 Book 4, 6.3.7, 12.2.4: where nothing else would tell the issuer.
    let hasNews = session.information?.wantsAdvice == true || !session.scriptResults.isEmpty
    outcome.needsAdvice = settings.options.hasAdvices && isDeclined && hasNews
    outcome.needsSignature =
      outcome.isApproved && session.data.cvmResults.result == .unknown
      && session.data.cvmResults.code?.needsSignature == true
    outcome.fallback = fallback(result)
    var effects = message.map { [Effect.show($0)] } ?? []
    if session.verification.isPINHeld { effects.append(.erasePIN) }
    session.verification.isPINHeld = false
    step = .finished
    return effects + [.finished(outcome)]
  }
}
