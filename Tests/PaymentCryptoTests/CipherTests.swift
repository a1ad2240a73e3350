// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PaymentCrypto
import Testing
import Wire

@Suite("Ciphers")
struct CipherTests {
  /// The first block of NIST SP 800-38A's examples.
  private static let plain = "6BC1BEE22E409F96E93D7E117393172A"
  private static let vector = "000102030405060708090A0B0C0D0E0F"
  private static let key128 = "2B7E151628AED2A6ABF7158809CF4F3C"
  private static let key192 = "8E73B0F7DA0E6452C810F32B809079E562F8EAD2522C6B7B"
  private static let key256 = "603DEB1015CA71BE2B73AEF0857D77811F352C073B6108D72D9810A30914DFF4"

  @Test(
    "AES in three modes (NIST SP 800-38A, Annex F)",
    arguments: [
      (
        CipherAlgorithm.aes128, key128, "3AD77BB40D7A3660A89ECAF32466EF97",
        "7649ABAC8119B246CEE98E9B12E9197D", "874D6191B620E3261BEF6864990DB6CE"
      ),
      (
        .aes192, key192, "BD334F1D6E45F25FF712A214571FA5CC", "4F021DB243BC633D7178183A9FA071E8",
        "1ABC932417521CA24F2B0459FE7E6E0B"
      ),
      (
        .aes256, key256, "F3EED1BDB5D2A03C064B5A7E3DB181F8", "F58C4C04D6E5F1BA779EABFB5F7BFBD6",
        "601EC313775789A5B7A7F504BBF3D228"
      ),
    ])
  func aes(
    _ algorithm: CipherAlgorithm, _ digits: String, _ ecb: String, _ cbc: String, _ ctr: String
  ) throws {
    let key: DataKey = try key(algorithm, digits)
    let plain = try hex(CipherTests.plain)
    let counter = try hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF")
    let modes: [(CipherMode, String)] = [
      (.ecb, ecb), (.cbc(try hex(CipherTests.vector)), cbc), (.ctr(counter), ctr),
    ]
    for (mode, expected) in modes {
      #expect(Hex.text(try key.encrypt(plain, mode)) == expected)
      #expect(try key.decrypt(hex(expected), mode) == plain)
    }
  }

  @Test("SM4 (GB/T 32907-2016, Annex A)")
  func sm4() throws {
    let key: DataKey = try key(.sm4, publishedKey)
    let cipher = try key.encrypt(hex(publishedKey), .ecb)
    #expect(Hex.text(cipher) == "681EDF34D206965E86B3E94F536E4246")
    #expect(try key.decrypt(cipher, .ecb) == hex(publishedKey))
    let vector = try hex(CipherTests.vector)
    let chained = try key.encrypt(cipher + cipher, .cbc(vector))
    #expect(try key.decrypt(chained, .cbc(vector)) == cipher + cipher)
    #expect(chained.prefix(16) != chained.suffix(16))
  }

  @Test("DES and triple DES (the published key and block of FIPS 46-3's test)")
  func des() throws {
    let single: DataKey = try key(.des, "133457799BBCDFF1")
    #expect(Hex.text(try single.encrypt(hex("0123456789ABCDEF"), .ecb)) == "85E813540F0AB405")
    // NIST SP 800-67, Annex B, first block.
    let triple: DataKey = try key(.tdes3, "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123")
    let cipher = try triple.encrypt(hex("5468652071756663"), .ecb)
    #expect(Hex.text(cipher) == "A826FD8CE53B855F")
    #expect(try triple.decrypt(cipher, .ecb) == hex("5468652071756663"))
  }

  @Test("AES-GCM (NIST's first case with text)")
  func gcm() throws {
    let key: DataKey = try key(.aes128, "00000000000000000000000000000000")
    let nonce = [UInt8](repeating: 0, count: 12)
    let sealed = try key.seal([UInt8](repeating: 0, count: 16), nonce: nonce, associated: [])
    #expect(
      Hex.text(sealed) == "0388DACE60B6A392F328C2B971B2FE78AB6E47D42CEC13BDF53A67B21257BDDF")
    #expect(try key.open(sealed, nonce: nonce, associated: []).count == 16)
    let des: DataKey = try PaymentCryptoTests.key(.tdes2, publishedKey)
    #expect(throws: CryptoFault.unsupported(.tdes2)) {
      try des.seal([1], nonce: nonce, associated: [])
    }
  }

  @Test("whatever is encrypted comes back, in every cipher and mode, at every length")
  func roundTrips() throws {
    var dice = Dice(seed: 46)
    for algorithm in CipherAlgorithm.allCases {
      let key = try DataKey(algorithm, dice.bytes(algorithm.keyByteCount))
      let block = algorithm.blockByteCount
      for blocks in 0..<6 {
        let plain = dice.bytes(blocks * block)
        let vector = dice.bytes(block)
        for mode in [CipherMode.ecb, .cbc(vector)] {
          #expect(try key.decrypt(key.encrypt(plain, mode), mode) == plain)
        }
      }
      for count in 1..<block {
        #expect(throws: CryptoFault.wrongLength(count)) {
          try key.encrypt(dice.bytes(count), .ecb)
        }
        #expect(throws: CryptoFault.wrongLength(count)) {
          try key.decrypt(dice.bytes(count), .cbc(dice.bytes(block)))
        }
        #expect(throws: CryptoFault.wrongLength(count)) {
          try key.encrypt(dice.bytes(block), .cbc(dice.bytes(count)))
        }
      }
    }
    for algorithm in [CipherAlgorithm.aes128, .aes192, .aes256] {
      let key = try DataKey(algorithm, dice.bytes(algorithm.keyByteCount))
      for count in 0..<40 {
        let plain = dice.bytes(count)
        let mode = CipherMode.ctr(dice.bytes(16))
        #expect(try key.decrypt(key.encrypt(plain, mode), mode) == plain)
      }
    }
    let sm4 = try DataKey(.sm4, dice.bytes(16))
    #expect(throws: CryptoFault.unsupported(.sm4)) {
      try sm4.encrypt(dice.bytes(16), .ctr(dice.bytes(16)))
    }
  }
}

@Suite("Hashes")
struct HashTests {
  @Test(
    "of abc (FIPS 180-4, GB/T 32905-2016)",
    arguments: [
      (HashAlgorithm.sha1, "A9993E364706816ABA3E25717850C26C9CD0D89D"),
      (.sha224, "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7"),
      (.sha256, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"),
      (
        .sha384,
        "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED"
          + "8086072BA1E7CC2358BAECA134C825A7"
      ),
      (
        .sha512,
        "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A"
          + "2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F"
      ),
      (.sm3, "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0"),
    ])
  func abc(_ hash: HashAlgorithm, _ expected: String) {
    #expect(Hex.text(hash.digest(Array("abc".utf8))) == expected)
    #expect(hash.byteCount == expected.utf8.count / 2)
    #expect(hash.digest([]) != hash.digest([0]))
  }

  @Test("HMAC-SHA-256 (RFC 4231, cases 1 and 2)")
  func hmac() {
    let one = hmacSHA256(
      key: SecretBytes([UInt8](repeating: 0x0B, count: 20)), message: Array("Hi There".utf8))
    #expect(
      Hex.text(one) == "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7")
    let two = hmacSHA256(
      key: SecretBytes(Array("Jefe".utf8)), message: Array("what do ya want for nothing?".utf8))
    #expect(
      Hex.text(two) == "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843")
  }
}
