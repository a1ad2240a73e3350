// SPDX-License-Identifier: Apache-2.0

import Clockwork
import PINPadCrypto
import PaymentCrypto
import Testing
import Wire

@Suite("PIN blocks")
struct PINBlockTests {
  private static let pan = Array("4012345678909".utf8)

  private static func pin(_ digits: String) throws -> ClearPIN {
    try #require(ClearPIN(digits.utf8.map { $0 - 0x30 }))
  }

  private static func text(_ pin: ClearPIN) -> String {
    String(decoding: pin.exposed.map { $0 + 0x30 }, as: UTF8.self)
  }

  @Test("the published examples of formats 0 to 3")
  func published() throws {
    let pin = try PINBlockTests.pin("1234")
    #expect(
      Hex.text(try PINBlock.format0(pin, pan: PINBlockTests.pan)) == "041274EDCBA9876F")
    let five = try PINBlockTests.pin("12345")
    let filling: [UInt8] = [0xE, 0xD, 0xC, 0xB, 0xA, 9, 8, 7, 6, 5]
    #expect(Hex.text(try PINBlock.format1(five, filling: filling)) == "1512345EDCBA9876")
    #expect(Hex.text(PINBlock.format2(pin)) == "241234FFFFFFFFFF")
    let three = try PINBlock.pin(
      format: 3, hex("341261AAAAEDCBA9"), pan: Array("5555555551234567".utf8))
    #expect(three == pin)
  }

  @Test("the blocks of UnionPay's texts")
  func unionPay() throws {
    let pin = try PINBlockTests.pin("123456")
    let accounts = [
      ("123456789012345678", "061253DFFEDCBA98"), ("1234567890123456", "0612713176FEDCBA"),
      ("6235013452200" + "000069", "06120004DFFFFFF9"),
    ]
    for (pan, block) in accounts {
      #expect(Hex.text(try PINBlock.format0(pin, pan: Array(pan.utf8))) == block)
    }
    let session: PINKey = try key(.tdes2, "807A23AD32B36D457AE91FDF927570EA")
    #expect(Hex.text(try session.encipher(hex("06120004DFFFFFF9"))) == "73C9E9C97821B1A1")
    #expect(Hex.text(try session.encipher(hex("06123456FFFFFFFF"))) == "75EC7A5EFA8DBA63")
  }

  @Test("blocks of sixteen bytes for SM4 hosts, in both forms")
  func wide() throws {
    let pin = try PINBlockTests.pin("1234")
    let zeros = try PINBlock.wide(.zeros, pin, pan: PINBlockTests.pan)
    #expect(Hex.text(zeros) == "041274EDCBA9876F0000000000000000")
    let long = try PINBlock.wide(.long, pin, pan: PINBlockTests.pan)
    #expect(Hex.text(long) == "041234FFFFFFFFFFFFFFBFEDCBA9876F")
    let session: PINKey = try key(.sm4, publishedKey)
    #expect(try session.decipher(session.encipher(long)) == long)
  }

  @Test("every PIN comes back from every format, and with another account it does not")
  func roundTrips() throws {
    var dice = Dice(seed: 9564)
    let session: PINKey = try key(.aes128, publishedKey)
    for _ in 0..<500 {
      let digits = (0..<4 + dice.below(9)).map { _ in UInt8(dice.below(10)) }
      let pin = try #require(ClearPIN(digits))
      let pan = (0..<12 + dice.below(8)).map { _ in UInt8(0x30 + dice.below(10)) }
      let letters = (0..<10).map { _ in UInt8(10 + dice.below(6)) }
      let random = dice.bytes(8)
      #expect(try PINBlock.pin(format: 0, PINBlock.format0(pin, pan: pan), pan: pan) == pin)
      let block3 = try PINBlock.format3(pin, pan: pan, filling: letters)
      #expect(try PINBlock.pin(format: 3, block3, pan: pan) == pin)
      #expect(try PINBlock.pin(format: 1, PINBlock.format1(pin, filling: letters)) == pin)
      #expect(try PINBlock.pin(format: 2, PINBlock.format2(pin)) == pin)
      let block4 = try session.encipherFormat4(pin, pan: pan, random: random)
      #expect(try session.decipherFormat4(block4, pan: pan) == pin)
      var other = pan
      other[pan.count - 4] = other[pan.count - 4] == 0x39 ? 0x30 : other[pan.count - 4] + 1
      #expect((try? session.decipherFormat4(block4, pan: other)) != pin)
    }
  }

  @Test("a broken rule is refused without a word about which it was")
  func broken() throws {
    let cases = [
      (1, "0412345678901234"), (2, "241234FFFFFFFFF0"), (2, "231234FFFFFFFFFF"),
      (2, "2D1234FFFFFFFFFF"), (2, "24123AFFFFFFFFFF"), (2, "041234FFFFFFFFFF"),
    ]
    for (format, block) in cases {
      #expect(throws: CryptoFault.badPINBlock) { try PINBlock.pin(format: format, hex(block)) }
    }
    let pan = PINBlockTests.pan
    // Format 3 with a digit among the filling: 341234 A…A 9 before the account was mixed in.
    let filled = try zip(hex("341234AAAAAAAAA9"), hex("0000401234567890")).map { $0 ^ $1 }
    #expect(throws: CryptoFault.badPINBlock) {
      try PINBlock.pin(format: 3, filled, pan: Array("4012345678909".utf8))
    }
    for block in [String(repeating: "F", count: 16), "051274EDCBA9876F", "041274EDCBA98760"] {
      #expect(throws: CryptoFault.badPINBlock) {
        try PINBlock.pin(format: 0, hex(block), pan: pan)
      }
    }
  }

  @Test("PINs, accounts and fillings that are none")
  func refused() throws {
    for digits in [[1, 2, 3], [UInt8](repeating: 1, count: 13), [1, 2, 3, 10], []] as [[UInt8]] {
      #expect(ClearPIN(digits) == nil)
    }
    let pin = try PINBlockTests.pin("1234")
    #expect(throws: CryptoFault.wrongLength(7)) {
      try PINBlock.format0(pin, pan: Array("4012345".utf8))
    }
    #expect(throws: CryptoFault.wrongLength(20)) {
      try PINBlock.format0(pin, pan: [UInt8](repeating: 0x30, count: 20))
    }
    #expect(throws: CryptoFault.outOfRange) {
      try PINBlock.format0(pin, pan: Array("40123456A8909".utf8))
    }
    #expect(throws: CryptoFault.outOfRange) {
      try PINBlock.format3(
        pin, pan: PINBlockTests.pan, filling: [UInt8](repeating: 9, count: 10))
    }
    #expect(throws: CryptoFault.wrongLength(9)) {
      try PINBlock.format1(pin, filling: [UInt8](repeating: 9, count: 9))
    }
    #expect(throws: CryptoFault.outOfRange) {
      try PINBlock.pin(format: 2, hex("241234FFFFFFFFFF"), pan: PINBlockTests.pan)
    }
    #expect(throws: CryptoFault.outOfRange) {
      try PINBlock.pin(format: 0, hex("041274EDCBA9876F"))
    }
    let session: PINKey = try key(.tdes2, publishedKey)
    #expect(throws: CryptoFault.unsupported(.tdes2)) {
      try session.encipherFormat4(pin, pan: PINBlockTests.pan, random: hex("0011223344556677"))
    }
    #expect(throws: CryptoFault.wrongLength(7)) {
      try session.encipher([UInt8](repeating: 0, count: 7))
    }
    #expect("\(pin)" == "<PIN>")
  }
}
