// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

// Offline data authentication (EMV 4.4 Book 3, 10.3; Book 2, 5 and 6). The checks themselves are in
// `Authentication`; here is which of them are made, and what their results mean.
//
//     CDA ▶ keys now, the signature with the cryptogram
//     DDA ▶ keys now, INTERNAL AUTHENTICATE
//     SDA ▶ one signature over the records

extension Kernel {
  mutating func startAuthentication() -> [Effect] {
    let method = chooseMethod()
    session.authentication.method = method
    switch method {
    case .none:
      session.data.tvr.insert(.authenticationNotPerformed)
      return restrict()
    case .sda:
      session.data.tvr.insert(.sdaSelected)
      do throws(AuthenticationFault) {
        session.data.card[.dataAuthenticationCode] = try staticCode()
      } catch {
        note(error)
      }
      session.data.tsi.insert(.dataAuthentication)
      return restrict()
    case .dda, .cda:
      do throws(AuthenticationFault) {
        session.authentication.cardKeys = [try cardKey()]
      } catch {
        note(error)
        // EMV 4.4 Book 3, 10.3: a CDA that fails now has been performed; one that does not is
        // performed with the cryptogram.
        session.data.tsi.insert(.dataAuthentication)
        return restrict()
      }
      return method == .dda ? authenticateInternally() : restrict()
    }
  }

  /// The best method of both sides. XDA is not known here, whatever the card says.
  private func chooseMethod() -> DataAuthentication.Method {
    let terminal = session.capabilities
    if session.aip.contains(.cda) && terminal.contains(.cda) { return .cda }
    if session.aip.contains(.dda) && terminal.contains(.dda) { return .dda }
    if session.aip.contains(.sda) && terminal.contains(.sda) { return .sda }
    return .none
  }

  /// What a failed check leaves in the results.
  mutating func note(_ fault: AuthenticationFault) {
    if fault.isCardDataMissing { session.data.tvr.insert(.cardDataMissing) }
    switch session.authentication.method {
    case .none: break
    case .sda: session.data.tvr.insert(.sdaFailed)
    case .dda: session.data.tvr.insert(.ddaFailed)
    case .cda: session.data.tvr.insert(.cdaFailed)
    }
    session.authentication.hasFailed = true
  }

  private func object(_ tag: DataTag) -> [UInt8] { session.data.card[tag] ?? [] }

  /// EMV 4.4 Book 3, Table 35: what is missing of the card's is missing even where the terminal has
  /// no key to go on with.
  private func require(
    _ tags: [DataTag], _ object: AuthenticationFault.Object
  ) throws(AuthenticationFault) {
    if tags.contains(where: { !session.data.card.contains($0) }) {
      throw AuthenticationFault(object, .missing)
    }
  }

  private func date() throws(AuthenticationFault) -> CardDate {
    guard let date = CardDate.read(session.data.terminal[.date]) else {
      throw AuthenticationFault(.issuerCertificate, .expired)
    }
    return date
  }

  private func issuerKey() throws(AuthenticationFault) -> RSAPublicKey {
    try require([.caKeyIndex, .issuerCertificate, .issuerExponent], .issuerCertificate)
    guard let authority = settings.key(of: selectedAID, index: object(.caKeyIndex)[0]) else {
      throw AuthenticationFault(.authorityKey, .missing)
    }
    return try Authentication.issuerKey(
      KeyCertificate(
        certificate: object(.issuerCertificate), remainder: object(.issuerRemainder),
        exponent: object(.issuerExponent)),
      authority: authority, account: object(.pan), on: try date(), revoked: settings.revoked)
  }

  private func staticInput() throws(AuthenticationFault) -> [UInt8] {
    try Authentication.staticInput(
      session.staticRecords, tagList: object(.staticDataTags), profile: session.aipBytes)
  }

  private func staticCode() throws(AuthenticationFault) -> [UInt8] {
    try require([.signedStaticData], .staticSignature)
    return try Authentication.staticData(
      object(.signedStaticData), issuer: try issuerKey(), input: try staticInput())
  }

  private func cardKey() throws(AuthenticationFault) -> RSAPublicKey {
    try require([.cardCertificate, .cardExponent], .cardCertificate)
    return try Authentication.cardKey(
      KeyCertificate(
        certificate: object(.cardCertificate), remainder: object(.cardRemainder),
        exponent: object(.cardExponent)),
      issuer: try issuerKey(), account: object(.pan), input: try staticInput(),
      on: try date())
  }

  /// The key that a PIN is enciphered with: the one for PINs where the card has all of it, else the
  /// card's own (EMV 4.4 Book 2, 7.1). A bad certificate of the one is no reason to take the other.
  func pinKey() throws(AuthenticationFault) -> RSAPublicKey {
    let card = session.data.card
    if !card.contains(.pinCertificate) || !card.contains(.pinExponent) {
      if let known = session.authentication.cardKeys.first { return known }
      return try cardKey()
    }
    return try Authentication.pinKey(
      KeyCertificate(
        certificate: object(.pinCertificate), remainder: object(.pinRemainder),
        exponent: object(.pinExponent)),
      issuer: try issuerKey(), account: object(.pan), on: try date())
  }
}

// DDA (EMV 4.4 Book 2, 6.5).
extension Kernel {
  private mutating func authenticateInternally() -> [Effect] {
    let own = session.data.card[.ddol]
    if let own, DOL(own) == nil { return end(.format(.authentication)) }
    guard let list = DOL(own ?? parameters.defaultDDOL ?? []), list.asks(for: .unpredictableNumber)
    else {
      // Without a number of the terminal's own the signature proves nothing: no command is sent.
      return finishDynamic(AuthenticationFault(.dynamicSignature, .dynamicData))
    }
    if list.count > 255 { return end(.format(.authentication)) }
    if !fits(list) { return end(.amountTooLarge) }
    session.authentication.ddolData = list.data { session.data.value(of: $0) }
    return send(
      .internalAuthenticate(session.authentication.ddolData), .internalAuthenticate)
  }

  mutating func checkDynamicSignature(_ response: CardResponse) -> [Effect] {
    if response.status != .success { return end(.status(.authentication, response.status)) }
    let bytes = response.data.exposed
    var signature: Range<Int>?
    if let plain = TLVWalk.only(.format1, in: bytes) {
      signature = plain
    } else if let template = TLVWalk.only(.format2, in: bytes), TLVWalk.isSound(bytes, template) {
      signature = TLVWalk.first(.signedDynamicData, in: bytes, template)
    }
    guard let signature, !signature.isEmpty, let key = session.authentication.cardKeys.first else {
      return end(.format(.authentication))
    }
    do throws(AuthenticationFault) {
      let found = try Authentication.dynamicData(
        Array(bytes[signature]), card: key, asked: session.authentication.ddolData)
      if !found.number.isEmpty { session.data.card[.dynamicNumber] = found.number }
      return finishDynamic(nil)
    } catch {
      return finishDynamic(error)
    }
  }

  private mutating func finishDynamic(_ fault: AuthenticationFault?) -> [Effect] {
    if let fault { note(fault) }
    session.data.tsi.insert(.dataAuthentication)
    return restrict()
  }
}
