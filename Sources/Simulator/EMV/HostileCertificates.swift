// SPDX-License-Identifier: Apache-2.0

import Clockwork
import EMVKernel
import PaymentCrypto
import Wire

/// Certificates and signatures with something wrong: in what was signed, so that the hash is right,
/// or in the signature, which then may never be taken.
struct HostileCertificates {
  enum Result {
    case refused
    case taken
    case forged(String)
  }

  private let keys: CardKeySet
  private let account: [UInt8]
  private let authority: AuthorityKey
  private let date: CardDate

  init(_ profile: CardProfile) {
    keys = CardKeySet(seed: profile.seed, sizes: profile.sizes)
    account = BCD.pack(profile.applications[0].pan)
    let key = keys.authority.publicKey
    let sum = AuthorityKey.sum(CardKeySet.scheme, 0x01, key.modulus, key.exponent)
    let loaded = try? AuthorityKey(
      scheme: CardKeySet.scheme, index: 0x01, modulus: key.modulus, exponent: key.exponent,
      checkSum: sum)
    guard let loaded, let date = CardDate.init([0x26, 0x12, 0x31]) else {
      preconditionFailure("a drawn key is one that an authority may have")
    }
    authority = loaded
    self.date = date
  }

  func attack(_ dice: inout Dice) -> Result {
    switch dice.below(4) {
    case 0: issuer(&dice)
    case 1: pin(&dice)
    case 2: dynamic(&dice)
    default: combined(&dice)
    }
  }

  /// The signature of a block, hostile in one of both ways; whether it is the signature that is.
  private func signature(
    _ format: UInt8, _ content: [UInt8], by key: CardKey, over rest: [UInt8], _ dice: inout Dice
  ) -> (bytes: [UInt8], isForged: Bool) {
    if dice.chance(1, in: 2) {
      let changed = HostileAnswers.mutate(content, &dice).prefix(key.count - 23)
      let block = SignedBlock(format: format, content: Array(changed))
      return (block.signature(by: key, over: rest), false)
    }
    let right = SignedBlock(format: format, content: content).signature(by: key, over: rest)
    let changed = HostileAnswers.mutate(right, &dice)
    return (changed, changed != right)
  }

  private func result(_ isTaken: Bool, _ isForged: Bool, _ what: String) -> Result {
    isTaken ? isForged ? .forged(what) : .taken : .refused
  }

  private func certificate(
    of key: RSAPublicKey, _ format: UInt8, owner: [UInt8], by signer: CardKey, _ dice: inout Dice
  ) -> (KeyCertificate, isForged: Bool) {
    let room = signer.count - 32 - owner.count
    var left = Array(key.modulus.prefix(room))
    let remainder = Array(key.modulus.dropFirst(room))
    while left.count < room { left.append(0xBB) }
    let content =
      owner + [0x12, 0x49, 0x00, 0x00, 0x01, 0x01, 0x01, UInt8(key.modulus.count)]
      + [UInt8(key.exponent.count)] + left
    let signed = signature(
      format, content, by: signer, over: remainder + key.exponent, &dice)
    let made = KeyCertificate(
      certificate: signed.bytes, remainder: remainder, exponent: key.exponent)
    return (made, signed.isForged)
  }

  private func issuer(_ dice: inout Dice) -> Result {
    let made = certificate(
      of: keys.issuer.publicKey, 0x02, owner: Array(account.prefix(4)), by: keys.authority, &dice)
    let key = try? Authentication.issuerKey(
      made.0, authority: authority, account: account, on: date)
    return result(key != nil, made.isForged, "an issuer's certificate")
  }

  private func pin(_ dice: inout Dice) -> Result {
    let owner = account + [UInt8](repeating: 0xFF, count: 10 - account.count)
    let made = certificate(of: keys.pin.publicKey, 0x04, owner: owner, by: keys.issuer, &dice)
    let key = try? Authentication.pinKey(
      made.0, issuer: keys.issuer.publicKey, account: account, on: date)
    return result(key != nil, made.isForged, "a certificate for PINs")
  }

  private func dynamic(_ dice: inout Dice) -> Result {
    let asked = dice.bytes(4)
    let made = signature(
      0x05, [0x01, 0x05, 0x04] + dice.bytes(4), by: keys.card, over: asked, &dice)
    let data = try? Authentication.dynamicData(
      made.bytes, card: keys.card.publicKey, asked: asked)
    return result(data != nil, made.isForged, "a dynamic signature")
  }

  private func combined(_ dice: inout Dice) -> Result {
    let number = dice.bytes(4)
    let asked = dice.bytes(29)
    let clear = CardObject(0x9F27, [0x80]).bytes + CardObject(0x9F36, dice.bytes(2)).bytes
    let hash = HashAlgorithm.sha1.digest(asked + clear)
    let data = [0x04] + dice.bytes(4) + [0x80] + dice.bytes(8) + hash
    let made = signature(
      0x05, [0x01, UInt8(data.count)] + data, by: keys.card, over: number, &dice)
    var answer = CardObject(0x77, clear + CardObject(0x9F4B, made.bytes).bytes).bytes
    let isSpoiled = dice.chance(1, in: 8)
    if isSpoiled { answer = HostileAnswers.mutate(answer, &dice) }
    let read = try? Authentication.combinedData(
      answer, card: keys.card.publicKey, asked: asked, unpredictable: number)
    return result(read != nil, made.isForged && !isSpoiled, "a combined signature")
  }
}
