// SPDX-License-Identifier: Apache-2.0

public import PaymentCrypto
import Wire

// EMV 4.4 Book 2, annex A1: what card and issuer share.
//
//     issuer's master key ── account number, sequence ──▶ card's master key     option A or B
//     card's master key ── counter ──▶ session key        cryptograms, issuer authentication
//     card's master key ── cryptogram ──▶ session key     MAC and encipherment of scripts

/// The three purposes of an issuer's keys, or of one card's.
public struct CardSecrets: Hashable, Sendable {
  let cryptogram: KeyMaterial
  let authentication: KeyMaterial
  let encipherment: KeyMaterial

  /// Three keys of sixteen bytes: for cryptograms, for MACs and for the encipherment of scripts.
  public init(
    cryptogram: [UInt8], authentication: [UInt8], encipherment: [UInt8]
  ) throws(CryptoFault) {
    self.cryptogram = try KeyMaterial(.tdes2, cryptogram)
    self.authentication = try KeyMaterial(.tdes2, authentication)
    self.encipherment = try KeyMaterial(.tdes2, encipherment)
  }

  /// The three keys, for whoever has to compute the same elsewhere.
  package var exposed: [[UInt8]] {
    [cryptogram.secret.exposed, authentication.secret.exposed, encipherment.secret.exposed]
  }

  private init(
    derived cryptogram: KeyMaterial, _ authentication: KeyMaterial, _ encipherment: KeyMaterial
  ) {
    self.cryptogram = cryptogram
    self.authentication = authentication
    self.encipherment = encipherment
  }

  /// One card's keys from its issuer's (EMV 4.4 Book 2, A1.4). `pan` are digit values.
  public func derived(pan: [UInt8], sequence: UInt8, _ option: DerivationOption) -> CardSecrets {
    let data = option.data(pan: pan, sequence: sequence)
    return CardSecrets(
      derived: CardSecrets.master(cryptogram, data), CardSecrets.master(authentication, data),
      CardSecrets.master(encipherment, data))
  }

  private static func master(_ key: KeyMaterial, _ data: [UInt8]) -> KeyMaterial {
    let bytes = block(key, data) + block(key, data.map { ~$0 })
    // Keys derived for a card have odd parity (EMV 4.4 Book 2, A1.4.1).
    let odd = bytes.map { $0.nonzeroBitCount % 2 == 0 ? $0 ^ 0x01 : $0 }
    return KeyMaterial(derived: .tdes2, SecretBytes(odd))
  }

  /// The common session keys (EMV 4.4 Book 2, A1.3.1) of a value of eight bytes.
  private static func session(_ key: KeyMaterial, _ value: [UInt8]) -> KeyMaterial {
    var left = value
    var right = value
    left[2] = 0xF0
    right[2] = 0x0F
    return KeyMaterial(derived: .tdes2, SecretBytes(block(key, left) + block(key, right)))
  }

  /// The key for cryptograms and issuer authentication under one counter.
  public func cryptogramKey(counter: UInt16) -> CryptogramKey {
    let value = [UInt8(counter >> 8), UInt8(counter & 0xFF)] + [UInt8](repeating: 0, count: 6)
    return CryptogramKey(material: CardSecrets.session(cryptogram, value))
  }

  /// The keys for scripts behind one first cryptogram, eight bytes.
  public func scriptKeys(cryptogram first: [UInt8]) -> ScriptKeys {
    ScriptKeys(
      authentication: CardSecrets.session(authentication, first),
      encipherment: CardSecrets.session(encipherment, first))
  }

  static func block(_ key: KeyMaterial, _ data: [UInt8]) -> [UInt8] {
    guard let made = try? key.encrypt(data, .ecb) else {
      preconditionFailure("a block has eight bytes")
    }
    return made
  }
}

/// How a card's keys come from its issuer's.
public enum DerivationOption: UInt8, Hashable, Sendable, CaseIterable {
  /// From the rightmost sixteen digits of account number and sequence.
  case optionA
  /// As A up to sixteen digits, from a hash of all digits above.
  case optionB

  /// The eight bytes that are encrypted (EMV 4.4 Book 2, A1.4.1 and A1.4.2).
  func data(pan: [UInt8], sequence: UInt8) -> [UInt8] {
    let digits = pan + [sequence >> 4, sequence & 0x0F]
    if self == .optionB, pan.count > 16 { return hashed(digits) }
    let missing = max(0, 16 - digits.count)
    return BCD.pack([UInt8](repeating: 0, count: missing) + digits.suffix(16))
  }

  /// The first sixteen decimal half bytes of the hash; where it has fewer, its letters as digits.
  private func hashed(_ digits: [UInt8]) -> [UInt8] {
    let even = digits.count % 2 == 0 ? digits : [0] + digits
    let halves = BCD.unpack(HashAlgorithm.sha1.digest(BCD.pack(even)))
    let decimal = halves.filter { $0 <= 9 }
    let letters = halves.filter { $0 > 9 }.map { $0 - 10 }
    return BCD.pack(Array((decimal + letters).prefix(16)))
  }
}

/// A session key for cryptograms and issuer authentication.
public struct CryptogramKey: Hashable, Sendable {
  let material: KeyMaterial

  /// How the data of a cryptogram are filled up; mixing them up is why cryptograms do not verify.
  public enum Filling: UInt8, Hashable, Sendable, CaseIterable {
    /// 80, then zeros (ISO/IEC 9797-1, method 2).
    case mark
    /// Zeros, none where the data are whole blocks (method 1).
    case zeros
  }

  /// An application cryptogram (EMV 4.4 Book 2, 8.1.2): eight bytes.
  public func cryptogram(over data: [UInt8], _ filling: Filling = .mark) -> [UInt8] {
    retailMAC(material, data, filling == .mark ? .mark : .zeros)
  }

  /// What proves the issuer, method 1 (EMV 4.4 Book 2, 8.2.1): eight bytes. `code` is the response
  /// code, two characters.
  public func answer(to cryptogram: [UInt8], code: [UInt8]) -> [UInt8] {
    precondition(
      cryptogram.count == 8, "a cryptogram has eight bytes: who calls has it from a card")
    var data = cryptogram
    for (index, byte) in code.enumerated() where index < 2 { data[index] ^= byte }
    return CardSecrets.block(material, data)
  }

  /// What proves the issuer, method 2 (8.2.2): four bytes over the card status update, four bytes,
  /// and up to eight of the issuer's own.
  public func answer(to cryptogram: [UInt8], update: [UInt8], own: [UInt8] = []) -> [UInt8] {
    Array(retailMAC(material, cryptogram + update + own, .mark).prefix(4))
  }
}

/// The session keys of scripts (EMV 4.4 Book 2, 9): MAC and encipherment.
public struct ScriptKeys: Hashable, Sendable {
  let authentication: KeyMaterial
  let encipherment: KeyMaterial

  /// The MAC of a command in format 1 (EMV 4.4 Book 2, 9.2.3.1): eight bytes, of which four travel.
  /// `chain` is the first cryptogram, then the MAC of the command before; `header` CLA to P2;
  /// `object` 81 or 87 with length and content, if the command has data.
  public func mac(chain: [UInt8], header: [UInt8], object: [UInt8]) -> [UInt8] {
    var data = chain + header + [0x80, 0, 0, 0] + object
    if !object.isEmpty { data.append(0x80) }
    return retailMAC(authentication, data, .zeros)
  }

  /// Enciphers data of a command, filled with 80 and zeros (EMV 4.4 Book 2, 9.3).
  public func encipher(_ data: [UInt8]) -> [UInt8] {
    var filled = data + [0x80]
    while filled.count % 8 != 0 { filled.append(0) }
    guard let made = try? encipherment.encrypt(filled, .cbc(ScriptKeys.zeros)) else {
      preconditionFailure("filled to whole blocks")
    }
    return made
  }

  /// The data; nil when they are not filled as they have to be.
  public func decipher(_ data: [UInt8]) -> [UInt8]? {
    guard !data.isEmpty, let filled = try? encipherment.decrypt(data, .cbc(ScriptKeys.zeros)),
      let mark = filled.lastIndex(where: { $0 != 0 }), filled[mark] == 0x80
    else { return nil }
    return Array(filled[..<mark])
  }

  private static var zeros: [UInt8] { [UInt8](repeating: 0, count: 8) }
}

/// ISO/IEC 9797-1 algorithm 3 under a derived key.
private func retailMAC(_ key: KeyMaterial, _ data: [UInt8], _ padding: MACPadding) -> [UInt8] {
  guard let made = try? MACKey(key).mac(.retail(padding), over: data) else {
    preconditionFailure("keys of cards have two parts")
  }
  return made
}
