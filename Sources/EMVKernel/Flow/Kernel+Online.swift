// SPDX-License-Identifier: Apache-2.0

// Online processing and issuer authentication (EMV 4.4 Book 3, 10.9; Book 4, 6.3.8, 12.2).
//
//     host ──answer──▶ EXTERNAL AUTHENTICATE ▶ scripts 71 ▶ [referral] ▶ GENERATE AC 2 ▶ scripts 72
//       └──none, or one that is malformed──▶ the default codes ─────────▶ GENERATE AC 2

extension Kernel {
  mutating func goOnline() -> [Effect] {
    var frozen = session.data
    frozen.tsi = session.firstTSI
    return ask(
      .host,
      .goOnline(
        OnlineRequest(data: frozen, hasOnlinePIN: session.verification.hasOnlinePIN)))
  }

  mutating func hear(_ answer: HostAnswer) -> [Effect] {
    // EMV 4.4 Book 4, 12.2.3: what is malformed counts as no answer, and is taken back.
    guard answer.responseCode.count == 2,
      let issuer = IssuerData(answer.issuerData, scriptBytes: settings.options.scriptBytes)
    else { return decideWithoutHost(mayHaveReachedHost: true) }
    session.path = .online
    session.verdict = answer.verdict
    session.scripts = issuer.scripts
    // The host's code is never changed (EMV 4.4 Book 4, A6).
    session.data.issuer[.responseCode] = answer.responseCode
    session.data.issuer[.authorisationCode] = answer.authorisationCode
    session.data.issuer[.issuerAuthenticationData] = issuer.authenticationData
    // Without the profile's bit the data reach the card inside the second GENERATE AC alone.
    guard let data = issuer.authenticationData, session.aip.contains(.issuerAuthentication) else {
      return startScripts(preliminary: true)
    }
    return send(.externalAuthenticate(data), .externalAuthenticate)
  }

  mutating func takeIssuerAuthentication(_ response: CardResponse) -> [Effect] {
    // EMV 4.4 Book 3, 10.9: performed whatever the result, and no failure ends the transaction.
    session.data.tsi.insert(.issuerAuthentication)
    if response.status != .success { session.data.tvr.insert(.issuerAuthenticationFailed) }
    return startScripts(preliminary: true)
  }

  /// The scripts before are through: the second cryptogram, or the attendant first.
  mutating func concludeOnline() -> [Effect] {
    switch session.verdict {
    case .approves: return requestFinal(approves: true)
    case .refers:
      // EMV 4.4 Book 4, 6.5.2: the issuer's word by telephone, before the second cryptogram.
      step = .asked(.referral)
      return [.show(.callYourBank), .askReferral]
    case .declines, nil: return requestFinal(approves: false)
    }
  }

  mutating func followReferral(_ approves: Bool) -> [Effect] { requestFinal(approves: approves) }

  private mutating func requestFinal(approves: Bool) -> [Effect] {
    let mode = settings.options.cdaMode
    let signsApprovals = mode == .always || mode == .approvalOnly
    // EMV 4.4 Book 2, 6.6: the note that a signature is still to come has done its work.
    let signs = session.authentication.signs
    if signs { session.data.tvr.remove(.authenticationNotPerformed) }
    return requestSecond(approves ? .tc : .aac, signed: approves && signs && signsApprovals)
  }

  // EMV 4.4 Book 3, 10.7; Book 4, 12.2.1.
  mutating func decideWithoutHost(mayHaveReachedHost: Bool) -> [Effect] {
    session.path = settings.terminalType.reach == .offlineOnly ? .offline : .unableToGoOnline
    session.mayHaveReachedHost = mayHaveReachedHost
    let signs = session.authentication.signs
    if signs { session.data.tvr.remove(.authenticationNotPerformed) }
    let skipsTest =
      settings.terminalType.reach == .onlineOnly && !settings.options.onlineOnlyTestsDefaultCodes
    if skipsTest || hits(.default) {
      session.data.issuer[.responseCode] = Array("Z3".utf8)
      return requestSecond(.aac, signed: false)
    }
    session.data.issuer[.responseCode] = Array("Y3".utf8)
    return requestSecond(.tc, signed: signs)
  }
}
