// SPDX-License-Identifier: Apache-2.0

import Clockwork
import Devices
import PaymentCrypto
import Wire

extension Terminal {
  mutating func askPIN(_ prompt: PINPrompt, at now: Instant) -> [TerminalEffect] {
    if let problem = cardObjection(prompt.pan) {
      return tellTransaction(.cardRefused(problem), at: now)
    }
    var prompt = prompt
    if let slot = settings.pinSlot, let cryptogram = keys.pinCryptogram {
      prompt.session = PadSessionKey(slot: slot, cryptogram: cryptogram)
    }
    return [.pinPad(.enterPIN(prompt))]
  }

  /// What a card has against the transaction: one that follows another wants the same card.
  func cardObjection(_ pan: PAN?) -> Problem? {
    if let pan, isRefused(pan) { return .cardNotTaken }
    guard let original = sale?.original, let pan,
      !constantTimeEqual(original.fingerprint, fingerprint(pan))
    else { return nil }
    return .otherCard
  }

  func fingerprint(_ pan: PAN?) -> [UInt8] {
    guard let pan else { return [] }
    let print = hmacSHA256(key: settings.keys.fingerprint, message: pan.exposed)
    return Array(print.prefix(8))
  }

  /// The link is free: a transaction that waits for it goes first.
  mutating func askWaiting(at now: Instant) -> [TerminalEffect] {
    guard linkOwner == nil, let waiting = sale?.waiting else { return [] }
    sale?.waiting = nil
    return ask(waiting.means, waiting.pin, at: now)
  }

  mutating func ask(
    _ means: PaymentMeans, _ pin: EncryptedPIN?, at now: Instant
  ) -> [TerminalEffect] {
    guard let record = sale?.record, let merchant else {
      return tellTransaction(.hostEnded(.notSent(.link, code: 0)), at: now)
    }
    // What is on its way already ends by itself, and then it is this one's turn.
    if isLinkTaken {
      sale?.waiting = WaitingRequest(means: means, pin: pin)
      return []
    }
    var facts = MessageFacts(record, merchant: merchant)
    facts.pin = pin
    facts.hasSM4PIN = dialect.signIn?.layout.algorithm(of: .pin) == .sm4
    facts.trackEncryption = dialect.trackEncryption
    switch means {
    case .swiped(let track): facts.track = track
    case .chip(let card):
      facts.track = card.track
      facts.card = means.card
      facts.chip = card.request
    case .stored(let card): facts.card = card
    case .scanned(let code): facts.scannedCode = code
    }
    if let track = facts.track, facts.trackEncryption != .none {
      // Without its key a track does not leave.
      guard let cipher = try? keys.data?.encryptTrack(track.exposed) else {
        signInNeeded(at: now)
        return tellTransaction(.hostEnded(.notSent(.link, code: 0)), at: now)
      }
      facts.encryptedTrack = SecretBytes(cipher)
    }
    return send(dialect.request(facts), for: .sale, at: now)
  }
}
