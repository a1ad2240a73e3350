// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Simulator
import Testing
import Wire

/// Throw-away keys of an issuer, with what independent programs have computed from them.
enum KnownSecrets {
  static var issuer: CardSecrets {
    get throws {
      try CardSecrets(
        cryptogram: cardHex("68DF29A102899B1C7CECEFD9E325EF6D"),
        authentication: cardHex("2C2F79DCD046F1AD2FEAA1C2A7409261"),
        encipherment: cardHex("2920E30431F1925270BFDC310E01EF98"))
    }
  }
  /// Digit values.
  static let pan: [UInt8] = "999001".utf8.map { $0 - 0x30 } + [0, 0, 0, 0, 0, 0, 0, 0, 1, 0]
  static var card: CardSecrets {
    get throws { try issuer.derived(pan: pan, sequence: 0x01, .optionA) }
  }
  static let listData = cardHex("0000000123450000000000000840000000800008402612310 01A2B3C4D")
  static let issuerData = cardHex(
    "0FA500A83000000000000000000000000F000000000000000000000000000000")
  static let cryptogram = cardHex("72DBA702A21B3E11")
}

@Suite("What a card and its issuer share")
struct CardSecretsTests {
  @Test("the cryptogram of a card, from its issuer's key")
  func cryptogram() throws {
    let key = try KnownSecrets.card.cryptogramKey(counter: 0x002A)
    let data = KnownSecrets.listData + cardHex("7900002A") + KnownSecrets.issuerData
    #expect(key.cryptogram(over: data) == KnownSecrets.cryptogram)
    #expect(key.cryptogram(over: data, .zeros) != KnownSecrets.cryptogram)
    for index in data.indices {
      var changed = data
      changed[index] ^= 1
      #expect(key.cryptogram(over: changed) != KnownSecrets.cryptogram)
    }
    #expect(try KnownSecrets.card.cryptogramKey(counter: 0x002B) != key)
    // Whole blocks get no zeros and always a mark.
    let whole = Array(data.prefix(56))
    #expect(key.cryptogram(over: whole + [0x80], .zeros) == key.cryptogram(over: whole, .mark))
  }

  @Test("a card's own keys have odd parity, as those do that other programs compute")
  func parity() throws {
    #expect(
      try KnownSecrets.card.exposed.map { Hex.text($0) } == [
        "7016D3408C5B4F8C293443D3C15E5DC8", "D0D0311CF89210757CFE200EF72C3DFB",
        "C729A2733E293E1F8C80078F0EFD089D",
      ])
  }

  @Test("a card with more than sixteen digits has keys from a hash of all of them")
  func optionB() throws {
    let pan19 = KnownSecrets.pan.dropLast(2) + [0, 0, 0, 1, 9]
    let issuer = try KnownSecrets.issuer
    let long = issuer.derived(pan: Array(pan19), sequence: 0, .optionB)
    let known = cardHex("97F494685B5DE53E2F80B976611F4F89")
    let same = try CardSecrets(
      cryptogram: known, authentication: known, encipherment: known)
    #expect(long.cryptogramKey(counter: 7) == same.cryptogramKey(counter: 7))
    #expect(long.cryptogramKey(counter: 7) != same.cryptogramKey(counter: 8))
    #expect(issuer.derived(pan: Array(pan19), sequence: 0, .optionA) != long)
    // Up to sixteen digits there is no difference.
    #expect(
      issuer.derived(pan: KnownSecrets.pan, sequence: 1, .optionB) == (try KnownSecrets.card))
    let short = Array(KnownSecrets.pan.prefix(13))
    #expect(
      issuer.derived(pan: short, sequence: 1, .optionA)
        == issuer.derived(pan: [0] + short, sequence: 1, .optionA))
    #expect(
      issuer.derived(pan: short, sequence: 1, .optionA)
        != issuer.derived(pan: short, sequence: 2, .optionA))
  }

  @Test("the issuer proves itself, by either method")
  func answers() throws {
    let key = try KnownSecrets.card.cryptogramKey(counter: 0x002A)
    #expect(
      key.answer(to: KnownSecrets.cryptogram, code: Array("00".utf8))
        == cardHex("A77DC20D2BB5CEF1"))
    #expect(
      key.answer(to: KnownSecrets.cryptogram, update: cardHex("00820000")) == cardHex("01FACB44"))
    #expect(
      key.answer(to: KnownSecrets.cryptogram, update: cardHex("00820000"), own: [0])
        != cardHex("01FACB44"))
  }

  @Test("script commands are chained by their MACs, and a new PIN travels enciphered")
  func scripts() throws {
    let keys = try KnownSecrets.card.scriptKeys(cryptogram: KnownSecrets.cryptogram)
    let unblock = keys.mac(
      chain: KnownSecrets.cryptogram, header: cardHex("8C240000"), object: [])
    #expect(unblock == cardHex("8CBFD2887BC932E2"))
    let cipher = cardHex("0182A202C83223A0BE88771F3E928683")
    #expect(keys.decipher(cipher) == cardHex("249876FFFFFFFFFF"))
    #expect(keys.encipher(cardHex("249876FFFFFFFFFF")) == cipher)
    let change = keys.mac(
      chain: unblock, header: cardHex("8C240002"), object: cardHex("871101") + cipher)
    #expect(change == cardHex("4F1608A3872FFF6C"))
    let block = keys.mac(chain: change, header: cardHex("8C1E0000"), object: [])
    #expect(block == cardHex("FEF9B37C112707B4"))
    var spoiled = cipher
    spoiled[15] ^= 1
    #expect(keys.decipher(spoiled) == nil)
    #expect(keys.decipher([]) == nil)
    #expect(keys.decipher(cardHex("00")) == nil)
  }

  @Test("an authority's, issuer's or card's key is drawn: the same dice, the same key")
  func keys() throws {
    let one = CardKeySet(seed: 5, sizes: CardKeySet.Sizes())
    let same = CardKeySet(seed: 5, sizes: CardKeySet.Sizes())
    let other = CardKeySet(seed: 6, sizes: CardKeySet.Sizes())
    #expect(one == same)
    #expect(one.authority != other.authority)
    #expect(one.secrets != other.secrets)
    for key in [one.authority, one.issuer, one.card, one.pin] {
      let block = [0x6A] + [UInt8](repeating: 0x11, count: key.count - 1)
      let signed = try #require(key.apply(block))
      #expect(try key.publicKey.recover(signed) == block)
    }
    #expect(one.card.apply([UInt8](repeating: 0xFF, count: one.card.count)) == nil)
  }
}
