// SPDX-License-Identifier: Apache-2.0

import PaymentCrypto
import Testing
import Wire

/// The published examples of ANSI X9.24-1:2009, Annex A.4: account 4012345678909, PIN 1234.
@Suite("Keys that are used once")
struct DUKPTTests {
  private static let baseKey = "0123456789ABCDEFFEDCBA9876543210"
  private static let initialKey = "6AC292FAA1315B4D858AB3A3D7D5933A"
  private static let pan = Array("4012345678909".utf8)

  private static func key(_ hex: String) throws -> TDESKey {
    try TDESKey(try Hex.decode(Array(hex.utf8)))
  }

  private static func serial(_ hex: String) throws -> KeySerialNumber {
    try KeySerialNumber(try Hex.decode(Array(hex.utf8)))
  }

  private static func transactionKey(_ serial: String) throws -> TDESKey {
    try DUKPT.transactionKey(initialKey: key(initialKey), serial: self.serial(serial))
  }

  @Test("the initial key of a device")
  func initial() throws {
    let initial = try DUKPT.initialKey(
      baseKey: DUKPTTests.key(DUKPTTests.baseKey),
      serial: DUKPTTests.serial("FFFF9876543210E00000"))
    #expect(Hex.text(initial.exposed) == DUKPTTests.initialKey)
    // The counter does not belong to the device.
    let later = try DUKPT.initialKey(
      baseKey: DUKPTTests.key(DUKPTTests.baseKey),
      serial: DUKPTTests.serial("FFFF9876543210FFF800"))
    #expect(later == initial)
  }

  @Test(
    "transaction keys and PIN blocks of the standard's table",
    arguments: [
      ("FFFF9876543210E00001", "042666B49184CFA368DE9628D0397BC9", "1B9C1845EB993A7A"),
      ("FFFF9876543210E00002", "C46551CEF9FD24B0AA9AD834130D3BC7", "10A01C8D02C69107"),
      ("FFFF9876543210E00003", "0DF3D9422ACA56E547676D07AD6BADFA", "18DC07B94797B466"),
      ("FFFF9876543210E00004", "279C0F6AEED0BE652B2C733E1383AE91", "0BC79509D5645DF7"),
    ])
  func table(_ serial: String, _ expected: String, _ cipher: String) throws {
    let key = try DUKPTTests.transactionKey(serial)
    #expect(Hex.text(key.exposed) == expected)
    let block = try PINBlock.format0(pin: [1, 2, 3, 4], pan: DUKPTTests.pan)
    #expect(Hex.text(try DUKPT.pinKey(key).encrypt(block: block)) == cipher)
  }

  @Test("the PIN key of a counter with nine one-bits")
  func tenBits() throws {
    let key = try DUKPTTests.transactionKey("FFFF9876543210EFF800")
    #expect(Hex.text(try DUKPT.pinKey(key).exposed) == "F9CDFEBF4F5B1D61B3EC12454527E189")
  }

  @Test("MACs over the standard's text, asking and answering")
  func macs() throws {
    let key = try DUKPTTests.transactionKey("FFFF9876543210E00001")
    let text = Array("4012345678909D987".utf8)
    let request = retailMAC(key: try DUKPT.macRequestKey(key), message: text)
    let response = retailMAC(key: try DUKPT.macResponseKey(key), message: text)
    #expect(Hex.text(request) == "9CCC78173FC4FB64")
    #expect(Hex.text(response) == "20364223C1FF00FA")
  }

  @Test("data encrypted with the standard's text")
  func data() throws {
    let key = try DUKPTTests.transactionKey("FFFF9876543210E00001")
    let text = Array("4012345678909D987".utf8) + [UInt8](repeating: 0, count: 7)
    let cipher = try DUKPT.dataRequestKey(key).encryptCBC(text)
    #expect(Hex.text(cipher) == "FC0D53B7EA1FDA9EE68AAF2E70D9B9506229BE2AA993F04F")
  }

  @Test("counters with more than ten one-bits are passed over, and after the last there is none")
  func counters() throws {
    var serial = try DUKPTTests.serial("FFFF9876543210E003FF")
    #expect(serial.counter == 0x3FF)
    try serial.advance()
    #expect(serial.counter == 0x400)
    serial = try DUKPTTests.serial("FFFF9876543210E007FE")
    try serial.advance()
    // 0x7FF has eleven.
    #expect(serial.counter == 0x800)
    serial = try DUKPTTests.serial("FFFF9876543210FFF800")
    #expect(throws: CryptoFault.exhausted) { try serial.advance() }
    #expect(serial.counter == 0x1F_F800)
    for counter in ["E00000", "E007FF", "FFFFFF"] {
      #expect(throws: CryptoFault.outOfRange) {
        try DUKPTTests.transactionKey("FFFF9876543210" + counter)
      }
    }
  }

  @Test("no two of the first thousand keys are equal")
  func different() throws {
    var serial = try DUKPTTests.serial("FFFF9876543210E00001")
    let initial = try DUKPTTests.key(DUKPTTests.initialKey)
    var seen: Set<[UInt8]> = []
    for _ in 0..<1_000 {
      seen.insert(try DUKPT.transactionKey(initialKey: initial, serial: serial).exposed)
      try serial.advance()
    }
    #expect(seen.count == 1_000)
  }
}

@Suite("What cryptography refuses")
struct RefusalTests {
  private static let key = try? TDESKey([UInt8](repeating: 0x11, count: 16))

  @Test("keys, serial numbers and nonces of another length", arguments: [0, 7, 8, 15, 17, 24, 33])
  func lengths(_ count: Int) throws {
    let bytes = [UInt8](repeating: 1, count: count)
    #expect(throws: CryptoFault.wrongLength(count)) { try TDESKey(bytes) }
    #expect(throws: CryptoFault.wrongLength(count)) { try SealKey(bytes) }
    #expect(throws: CryptoFault.wrongLength(count)) { try KeySerialNumber(bytes) }
    let seal = try SealKey([UInt8](repeating: 2, count: 32))
    #expect(throws: CryptoFault.wrongLength(count)) {
      try seal.seal([1], nonce: bytes, associated: [])
    }
    #expect(throws: CryptoFault.self) {
      try seal.open(bytes, nonce: [UInt8](repeating: 0, count: 12), associated: [])
    }
  }

  @Test("parts of blocks")
  func parts() throws {
    let key = try #require(RefusalTests.key)
    for count in [1, 7, 9, 15] {
      let bytes = [UInt8](repeating: 1, count: count)
      #expect(throws: CryptoFault.wrongLength(count)) { try key.encryptECB(bytes) }
      #expect(throws: CryptoFault.wrongLength(count)) { try key.decryptECB(bytes) }
      #expect(throws: CryptoFault.wrongLength(count)) { try key.encryptCBC(bytes) }
      #expect(throws: CryptoFault.wrongLength(count)) { try key.decryptCBC(bytes) }
    }
    #expect(try key.encryptECB([]) == [])
  }

  @Test("PINs and accounts that are none")
  func pins() {
    let pan = Array("4012345678909".utf8)
    #expect(throws: CryptoFault.wrongLength(3)) { try PINBlock.format0(pin: [1, 2, 3], pan: pan) }
    #expect(throws: CryptoFault.wrongLength(13)) {
      try PINBlock.format0(pin: [UInt8](repeating: 1, count: 13), pan: pan)
    }
    #expect(throws: CryptoFault.outOfRange) { try PINBlock.format0(pin: [1, 2, 3, 10], pan: pan) }
    #expect(throws: CryptoFault.wrongLength(7)) {
      try PINBlock.format0(pin: [1, 2, 3, 4], pan: Array(pan.prefix(7)))
    }
    #expect(throws: CryptoFault.outOfRange) {
      try PINBlock.format0(pin: [1, 2, 3, 4], pan: Array("40123456A8909".utf8))
    }
    #expect(throws: CryptoFault.wrongLength(7)) {
      try PINBlock.pin(fromFormat0: [UInt8](repeating: 0, count: 7), pan: pan)
    }
    #expect(throws: CryptoFault.badPINBlock) {
      try PINBlock.pin(fromFormat0: [UInt8](repeating: 0xFF, count: 8), pan: pan)
    }
  }

  @Test("keys print as keys and never as bytes")
  func printing() throws {
    let key = try #require(RefusalTests.key)
    let seal = try SealKey([UInt8](repeating: 0x11, count: 32))
    #expect("\(key) \(seal)" == "<TDES key> <seal key>")
    var dumped = ""
    dump(key, to: &dumped)
    dump(seal, to: &dumped)
    #expect(!dumped.contains("- 17\n"))
  }
}

@Suite("Hashes")
struct HashTests {
  @Test("SHA-256 of the empty text and of abc (FIPS 180-4)")
  func sha() {
    #expect(
      Hex.text(sha256([]))
        == "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")
    #expect(
      Hex.text(sha256(Array("abc".utf8)))
        == "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")
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
