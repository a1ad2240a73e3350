// SPDX-License-Identifier: Apache-2.0

import PINPadCrypto
import PaymentCrypto
import Wire

/// One line of `possim crypto`: a kind, arguments in hexadecimal digits or words, `-` for nothing.
/// The answer are digits, or `fault` where the operation is refused.
struct CryptoCase {
  /// What is wrong with the line itself.
  struct Unreadable: Error {}

  private let kind: String
  private let words: [String]

  init(_ line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    guard let kind = words.first else { throw Unreadable() }
    self.kind = kind
    self.words = Array(words.dropFirst())
  }

  private func word(_ index: Int) throws -> String {
    if index >= words.count { throw Unreadable() }
    return words[index]
  }

  private func bytes(_ index: Int) throws -> [UInt8] {
    let word = try word(index)
    return word == "-" ? [] : try Hex.decode(Array(word.utf8))
  }

  private func digits(_ index: Int) throws -> [UInt8] { Array(try word(index).utf8) }

  private func algorithm(_ index: Int) throws -> CipherAlgorithm {
    let word = try word(index)
    guard let found = CipherAlgorithm.allCases.first(where: { "\($0)" == word }) else {
      throw Unreadable()
    }
    return found
  }

  private func key<Purpose: KeyPurpose>(_ index: Int) throws -> Key<Purpose> {
    try Key<Purpose>(algorithm(index), bytes(index + 1))
  }

  private func pin(_ index: Int) throws -> ClearPIN {
    guard let pin = ClearPIN(try digits(index).map { $0 &- 0x30 }) else { throw Unreadable() }
    return pin
  }

  /// The result of the operation.
  func result() throws -> [UInt8] {
    switch kind {
    case "ecb": try (key(0) as DataKey).encrypt(bytes(2), .ecb)
    case "cbc": try (key(0) as DataKey).encrypt(bytes(3), .cbc(bytes(2)))
    case "ctr": try (key(0) as DataKey).encrypt(bytes(3), .ctr(bytes(2)))
    case "gcm":
      try (key(0) as DataKey).seal(bytes(4), nonce: bytes(2), associated: bytes(3))
    case "kcv": try (key(0) as MACKey).checkValue(.zeroBlock)
    case "kcvcmac": try (key(0) as MACKey).checkValue(.cmac, count: 5)
    case "mac": try (key(0) as MACKey).mac(algorithm(named: word(2)), over: bytes(3))
    case "track": try (key(0) as DataKey).encryptTrack(digits(2))
    case "hash": try hash(word(0)).digest(bytes(1))
    case "hmac": hmacSHA256(key: SecretBytes(try bytes(0)), message: try bytes(1))
    case "pin0": try PINBlock.format0(pin(0), pan: digits(1))
    case "pin2": PINBlock.format2(try pin(0))
    case "pin3": try PINBlock.pin(format: 3, bytes(0), pan: digits(1)).exposed
    case "pin4": try (key(0) as PINKey).decipherFormat4(bytes(2), pan: digits(3)).exposed
    case "unwrap": try unwrapped()
    case "wrap": try wrapped()
    case "rsa":
      try signature { key, signature, message in
        key.verifies(
          signature, over: message, try hash(word(4)), try word(5) == "pss" ? .pss : .pkcs1)
      }
    case "recover":
      try RSAPublicKey(modulus: bytes(0), exponent: bytes(1)).recover(bytes(2))
    case "p256":
      [try P256PublicKey(point: bytes(0)).verifies(bytes(1), over: bytes(2), .sha256) ? 1 : 0]
    case "ed25519":
      try Ed25519PrivateKey(seed: SecretBytes(bytes(0))).sign(bytes(1))
    default: throw Unreadable()
    }
  }

  private func algorithm(named name: String) throws -> MACAlgorithm {
    switch name {
    case "chained1": .chained(.zeros)
    case "chained2": .chained(.mark)
    case "chained3": .chained(.length)
    case "retail1": .retail(.zeros)
    case "retail2": .retail(.mark)
    case "retail3": .retail(.length)
    case "cmac": .cmac
    case "cup": .unionPay
    case "cupbytes": .unionPayBytes
    default: throw Unreadable()
    }
  }

  private func hash(_ name: String) throws -> HashAlgorithm {
    guard let found = HashAlgorithm.allCases.first(where: { "\($0)" == name }) else {
      throw Unreadable()
    }
    return found
  }

  private func signature(
    _ verify: (RSAPublicKey, [UInt8], [UInt8]) throws -> Bool
  ) throws -> [UInt8] {
    let key = try RSAPublicKey(modulus: bytes(0), exponent: bytes(1))
    return [try verify(key, bytes(2), bytes(3)) ? 1 : 0]
  }

  /// Protection key and block; the key inside, as a data key.
  private func unwrapped() throws -> [UInt8] {
    let block = try KeyBlock(parsing: digits(2))
    let key: DataKey = try (key(0) as KeyBlockProtectionKey).unwrap(block)
    return key.material.secret.exposed
  }

  /// Protection key, version, optional blocks as `XXdata` or `-`, key, filling; the block.
  private func wrapped() throws -> [UInt8] {
    let inner: DataKey = try key(4)
    guard let version = KeyBlockVersion(rawValue: try digits(2).first ?? 0) else {
      throw Unreadable()
    }
    let optional = try digits(3)
    let blocks =
      optional == [0x2D]
      ? []
      : [
        KeyBlockHeader.OptionalBlock(identifier: Array(optional[..<2]), data: Array(optional[2...]))
      ]
    let header = KeyBlockHeader(
      version: version, usage: "D0", algorithm: inner.algorithm.isDES ? "T" : "A", mode: "B",
      exportability: "E", optionalBlocks: blocks)
    return try (key(0) as KeyBlockProtectionKey).wrap(inner, header, filling: bytes(6)).characters
  }
}
