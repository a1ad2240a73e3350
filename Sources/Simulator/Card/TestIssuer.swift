// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import PaymentCrypto
import Wire

/// What a test issuer does rarely or wrongly.
public enum IssuerSwitch: String, Hashable, Sendable, CaseIterable {
  /// Response code 05.
  case decline
  /// Response code 01: call the bank.
  case referral
  /// Response code 04: keep the card.
  case capture
  /// Approved, without 91.
  case withoutProof = "without-proof"
  /// 91 is another card's.
  case wrongProof = "wrong-proof"
  /// 91 has seven bytes.
  case shortProof = "short-proof"
  /// 91 has seventeen bytes.
  case longProof = "long-proof"
  /// The orders come in 71.
  case scriptBefore = "script-before"
  /// The orders come in 72.
  case scriptAfter = "script-after"
  /// The first order comes in 71, the others in 72.
  case scriptBoth = "script-both"
  /// Each order comes in a template of its own, by turns in 71 and 72.
  case scriptEach = "script-each"
  /// A script's last object goes on behind its end.
  case scriptUnreadable = "script-unreadable"
  /// A script is longer than the terminal has to take: 300 bytes.
  case scriptTooLong = "script-too-long"
  /// The scripts have 129 bytes in all, one above what a terminal has to take.
  case script129 = "script-129"
  /// A script has sixteen commands.
  case scriptSixteen = "script-sixteen"
  /// Objects that nobody knows stand between the others.
  case unknownObjects = "unknown-objects"
  /// The answer comes too late.
  case late
  /// No answer comes.
  case silent
  /// The data of the answer are cut short.
  case cutShort = "cut-short"
  /// Approved by the response code, but not in the card status update: the card declines.
  case cardDeclines = "card-declines"
}

/// What a test issuer answers.
public struct IssuerAnswer: Hashable, Sendable {
  /// When it comes.
  public enum Delivery: Hashable, Sendable {
    /// At once.
    case prompt
    /// When nobody waits any more.
    case late
    /// Never.
    case lost
  }
  /// Two characters.
  public var code: [UInt8]
  /// Data objects for the card: 91, 71, 72.
  public var objects: [UInt8]
  /// When it comes.
  public var delivery: Delivery

  /// An answer.
  public init(code: [UInt8], objects: [UInt8], delivery: Delivery) {
    self.code = code
    self.objects = objects
    self.delivery = delivery
  }
}

/// What a test issuer found in a request.
public enum IssuerFinding: Hashable, Sendable {
  /// The card is there, and this is its request.
  case authentic
  /// The data are no objects, or lack one that is needed; its tag, 0 for no objects.
  case unreadable(tag: UInt32)
  /// The cryptogram is not this card's over these data.
  case wrongCryptogram
  /// The counter is not above the last one seen.
  case counterSeen(UInt16)
}

/// The issuer of test cards: it knows every card of its master keys.
public struct TestIssuer: Hashable, Sendable {
  private struct Seen: Hashable, Sendable {
    var account: [UInt8]
    var counter: UInt16
  }

  private let secrets: CardSecrets
  /// How the keys of cards come from the issuer's.
  public var derivation = DerivationOption.optionA
  /// How the issuer proves itself.
  public var proof = CardProfile.Proof.code
  /// How the data of cryptograms are filled up.
  public var filling = CryptogramKey.Filling.mark
  /// The card status update of the second kind of proof: approved, counters reset.
  public var update: [UInt8] = [0x00, 0x82, 0x00, 0x00]
  /// What cards are ordered.
  public var orders: [IssuerOrder] = []
  /// What it does rarely or wrongly.
  public var switches: [IssuerSwitch] = []
  private var seen: [Seen] = []

  /// An issuer with these master keys.
  public init(secrets: CardSecrets) { self.secrets = secrets }

  /// The keys of one of its cards; `pan` are digit values.
  public func keys(pan: [UInt8], sequence: UInt8) -> CardSecrets {
    secrets.derived(pan: pan, sequence: sequence, derivation)
  }

  /// Whether the cryptogram in some chip data is right: ARQC, TC or AAC. `data` are the objects of
  /// field 55.
  public func finding(_ data: [UInt8], pan: [UInt8], sequence: UInt8) -> IssuerFinding {
    let read: RequestData
    switch RequestData.read(data) {
    case .success(let found): read = found
    case .failure(let missing): return .unreadable(tag: missing.tag)
    }
    let key = keys(pan: pan, sequence: sequence).cryptogramKey(counter: read.counter)
    let own = key.cryptogram(over: read.covered, filling)
    return constantTimeEqual(own, read.cryptogram) ? .authentic : .wrongCryptogram
  }

  /// Answers a request on line; the counter has to be above the last one of this card.
  public mutating func authorise(
    _ data: [UInt8], pan: [UInt8], sequence: UInt8
  ) -> (finding: IssuerFinding, answer: IssuerAnswer) {
    var finding = finding(data, pan: pan, sequence: sequence)
    guard finding == .authentic, case .success(let read) = RequestData.read(data) else {
      // Nothing is computed from a cryptogram that is wrong (EMV 4.4 Book 2, 8.2, notes).
      return (finding, IssuerAnswer(code: Array("05".utf8), objects: [], delivery: .prompt))
    }
    let account = pan + [sequence]
    let place = seen.firstIndex { $0.account == account }
    if let place, read.counter <= seen[place].counter {
      finding = .counterSeen(seen[place].counter)
      return (finding, IssuerAnswer(code: Array("05".utf8), objects: [], delivery: .prompt))
    }
    if let place { seen.remove(at: place) }
    seen.append(Seen(account: account, counter: read.counter))
    return (finding, answer(to: read, keys(pan: pan, sequence: sequence)))
  }

  private func has(_ change: IssuerSwitch) -> Bool { switches.contains(change) }

  private func answer(to read: RequestData, _ keys: CardSecrets) -> IssuerAnswer {
    var code = Array("00".utf8)
    if has(.decline) { code = Array("05".utf8) }
    if has(.referral) { code = Array("01".utf8) }
    if has(.capture) { code = Array("04".utf8) }
    var objects: [CardObject] = []
    if !has(.withoutProof) { objects.append(CardObject(0x91, proof(of: read, keys, code))) }
    var bytes = objects.bytes + scripts(read, keys)
    if has(.unknownObjects) {
      bytes = CardObject(0xDF55, [0x01]).bytes + bytes + CardObject(0x9F7F, [0x02, 0x03]).bytes
    }
    if has(.cutShort), !bytes.isEmpty { bytes.removeLast() }
    let delivery: IssuerAnswer.Delivery = has(.silent) ? .lost : has(.late) ? .late : .prompt
    return IssuerAnswer(code: code, objects: bytes, delivery: delivery)
  }

  /// 91.
  private func proof(of read: RequestData, _ keys: CardSecrets, _ code: [UInt8]) -> [UInt8] {
    let key = keys.cryptogramKey(counter: read.counter)
    var made: [UInt8]
    switch proof {
    case .code: made = key.answer(to: read.cryptogram, code: code) + code
    case .update:
      var update = update
      // What is not approved is not approved in the update either.
      if code != Array("00".utf8) || has(.cardDeclines) { update[1] &= 0x7F }
      made = key.answer(to: read.cryptogram, update: update) + update
    }
    if has(.wrongProof) || (has(.cardDeclines) && proof == .code) { made[0] ^= 0x01 }
    if has(.shortProof) { made = Array(made.prefix(7)) }
    if has(.longProof) { made += [UInt8](repeating: 0, count: 17 - made.count) }
    return made
  }
}
