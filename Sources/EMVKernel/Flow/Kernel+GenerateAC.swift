// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

// GENERATE AC (EMV 4.4 Book 3, 9.3, 10.8; Book 4, 6.3.7) and CDA (Book 2, 6.6).
//
//     asked    answered   then
//     TC       TC         approved            CDA failed: declined, no second command
//     any      ARQC       the host            CDA failed: a second command at once, for an AAC
//     any      AAC        declined            never signed
//     less     more       the card's logic is broken

extension Kernel {
  mutating func requestFirst(_ type: CryptogramType) -> [Effect] {
    switch type {
    case .tc: session.data.issuer[.responseCode] = Array("Y1".utf8)
    case .aac: session.data.issuer[.responseCode] = Array("Z1".utf8)
    case .arqc: session.data.issuer[.responseCode] = nil
    }
    let signsRequests =
      settings.options.cdaMode == .always || settings.options.cdaMode == .requestOnly
    var isSigned = false
    if session.authentication.signs {
      switch type {
      case .aac: isSigned = false
      case .tc: isSigned = true
      case .arqc:
        isSigned = signsRequests
        // Before the data are built, for the card sees it (EMV 4.4 Book 2, 6.6).
        if !signsRequests { session.data.tvr.insert(.authenticationNotPerformed) }
      }
    }
    return request(type, signed: isSigned, .cdol1, .firstCryptogram, .generateFirst)
  }

  /// The list's data are built at the last moment (EMV 4.4 Book 3, 9.2.1).
  private mutating func request(
    _ type: CryptogramType, signed: Bool, _ tag: DataTag, _ chapter: Outcome.Chapter,
    _ command: Command
  ) -> [Effect] {
    guard let list = DOL(session.data.card[tag] ?? []) else { return end(.format(chapter)) }
    if !fits(list) { return end(.amountTooLarge) }
    if list.asks(for: .tcHash), settings.options.computesTCHash, !computeHash() {
      return end(.format(chapter))
    }
    let data = list.data { session.data.value(of: $0) }
    session.requested = type
    session.isSigned = signed
    session.hasAskedForCryptogram = true
    if command == .generateFirst {
      session.firstTSI = session.data.tsi
      session.cdolData = data
    } else {
      session.cdolData += data
    }
    return send(.generateAC(type, signed: signed, data), command)
  }

  /// TC hash value (EMV 4.4 Book 3, 9.2.2); false for a list of the card's that cannot be read.
  private mutating func computeHash() -> Bool {
    var list = session.data.card[.tdol]
    if list == nil, let usual = parameters.defaultTDOL {
      list = usual
      session.data.tvr.insert(.defaultTDOLUsed)
    }
    guard let list = DOL(list ?? []) else { return false }
    session.data.terminal[.tcHash] = nil
    let hashed = list.data { session.data.value(of: $0) }
    session.data.terminal[.tcHash] = HashAlgorithm.sha1.digest(hashed)
    return true
  }

  mutating func takeFirstCryptogram(_ response: CardResponse) -> [Effect] {
    if response.status != .success { return end(.status(.firstCryptogram, response.status)) }
    guard let answer = CryptogramAnswer(response.data.exposed) else {
      return end(.format(.firstCryptogram))
    }
    keep(answer)
    // In modes with a signed request authentication is performed now, and not before
    // (EMV 4.4 Book 3, 10.3).
    if session.isSigned { session.data.tsi.insert(.dataAuthentication) }
    guard let type = answer.information.type, type <= session.requested else {
      return end(.logic)
    }
    if session.isSigned && type != .aac {
      guard let believed = checkCombined(answer) else { return end(.format(.firstCryptogram)) }
      if session.authentication.hasFailed {
        // What is inside the signature is what the card answered (EMV 4.4 Book 4, 6.3.2.1).
        return (believed ?? type) == .arqc ? declineAfterFailedCDA() : decline()
      }
    } else if answer.cryptogram == nil {
      return end(.format(.firstCryptogram))
    }
    session.cryptogram = session.data.card[.cryptogram]
    switch type {
    case .tc:
      session.isApproved = true
      return complete()
    case .aac: return decline()
    case .arqc:
      session.requestCryptogram = session.cryptogram
      return settings.terminalType.reach == .offlineOnly
        ? decideWithoutHost(mayHaveReachedHost: false) : goOnline()
    }
  }

  private mutating func keep(_ answer: CryptogramAnswer) {
    session.data.tsi.insert(.cardRiskManagement)
    session.information = answer.information
    session.data.card[.cryptogramInformation] = [answer.information.rawValue]
    session.data.card[.atc] = answer.counter
    session.data.card[.cryptogram] = answer.cryptogram
    session.data.card[.issuerApplicationData] = answer.issuerData
  }

  /// The check of a signed answer; nil ends the transaction. A failed one says which cryptogram the
  /// signature names, where it could still be read.
  private mutating func checkCombined(_ answer: CryptogramAnswer) -> CryptogramType?? {
    // EMV 4.4 Book 3, 6.5.5.4: a mandatory object that is missing ends the transaction.
    if !answer.isSigned && !settings.options.toleratesMissingSignature { return nil }
    guard let key = session.authentication.cardKeys.first else { return nil }
    do throws(AuthenticationFault) {
      let found = try Authentication.combinedData(
        answer.bytes, card: key, asked: session.pdolData + session.cdolData,
        unpredictable: session.data.terminal[.unpredictableNumber] ?? [])
      session.data.card[.dynamicNumber] = found.number
      session.data.card[.cryptogram] = found.cryptogram
      return .some(nil)
    } catch {
      session.data.tvr.insert(.cdaFailed)
      session.authentication.hasFailed = true
      guard let signed = error.signedInformation else { return .some(nil) }
      return .some(CryptogramInformation(rawValue: signed).type)
    }
  }

  private mutating func decline() -> [Effect] {
    session.isApproved = false
    if session.information?.type == .aac, session.information?.isServiceNotAllowed == true {
      return finish(.notAccepted(.serviceNotAllowed), .notAccepted)
    }
    return complete()
  }

  // EMV 4.4 Book 2, 6.6.2: nothing goes online, and the card is told to decline. The Books name no
  // response code for it; it is the terminal that declines offline.
  private mutating func declineAfterFailedCDA() -> [Effect] {
    session.data.issuer[.responseCode] = Array("Z1".utf8)
    return requestSecond(.aac, signed: false)
  }

  /// The second and last one (EMV 4.4 Book 3, 9.3.2).
  mutating func requestSecond(_ type: CryptogramType, signed: Bool) -> [Effect] {
    request(type, signed: signed, .cdol2, .secondCryptogram, .generateSecond)
  }

  mutating func takeSecondCryptogram(_ response: CardResponse) -> [Effect] {
    if response.status != .success { return end(.status(.secondCryptogram, response.status)) }
    guard let answer = CryptogramAnswer(response.data.exposed) else {
      return end(.format(.secondCryptogram))
    }
    keep(answer)
    // Anything that is not the TC that was asked for is a decline (EMV 4.4 Book 3, 10.11).
    session.isApproved = answer.information.type == .tc && session.requested == .tc
    if session.isSigned && answer.information.type == .tc {
      if checkCombined(answer) == nil { return end(.format(.secondCryptogram)) }
      session.data.tsi.insert(.dataAuthentication)
      if session.authentication.hasFailed { session.isApproved = false }
    } else if session.isApproved && answer.cryptogram == nil {
      return end(.format(.secondCryptogram))
    }
    session.cryptogram = session.data.card[.cryptogram]
    return startScripts(preliminary: false)
  }
}
