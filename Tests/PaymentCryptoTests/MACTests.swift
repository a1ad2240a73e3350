// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

@Suite("Message authentication codes")
struct MACTests {
  /// A swiped sale as a UnionPay terminal signs it, 91 bytes.
  private static let sale =
    "0200302004C020C0981100000000000000005100183402100006324392260009942820D1312101"
    + "120084393136363838303134303030303030303030303030303031313536ACF46E73838A82F926"
    + "00000000000000000822000001"

  @Test("retail MACs (ISO/IEC 9797-1 algorithm 3)")
  func retail() throws {
    let one: MACKey = try key(.tdes2, publishedKey)
    let text = Array("Now is the time for all ".utf8)
    #expect(Hex.text(try one.mac(.retail(.zeros), over: text)) == "A1C72E74EA3FA9B6")
    let two: MACKey = try key(.tdes2, "41414141414141414242424242424242")
    let hello = Array("hello world".utf8)
    #expect(Hex.text(try two.mac(.retail(.mark), over: hello)) == "E16941032C3BC7D4")
  }

  @Test("CBC-MACs (ISO/IEC 9797-1 algorithm 1)")
  func chained() throws {
    let key: MACKey = try key(.tdes2, "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB")
    #expect(
      Hex.text(try key.mac(.chained(.zeros), over: Array("hello world".utf8)))
        == "68D9038F23360DF3")
  }

  @Test(
    "CMACs (NIST SP 800-38B)",
    arguments: [
      (
        CipherAlgorithm.aes128, "2B7E151628AED2A6ABF7158809CF4F3C", "",
        "BB1D6929E95937287FA37D129B756746"
      ),
      (
        .aes128, "2B7E151628AED2A6ABF7158809CF4F3C", "6BC1BEE22E409F96E93D7E117393172A",
        "070A16B46B4D4144F79BDD9DD04A287C"
      ),
      (.tdes3, "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123", "", "7DB0D37DF936C550"),
      (.tdes2, "0123456789ABCDEF23456789ABCDEF01", "", "79CE52A7F786A960"),
    ])
  func cmac(
    _ algorithm: CipherAlgorithm, _ digits: String, _ message: String, _ expected: String
  ) throws {
    let key: MACKey = try key(algorithm, digits)
    #expect(Hex.text(try key.mac(.cmac, over: hex(message))) == expected)
  }

  @Test("UnionPay's MAC of a swiped sale, with single and double keys")
  func unionPay() throws {
    let sale = try hex(MACTests.sale)
    #expect(sale.count == 91)
    let master: KeyEncryptionKey = try key(.tdes2, "70F2A84CCBC2AE8625CBB0F2C22AB923")
    let single: MACKey = try master.unwrap(hex("96D605EA176B7E9E"), .des)
    #expect(single.digits == "C24A8FB57AA20123")
    #expect(try single.mac(.unionPay, over: sale) == Array("8A9E91B8".utf8))
    #expect(try single.mac(.unionPayBytes, over: sale) == hex("8A9E91B88D839AC5"))
    let double: MACKey = try key(.tdes2, publishedKey)
    #expect(try double.mac(.unionPay, over: sale) == Array("84C8B241".utf8))
  }

  @Test("the other algorithms of acquirers, over the same sale")
  func others() throws {
    let sale = try hex(MACTests.sale)
    let single: MACKey = try key(.des, "C24A8FB57AA20123")
    let double: MACKey = try key(.tdes2, publishedKey)
    #expect(Hex.text(try single.mac(.chained(.zeros), over: sale)) == "756FED7EEB9F572C")
    #expect(Hex.text(try double.mac(.retail(.zeros), over: sale)) == "D2E1D279C4F95777")
    #expect(Hex.text(try double.mac(.chained(.zeros), over: sale)) == "2E55B965E1A5C840")
  }

  @Test("UnionPay's MAC under SM4 is made of SM4 blocks, and cut as the setting says")
  func sm4() throws {
    let sale = try hex(MACTests.sale)
    let macKey: MACKey = try key(.sm4, publishedKey)
    let dataKey: DataKey = try key(.sm4, publishedKey)
    var mixed = [UInt8](repeating: 0, count: 16)
    for (index, byte) in sale.enumerated() { mixed[index % 16] ^= byte }
    let digits = Hex.encode(mixed)
    var half = try dataKey.encrypt(Array(digits[..<16]), .ecb)
    for index in 0..<16 { half[index] ^= digits[16 + index] }
    let whole = try dataKey.encrypt(half, .ecb)
    #expect(try macKey.mac(.unionPay, over: sale) == Array(Hex.encode(whole).prefix(8)))
    #expect(try macKey.mac(.unionPayBytes, over: sale) == Array(whole.prefix(8)))
  }

  @Test("the three ways to fill up differ where they should")
  func paddings() throws {
    let key: MACKey = try key(.tdes2, publishedKey)
    let block = [UInt8](repeating: 7, count: 8)
    func code(_ padding: MACPadding, _ message: [UInt8]) throws -> [UInt8] {
      try key.mac(.chained(padding), over: message)
    }
    // Zeros do not tell a message from the same with zeros behind; the other ways do.
    #expect(try code(.zeros, block) == code(.zeros, block + []))
    #expect(try code(.zeros, [7]) == code(.zeros, [7, 0]))
    #expect(try code(.mark, [7]) != code(.mark, [7, 0]))
    #expect(try code(.length, [7]) != code(.length, [7, 0]))
    #expect(try code(.zeros, []) == code(.zeros, [0]))
    #expect(try code(.mark, block) == code(.zeros, block + [0x80]))
    #expect(
      try code(.length, block) == code(.zeros, [0, 0, 0, 0, 0, 0, 0, 64] + block))
  }

  @Test("a code is right whole or cut to four bytes and more, and with any bit changed it is not")
  func verifying() throws {
    let key: MACKey = try key(.tdes2, publishedKey)
    let text = Array("Now is the time for all ".utf8)
    let code = try key.mac(.retail(.zeros), over: text)
    for count in 0...8 {
      #expect(
        key.verifies(Array(code.prefix(count)), .retail(.zeros), over: text) == (count >= 4))
    }
    #expect(!key.verifies(code + [0], .retail(.zeros), over: text))
    // UnionPay's is cut already: half of its digits would be sixteen bits.
    let digits = try key.mac(.unionPay, over: text)
    for count in 0...8 {
      #expect(
        key.verifies(Array(digits.prefix(count)), .unionPay, over: text) == (count == 8))
    }
    for bit in 0..<64 {
      var changed = code
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!key.verifies(changed, .retail(.zeros), over: text))
    }
    for index in text.indices {
      var other = text
      other[index] ^= 1
      #expect(!key.verifies(code, .retail(.zeros), over: other))
    }
  }

  @Test("an algorithm that does not go with the key is refused")
  func unsupported() throws {
    let aes: MACKey = try key(.aes128, publishedKey)
    let des: MACKey = try key(.des, "0123456789ABCDEF")
    #expect(throws: CryptoFault.unsupported(.aes128)) { try aes.mac(.retail(.zeros), over: [1]) }
    #expect(throws: CryptoFault.unsupported(.aes128)) { try aes.mac(.unionPay, over: [1]) }
    #expect(throws: CryptoFault.unsupported(.des)) { try des.mac(.cmac, over: [1]) }
    #expect(!aes.verifies([1, 2, 3, 4], .retail(.zeros), over: [1]))
  }
}
