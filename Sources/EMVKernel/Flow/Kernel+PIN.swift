// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Wire

// PINs (EMV 4.4 Book 3, 10.5.1-10.5.2; Book 2, 7; Book 4, 6.3.4.1). The kernel asks for one, is
// told that the pad holds it, says how VERIFY is built around it, and is told the card's answer.
//
//     try counter ▶ key ▶ prompt ▶ challenge ▶ VERIFY ──63Cx──▶ prompt
//
// The key is recovered before the prompt: nobody is asked for a PIN that cannot be used.

extension Kernel {
  mutating func startPIN() -> [Effect] {
    if session.verification.isPadBroken { return failRule(.padBroken) }
    if session.verification.wasBypassed && settings.options.bypassesFurtherPINs {
      return failRule(.pinNotEntered)
    }
    session.verification.triesLeft = nil
    if session.verification.code == .onlinePIN { return askPIN() }
    if settings.options.readsTryCounter { return send(.getData(.pinTryCounter), .getTryCounter) }
    return prepareOfflinePIN()
  }

  mutating func takeTryCounter(_ response: CardResponse) -> [Effect] {
    // Any fault means that the card does not tell (EMV 4.4 Book 3, 6.3.5).
    if let value = delivered(.pinTryCounter, count: 1, response) {
      session.data.card[.pinTryCounter] = value
      if value[0] == 0 { return failRule(.pinTryLimitExceeded) }
      session.verification.triesLeft = value[0]
    }
    return prepareOfflinePIN()
  }

  private mutating func prepareOfflinePIN() -> [Effect] {
    session.verification.keys = []
    if enciphers {
      do throws(AuthenticationFault) {
        session.verification.keys = [try pinKey()]
      } catch {
        // No bit of its own, and no "ICC data missing" (EMV 4.4 Book 2, 7.1; Book 3, 7.5).
        return failRule()
      }
    }
    return askPIN()
  }

  private var enciphers: Bool {
    switch session.verification.code {
    case .encipheredPIN, .encipheredPINAndSignature: true
    case .fail, .plaintextPIN, .onlinePIN, .plaintextPINAndSignature, .signature, .none: false
    }
  }

  private mutating func askPIN() -> [Effect] {
    session.verification.pins += 1
    guard session.verification.pins <= KernelLimits.pins, let pan else {
      return end(.limit(.cardholder))
    }
    let mayBypass = settings.options.allowsPINBypass && settings.terminalType.isAttended
    if session.verification.code == .onlinePIN {
      return ask(.pin, .askPIN(.online(pan: pan, mayBypass: mayBypass)))
    }
    return ask(
      .pin,
      .askPIN(.offline(triesLeft: session.verification.triesLeft, mayBypass: mayBypass)))
  }

  mutating func usePIN() -> [Effect] {
    if session.verification.code == .onlinePIN {
      session.verification.hasOnlinePIN = true
      session.data.tvr.insert(.onlinePINEntered)
      return succeed(.unknown)
    }
    session.verification.isPINHeld = true
    // A challenge is good for one VERIFY (EMV 4.4 Book 2, 7.2).
    if enciphers { return send(.getChallenge, .getChallenge) }
    return verify(.plaintext)
  }

  mutating func takeChallenge(_ response: CardResponse) -> [Effect] {
    let challenge = response.data.exposed
    guard response.status == .success, challenge.count == 8,
      let key = session.verification.keys.first
    else {
      session.verification.isPINHeld = false
      return [.erasePIN] + failRule()
    }
    return verify(
      .enciphered(
        PINEncipherment(modulus: key.modulus, exponent: key.exponent, challenge: challenge)))
  }

  private mutating func verify(_ verification: PINVerification) -> [Effect] {
    session.commands += 1
    if session.commands > KernelLimits.commands { return end(.limit(.cardholder)) }
    return ask(.verification, .verifyPIN(verification))
  }

  mutating func judgePIN(_ status: StatusWord) -> [Effect] {
    session.verification.isPINHeld = false
    if status == .success {
      return [.show(.pinOK)]
        + succeed(session.verification.code.needsSignature ? .unknown : .successful)
    }
    if status == .methodBlocked || status == .dataInvalidated || status.triesLeft == 0 {
      return failRule(.pinTryLimitExceeded)
    }
    guard let left = status.triesLeft else { return end(.status(.cardholder, status)) }
    session.verification.triesLeft = left
    return [.show(.incorrectPIN)] + askPIN()
  }

  /// Not the limit of tries, which a bypass does not use up.
  mutating func passOverPIN() -> [Effect] {
    session.verification.wasBypassed = true
    return failRule(.pinNotEntered)
  }

  mutating func losePad() -> [Effect] {
    session.verification.isPINHeld = false
    session.verification.isPadBroken = true
    return failRule(.padBroken)
  }

  /// The value that GET DATA gave; nil for any fault, which means that it is not available.
  func delivered(_ tag: DataTag, count: Int, _ response: CardResponse) -> [UInt8]? {
    let bytes = response.data.exposed
    guard response.status == .success, let value = TLVWalk.only(tag, in: bytes),
      value.count == count
    else { return nil }
    return Array(bytes[value])
  }
}
